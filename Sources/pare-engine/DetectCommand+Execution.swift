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
    let sources = try source.flatMap { try PictureSource.sources(of: $0) }
    let output = try OutputFolder(
      folder.output, overwrite: folder.overwrite, kind: "detect", grows: true)
    let run = try DetectRun(self, sources, to: output)
    let detector = try Detector(self)
    Interruption.listen()
    try run(detector, json)
  }

  /// The numbers of the classes to keep, which may be named.
  fileprivate func classNumbers(_ names: [String], count: Int) throws -> [Int] {
    try classes.map { text in
      if let number = Int(text) {
        guard number < count else { throw EngineError.classOutOfRange(number, classes: count) }
        return number
      }
      let number =
        names.firstIndex(of: text)
        ?? names.firstIndex { $0.lowercased() == text.lowercased() }
      guard let number, number < count else { throw EngineError.noSuchClass(text, names: names) }
      return number
    }
  }
}

/// A network that takes pictures of any size.
struct Detector {
  let names: [String]
  private let predictor: Predictor
  /// How pictures are shown to the network.
  let feeding: Feeding
  private let channels: Int
  /// What a rectangular input is a multiple of; nil for inputs of one size.
  private let rectangularStride: Int?

  init(_ command: DetectCommand) throws {
    let model = try Model(command.model, scale: command.scale.inputScale)
    let device = try openDevice(command.machine)
    feeding = try model.feeding(command.feeding, command.inputSize, savesPadding: command.rect)
    feeding.announce(isQuiet: command.report.quiet)
    try setThreads(
      command.machine.threads, for: [(model.spec, feeding.width, feeding.height)], on: device)
    channels = model.spec.net.channels
    rectangularStride = command.rect ? model.spec.greatestStride : nil
    names = try model.names(command.names, data: command.data)
    let classes = model.spec.classes ?? 0
    let settings = command.postprocessing.settings(
      feeding, confidence: command.confThres, overlap: command.iouThres,
      precision: command.precision,
      classes: try command.classNumbers(names, count: classes))
    predictor = Predictor(network: try model.network(on: device).folded(), settings: settings)
  }

  /// Detections in pixels of the picture, by falling confidence.
  func callAsFunction(_ image: Image) throws -> [Detection] {
    let input = inputSize(of: image)
    let geometry = InputGeometry(
      pictureWidth: image.width, pictureHeight: image.height, inputWidth: input.width,
      inputHeight: input.height, fit: feeding.fit)
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
    guard let rectangularStride else { return (feeding.width, feeding.height) }
    let aspect = Double(image.height) / Double(image.width)
    return InputGeometry.smallestInput(
      aspects: aspect...aspect, longSide: max(feeding.width, feeding.height),
      multiple: rectangularStride)
  }
}
