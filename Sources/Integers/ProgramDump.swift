import Darknet

/// Writes what every layer of a program reads, has and gives for one picture, as files of numbers
/// (docs/formats.md), for a second implementation to be compared with.
///
/// `program.json` says what the layers are. The files of layer N begin with its number in four digits
/// and the name of its section: `0004_convolutional_output.npy`.
public struct ProgramDump {
  private let runner: IntegerRunner
  private let layer: Int?

  /// A dump.
  ///
  /// - Parameter layer: the only one whose numbers are written; nil for all.
  public init(_ runner: IntegerRunner, layer: Int? = nil) {
    (self.runner, self.layer) = (runner, layer)
  }

  /// The file of the picture as the network reads it.
  public static let picture = "picture.npy"

  /// What a file of a layer is called.
  public static func name(_ layer: Int, _ section: String, _ what: String) -> String {
    let digits = String(layer)
    let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return "\(number)_\(section)_\(what).npy"
  }

  /// Runs a picture and writes the files into a folder that exists.
  ///
  /// - Returns: the names of the files.
  public func write(
    _ picture: [UInt8], width: Int, height: Int, to folder: String
  ) throws -> [String] {
    let program = runner.program
    var names = ["program.json"]
    func write(_ file: NumberFile, _ name: String) throws {
      try file.write(to: "\(folder)/\(name)")
      names.append(name)
    }
    try writeAtomically(program.json, to: "\(folder)/program.json")
    let shape = [program.spec.net.channels, height, width]
    try write(NumberFile(picture.map(Int.init), shape: shape), Self.picture)
    var codes = [-1: NumberFile(picture.map { program.inputCodes[Int($0)] }, shape: shape)]
    let lastUses = program.lastUses
    var place = 0
    _ = try runner.run(picture, width: width, height: height) { layer, map in
      let (zero, grid) = (layer.grid?.zero ?? 0, layer.grid)
      let output = NumberFile(
        map.values.map { Int($0) + zero },
        shape: [map.shape.channels, map.shape.height, map.shape.width],
        element: grid.map { NumberFile.Element(holding: $0.lowest...$0.highest) } ?? .int32)
      codes[layer.index] = output
      if self.layer == nil || self.layer == layer.index {
        for (number, input) in layer.inputs.enumerated() {
          guard let input = codes[input] else { continue }
          try write(input, Self.name(layer.index, layer.section, "input\(number)"))
        }
        for (what, file) in layer.constants(program) {
          try write(file, Self.name(layer.index, layer.section, what))
        }
        try write(output, Self.name(layer.index, layer.section, "output"))
      }
      for input in Set(layer.inputs) where lastUses[input] == place { codes[input] = nil }
      place += 1
    }
    return names
  }
}

extension IntegerLayer {
  /// The numbers that a layer has, by what they are called.
  func constants(_ program: IntegerProgram) -> [(what: String, file: NumberFile)] {
    var files: [(what: String, file: NumberFile)] = []
    func add(
      _ what: String, _ numbers: [Int], _ shape: [Int]? = nil, _ element: NumberFile.Element? = nil
    ) {
      files.append((what, NumberFile(numbers, shape: shape ?? [numbers.count], element: element)))
    }
    switch operation {
    case .convolution(let convolution):
      let spec = convolution.spec
      let perGroup = weights.count / (spec.outChannels * spec.kernelSize * spec.kernelSize)
      add(
        "weights", weights.map(Int.init),
        [spec.outChannels, perGroup, spec.kernelSize, spec.kernelSize])
      add("bias", convolution.biases, nil, .int32)
    case .sum(let factors, _):
      for (number, factors) in factors.enumerated() { add("factor\(number)", factors, nil, .int32) }
    case .affine(let weights, let biases, _):
      add("weights", weights, nil, .int32)
      add("bias", biases, nil, .int32)
    case .gate(let gate, _):
      add("squeeze", gate.squeeze, [gate.width, gate.channels], .int32)
      add("excite", gate.excite, [gate.channels, gate.width], .int32)
    case .passing, .product, .blurredMaximum, .averagePool, .localAveragePool, .enlargement: break
    }
    func add(_ what: String, _ multipliers: [FixedPoint]) {
      add("\(what)multiplier", multipliers.map(\.multiplier), nil, .int32)
      add("\(what)shift", multipliers.map(\.shift), nil, .uint8)
    }
    for (name, rule) in operation.rules {
      let prefix = name.isEmpty ? "" : "\(name)_"
      add(prefix, rule.multipliers)
      if !rule.negatives.isEmpty { add("\(prefix)negative_", rule.negatives) }
      if let table = rule.table { add("\(prefix)table", table.codes) }
    }
    return files
  }
}

extension IntegerProgram {
  /// What the layers are, as JSON.
  var json: String {
    let rows = layers.map { layer in
      var members = [
        "\"index\": \(layer.index)", "\"section\": \"\(layer.section)\"",
        "\"inputs\": \(layer.inputs)",
      ]
      if let grid = layer.grid { members.append("\"output\": \(grid.json)") }
      if let requantization = layer.operation.requantization {
        members.append("\"lowest\": \(requantization.lowest)")
        members.append("\"highest\": \(requantization.highest)")
      }
      for (name, rule) in layer.operation.rules {
        if !name.isEmpty { members.append("\"\(name)\": \(rule.grid.json)") }
        if let table = rule.table {
          members.append("\"tableFirst\": \(table.first), \"tableStep\": \(table.step)")
        }
      }
      if case .convolution(let convolution) = layer.operation {
        let spec = convolution.spec
        members.append(
          "\"stride\": [\(spec.strideY), \(spec.strideX)], \"padding\": \(spec.padding), "
            + "\"dilation\": \(spec.dilation), \"groups\": \(spec.groups)")
        members.append("\"steps\": \(convolution.steps)")
        members.append("\"activation\": \"\(spec.activation.rawValue)\"")
      }
      return "    {" + members.joined(separator: ", ") + "}"
    }
    let heads = heads.map {
      "{\"index\": \($0.layer), \"input\": \($0.source), "
        + "\"activation\": \"\(activation(before: $0).rawValue)\"}"
    }
    return """
      {
        "input": \(inputGrid.json),
        "inputCodes": \(inputCodes),
        "layers": [
      \(rows.joined(separator: ",\n"))
        ],
        "heads": [\(heads.joined(separator: ", "))]
      }

      """
  }
}

extension CodeGrid {
  fileprivate var json: String {
    "{\"step\": \(step), \"zero\": \(zero), \"lowest\": \(lowest), \"highest\": \(highest)}"
  }
}
