import Darknet
import Inference
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

/// Whole numbers beside libtorch: the same codes in every layer.
@Suite struct IntegerEngineTests {
  /// Quantizes a network by one batch of random pictures.
  private static func quantized(
    _ network: Network, _ options: QuantizationOptions, seed: UInt64
  ) throws -> Network {
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 2, seed: seed))
    return try calibration.finished().quantized(network)
  }

  private static func options(seed: UInt64) -> QuantizationOptions {
    var generator = SeededGenerator(seed: seed &+ 5)
    let schemes = QuantizationScheme.allCases.filter { $0 != .dorefa }
    var options = QuantizationOptions(scheme: schemes[Int(seed) % schemes.count])
    options.weightBits = generator.pick([2, 4, 7, 8, 8])
    options.activationBits = generator.pick([2, 4, 8, 8, 8, 12])
    options.ends = generator.pick([.same, .eightBits])
    options.isPerChannel = generator.chance(0.6)
    options.shortcuts = generator.pick(QuantizationOptions.ShortcutRule.allCases)
    return options
  }

  /// The first layer, channel and place that differ, or a head that does; nil where all are the same.
  private static func difference(
    _ network: Network, seed: UInt64, threads: Int = 2,
    instructions: IntegerRunner.Instructions? = nil
  ) throws -> String? {
    let runner = IntegerRunner(
      try IntegerProgram(network), threads: threads, instructions: instructions)
    let images = try randomImages(network.spec, count: 1, seed: seed &+ 77)
    let bytes = try (images * 255).rounded().toUInt8s()
    let (width, height) = (network.spec.net.width, network.spec.net.height)
    let verification = IntegerVerification(network, runner)
    if let found = try verification.firstDifference(bytes, width: width, height: height) {
      return "\(found)"
    }
    let heads = try withoutGrad { try network(images) }
    for (own, head) in zip(try runner.run(bytes, width: width, height: height), heads) {
      // A sigmoid behind the sums is of real numbers.
      let largest = try zip(own, head.toFloats()).map { abs($0 - $1) }.max() ?? 0
      let isLinear = network.spec.layers[network.heads[0].sourceIndex].isLinear
      if largest > (isLinear ? 0 : 1e-6) { return "a head by \(largest)" }
    }
    return nil
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `random networks have the same codes in every layer`(batch: UInt64) throws {
    var counted = 0
    for seed in batch * 1000..<(batch + 1) * 1000 where counted < 22 {
      let random = RandomNetwork(seed: seed, zeroPreserving: false)
      let configuration = try random.configuration
      let network = try Network(
        configuration, randomParameters(NetworkSpec(configuration), seed: seed &+ 1000))
      let options = Self.options(seed: seed)
      let quantized = try Self.quantized(network, options, seed: seed)
      do {
        let found = try Self.difference(quantized, seed: seed)
        #expect(found == nil, "seed \(seed): \(found ?? "")\n\(options)\n\(random.text)")
        counted += 1
      } catch QuantizationError.notWhole(_, _, let reason) {
        #expect(reason.contains("real numbers"))
      }
    }
    #expect(counted == 22)
  }

  // All instructions that this processor has, and one thread or three.
  @Test(arguments: IntegerRunner.Instructions.allCases, [1, 3])
  func `instructions and threads change nothing`(
    instructions: IntegerRunner.Instructions, threads: Int
  ) throws {
    let network = try handNetwork(
      """
      [net]
      width=37
      height=21
      channels=3
      [convolutional]
      batch_normalize=1
      filters=13
      size=3
      stride=2
      pad=1
      activation=leaky
      [convolutional]
      filters=7
      size=5
      dilation=2
      pad=1
      activation=mish
      \(handHead)
      """, seed: 5)
    let quantized = try Self.quantized(network, QuantizationOptions(), seed: 5)
    #expect(
      try Self.difference(quantized, seed: 5, threads: threads, instructions: instructions) == nil)
  }

  // 3 inputs of 16 bits, codes to 65535, times weights to 32767: beyond 2^31.
  @Test func `a sum that 32 bits do not hold is named with its layer`() throws {
    let network = try handNetwork(
      """
      [net]
      width=4
      height=4
      channels=3
      [convolutional]
      filters=2
      size=1
      activation=linear
      \(handHead)
      """, seed: 6)
    let convolution = try #require(network.layers[0].convolution)
    _ = try withoutGrad { try convolution.weight.detach().fillInPlace(1) }
    _ = try withoutGrad { try convolution.bias?.detach().fillInPlace(0) }
    var options = QuantizationOptions()
    (options.weightBits, options.activationBits) = (16, 16)
    let quantized = try Self.quantized(network, options, seed: 6)
    let runner = IntegerRunner(try IntegerProgram(quantized))
    let error = #expect(throws: IntegerError.self) {
      try runner.run([UInt8](repeating: 255, count: 48), width: 4, height: 4)
    }
    #expect(
      "\(try #require(error))".hasPrefix("layer 0 [convolutional]: a sum of channel 0 is "))
    #expect(throws: IntegerError.wrongInput(found: 3, expected: 48)) {
      try runner.run([1, 2, 3], width: 4, height: 4)
    }
  }

  @Test func `what is float, or needs real numbers, is refused by name`() throws {
    let network = try handNetwork(
      """
      [net]
      width=4
      height=4
      channels=3
      [convolutional]
      filters=4
      size=1
      activation=relu
      [se]
      reduction=2
      \(handHead)
      """, seed: 7)
    #expect(throws: QuantizationError.notQuantized(path: "short.cfg")) {
      try IntegerEngine(network)
    }
    let options = QuantizationOptions()
    let quantized = try Self.quantized(network, options, seed: 7)
    #expect(
      throws: QuantizationError.notWhole(
        layer: 1, section: "se", reason: "its factors are computed with real numbers")
    ) { try IntegerEngine(quantized) }
    var ends = QuantizationOptions()
    ends.ends = .float
    let float = try Self.quantized(network, ends, seed: 7)
    #expect(throws: QuantizationError.self) { try IntegerEngine(float) }
  }

  // All networks of the reference cfgs, narrow and at a small size.
  @Test(arguments: BuiltInNetwork.allCases)
  func `networks that are built in have the same codes`(built: BuiltInNetwork) throws {
    let configuration = try built.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.125)
    let network = try Network(configuration, seed: 1)
    let quantized = try Self.quantized(network, QuantizationOptions(), seed: 1)
    let needsRealNumbers: Set<BuiltInNetwork> = [
      .yolov3ASFF, .yolov3MobileNet, .yolov3TinyMobileNetSmall, .yolov3Ghost,
    ]
    do {
      #expect(try Self.difference(quantized, seed: 1) == nil, "\(built)")
      #expect(!needsRealNumbers.contains(built), "\(built)")
    } catch QuantizationError.notWhole(_, _, let reason) {
      #expect(needsRealNumbers.contains(built), "\(built): \(reason)")
    }
  }
}

extension LayerSpec {
  /// Whether nothing follows the sums of a convolution.
  fileprivate var isLinear: Bool {
    switch self {
    case .convolutional(let spec), .depthwise(let spec): spec.activation == .linear
    default: true
    }
  }
}
