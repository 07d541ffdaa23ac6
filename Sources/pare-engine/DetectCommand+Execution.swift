import ArgumentParsing
import Commands
import Darknet
import Runs
import Summaries

extension DetectCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let run = try DetectRun(
      recipe(),
      output: OutputFolder(
        folder.output, overwrite: folder.overwrite, kind: .detections, grows: true),
      alsoWriting: report.json.map { [$0] } ?? [], observer: ConsoleObserver(report))
    let summary = DetectSummary(of: run, self)
    if let warning = summary.warning { Console.note(warning) }
    Interruption.listen()
    let outcome = try run { try report.say(summary.line($0)) }
    let written = Result { try json.write(summary.json(outcome)) }
    // It may be meant for a folder that does not stay; why it does not says more.
    if outcome.isUsed || !isInOutput(report.json) { try written.get() }
    let failure = outcome.failure(
      sources: run.sources.count, folder: run.output.path, arguments: source)
    if let failure {
      if outcome.wasStopped { throw Stopped("\(failure)") }
      throw failure
    }
    try report.say(summary.lines(outcome))
    try report.suggest(summary.next(outcome))
  }

  private func recipe() throws -> DetectRecipe {
    var recipe = try DetectRecipe(
      PairRecipe(model, FeedingRecipe(feeding, inputSize), scale), sources: source)
    (recipe.names, recipe.data, recipe.classes) = (names, data, classes)
    recipe.boxes = BoxRecipe(postprocessing, confidence: confThres, overlap: iouThres)
    recipe.savesPadding = rect
    (recipe.savesText, recipe.savesResults, recipe.codec) = (saveTxt, saveJson, fourcc)
    recipe.machine = MachineRecipe(machine, precision, engine: engine)
    return recipe
  }

  private func isInOutput(_ path: String?) -> Bool {
    guard let path, let output = folder.output else { return false }
    return absolutePath(folderPath(of: path)) == absolutePath(output)
  }
}
