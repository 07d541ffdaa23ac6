import Commands
import Runs
import Summaries

extension DatasetStatsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    var recipe = StatisticsRecipe(data: data.data)
    (recipe.pictures, recipe.seed) = (pictures, seed)
    let run = try StatisticsRun(recipe, observer: ConsoleObserver(report))
    // Before the work, which would be lost on a folder that is refused.
    let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: .statistics)
    let outcome = try run()
    try output.fill(adding: true) { try outcome.writePage(of: data.data, to: $0) }
    try report.tell(outcome.summary(of: data.data, in: output.path), json)
  }
}
