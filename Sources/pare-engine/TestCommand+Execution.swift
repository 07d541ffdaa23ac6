import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Reports
import Runs
import Storage
import Terminal
import Training

extension TestCommand: Executable {
  package func execute() throws {
    try requireRunFolder(model.folder, weights: model.weights)
    var command = self
    try command.measure(on: command.takeData())
  }

  /// The data set: that of the run where none is named.
  private mutating func takeData() throws -> String {
    if let data { return data }
    let known = try RunDataset.required(ofRun: model.folder ?? "", isQuiet: report.quiet)
    if known.isSingleClass { singleCls = true }
    return known.data
  }

  private func measure(on data: String) throws {
    let json = try JSONOutput(report, in: folder.output)
    // Earlier predictions are known by what they hold.
    if let savePredictions, (try? StoredPredictions(contentsOf: savePredictions)) == nil {
      try ResultFile.json.require(savePredictions)
    }
    let run = try TestRun(
      recipe(data), name: model.folder,
      observer: ConsoleObserver(isQuiet: report.quiet, leavesBars: false))
    switch task {
    case .benchmark: try report(run.sizesAndOverlaps(), of: run, json)
    case .test:
      let writes = saveJson || saveTxt || folder.output != nil
      let others = [report.json, savePredictions].compactMap { $0 }
      if !others.isEmpty { try run.refuse(nil, alsoWriting: others) }
      let output =
        writes
        ? try OutputFolder(folder.output, overwrite: folder.overwrite, kind: "test") : nil
      try run.refuse(output)
      try report(run(), of: run, output, json)
    }
  }

  private func recipe(_ data: String) -> TestRecipe {
    var recipe = TestRecipe(
      PairRecipe(model, scale, FeedingRecipe(feeding, inputSize)), data: data)
    (recipe.names, recipe.isSingleClass, recipe.split) = (names, singleCls, DatasetSplit(split))
    (recipe.batchSize, recipe.savesPadding) = (batchSize, rect)
    recipe.boxes = BoxRecipe(
      postprocessing, confidence: confThres, overlap: suppressionThreshold)
    recipe.averagePrecision = ap.style
    (recipe.savesText, recipe.savesResults) = (saveTxt, saveJson)
    recipe.machine = MachineRecipe(machine, precision, engine: engine)
    return recipe
  }

  /// One measurement: what it came to, and what is kept of it.
  private func report(
    _ outcome: Evaluation.Outcome, of run: TestRun, _ output: OutputFolder?, _ json: JSONOutput
  ) throws {
    let result = outcome.result
    if report.printsTables {
      try Console.print(evaluationTable(outcome, run.dataset))
      try Console.print("measured on the \(split.rawValue) split of \(run.recipe.data)")
      if let words = absentClasses(result) { try Console.print(words) }
      try Console.print(workingPoint(result))
      if let confidence = result.bestConfidence,
        let fault = ConfusionMatrix(outcome.predictions, confidence: Float(confidence))
          .namingFault(outcome.predictions.names, confidence: confidence)
      {
        try Console.print(fault)
      }
      if let words = result.quality?.warning(of: model.folder ?? run.model.weightsPath) {
        try Console.print(words)
      }
      let times = outcome.milliseconds
      try Console.print(
        "\(Figures.fixed(times.preprocess, 2)) ms preprocessing, \(Figures.fixed(times.inference, 2)) ms "
          + "inference, \(Figures.fixed(times.postprocess, 2)) ms suppression per picture "
          + "at \(run.feeding.width)×\(run.feeding.height), batch \(batchSize), \(run.device)")
    }
    if let savePredictions {
      try writeAtomically(outcome.predictions.json(), to: savePredictions)
      if report.printsTables, !report.quiet {
        try Console.print("predictions: \(savePredictions)")
      }
    }
    let files = try output.map {
      try run.write(
        outcome, to: $0,
        description: RunDescription(
          CommandLine.arguments, device: run.device, version: PareCommand.version))
    }
    let page = output.map { $0.path + "/report.html" }
    if report.printsTables, let page { try Console.print("report: \(page)") }
    try json.write(
      evaluationJSON(outcome, run.dataset, feeding: run.feeding, files: files, page: page))
    if result.quality?.isPoor == true {
      try report.next(
        "train it longer",
        .more(training: model.words, on: run.recipe.data, isSingleClass: singleCls))
    }
    let picture = outcome.predictions.surest?.path
    try report.next(
      "see what it finds",
      NextCommand("detect") + model.words
        + ["--source", picture.map(displayed) ?? NextCommand.Placeholder.picture.rawValue]
        + (try namesOfClasses(run))
        + NextCommand.confidence(best: bestConfidence(result, run.model)) + inputSize.words
        + scale.words + feeding.words)
  }

  /// The options that name the classes, where the network's own files do not.
  private func namesOfClasses(_ run: TestRun) throws -> [String] {
    if let names { return ["--names", names] }
    return try run.model.givenNames().names.isEmpty ? ["--data", run.recipe.data] : []
  }

  /// The confidence at which the network is best on validation pictures: never chosen on those of the
  /// test, which are for final figures. Nil where it is not known.
  private func bestConfidence(_ result: EvaluationResult, _ model: Model) -> Double? {
    split == .valid
      ? result.bestConfidence
      : ModelDescription.validation(cfg: model.cfgPath, weights: model.weightsPath)?.confidence
  }

  /// Sizes and overlaps side by side.
  private func report(
    _ points: [TestRun.Point], of run: TestRun, _ json: JSONOutput
  ) throws {
    var table = Table("size", "NMS overlap", "precision", "recall", "mAP@0.5", "mAP@0.5:0.95", "ms")
    for point in points {
      let result = point.outcome.result
      let size =
        (point.width == point.height ? "\(point.width)" : "\(point.width)×\(point.height)")
        + (!point.isOwn ? "" : inputSize.imgSize.isEmpty ? " (its own)" : " (as asked)")
      table.append([
        size, "\(point.overlap)", Figures.fixed(result.precision.ifMeasured, 3),
        Figures.fixed(result.recall.ifMeasured, 3),
        Figures.fixed(result.map50.ifMeasured, 4), Figures.fixed(result.map.ifMeasured, 4),
        Figures.fixed(point.outcome.milliseconds.inference, 2),
      ])
    }
    if report.printsTables { try Console.print(table) }
    let rows = points.map { point in
      let result = point.outcome.result
      return JSONValue.members([
        "size": point.width, "width": point.width, "height": point.height, "isOwn": point.isOwn,
        "nmsOverlap": point.overlap, "precision": result.precision.ifMeasured,
        "recall": result.recall.ifMeasured, "map50": result.map50.ifMeasured,
        "map": result.map.ifMeasured, "milliseconds": point.outcome.milliseconds.inference,
      ])
    }
    try json.write(.members(["rows": JSONValue.array(rows)]))
    try report.next(
      "measure it at one size",
      NextCommand("test") + model.words + ["--data", run.recipe.data, "--split", split.rawValue]
        + (singleCls ? ["--single-cls"] : []) + scale.words + feeding.words)
  }
}

/// The table of `test`: all classes first, then each.
func evaluationTable(_ outcome: Evaluation.Outcome, _ dataset: DetectionDataset) -> Table {
  let result = outcome.result
  var table = Table("class", "instances", "precision", "recall", "F1", "mAP@0.5", "mAP@0.5:0.95")
  let listed = dataset.pictures.count + dataset.missingPictures
  let pictures =
    result.images == listed
    ? counted(listed, "picture") : "\(grouped(result.images)) of \(counted(listed, "picture"))"
  table.append([
    "all (\(pictures))", grouped(result.instances), Figures.fixed(result.precision.ifMeasured, 3),
    Figures.fixed(result.recall.ifMeasured, 3), Figures.fixed(result.f1.ifMeasured, 3),
    Figures.fixed(result.map50.ifMeasured, 4), Figures.fixed(result.map.ifMeasured, 4),
  ])
  guard dataset.names.count > 1 else { return table }
  for (name, each) in zip(dataset.names, result.perClass) {
    table.append([
      name, grouped(each.instances), Figures.fixed(each.precision.ifMeasured, 3),
      Figures.fixed(each.recall.ifMeasured, 3), Figures.fixed(each.f1.ifMeasured, 3),
      Figures.fixed(each.ap50.ifMeasured, 4), Figures.fixed(each.ap.ifMeasured, 4),
    ])
  }
  return table
}

extension EvaluationResult {
  /// The confidence that precision and recall are read at; nil where nothing is found.
  var bestConfidence: Double? { instances > 0 && f1 > 0 ? confidence : nil }
}

/// That classes without an object lower the mean, where they do; nil elsewhere.
func absentClasses(_ result: EvaluationResult) -> String? {
  let absent = result.perClass.count { $0.instances == 0 }
  guard result.style == .darknet, absent > 0, result.instances > 0 else { return nil }
  return "mAP is the mean over all \(result.perClass.count) classes, as Darknet's; "
    + "\(counted(absent, "class", "classes")) without an object here "
    + (absent == 1 ? "counts as 0" : "count as 0")
}

/// Where on their curves precision, recall and F1 are read.
func workingPoint(_ result: EvaluationResult) -> String {
  guard result.instances > 0 else {
    return "no figures: not one box is labelled in these pictures"
  }
  guard result.f1 > 0 else { return "not one labelled object is found, at any confidence" }
  let confidence = Figures.fixed(result.confidence, 3)
  return result.style == .legacy
    ? "precision, recall and F1 are those at confidence \(confidence)"
    : "precision, recall and F1 are those at confidence \(confidence), where the mean F1 of the "
      + "classes is highest"
}

/// The object of `test --json`.
///
/// - Parameter page: the report of the output folder, where there is one.
func evaluationJSON(
  _ outcome: Evaluation.Outcome, _ dataset: DetectionDataset, feeding: Feeding,
  files: [(picture: String, labels: String?)]?, page: String? = nil
) -> JSONValue {
  let result = outcome.result
  let times = outcome.milliseconds
  let confidence: Double? = result.instances > 0 ? result.confidence : nil
  return .members([
    "images": result.images, "listed": dataset.pictures.count + dataset.missingPictures,
    "instances": result.instances,
    "confidence": confidence,
    "precision": result.precision.ifMeasured, "recall": result.recall.ifMeasured,
    "f1": result.f1.ifMeasured, "map50": result.map50.ifMeasured, "map": result.map.ifMeasured,
    "isPoor": result.quality?.isPoor,
    "classes": JSONValue.array(
      zip(dataset.names, result.perClass).map { name, each in
        .members([
          "name": name, "instances": each.instances, "precision": each.precision.ifMeasured,
          "recall": each.recall.ifMeasured, "f1": each.f1.ifMeasured,
          "ap50": each.ap50.ifMeasured, "ap": each.ap.ifMeasured,
        ])
      }),
    "milliseconds": JSONValue.members([
      "preprocess": times.preprocess, "inference": times.inference,
      "postprocess": times.postprocess,
    ]),
    "skipped": JSONValue.array(
      (dataset.listProblems + outcome.problems).map {
        .members(["path": absolute($0.path), "reason": $0.reason])
      }),
    "files": files.map { files in
      JSONValue.array(
        files.map {
          .members(["path": absolute($0.picture), "labels": $0.labels.map(absolute)])
        })
    },
    "feeding": feeding.json,
    "report": page.map(absolute),
  ])
}
