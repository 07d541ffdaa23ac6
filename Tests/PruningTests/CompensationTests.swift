import Darknet
import Testing

@testable import Pruning

/// Constants worked out by hand.
@Suite struct CompensationTests {
  private func spec(_ layers: [[String]]) throws -> NetworkSpec {
    let text =
      "[net]\nwidth=8\nheight=8\nchannels=1\n"
      + layers.map { $0.joined(separator: "\n") + "\n" }.joined()
    return try NetworkSpec(Configuration(parsing: text, path: "hand.cfg"))
  }

  private func conv(
    _ filters: Int, groups: Int = 1, batchNormalize: Int = 1, activation: String = "linear"
  ) -> [String] {
    [
      "[convolutional]", "batch_normalize=\(batchNormalize)", "filters=\(filters)", "size=1",
      "groups=\(groups)", "activation=\(activation)",
    ]
  }

  /// Zeros everywhere but where a test sets something; variance is 4 − 1e-5, so that dividing by
  /// the deviation is dividing by 2.
  private func parameters(_ spec: NetworkSpec) throws -> NetworkParameters {
    NetworkParameters(
      layers: try spec.parameterLayout().map { slots in
        Dictionary(
          slots.map { slot in
            let value: Float = slot.role == .variance ? 4 - 1e-5 : 0
            return (
              slot.role,
              ParameterArray(
                shape: slot.shape, values: [Float](repeating: value, count: slot.count))
            )
          }, uniquingKeysWith: { first, _ in first })
      })
  }

  /// The compensated parameters when layer 0 loses its channel 1, and what follows from it.
  private func compensated(
    _ spec: NetworkSpec, _ parameters: NetworkParameters, scale: InputScale = .by255
  ) throws -> NetworkParameters {
    let slots = try ChannelSlots(spec)
    let classes = SlotClasses(slots)
    let dropped = classes.classOfSlot[slots.outputs[0][1]]
    let mask = KeepMask(stays: classes.classOfSlot.map { $0 != dropped })
    return Compensation(
      spec: spec, slots: slots, mask: mask, inputScale: scale)(parameters).parameters
  }

  private func expectEqual(
    _ found: [Float]?, _ expected: [Float], _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = found ?? []
    #expect(found.count == expected.count, comment, sourceLocation: sourceLocation)
    for (a, b) in zip(found, expected) {
      #expect(abs(a - b) < 1e-5, comment, sourceLocation: sourceLocation)
    }
  }

  // leaky(−0.5) = −0.05; times the kernel's 2 is −0.1; the mean 0.3 takes away 0.1 less: 0.4. With
  // the slope 0.25 of maxabs −0.125, −0.25 and 0.55.
  @Test(arguments: [(InputScale.by255, 0.4), (.maxabs, 0.55)] as [(InputScale, Float)])
  func `a mean takes the constant over`(scale: InputScale, mean: Float) throws {
    let spec = try spec([conv(2, activation: "leaky"), conv(1), conv(1)])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, -0.5]
    parameters.layers[1][.weight]?.values = [5, 2]
    parameters.layers[1][.mean]?.values = [0.3]
    let result = try compensated(spec, parameters, scale: scale)
    expectEqual(result.layers[1][.mean]?.values, [mean])
    #expect(result.layers[0] == parameters.layers[0])
    #expect(result.layers[2] == parameters.layers[2])
  }

  // Without batch normalisation the bias 0.3 loses what the kernel no longer adds: 0.3 − 0.1.
  @Test func `a bias takes the constant over`() throws {
    let spec = try spec([conv(2, activation: "leaky"), conv(1, batchNormalize: 0)])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, -0.5]
    parameters.layers[1][.weight]?.values = [5, 2]
    parameters.layers[1][.bias]?.values = [0.3]
    expectEqual(try compensated(spec, parameters).layers[1][.bias]?.values, [0.2])
  }

  // 1.5 goes through the pool, is scaled by 2 in the upsample, and appears twice in the route:
  // 3 · (10 + 1000) − nothing for the channels that stay.
  @Test func `constants pass pools, upsamples and routes`() throws {
    let spec = try spec([
      conv(2), ["[maxpool]", "size=2", "stride=1"], ["[upsample]", "stride=2", "scale=2"],
      ["[dropout]"], ["[route]", "layers=-1,-2"], conv(1), conv(1),
    ])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, 1.5]
    parameters.layers[5][.weight]?.values = [1, 10, 100, 1000]
    expectEqual(try compensated(spec, parameters).layers[5][.mean]?.values, [-3030])
  }

  // Both summands lose channel 1: relu(−3 + 2) = 0 and relu(3 + 2) = 5, times 4.
  @Test(arguments: [(-3, 0), (3, -20)] as [(Float, Float)])
  func `constants of a sum are added before its activation`(
    first: Float, mean: Float
  ) throws {
    let spec = try spec([
      conv(2), conv(2), ["[shortcut]", "from=-2", "activation=relu"], conv(1), conv(1),
    ])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, first]
    parameters.layers[1][.beta]?.values = [7, 2]
    parameters.layers[3][.weight]?.values = [1, 4]
    expectEqual(try compensated(spec, parameters).layers[3][.mean]?.values, [mean])
  }

  // Weights 3 and 1 of channel 1: rectified and normalised 3/4 and 1/4 (but for Darknet's 1e-4):
  // 0.75 · 2 + 0.25 · 4 = 2.5, where the second summand is the source.
  @Test(arguments: [("relu", 2.5), ("none", 10)] as [(String, Float)])
  func `weights of a shortcut weigh its constants`(
    normalization: String, expected: Float
  ) throws {
    let spec = try spec([
      conv(2), conv(2),
      [
        "[shortcut]", "from=-2", "weights_type=per_channel",
        "weights_normalization=\(normalization)",
      ], conv(1), conv(1),
    ])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, 4]
    parameters.layers[1][.beta]?.values = [7, 2]
    parameters.layers[2][.weight]?.values = [9, 3, 9, 1]
    parameters.layers[3][.weight]?.values = [1, 1]
    let mean = try #require(try compensated(spec, parameters).layers[3][.mean]?.values.first)
    #expect(abs(mean + expected) < 1e-3)
  }

  // Input 3 times the kernel's 1 through the true statistics: 2 · (3 − 1)/2 + 0.5 = 2.5; then the
  // next kernel's 4.
  @Test func `a depthwise convolution is evaluated with its true statistics`() throws {
    let spec = try spec([conv(2), conv(2, groups: 2), conv(1), conv(1)])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, 3]
    parameters.layers[1][.weight]?.values = [9, 1]
    parameters.layers[1][.gamma]?.values = [9, 2]
    parameters.layers[1][.mean]?.values = [9, 1]
    parameters.layers[1][.beta]?.values = [9, 0.5]
    parameters.layers[2][.weight]?.values = [9, 4]
    let result = try compensated(spec, parameters)
    expectEqual(result.layers[2][.mean]?.values, [-10])
    #expect(result.layers[1] == parameters.layers[1])
  }

  // The same 2.5 where batch normalisation is a block of its own, with ε = 1e-5.
  @Test func `stand-alone normalisation is evaluated too`() throws {
    let spec = try spec([conv(2), ["[batchnorm]"], conv(1), conv(1)])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, 3]
    parameters.layers[1][.gamma]?.values = [9, 2]
    parameters.layers[1][.mean]?.values = [9, 1]
    parameters.layers[1][.beta]?.values = [9, 0.5]
    parameters.layers[2][.weight]?.values = [9, 4]
    expectEqual(try compensated(spec, parameters).layers[2][.mean]?.values, [-10])
  }

  // Channels 1 and 3 go (the same place of two chunks); each output of the grouped convolution
  // reads its own chunk: 2 · 10 and 3 · 1000.
  @Test func `a grouped convolution takes over its own chunk's constants`() throws {
    let spec = try spec([conv(4), conv(2, groups: 2), conv(1)])
    var parameters = try parameters(spec)
    parameters.layers[0][.beta]?.values = [7, 2, 7, 3]
    parameters.layers[1][.weight]?.values = [1, 10, 100, 1000]
    expectEqual(try compensated(spec, parameters).layers[1][.mean]?.values, [-20, -3000])
  }

  // x where it is positive for those that are the identity there; otherwise from tables of the
  // functions: σ(1) = 0.731059, mish(1) = 0.865098, tanh(1) = 0.761594, gelu(1) = 0.841192.
  @Test(
    arguments: [
      (.linear, -2, -2), (.leaky, -2, -0.2), (.relu, -2, 0), (.relu6, 7, 6), (.mish, 1, 0.865098),
      (.swish, 1, 0.731059), (.logistic, 1, 0.731059), (.hardSwish, 1, 0.666667),
      (.hardMish, -1, -0.5), (.elu, -1, -0.632121), (.selu, -1, -1.111287), (.gelu, 1, 0.841192),
      (.tanh, 1, 0.761594),
    ] as [(Activation, Double, Double)])
  func `activations of one number`(activation: Activation, x: Double, expected: Double) {
    #expect(abs(activation(x) - expected) < 2e-5)
  }
}
