import Commands
import Darknet
import Foundation
import Networks

extension ConvertCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    for path in outputs.flatMap({ files(of: $0) }) {
      guard overwrite || !FileManager.default.fileExists(atPath: path) else {
        throw EngineError.outputExists(path)
      }
    }
    let model = try Model(model)
    if output == nil {
      try FileManager.default.createDirectory(
        atPath: "weights", withIntermediateDirectories: true)
    }
    for output in outputs {
      try write(model, to: output)
      if report.printsTables {
        for path in files(of: output) { try Console.print(path) }
      }
    }
    let written = outputs.flatMap { files(of: $0) }
    try json.write(.members(["files": written.map { absolute($0) }]))
  }

  /// The files that one output becomes.
  private func files(of output: (path: String, format: Format)) -> [String] {
    guard output.format == .fused else { return [output.path] }
    let paths = FusedWeights.paths(for: output.path)
    return [paths.weights, paths.bias]
  }

  private func write(_ model: Model, to output: (path: String, format: Format)) throws {
    let (parameters, spec) = (model.parameters, model.spec)
    switch output.format {
    case .darknet: try WeightsFile.write(parameters, for: spec, to: output.path)
    case .backbone(let layers):
      try WeightsFile.write(parameters, for: spec, to: output.path, layers: layers)
    case .safetensors:
      try StoredWeights.writeSafetensors(
        parameters, for: spec, naming: tensorNames ?? .pare, to: output.path)
    case .fused: try FusedWeights.write(parameters, for: spec, to: output.path)
    }
    if model.inputScale != .by255 {
      Console.warn(
        "\(output.path) cannot say so, but its pictures need --input-scale "
          + model.inputScale.rawValue)
    }
  }
}
