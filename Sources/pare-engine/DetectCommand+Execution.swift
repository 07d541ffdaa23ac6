import ArgumentParsing
import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Runs
import Terminal
import Vision

extension DetectCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    try requireRunFolder(model.folder, weights: model.weights)
    let run = try DetectRun(
      recipe,
      output: OutputFolder(
        folder.output, overwrite: folder.overwrite, kind: "detect", grows: true),
      alsoWriting: report.json.map { [$0] } ?? [], observer: ConsoleObserver(isQuiet: report.quiet))
    let worth = ModelDescription.validation(cfg: model.cfg, weights: model.weights)
    let name = model.folder ?? model.weights
    if let words = worth?.warning(of: name, "on its validation pictures "), !report.quiet {
      Console.note("\(words); train it longer")
    }
    Interruption.listen()
    let names = run.detector.names
    let outcome = try run { found in
      if report.printsTables { try Console.print(line(found, names)) }
    }
    let written = Result { try json.write(value(outcome, run)) }
    // It may be meant for a folder that does not stay; why it does not says more.
    if outcome.isUsed || !isInOutput(report.json) { try written.get() }
    try outcome.check(sources: run.sources.count, folder: run.output.path)
    guard report.printsTables else { return }
    try Console.print("drawn in \(run.output.path)")
    if saveTxt { try Console.print("label files: \(run.output.path)/labels") }
    if saveJson { try Console.print("COCO results: \(run.output.path)/results.json") }
    let empty = outcome.sources.count(where: \.found.isEmpty)
    if 2 * empty > outcome.sources.count, !report.quiet {
      let place = empty == outcome.sources.count ? "" : " in \(empty) of \(outcome.sources.count)"
      let best = NextCommand.confidence(best: worth?.confidence).joined(separator: " ")
      Console.note(
        "nothing\(place) has a confidence of \(confThres) or more; "
          + (best.isEmpty || confThres < Detection.usualConfidence
            ? "--conf-thres takes another limit, 'pare test' prints the one at which the network is "
              + "best" : "on its validation pictures the network is best with \(best)"))
    }
    try sayNext()
  }

  private var recipe: DetectRecipe {
    var recipe = DetectRecipe(
      PairRecipe(model, scale, FeedingRecipe(feeding, inputSize)), sources: source)
    (recipe.names, recipe.data, recipe.classes) = (names, data, classes)
    recipe.boxes = BoxRecipe(postprocessing, confidence: confThres, overlap: iouThres)
    recipe.savesPadding = rect
    (recipe.savesText, recipe.savesResults, recipe.codec) = (saveTxt, saveJson, fourcc)
    recipe.machine = MachineRecipe(machine, precision, engine: engine)
    return recipe
  }

  /// Measuring, on the data set of the network's run where that is known. Who names a data set, or
  /// looks at a picture of one, comes from measuring; what is left then is what else can be written.
  private func sayNext() throws {
    let run = TrainingRecipe.findAll(cfg: model.cfg).first { fileExists($0.data) }
    let data = (run?.data).map(displayed)
    guard self.data == nil, !isPicture(of: data) else {
      return try report.next(
        "read what else it writes: lists, label files", NextCommand("detect", "--help"))
    }
    try report.next(
      data == nil ? "measure it on labelled pictures" : "measure it on the data set of its run",
      NextCommand("test") + model.words
        + ["--data", data ?? NextCommand.Placeholder.data.rawValue]
        + (run?.isSingleClass == true ? ["--single-cls"] : [])
        + NextCommand.finalSplit(of: data) + inputSize.words + scale.words + feeding.words)
  }

  /// Whether a picture of a data set was looked at and no other, as `test` and `compare` suggest.
  private func isPicture(of data: String?) -> Bool {
    guard let data, source.count == 1, let file = try? DataFile(contentsOf: data) else {
      return false
    }
    let path = absolute(source[0])
    return DatasetSplit.allCases.contains { split in
      file.list(split).flatMap { try? DataFile.pictures(inList: $0) }?.contains(path) ?? false
    }
  }

  private func isInOutput(_ path: String?) -> Bool {
    guard let path, let output = folder.output else { return false }
    return absolutePath(folderPath(of: path)) == absolutePath(output)
  }

  // MARK: Words

  /// "a.jpg: 2 × person, 1 × dog"; in the order of the classes.
  private func line(_ found: SourceDetections, _ names: [String]) -> String {
    let counts = found.counts.sorted { $0.key < $1.key }
      .map { "\($0.value) × \(names[$0.key])" }
    return "\(found.source)".escaped + ": "
      + (found.video.map { "\(counted($0.frames, "frame")), " } ?? "")
      + (counts.isEmpty ? "nothing" : counts.joined(separator: ", "))
      + (found.video == nil ? "" : found.drawing.map { ", \($0)" } ?? "")
  }

  private func value(_ outcome: DetectionOutcome, _ run: DetectRun) -> JSONValue {
    func list(_ entries: [DetectionOutcome.Failure]) -> JSONValue {
      .array(entries.map { .members(["path": $0.path, "reason": $0.reason]) })
    }
    return .members([
      "complete": outcome.isComplete,
      "output": outcome.isUsed ? absolute(run.output.path) : nil,
      "images": JSONValue.array(outcome.sources.map { value($0, run.detector.names) }),
      "skipped": list(outcome.skipped), "broken": list(outcome.broken),
      "unwritten": list(outcome.unwritten), "feeding": run.detector.feeding.json,
    ])
  }

  private func value(_ found: SourceDetections, _ names: [String]) -> JSONValue {
    let detections = JSONValue.array(
      found.found.map { value($0, names, rate: found.video?.framesPerSecond) })
    let (drawing, labels) = (found.drawing.map(absolute), found.labels.map(absolute))
    guard let video = found.video else {
      return .members([
        "path": found.source.fullName, "width": found.width, "height": found.height,
        "detections": detections, "output": drawing, "labels": labels,
      ])
    }
    return .members([
      "path": found.source.fullName, "width": found.width, "height": found.height,
      "frames": video.frames, "framesPromised": video.framesPromised,
      "framesPerSecond": video.framesPerSecond, "complete": video.isComplete,
      "detections": detections, "output": drawing, "labels": labels,
    ])
  }

  private func value(
    _ found: SourceDetections.Found, _ names: [String], rate: Double?
  ) -> JSONValue {
    let (detection, box) = (found.detection, found.detection.box)
    var members: [JSONValue.Member] = []
    if let frame = found.frame, let rate {
      members = [
        .init("frame", .integer(frame)), .init("seconds", .number(Double(frame - 1) / rate)),
      ]
    }
    members += [
      .init("class", .integer(detection.classIndex)),
      .init("name", .string(names[detection.classIndex])),
      .init("confidence", detection.confidence.json),
      .init("box", [box.x1, box.y1, box.x2, box.y2].json),
    ]
    return .object(members)
  }
}
