import Darknet
import Testing
import _TestSupport

@Suite struct FusedWeightsTests {
  private let layers = """
    [convolutional]
    batch_normalize=1
    filters=2
    size=1
    activation=leaky
    [shortcut]
    from=-1
    weights_type=per_feature
    [se]
    reduction=2
    [BatchNorm2d]
    [convolutional]
    filters=1
    size=1
    activation=linear
    """

  /// γ/√(σ² + ε) is exact to 1e-6 for these: ε is 1e-5, and 1e-4 on its own.
  private func parameters() -> NetworkParameters {
    func array(_ shape: [Int], _ values: [Float]) -> ParameterArray {
      ParameterArray(shape: shape, values: values)
    }
    return NetworkParameters(layers: [
      [
        .beta: array([2], [1, 2]), .gamma: array([2], [2, 3]), .mean: array([2], [0.5, -1]),
        .variance: array([2], [0.25 - 1e-5, 4 - 1e-5]),
        .weight: array([2, 3, 1, 1], [1, 2, 3, 4, 5, 6]),
      ],
      [.weight: array([2], [7, 8])],
      [.squeeze: array([1, 2], [9, 10]), .excite: array([2, 1], [11, 12])],
      [
        .beta: array([2], [1, 1]), .gamma: array([2], [1, 2]), .mean: array([2], [0, 1]),
        .variance: array([2], [1 - 1e-4, 0.25 - 1e-4]),
      ],
      [.bias: array([1], [13]), .weight: array([1, 2, 1, 1], [14, 15])],
    ])
  }

  // Layer 0 has factors 2/0.5 = 4 and 3/2 = 1.5, offsets 1 − 0.5·4 = −1 and 2 + 1·1.5 = 3.5; layer
  // 3 has factors 1/1 and 2/0.5 = 4, offsets 1 and 1 − 1·4 = −3.
  private let weights: [Float] = [4, 8, 12, 6, 7.5, 9, 9, 10, 11, 12, 1, 4, 14, 15]
  private let biases: [Float] = [-1, 3.5, 1, -3, 13]

  @Test func `normalization goes into kernels and biases`() throws {
    let numbers = try FusedWeights.numbers(of: parameters(), for: spec(layers))
    #expect(numbers.weights.count == weights.count && numbers.biases.count == biases.count)
    for (found, expected) in zip(numbers.weights + numbers.biases, weights + biases) {
      #expect(abs(found - expected) <= 2e-6 * abs(expected), "\(found), \(expected)")
    }
  }

  @Test(arguments: ["a.bin", "a_weights.bin", "a_bias.bin"])
  func `two files are written, each whole`(name: String) throws {
    let folder = try TemporaryFolder()
    try FusedWeights.write(parameters(), for: spec(layers), to: folder.file(name))
    let paths = FusedWeights.paths(for: folder.file(name))
    #expect(paths == (folder.file("a_weights.bin"), folder.file("a_bias.bin")))
    #expect(folder.files == ["a_bias.bin", "a_weights.bin"])
    #expect(try folder.bytes(of: "a_weights.bin").count == 4 * weights.count)
    // 13 is 0x41500000, the last bias.
    #expect(try folder.bytes(of: "a_bias.bin").suffix(4) == [0, 0, 0x50, 0x41])
    #expect(try folder.bytes(of: "a_bias.bin").count == 4 * biases.count)
  }

  @Test func `a missing array is named, and nothing is written`() throws {
    let folder = try TemporaryFolder()
    var parameters = parameters()
    parameters.layers[0][.mean] = nil
    let error = #expect(throws: WeightsError.self) {
      try FusedWeights.write(parameters, for: spec(layers), to: folder.file("a.bin"))
    }
    #expect(error.map { "\($0)" } == "layer 0 has no 'mean', expected one of 2")
    #expect(folder.files == [])
  }
}
