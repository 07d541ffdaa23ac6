import Commands
import Datasets
import Runs
import Summaries

extension CompareCommand: Executable {
  package func execute() throws {
    var recipe = recipe
    let observer = ConsoleObserver(report)
    try recipe.takeDataset(isNeeded: needOfData != nil, observer)
    let json = try JSONOutput(report)
    let run = try CompareRun(recipe, observer: observer)
    try report.tell(run().summary(of: run, self), json)
  }

  private var recipe: CompareRecipe {
    var recipe = CompareRecipe(operands)
    (recipe.data, recipe.split) = (data, split ?? .valid)
    recipe.isSingleClass = singleCls
    recipe.feeding = FeedingRecipe(feeding, inputSize)
    recipe.averagePrecision = ap
    (recipe.resamples, recipe.level, recipe.seed) = (bootstrap, confidence, seed)
    recipe.machine = MachineRecipe(machine, engine: engine)
    return recipe
  }
}
