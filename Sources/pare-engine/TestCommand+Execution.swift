import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Runs
import Storage
import Summaries
import Training

extension TestCommand: Executable {
  package func execute() throws {
    let observer = ConsoleObserver(report, leavesBars: false)
    let recipe = try recipe(observer)
    let json = try JSONOutput(report, in: folder.output)
    // Earlier predictions are known by what they hold.
    if let savePredictions {
      if (try? StoredPredictions(contentsOf: savePredictions)) == nil {
        try ResultFile.json.require(savePredictions)
      }
      try ResultFile.requirePlace(savePredictions)
    }
    let run = try TestRun(recipe, name: model.folder, observer: observer)
    switch task {
    case .benchmark:
      try report.tell(TestSummary.summary(of: run.sizesAndOverlaps(), run, self), json)
    case .test:
      let writes = saveJson || saveTxt || folder.output != nil
      let others = [report.json, savePredictions].compactMap { $0 }
      if !others.isEmpty { try run.refuse(nil, alsoWriting: others) }
      let output =
        writes
        ? try OutputFolder(folder.output, overwrite: folder.overwrite, kind: .test) : nil
      try run.refuse(output)
      try report(run(), of: run, output, json)
    }
  }

  private func recipe(_ observer: ConsoleObserver) throws -> TestRecipe {
    let pair = try PairRecipe(model, FeedingRecipe(feeding, inputSize), scale)
    let (data, isSingleClass) = try RunDataset.chosen(
      data, isSingleClass: singleCls, ofRun: model.folder, observer)
    var recipe = TestRecipe(pair, data: data)
    (recipe.names, recipe.isSingleClass, recipe.split) = (names, isSingleClass, split)
    (recipe.batchSize, recipe.savesPadding) = (batchSize, rect)
    recipe.boxes = BoxRecipe(
      postprocessing, confidence: confThres, overlap: suppressionThreshold)
    recipe.averagePrecision = ap
    (recipe.savesText, recipe.savesResults) = (saveTxt, saveJson)
    recipe.machine = MachineRecipe(machine, precision, engine: engine)
    return recipe
  }

  /// One measurement: what it came to, and what is kept of it.
  private func report(
    _ outcome: Evaluation.Outcome, of run: TestRun, _ output: OutputFolder?, _ json: JSONOutput
  ) throws {
    let summary = TestSummary(outcome, of: run, self)
    // What was measured is told whatever becomes of the files.
    try report.say(summary.figures)
    if let savePredictions {
      try writeAtomically(outcome.predictions.json(), to: savePredictions)
    }
    let files = try output.map {
      try run.write(
        outcome, to: $0,
        description: RunDescription(
          CommandLine.arguments, device: run.device, version: PareCommand.version))
    }
    try report.tell(summary.rest(files, in: output?.path), json)
  }
}
