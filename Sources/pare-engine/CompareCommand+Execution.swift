import Commands
import Datasets
import Runs
import Summaries

extension CompareCommand: Executable {
  package func execute() throws {
    var recipe = recipe
    if data == nil { try takeDataOfRuns(&recipe) }
    let json = try JSONOutput(report)
    let run = try CompareRun(recipe, observer: ConsoleObserver(report))
    try report.tell(run().summary(of: run, self), json)
  }

  /// Takes the data set of the runs among the operands, where all that know one know the same.
  private func takeDataOfRuns(_ recipe: inout CompareRecipe) throws {
    let runs = RunDatasets(of: operands)
    if let problem = runs.problem(without: recipe.split) {
      guard needOfData == nil, bootstrap == nil else {
        throw OperandError(
          runs.records.first?.folder ?? "", reason: "\(problem); name one with --data")
      }
      if !report.quiet { Console.note("\(problem): nothing is measured; --data names one") }
    } else if let known = runs.found.first {
      (recipe.data, recipe.isSingleClass) = (known.data, singleCls || known.isSingleClass)
      if !report.quiet { Console.note(RunDataset.note(known.data, of: known.folder)) }
    }
  }

  private var recipe: CompareRecipe {
    var recipe = CompareRecipe(operands)
    (recipe.data, recipe.split) = (data, DatasetSplit(split ?? .valid))
    recipe.isSingleClass = singleCls
    recipe.feeding = FeedingRecipe(feeding, inputSize)
    recipe.averagePrecision = ap.style
    (recipe.resamples, recipe.level, recipe.seed) = (bootstrap, confidence, seed)
    recipe.machine = MachineRecipe(machine, engine: engine)
    return recipe
  }
}
