import ArgumentParsing
import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Inference
import Reports
import Terminal
import Vision

/// One run of `detect`: source after source is read, looked at, drawn and listed.
///
/// What cannot be read is skipped and listed, what cannot be written is a failure; neither ends the
/// run. The output folder is made when the first source has been read.
final class DetectRun {
  private let command: DetectCommand
  private let detector: Detector
  private let sources: [PictureSource]
  /// What the files about each source are called.
  private let names: [String]
  private let painter: DetectionPainter
  private let progress: ConsoleProgress

  private var destination: (path: String, files: DetectionFiles)?
  private var rows: [JSONValue] = []
  private var skipped: [(path: String, reason: String)] = []
  private var unwritten: [(path: String, reason: String)] = []
  private var skipsVideos = false
  private var looked = 0

  init(_ command: DetectCommand, _ detector: Detector, _ sources: [PictureSource]) throws {
    self.command = command
    self.detector = detector
    self.sources = sources
    names = OutputNames(sources.map(\.nameForFiles)).names
    painter = DetectionPainter(names: detector.names)
    progress = ConsoleProgress("detect", total: sources.count, isQuiet: command.report.quiet)
    try refuseSourcesAsOutputs()
    if let problem = painter.fontProblem { Console.warn(problem) }
  }

  /// Looks at all sources, or until a signal comes.
  func callAsFunction(_ json: JSONOutput) throws {
    for index in sources.indices {
      if Interruption.isRequested { break }
      if sources[index].isPicture { try picture(index) } else { try video(index) }
      looked = index + 1
      progress.update(looked)
    }
    progress.finish()
    let wasStopped = Interruption.isRequested
    do {
      try destination?.files.finish()
    } catch {
      unwritten.append(("\(destination?.path ?? "")/results.json", "\(error)"))
    }
    Console.list(
      skipped.map(\.reason), what: skipsVideos ? "sources skipped" : "pictures skipped")
    Console.list(
      unwritten.map(\.reason), what: "files could not be written",
      one: "file could not be written")
    let report = Result { try json.write(result(isComplete: !wasStopped)) }
    // It may be meant for the folder that was not made; why it was not says more.
    if destination != nil || !isInOutput(command.report.json) { try report.get() }
    if wasStopped {
      throw DetectionStopped(looked: looked, sources: sources.count, folder: destination?.path)
    }
    guard let output = destination?.path else { throw NothingDetected(skipped, sources.count) }
    if let first = unwritten.first {
      throw UnwrittenFiles(count: unwritten.count, first: first.reason)
    }
    guard command.report.printsTables else { return }
    try Console.print("drawn in \(output)")
    try command.report.next(
      "measure it on labelled pictures",
      NextCommand("test") + command.model.words
        + ["--data", command.data ?? NextCommand.Placeholder.data.rawValue]
        + NextCommand.finalSplit(of: command.data) + command.inputSize.words
        + command.scale.words + command.feeding.words)
  }

  private func result(isComplete: Bool) -> JSONValue {
    func list(_ entries: [(path: String, reason: String)]) -> JSONValue {
      .array(entries.map { .members(["path": $0.path, "reason": $0.reason]) })
    }
    return .members([
      "complete": isComplete, "output": destination.map { absolute($0.path) },
      "images": JSONValue.array(rows), "skipped": list(skipped), "unwritten": list(unwritten),
      "feeding": detector.feeding.json,
    ])
  }

  private func isInOutput(_ path: String?) -> Bool {
    guard let path, let output = command.folder.output else { return false }
    return absolutePath(folderPath(of: path)) == absolutePath(output)
  }

  // MARK: Outputs

  private func picturePath(_ index: Int, in output: String) -> String {
    "\(output)/\(names[index]).jpg"
  }

  private func videoPath(_ index: Int, in output: String) -> String {
    "\(output)/\(names[index]).mp4"
  }

  /// A source, its label file, or the list that names it must not be written over.
  private func refuseSourcesAsOutputs() throws {
    guard command.folder.output != nil || command.report.json != nil else { return }
    var protected = ProtectedFiles()
    for source in sources {
      guard let path = source.path else { continue }
      if source.isPicture { protected.protect(picture: path) } else { protected.protect(path) }
    }
    for argument in command.source { protected.protect(argument) }
    for file in [command.model.cfg, command.model.weights, command.names, command.data] {
      if let file { protected.protect(file) }
    }
    if let json = command.report.json { try protected.refuse([json]) }
    guard let output = command.folder.output, fileExists(output) else { return }
    try protected.refuse(
      sources.indices.lazy.flatMap { [self] index in
        sources[index].isPicture
          ? [
            picturePath(index, in: output), DetectionFiles.labels(of: names[index], in: output),
          ] : [videoPath(index, in: output)]
      })
    try protected.refuse([output + "/results.json"])
  }

  /// The output folder and its files, made when they are first needed.
  private func open() throws -> String {
    if let destination { return destination.path }
    let path = try OutputFolder.make(
      command.folder.output, overwrite: command.folder.overwrite, kind: "detect")
    let files = try DetectionFiles(
      output: path, names: detector.names, savesText: command.saveTxt,
      savesJSON: command.saveJson)
    destination = (path, files)
    return path
  }

  /// Writes something; a failure is kept, and the work goes on.
  private func writing(_ path: String, _ body: () throws -> Void) -> String? {
    do {
      try body()
      return path
    } catch {
      unwritten.append((absolute(path), "\(error)"))
      return nil
    }
  }

  // MARK: Pictures

  private func picture(_ index: Int) throws {
    let source = sources[index]
    var image: Image
    do throws(VisionError) {
      image = try source.image()
    } catch {
      skip(source, "\(error)")
      return
    }
    let detections = try detector.detections(in: image)
    let output = try open()
    var labels: String?
    let labelPath = DetectionFiles.labels(of: names[index], in: output)
    let hasLabels = writing(labelPath) {
      labels = try destination?.files.add(
        detections, name: names[index], path: source.nameForFiles, width: image.width,
        height: image.height)
    }
    let drawn = writing(picturePath(index, in: output)) {
      try painter.draw(detections, on: &image)
      try image.write(to: picturePath(index, in: output))
    }
    if hasLabels == nil { labels = nil }
    rows.append(
      .members([
        "path": name(of: source), "width": image.width, "height": image.height,
        "detections": JSONValue.array(detections.map { json($0) }),
        "output": drawn.map(absolute), "labels": labels.map(absolute),
      ]))
    if command.report.printsTables {
      try Console.print("\("\(source)".escaped): \(summary(counts(detections)))")
    }
  }

  // MARK: Videos

  /// Writes an annotated video of the source's rate and size.
  private func video(_ index: Int) throws {
    let source = sources[index]
    let reader: VideoReader
    do throws(VisionError) {
      reader = try VideoReader(source)
    } catch {
      skip(source, "\(error)")
      return
    }
    let output = try open()
    let path = videoPath(index, in: output)
    let rate = reader.framesPerSecond ?? 25
    var writer: VideoWriter?
    _ = writing(path) {
      writer = try VideoWriter(
        path: path, width: reader.width, height: reader.height, framesPerSecond: rate,
        codec: command.fourcc)
    }
    let bar = ConsoleProgress(
      "\(source)", total: reader.frameCount, unit: "frames", isQuiet: command.report.quiet)
    var found: [JSONValue] = []
    var total: [Int: Int] = [:]
    var canWriteLabels = true
    while !Interruption.isRequested {
      var frame: Image
      do throws(VisionError) {
        guard let next = try reader.nextFrame() else { break }
        frame = next
      } catch {
        skip(source, "\(error)")
        break
      }
      let number = reader.framesRead
      let detections = try detector.detections(in: frame)
      for detection in detections {
        total[detection.classIndex, default: 0] += 1
        found.append(json(detection, frame: number, seconds: Double(number - 1) / rate))
      }
      if canWriteLabels {
        canWriteLabels =
          writing("\(output)/labels/\(names[index])") {
            try destination?.files.add(
              detections, name: names[index], frame: number, width: frame.width,
              height: frame.height)
          } != nil
      }
      let isWritten =
        writer == nil
        || writing(path) {
          try painter.draw(detections, on: &frame)
          try writer?.write(frame)
        } != nil
      if !isWritten { writer = nil }
      bar.update(number)
    }
    bar.finish()
    let wasStopped = Interruption.isRequested
    var written: String?
    if let writer, writer.framesWritten > 0 { written = writing(path) { try writer.finish() } }
    let frames = reader.framesRead
    if !wasStopped, let promised = reader.frameCount, frames < promised * 9 / 10 {
      Console.warn(
        "\(source): \(counted(frames, "frame")) could be read of the \(promised) that it promises")
    }
    let hasLabels = command.saveTxt && canWriteLabels && frames > 0
    let labels: String? = hasLabels ? absolute("\(output)/labels/\(names[index])") : nil
    rows.append(
      .members([
        "path": name(of: source), "width": reader.width, "height": reader.height,
        "frames": frames, "framesPerSecond": rate, "complete": !wasStopped,
        "detections": JSONValue.array(found), "output": written.map(absolute),
        "labels": labels,
      ]))
    if command.report.printsTables {
      try Console.print(
        "\("\(source)".escaped): \(counted(frames, "frame")), \(summary(total))"
          + (written.map { ", \($0)" } ?? ""))
    }
  }

  // MARK: Words

  private func skip(_ source: PictureSource, _ reason: String) {
    skipped.append((name(of: source), reason))
    if !source.isPicture { skipsVideos = true }
  }

  /// For JSON: absolute where it is a file.
  private func name(of source: PictureSource) -> String {
    source.path.map(absolute) ?? "\(source)"
  }

  private func json(
    _ detection: Detection, frame: Int? = nil, seconds: Double? = nil
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

  private func counts(_ detections: [Detection]) -> [Int: Int] {
    detections.reduce(into: [:]) { $0[$1.classIndex, default: 0] += 1 }
  }

  /// "2 × person, 1 × dog"; in the order of the classes.
  private func summary(_ counts: [Int: Int]) -> String {
    guard !counts.isEmpty else { return "nothing" }
    return counts.sorted { $0.key < $1.key }
      .map { "\($0.value) × \(detector.names[$0.key])" }.joined(separator: ", ")
  }
}

/// A run of `detect` that a signal ended.
struct DetectionStopped: ExitStatusError {
  let looked: Int
  let sources: Int
  let folder: String?

  var exitCode: ExitCode { Interruption.exitCode }

  var description: String {
    "stopped after \(looked) of \(counted(sources, "source"))"
      + (folder.map { "; what was found till then is in \($0)" } ?? "")
  }
}

/// Files that could not be written; the rest of the work was done.
struct UnwrittenFiles: Error, CustomStringConvertible {
  let count: Int
  let first: String

  var description: String {
    count == 1 ? first : "\(count) files could not be written, the first: \(first)"
  }
}

/// Sources of which not one could be read.
struct NothingDetected: Error, CustomStringConvertible {
  let description: String

  init(_ skipped: [(path: String, reason: String)], _ count: Int) {
    let first = skipped.first?.reason ?? "nothing to read"
    description =
      count == 1
      ? first : "not one usable picture or video among \(count); the first: \(first)"
  }
}
