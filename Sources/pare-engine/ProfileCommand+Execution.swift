import Commands
import Darknet
import Reports

extension ProfileCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let spec = try NetworkSpec(contentsOf: cfg)
    for warning in spec.warnings { Console.warn("\(warning)") }
    let size = inputSize.size ?? (spec.net.width, spec.net.height)
    let profile = try spec.profile(width: size.width, height: size.height)
    if report.printsTables {
      var table = Table("layer", "type", "in", "out", "size", "parameters", "MACs")
      for layer in profile.layers {
        table.append([
          "\(layer.index)", layer.type, "\(layer.inChannels)", "\(layer.shape.channels)",
          "\(layer.shape.width)×\(layer.shape.height)", "\(layer.parameters)", "\(layer.macs)",
        ])
      }
      try Console.print(table.text)
      try Console.print(
        "\(profile.parameters) parameters, weights \(Figures.bytes(profile.weightsByteCount)), "
          + "\(Figures.count(profile.macs)) MACs (\(Figures.fixed(profile.billionOperations, 3)) BFLOPs) "
          + "at \(size.width)×\(size.height), activations \(Figures.bytes(profile.activationBytes))"
      )
    }
    try json.write(
      .members([
        "parameters": profile.parameters, "weightsBytes": profile.weightsByteCount,
        "macs": profile.macs, "activationBytes": profile.activationBytes,
        "layers": JSONValue.array(
          profile.layers.map { layer in
            .members([
              "index": layer.index, "type": layer.type, "inChannels": layer.inChannels,
              "outChannels": layer.shape.channels, "height": layer.shape.height,
              "width": layer.shape.width, "parameters": layer.parameters, "macs": layer.macs,
            ])
          }),
      ]))
  }
}
