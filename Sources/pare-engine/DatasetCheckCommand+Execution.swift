import Commands
import Runs
import Summaries
import Training

extension DatasetCheckCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    try RunFolder.require(network.model)
    let run = try AuditRun(recipe, workers: workers, observer: ConsoleObserver(report))
    let outcome = run()
    let isSound = outcome.errorCount == 0
    try report.tell(outcome.summary(of: run, self), json, suggests: outcome.areLeaksAlone)
    guard isSound else { throw RunError.problemsFound(outcome.errorCount) }
  }

  private var recipe: AuditRecipe {
    var recipe = AuditRecipe(data: data.data)
    recipe.cfg = network.cfg
    if let size = network.size { (recipe.width, recipe.height) = (size.width, size.height) }
    return recipe
  }
}
