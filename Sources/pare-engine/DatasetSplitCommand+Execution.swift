import Commands
import Runs
import Summaries

extension DatasetSplitCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let run = try SplitRun(recipe, observer: ConsoleObserver(report))
    let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: .division)
    let outcome = try run()
    // The folder may be the data set's own: what is there stays.
    try output.fill(adding: true) { try outcome.write(to: $0, of: output.path) }
    try report.tell(outcome.summary(of: run.data, in: output.path), json)
  }

  private var recipe: SplitRecipe {
    var recipe = SplitRecipe(data: data.data, division)
    (recipe.seed, recipe.isStratified) = (seed, stratified)
    return recipe
  }

  private var division: SplitRecipe.Division {
    if let folds { return .folds(folds, validationShare: validationShare ?? 0.2) }
    let (train, valid) = (ratios[0], ratios[1])
    return keepTest
      ? .keepingTest(train: train, valid: valid)
      : .shares(train: train, valid: valid, test: ratios.count > 2 ? ratios[2] : 0)
  }
}
