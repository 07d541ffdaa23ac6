import Darknet
import Testing
import _TestSupport

/// Named arrays in memory.
private struct Arrays: NamedArrays {
  let path = "a.safetensors"
  var arrays: [NamedArray]
  var imagesSeen: Int64 = 5

  var names: [String] { arrays.map(\.name) }

  func shape(of name: String) throws -> [Int] { try array(name).shape }

  func floats(_ name: String) throws -> [Float] {
    switch try array(name).values {
    case .floats(let values): values
    case .integers(let values): values.map { Float($0) }
    }
  }

  private func array(_ name: String) throws -> NamedArray {
    try #require(arrays.first { $0.name == name })
  }

  mutating func change(_ name: String, _ change: (inout NamedArray) -> Void) {
    for index in arrays.indices where arrays[index].name == name { change(&arrays[index]) }
  }
}

@Suite struct NamedWeightsTests {
  private static func network(
    classes: Int = 2, shortcut: String = "weights_type=per_feature"
  ) throws -> NetworkSpec {
    let text = networkWithEveryKindOfParameter(
      classes: classes, anchors: 1, reduction: 2, shortcut: shortcut, hasPlainDepthwise: true)
    return try NetworkSpec(Configuration(parsing: text, path: "net.cfg"))
  }

  /// Parameters of the network, with factors that a state dict can say.
  private static func parameters(_ spec: NetworkSpec) throws -> NetworkParameters {
    var parameters = try countingParameters(spec)
    if let factors = parameters.layers[2][.weight] {
      parameters.layers[2][.weight] = ParameterArray(
        shape: factors.shape,
        values: (0..<factors.values.count).map { $0.isMultiple(of: 2) ? 0.25 : 0.5 })
    }
    return parameters
  }

  private func refusal(_ arrays: Arrays, _ spec: NetworkSpec) -> String {
    let error = #expect(throws: (any Error).self) { try NamedWeights.read(arrays, for: spec) }
    return error.map { "\($0)" } ?? ""
  }

  @Test func `a state dict has PyTorch's names and order`() throws {
    let spec = try Self.network()
    let arrays = try NamedWeights.arrays(
      of: Self.parameters(spec), for: spec, naming: .stateDictionary)
    func normalization(_ prefix: String) -> [(String, [Int])] {
      [
        (prefix + "weight", [4]), (prefix + "bias", [4]), (prefix + "running_mean", [4]),
        (prefix + "running_var", [4]), (prefix + "num_batches_tracked", []),
      ]
    }
    let expected: [(String, [Int])] =
      [("module_list.0.Conv2d.weight", [4, 3, 1, 1])]
      + normalization("module_list.0.BatchNorm2d.")
      + [("module_list.1.DepthWise2d.weight", [4, 1, 3, 3])]
      + normalization("module_list.1.BatchNorm2d.") + [("module_list.2.w", [2])]
      + [("module_list.3.se.fc.0.weight", [2, 4]), ("module_list.3.se.fc.2.weight", [4, 2])]
      + normalization("module_list.4.")
      + [
        ("module_list.5.DepthWise2d.weight", [4, 1, 1, 1]), ("module_list.5.DepthWise2d.bias", [4]),
        ("module_list.6.Conv2d.weight", [7, 4, 1, 1]), ("module_list.6.Conv2d.bias", [7]),
      ]
    #expect(arrays.map(\.name) == expected.map(\.0))
    #expect(arrays.map(\.shape) == expected.map(\.1))
    #expect(arrays[5].values == .integers([0]))
    // Layer 0 counts β 1–4, γ 5–8, mean 9–12, variance 13–16, kernel 17–28
    // (docs/formulas.md 3.1).
    #expect(arrays[1].values == .floats([5, 6, 7, 8]))
    #expect(arrays[2].values == .floats([1, 2, 3, 4]))
    // sigmoid(w)·2/2 = 0.25 for w = −ln 3, and 0.5 for w = 0.
    guard case .floats(let factors) = arrays[12].values else {
      Issue.record("factors are no floats")
      return
    }
    #expect(arrays[12].name == "module_list.2.w" && factors.count == 2)
    #expect(abs(factors[0] + 1.0986123) < 1e-6 && factors[1] == 0)
  }

  @Test func `our own names are the layer and the role`() throws {
    let spec = try Self.network()
    let arrays = try NamedWeights.arrays(of: Self.parameters(spec), for: spec, naming: .pare)
    #expect(
      arrays.prefix(6).map(\.name)
        == ["0.beta", "0.gamma", "0.mean", "0.variance", "0.weight", "1.beta"])
    #expect(arrays.contains { $0.name == "3.squeeze" } && arrays.contains { $0.name == "6.bias" })
  }

  @Test(arguments: ParameterNaming.allCases)
  func `what is written under either naming is read back`(naming: ParameterNaming) throws {
    let spec = try Self.network()
    var parameters = try Self.parameters(spec)
    parameters.imagesSeen = 5
    let arrays = Arrays(
      arrays: try NamedWeights.arrays(of: parameters, for: spec, naming: naming))
    #expect(try NamedWeights.read(arrays, for: spec) == parameters)
    let contents = try NamedWeights.readByShape(arrays, for: spec)
    #expect(contents.parameters == parameters && contents.loaded == [0, 1, 2, 3, 4, 5, 6])
    #expect(contents.skipped.isEmpty && contents.unknownArrays.isEmpty)
  }

  @Test func `a stand-alone normalization may be a named module`() throws {
    let spec = try Self.network()
    let parameters = try Self.parameters(spec)
    var arrays = Arrays(
      arrays: try NamedWeights.arrays(of: parameters, for: spec, naming: .stateDictionary))
    for name in ["weight", "bias", "running_mean", "running_var"] {
      arrays.change("module_list.4.\(name)") { $0.name = "module_list.4.BatchNorm2d.\(name)" }
    }
    #expect(try NamedWeights.read(arrays, for: spec).layers == parameters.layers)
  }

  @Test func `what does not fit is named in one line`() throws {
    let spec = try Self.network()
    let good = Arrays(
      arrays: try NamedWeights.arrays(
        of: Self.parameters(spec), for: spec, naming: .stateDictionary))

    var missing = good
    missing.arrays.removeAll { $0.name == "module_list.1.BatchNorm2d.bias" }
    #expect(
      refusal(missing, spec)
        == "a.safetensors: lacks 'module_list.1.BatchNorm2d.bias' of layer 1 of net.cfg")
    var unknown = good
    unknown.arrays.append(NamedArray(name: "hyp\n", shape: [1], values: .floats([1])))
    #expect(
      refusal(unknown, spec) == "a.safetensors: has 'hyp\\x0A', which net.cfg lacks")
    unknown.arrays.append(NamedArray(name: "b", shape: [1], values: .floats([1])))
    #expect(
      refusal(unknown, spec)
        == "a.safetensors: has 'hyp\\x0A' and 1 more, which net.cfg lacks")
    #expect(
      try refusal(good, Self.network(classes: 80))
        == "a.safetensors: 'module_list.6.Conv2d.bias' is 7, net.cfg needs 85")
    // Layers 0 to 6 have parameters; without kernels in 0 to 3, three fit.
    var other = good
    for layer in 0..<4 {
      for index in other.arrays.indices
      where other.arrays[index].name.hasPrefix("module_list.\(layer).") {
        other.arrays[index].shape = [99]
      }
    }
    #expect(
      refusal(other, spec).hasPrefix(
        "a.safetensors: these weights do not belong to this cfg: 3 of the 7 layers of net.cfg fit; '"
      ))
    let foreign = Arrays(arrays: [NamedArray(name: "conv1", shape: [], values: .floats([1]))])
    #expect(
      refusal(foreign, spec)
        == "a.safetensors: none of its 1 arrays, first 'conv1', belongs to net.cfg, expected names "
        + "such as '0.beta' or 'module_list.0.BatchNorm2d.bias'")
    #expect(
      refusal(Arrays(arrays: []), spec)
        == "a.safetensors: none of its 0 arrays belongs to net.cfg, expected names such as "
        + "'0.beta' or 'module_list.0.BatchNorm2d.bias'")
  }

  @Test func `a file of another network is read where it fits`() throws {
    let spec = try Self.network(classes: 80)
    let narrow = try Self.network(classes: 2)
    var arrays = Arrays(
      arrays: try NamedWeights.arrays(
        of: Self.parameters(narrow), for: narrow, naming: .stateDictionary))
    arrays.arrays.removeAll { $0.name == "module_list.3.se.fc.2.weight" }
    arrays.arrays.append(NamedArray(name: "module_list.9.w", shape: [2], values: .floats([1, 2])))
    let contents = try NamedWeights.readByShape(arrays, for: spec)
    #expect(contents.loaded == [0, 1, 2, 4, 5])
    #expect(contents.parameters.layers[6].isEmpty && contents.parameters.layers[3].isEmpty)
    #expect(
      contents.skipped.map(\.description) == [
        "layer 3, [se]: not in the file, 4×2 in the network",
        "layer 6, [convolutional]: 7 in the file, 85 in the network",
      ])
    #expect(contents.unknownArrays == ["module_list.9.w"])
  }

  @Test func `factors that a state dict cannot say are refused`() throws {
    let normalized = try Self.network(
      shortcut: "weights_type=per_feature\nweights_normalization=softmax")
    let reason =
      "layer 2, [shortcut]: factors of a state dict are sigmoid(w)·2/n, which "
      + "'weights_normalization=softmax' cannot say"
    func writing(_ parameters: NetworkParameters, _ spec: NetworkSpec) -> String {
      let error = #expect(throws: NamedWeightsError.self) {
        try NamedWeights.arrays(of: parameters, for: spec, naming: .stateDictionary)
      }
      return error.map { "\($0)" } ?? ""
    }
    #expect(try writing(Self.parameters(normalized), normalized) == reason)
    let perChannel = try Self.network(shortcut: "weights_type=per_channel")
    #expect(
      try writing(Self.parameters(perChannel), perChannel)
        == "layer 2, [shortcut]: a state dict has no factor a channel (weights_type=per_channel)")
    let spec = try Self.network()
    var parameters = try Self.parameters(spec)
    parameters.layers[2][.weight]?.values = [1, 0.5]
    #expect(
      writing(parameters, spec)
        == "layer 2, [shortcut]: factors of a state dict lie between 0 and 2/2, exclusively")

    let arrays = Arrays(
      arrays: try NamedWeights.arrays(
        of: Self.parameters(spec), for: spec, naming: .stateDictionary))
    #expect(refusal(arrays, normalized) == reason)
    #expect(try NamedWeights.readByShape(arrays, for: normalized).skipped.map(\.layer) == [2])
  }
}
