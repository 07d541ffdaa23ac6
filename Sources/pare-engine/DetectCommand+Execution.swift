import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Networks
import Reports
import Torch
import Training
import Vision

extension DetectCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let sources = try PictureSource.sources(of: source)
    let detector = try Detector(self)
    let output = try OutputFolder.make(folder.output, overwrite: folder.overwrite, kind: "detect")
    var files = try DetectionFiles(
      output: output, names: detector.names, savesText: saveTxt, savesJSON: saveJson)
    Interruption.listen()

    var rows: [JSONValue] = []
    var unreadable: [String] = []
    let progress = ConsoleProgress("detect", total: sources.count, isQuiet: report.quiet)
    for (number, source) in sources.enumerated() {
      if Interruption.isRequested { break }
      guard case .picture(let path) = source else {
        progress.finish()
        rows.append(try video(source, detector, output))
        continue
      }
      do {
        var image = try Image(contentsOf: path, channels: 3)
        let detections = try detector(image)
        try files.add(detections, path: path, width: image.width, height: image.height)
        rows.append(row(path, image.width, image.height, detections, detector.names))
        try DetectionPainter(names: detector.names).draw(detections, on: &image)
        let name = URL(filePath: path).deletingPathExtension().lastPathComponent
        try image.write(to: freshName(output, name, extension: "jpg", of: sources, path: path))
        if report.printsTables {
          try Console.print("\(path): \(summary(detections, detector.names))")
        }
      } catch let error as VisionError {
        if sources.count == 1 { throw error }
        unreadable.append("\(error)")
      }
      progress.update(number + 1)
    }
    progress.finish()
    try files.finish()
    Console.list(unreadable, what: "pictures skipped")
    if report.printsTables { try Console.print("drawn in \(output)") }
    try json.write(.members(["images": JSONValue.array(rows)]))
  }

  /// A name in the output folder; pictures of one stem but different extensions keep theirs.
  private func freshName(
    _ output: String, _ stem: String, extension suffix: String, of sources: [PictureSource],
    path: String
  ) -> String {
    let twins = sources.count { source in
      guard case .picture(let other) = source else { return false }
      return URL(filePath: other).deletingPathExtension().lastPathComponent == stem
    }
    let name = twins > 1 ? URL(filePath: path).lastPathComponent : stem
    return "\(output)/\(name).\(suffix)"
  }

  /// Writes an annotated video of the source's rate and size.
  private func video(
    _ source: PictureSource, _ detector: Detector, _ output: String
  ) throws -> JSONValue {
    let reader = try VideoReader(source)
    let stem: String =
      switch source {
      case .video(let path), .picture(let path):
        URL(filePath: path).deletingPathExtension().lastPathComponent
      case .camera(let number): "camera-\(number)"
      case .stream: "stream"
      }
    let path = "\(output)/\(stem).mp4"
    let writer = try VideoWriter(
      path: path, width: reader.width, height: reader.height,
      framesPerSecond: reader.framesPerSecond ?? 25, codec: fourcc)
    let progress = ConsoleProgress(
      "\(source)", total: reader.frameCount, unit: "frames", isQuiet: report.quiet)
    var frames = 0
    var found = 0
    let painter = DetectionPainter(names: detector.names)
    while !Interruption.isRequested, var frame = try reader.nextFrame() {
      let detections = try detector(frame)
      found += detections.count
      try painter.draw(detections, on: &frame)
      try writer.write(frame)
      frames += 1
      progress.update(frames)
    }
    try writer.finish()
    progress.finish()
    if report.printsTables {
      try Console.print("\(source): \(frames) frames, \(found) detections, \(path)")
    }
    return .members([
      "path": "\(source)", "width": reader.width, "height": reader.height, "frames": frames,
      "detections": JSONValue.array([]), "output": absolute(path),
    ])
  }

  private func row(
    _ path: String, _ width: Int, _ height: Int, _ detections: [Detection], _ names: [String]
  ) -> JSONValue {
    .members([
      "path": absolute(path), "width": width, "height": height,
      "detections": JSONValue.array(
        detections.map { detection in
          let box = detection.box
          return .members([
            "class": detection.classIndex, "name": names[detection.classIndex],
            "confidence": detection.confidence,
            "box": [box.x1, box.y1, box.x2, box.y2],
          ])
        }),
    ])
  }

  /// "2 person, 1 dog"; in the order of the classes.
  private func summary(_ detections: [Detection], _ names: [String]) -> String {
    guard !detections.isEmpty else { return "nothing" }
    let counts = Dictionary(grouping: detections, by: \.classIndex).sorted { $0.key < $1.key }
    return counts.map { "\($0.value.count) \(names[$0.key])" }.joined(separator: ", ")
  }
}

/// A network that takes pictures of any size.
struct Detector {
  let names: [String]
  private let predictor: Predictor
  private let size: (width: Int, height: Int)
  private let channels: Int
  private let fit: PictureFit
  /// What a rectangular input is a multiple of; nil for inputs of one size.
  private let rectangularStride: Int?

  init(_ command: DetectCommand) throws {
    let model = try Model(command.model, scale: command.scale.inputScale)
    let device = try openDevice(command.machine)
    size = try command.inputSize.size(for: model.spec)
    try setThreads(
      command.machine.threads, for: [(model.spec, size.width, size.height)], on: device)
    channels = model.spec.net.channels
    fit = command.postprocessing.resize == .letterbox ? .letterbox : .stretch
    rectangularStride = command.rect ? model.spec.greatestStride : nil
    names = try model.names(command.names, data: command.data)
    let classes = model.spec.classes ?? 0
    for index in command.classes where index >= classes {
      throw EngineError.classOutOfRange(index, classes: classes)
    }
    let settings = try command.postprocessing.settings(
      confidence: command.confThres, overlap: command.iouThres, precision: command.precision,
      classes: command.classes)
    predictor = Predictor(network: try model.network(on: device).folded(), settings: settings)
  }

  /// Detections in pixels of the picture, by falling confidence.
  func callAsFunction(_ image: Image) throws -> [Detection] {
    let input = inputSize(of: image)
    let geometry = InputGeometry(
      pictureWidth: image.width, pictureHeight: image.height, inputWidth: input.width,
      inputHeight: input.height, fit: fit)
    let source = channels == 1 ? image.gray : image
    let images = try withoutGrad {
      try Tensor(
        source.placed(geometry), shape: [1, input.height, input.width, channels],
        device: predictor.network.device
      ).permuted([0, 3, 1, 2]).contiguous().to(.float32) * Float(1.0 / 255)
    }
    return try predictor(images)[0].map { detection in
      var detection = detection
      detection.box = geometry.pictureBox(detection.box)
      return detection
    }
  }

  private func inputSize(of image: Image) -> (width: Int, height: Int) {
    guard let rectangularStride else { return size }
    let aspect = Double(image.height) / Double(image.width)
    return InputGeometry.smallestInput(
      aspects: aspect...aspect, longSide: max(size.width, size.height),
      multiple: rectangularStride)
  }
}
