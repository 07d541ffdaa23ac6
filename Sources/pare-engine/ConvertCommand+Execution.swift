import Commands
import Darknet
import Foundation
import Inference
import Networks
import Runs
import Storage

extension ConvertCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let paths = outputs.flatMap { files(of: $0) } + [standardCfg].compactMap { $0 }
    for output in outputs {
      for path in files(of: output) {
        try output.format.kind.require(path, overwrites: overwrite)
      }
    }
    if let standardCfg { try ResultFile.cfg.require(standardCfg, overwrites: overwrite) }
    var inputs = ProtectedFiles()
    for path in [self.model.cfg, self.model.weights] { inputs.protect(path) }
    try inputs.refuse(paths + [report.json].compactMap { $0 })
    let model: Model
    do {
      model = try Model(self.model, toleratesNotFinite: allowNan)
    } catch let error as StoredWeightsError {
      guard case .notFinite = error else { throw error }
      throw EngineError.notFinite(error)
    }
    ConsoleObserver(isQuiet: false)
      .noteFloat(model.weightsPath, "the float weights are converted, without their codes")
    // All of them or none: a cfg and weights that do not belong together are worse than neither.
    let group = try FileGroup(in: folderPath(of: outputs[0].path))
    try group.naming {
      let network = try standardCfg.map { try writeStandardCfg($0, of: model, in: group) }
      for output in outputs {
        try write(
          network?.parameters ?? model.parameters, for: network?.spec ?? model.spec,
          to: (group.place(for: output.path), output.format))
      }
      try group.commit()
    }
    for output in outputs {
      if model.inputScale != .by255 {
        Console.warn(
          "\(output.path) cannot say so, but its pictures need --input-scale "
            + model.inputScale.rawValue)
      }
    }
    if report.printsTables { for path in paths { try Console.print(path) } }
    try json.write(.members(["files": paths.map { absolute($0) }]))
    // No other command takes weights that are no numbers.
    if model.isFinite { try suggestNext() }
  }

  /// Whole networks can be looked through; parts and folded numbers are for training or others.
  private func suggestNext() throws {
    guard let output = outputs.first else { return }
    let cfg = standardCfg ?? model.cfg
    switch output.format {
    case .darknet, .safetensors:
      try report.next(
        "see that it finds what it found",
        NextCommand("detect") + NextCommand.model(cfg: cfg, weights: output.path)
          + ["--source", NextCommand.Placeholder.picture.rawValue])
    case .backbone:
      let next = NextCommand.firstTraining(
        cfg: cfg, classes: try NetworkSpec(contentsOf: cfg).classes,
        weights: ["--weights", output.path], "train a network on top of it")
      try report.next(next.purpose, next.command)
    case .fused: break
    }
  }

  /// The files that one output becomes.
  private func files(of output: (path: String, format: Format)) -> [String] {
    guard output.format == .fused else { return [output.path] }
    let paths = FusedWeights.paths(for: output.path)
    return [paths.weights, paths.bias]
  }

  private func write(
    _ parameters: NetworkParameters, for spec: NetworkSpec,
    to output: (path: String, format: Format)
  ) throws {
    switch output.format {
    case .darknet: try WeightsFile.write(parameters, for: spec, to: output.path)
    case .backbone(let layers):
      try WeightsFile.write(parameters, for: spec, to: output.path, layers: layers)
    case .safetensors:
      try StoredWeights.writeSafetensors(
        parameters, for: spec, naming: tensorNames ?? .pare, to: output.path)
    case .fused: try FusedWeights.write(parameters, for: spec, to: output.path)
    }
  }
}

extension ConvertCommand.Format {
  /// What an earlier file of this form is.
  fileprivate var kind: ResultFile {
    switch self {
    case .darknet, .backbone: .weights
    case .safetensors: .safetensors
    case .fused: .numbers
    }
  }
}
