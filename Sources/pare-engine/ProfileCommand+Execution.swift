import Commands
import Runs
import Summaries
import Training

extension ProfileCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    try RunFolder.require(network.model)
    let run = try ProfileRun(recipe, observer: ConsoleObserver(report))
    try report.tell(run.summary(latency ? run.times() : nil, self), json)
  }

  private var recipe: ProfileRecipe {
    var recipe = ProfileRecipe(cfg: network.cfg)
    if let size = inputSize.size { (recipe.width, recipe.height) = (size.width, size.height) }
    (recipe.repeats, recipe.machine) = (repeats, MachineRecipe(machine, engine: engine))
    return recipe
  }
}
