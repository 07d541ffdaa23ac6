import Commands
import Datasets
import Foundation
import Inference
import Runs
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

extension Detector {
  init(_ command: DetectCommand) throws {
    let model = try Model(command.model, scale: command.scale.inputScale)
    let device = try openDevice(command.machine)
    let feeding = try model.feeding(
      command.feeding, command.inputSize, savesPadding: command.rect)
    feeding.announce(isQuiet: command.report.quiet)
    try setThreads(
      command.machine.threads, for: [(model.spec, feeding.width, feeding.height)], on: device)
    let names = try model.names(
      command.names, data: command.data, saysMissing: !command.report.quiet)
    let settings = command.postprocessing.settings(
      feeding, confidence: command.confThres, overlap: command.iouThres,
      classes: try command.classNumbers(names, count: model.spec.classes ?? 0))
    self.init(
      try TorchEngine(model.network(on: device), precision: command.precision.dtype),
      feeding: feeding, names: names, settings: settings, savesPadding: command.rect)
  }
}
