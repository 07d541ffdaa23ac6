import Commands
import Darknet
import Foundation

extension ConvertCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    guard overwrite || !FileManager.default.fileExists(atPath: output) else {
      throw EngineError.outputExists(output)
    }
    let model = try Model(model)
    if standard { return try writeStandard(model, json) }
    switch format {
    case .safetensors: try SafetensorsWeights.write(model.parameters, for: model.spec, to: output)
    case .backbone(let layers):
      try WeightsFile.write(model.parameters, for: model.spec, to: output, layers: layers)
    case .darknet, nil: try WeightsFile.write(model.parameters, for: model.spec, to: output)
    }
    if report.printsTables { try Console.print(output) }
    try json.write(.members(["files": [absolute(output)]]))
  }
}
