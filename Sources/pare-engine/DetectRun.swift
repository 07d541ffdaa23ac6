import ArgumentParsing
import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Inference
import Reports
import Runs
import Storage
import Terminal
import Vision

/// One run of `detect`: source after source is read, looked at, drawn and listed.
///
/// What cannot be read is skipped and listed, what cannot be written is a failure; neither ends the
/// run. Results are seen as they come; where they replace older ones, these stay until all is whole.
final class DetectRun {
  let command: DetectCommand
  let sources: [PictureSource]
  /// What the files about each source are called.
  let names: [String]
  let output: OutputFolder

  var rows: [JSONValue] = []
  var skipped: [Failure] = []
  /// Boxes in all sources.
  var foundCount = 0
  var unwritten: [Failure] = []
  /// Videos of which a part could be read.
  var broken: [Failure] = []
  var skipsVideos = false
  /// Sources that were looked at, skipped ones among them.
  var looked = 0

  /// A file, and what went wrong with it.
  typealias Failure = (path: String, reason: String)

  /// Refuses what would be written over.
  init(_ command: DetectCommand, _ sources: [PictureSource], to output: OutputFolder) throws {
    self.command = command
    self.sources = sources
    self.output = output
    names = OutputNames(sources.map(\.nameForFiles)).names
    try refuseSourcesAsOutputs()
  }

  /// Looks at all sources, or until a signal comes.
  func callAsFunction(_ detector: Detector, _ json: JSONOutput) throws {
    let painter = DetectionPainter(names: detector.names)
    if let problem = painter.fontProblem { Console.warn(problem) }
    let progress = ConsoleProgress("detect", total: sources.count, isQuiet: command.report.quiet)
    var files = DetectionFiles(
      output: output, names: detector.names, savesText: command.saveTxt,
      savesJSON: command.saveJson)
    for index in sources.indices {
      if Interruption.isRequested { break }
      if sources[index].isPicture {
        try picture(index, detector, painter, &files)
      } else {
        try video(index, detector, painter, &files)
      }
      looked = index + 1
      progress.update(looked)
    }
    progress.finish()
    let wasStopped = Interruption.isRequested
    let isUsed = !rows.isEmpty
    if isUsed { finish(files, isWhole: !wasStopped) }
    Console.list(
      skipped.map(\.reason), what: skipsVideos ? "sources skipped" : "pictures skipped")
    Console.list(broken.map(\.reason), what: "videos could be read in part")
    Console.list(
      unwritten.map(\.reason), what: "files could not be written",
      one: "file could not be written")
    let report = Result {
      try json.write(result(detector, isComplete: !wasStopped && broken.isEmpty, isUsed: isUsed))
    }
    // It may be meant for a folder that does not stay; why it does not says more.
    if isUsed || !isInOutput(command.report.json) { try report.get() }
    if wasStopped {
      throw DetectionStopped(
        looked: looked, sources: sources.count, folder: isUsed ? output.path : nil)
    }
    guard isUsed else { throw NothingDetected(skipped.map(\.reason), sources.count) }
    if let first = unwritten.first {
      throw UnwrittenFiles(count: unwritten.count, first: first.reason)
    }
    if let first = broken.first { throw BrokenVideos(count: broken.count, first: first.reason) }
    guard command.report.printsTables else { return }
    try Console.print("drawn in \(output.path)")
    if foundCount == 0, !command.report.quiet {
      Console.note(
        "nothing has a confidence of \(command.confThres) or more; --conf-thres takes another limit"
      )
    }
    try sayNext()
  }

  /// Measuring, on the data set of the network's run where that is known. Who names a data set comes
  /// from measuring; what is left then is what else can be written.
  private func sayNext() throws {
    guard command.data == nil else {
      return try command.report.next(
        "read what else it writes: lists, label files", NextCommand("detect", "--help"))
    }
    let run = TrainingRecipe.findAll(cfg: command.model.cfg).first { fileExists($0.data) }
    let data = (run?.data).map(displayed)
    try command.report.next(
      data == nil ? "measure it on labelled pictures" : "measure it on the data set of its run",
      NextCommand("test") + command.model.words
        + ["--data", data ?? NextCommand.Placeholder.data.rawValue]
        + (run?.isSingleClass == true ? ["--single-cls"] : [])
        + NextCommand.finalSplit(of: data) + command.inputSize.words
        + command.scale.words + command.feeding.words)
  }

  /// Puts the results in their place. Older ones go only when all of the new are there.
  func finish(_ files: DetectionFiles, isWhole: Bool) {
    _ = writing("\(output.path)/\(DetectionFiles.results)") { try files.finish() }
    do { try output.commit(adding: !isWhole || !unwritten.isEmpty || !broken.isEmpty) } catch {
      unwritten.append((absolute(output.path), "\(error)"))
    }
  }

  func result(_ detector: Detector, isComplete: Bool, isUsed: Bool) -> JSONValue {
    func list(_ entries: [Failure]) -> JSONValue {
      .array(entries.map { .members(["path": $0.path, "reason": $0.reason]) })
    }
    return .members([
      "complete": isComplete, "output": isUsed ? absolute(output.path) : nil,
      "images": JSONValue.array(rows), "skipped": list(skipped), "broken": list(broken),
      "unwritten": list(unwritten), "feeding": detector.feeding.json,
    ])
  }

  func isInOutput(_ path: String?) -> Bool {
    guard let path, let output = command.folder.output else { return false }
    return absolutePath(folderPath(of: path)) == absolutePath(output)
  }

  // MARK: Outputs

  /// The picture or video that is drawn, in the output folder.
  func drawing(_ index: Int) -> String {
    names[index] + (sources[index].isPicture ? ".jpg" : ".mp4")
  }

  /// A source, its label file, or the list that names it must not be written over or go, nor must a
  /// file that Pare did not write.
  func refuseSourcesAsOutputs() throws {
    guard output.replacesSomething || command.report.json != nil else { return }
    var protected = ProtectedFiles()
    for source in sources {
      guard let path = source.path else { continue }
      if source.isPicture { protected.protect(picture: path) } else { protected.protect(path) }
    }
    for argument in command.source { protected.protect(argument) }
    let inputs = [command.model.cfg, command.model.weights, command.names, command.data]
    for file in inputs { if let file { protected.protect(file) } }
    if let json = command.report.json { try protected.refuse([json]) }
    guard output.replacesSomething else { return }
    try output.refuse(inputs: inputs)
    try output.refuse(pictures: sources.compactMap(\.path) + command.source)
    let results = command.saveJson ? [DetectionFiles.results] : []
    let files =
      results
      + sources.indices.flatMap { index in
        [drawing(index)] + (command.saveTxt ? labels(index) : [])
      }
    try protected.refuse(files.lazy.map { [output] in "\(output.path)/\($0)" })
    try output.requireOwn(files)
  }

  /// The label files of a source that may be written over; of a video those that are there.
  func labels(_ index: Int) -> [String] {
    guard !sources[index].isPicture else { return [DetectionFiles.labels(of: names[index])] }
    let folder = "labels/\(names[index])"
    let there = (try? namesInFolder("\(output.path)/\(folder)")) ?? []
    return there.filter { $0.hasSuffix(".txt") && Int($0.dropLast(4)) != nil }
      .map { "\(folder)/\($0)" }
  }

  /// Writes something, and says where it will be; a failure is kept, and the work goes on.
  func writing(_ path: String, _ body: () throws -> Void) -> String? {
    do {
      try output.naming(body)
      return path
    } catch {
      unwritten.append((absolute(path), "\(error)"))
      return nil
    }
  }

  // MARK: Pictures

  func picture(
    _ index: Int, _ detector: Detector, _ painter: DetectionPainter,
    _ files: inout DetectionFiles
  ) throws {
    let source = sources[index]
    var image: Image
    do throws(VisionError) {
      image = try source.image()
    } catch {
      skip(source, "\(error)")
      return
    }
    let detections = try detector.detections(in: image)
    foundCount += detections.count
    var labels: String?
    let hasLabels = writing("\(output.path)/\(DetectionFiles.labels(of: names[index]))") {
      labels = try files.add(
        detections, name: names[index], path: source.nameForFiles, width: image.width,
        height: image.height)
    }
    let drawn = writing("\(output.path)/\(drawing(index))") {
      try painter.draw(detections, on: &image)
      try image.write(to: output.place(for: drawing(index)))
    }
    if hasLabels == nil { labels = nil }
    rows.append(
      .members([
        "path": name(of: source), "width": image.width, "height": image.height,
        "detections": JSONValue.array(detections.map { json($0, detector) }),
        "output": drawn.map(absolute), "labels": labels.map(absolute),
      ]))
    if command.report.printsTables {
      try Console.print("\("\(source)".escaped): \(summary(counts(detections), detector))")
    }
  }

  // MARK: Words

  func skip(_ source: PictureSource, _ reason: String) {
    skipped.append((name(of: source), reason))
    if !source.isPicture { skipsVideos = true }
  }

  /// For JSON: absolute where it is a file.
  func name(of source: PictureSource) -> String {
    source.path.map(absolute) ?? "\(source)"
  }

  func json(
    _ detection: Detection, _ detector: Detector, frame: Int? = nil, seconds: Double? = nil
  ) -> JSONValue {
    let box = detection.box
    var members: [JSONValue.Member] = []
    if let frame, let seconds {
      members = [.init("frame", .integer(frame)), .init("seconds", .number(seconds))]
    }
    members += [
      .init("class", .integer(detection.classIndex)),
      .init("name", .string(detector.names[detection.classIndex])),
      .init("confidence", detection.confidence.json),
      .init("box", [box.x1, box.y1, box.x2, box.y2].json),
    ]
    return .object(members)
  }

  func counts(_ detections: [Detection]) -> [Int: Int] {
    detections.reduce(into: [:]) { $0[$1.classIndex, default: 0] += 1 }
  }

  /// "2 × person, 1 × dog"; in the order of the classes.
  func summary(_ counts: [Int: Int], _ detector: Detector) -> String {
    guard !counts.isEmpty else { return "nothing" }
    return counts.sorted { $0.key < $1.key }
      .map { "\($0.value) × \(detector.names[$0.key])" }.joined(separator: ", ")
  }
}
