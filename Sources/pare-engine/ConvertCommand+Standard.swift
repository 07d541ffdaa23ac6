import Commands
import Darknet
import Foundation

extension ConvertCommand {
  /// Writes the network in Darknet's own blocks: the weights, and the cfg beside them.
  func writeStandard(_ model: Model, _ json: JSONOutput) throws {
    guard overwrite || !FileManager.default.fileExists(atPath: standardCfg) else {
      throw EngineError.outputExists(standardCfg)
    }
    let standard = try StandardNetwork(model.spec, model.parameters)
    var configuration = standard.configuration
    configuration.path = standardCfg
    let spec = try NetworkSpec(configuration)
    if format == .safetensors {
      try SafetensorsWeights.write(standard.parameters, for: spec, to: output)
    } else {
      try WeightsFile.write(standard.parameters, for: spec, to: output)
    }
    try writeAtomically(configuration.text, to: standardCfg)
    if report.printsTables {
      let blocks = standard.rewritten.sorted { $0.key < $1.key }
        .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      try Console.print(output)
      try Console.print(
        "\(standardCfg): \(spec.layers.count) layers for \(model.spec.layers.count), "
          + (blocks.isEmpty ? "which were standard already" : "rewritten: \(blocks)"))
    }
    try json.write(.members(["files": [absolute(output), absolute(standardCfg)]]))
  }
}
