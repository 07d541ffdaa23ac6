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
  /// The obstacle that a plan foresees.
  private static func obstacle(
    _ network: Network, _ options: QuantizationOptions
  ) throws -> QuantizationError? {
    try QuantizationPlan(network.spec, options).obstacle(in: network.spec)
  }

  private static func options(seed: UInt64) -> QuantizationOptions {
    var generator = SeededGenerator(seed: seed &+ 5)
    let schemes = QuantizationScheme.allCases
    var options = QuantizationOptions(scheme: schemes[Int(seed) % schemes.count])
    options.weightBits = generator.pick([2, 4, 7, 8, 8])
    options.activationBits = generator.pick([2, 4, 8, 8, 8, 12])
    options.ends = generator.pick([.same, .eightBits])
    // Then 32 bits may not hold every sum.
    if generator.chance(0.3) {
      (options.weightBits, options.activationBits) = (16, generator.pick([12, 16]))
    }
    options.isPerChannel = generator.chance(0.6) && options.scheme != .dorefa
    options.shortcuts = generator.pick(QuantizationOptions.ShortcutRule.allCases)
    return options
  }

  /// The first layer, channel and place that differ, or a head that does; nil where all are the same.
  ///
  /// - Parameter gray: the byte of all places; they are random unless given.
  private static func difference(
    _ network: Network, seed: UInt64, gray: Double? = nil, threads: Int = 2,
    instructions: IntegerRunner.Instructions? = nil
  ) throws -> String? {
    let runner = IntegerRunner(
      try IntegerProgram(network), threads: threads, instructions: instructions)
    let random = try randomImages(network.spec, count: 1, seed: seed &+ 77)
    let images = try gray.map { try Tensor.zeros(random.shape) + $0 / 255 } ?? random
    let bytes = try (images * 255).rounded().toUInt8s()
    let (width, height) = (network.spec.net.width, network.spec.net.height)
    let verification = try IntegerVerification(network, runner)
    if let found = try verification.firstDifference(bytes, width: width, height: height) {
      return "\(found)"
    }
    let heads = try withoutGrad { try network(images) }
    let picture = try Tensor(bytes, shape: images.shape)
    let own = try IntegerEngine(network).outputs(of: picture)
    guard own.count == heads.count else { return "\(own.count) heads" }
    for (own, head) in zip(own, heads) {
      // A sigmoid behind the sums, or a mixture of heads, is of real numbers.
      let largest = try zip(own.toFloats(), head.toFloats()).map { abs($0 - $1) }.max() ?? 0
      let isExact = network.heads.allSatisfy { network.spec.isExact($0) }
      if own.shape != head.shape || largest > (isExact ? 0 : 1e-5) { return "a head by \(largest)" }
    }
    return nil
  }

  /// Whether 32 bits do not hold a sum, or a bias: with fewer bits of weights than 16 they do.
  private static func isTooLarge(_ error: any Error) -> Bool {
    switch error {
    case IntegerError.overflow, QuantizationError.notWhole: true
    default: false
    }
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `random networks have the same codes in every layer`(batch: UInt64) throws {
    var (counted, wide) = (0, 0)
    for seed in batch * 1000..<(batch + 1) * 1000 where counted < 22 {
      let random = RandomNetwork(seed: seed, zeroPreserving: false)
      let configuration = try random.configuration
      let network = try Network(
        configuration, randomParameters(NetworkSpec(configuration), seed: seed &+ 1000))
      let options = Self.options(seed: seed)
      let integers = try quantized(network, options, seed: seed)
      let found: String?
      do {
        found = try Self.difference(integers, seed: seed)
      } catch {
        guard options.weightBits == 16, Self.isTooLarge(error) else { throw error }
        continue
      }
      #expect(found == nil, "seed \(seed): \(found ?? "")\n\(options)\n\(random.text)")
      #expect(try Self.obstacle(network, options) == nil, "seed \(seed)")
      counted += 1
      wide += try IntegerProgram(integers).layersThatMayOverflow.isEmpty ? 0 : 1
    }
    #expect(counted == 22 && wide > 0, "\(wide)")
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
    let integers = try quantized(network, QuantizationOptions(), seed: 5)
    #expect(
      try Self.difference(integers, seed: 5, threads: threads, instructions: instructions) == nil)
  }

  // 3 inputs of 16 bits, codes to 65535, times weights to 32767: beyond 2^31.
  @Test func `a sum that 32 bits do not hold is named with its layer`() throws {
    let integers = try quantized(wideNetwork(), wideOptions, seed: 6)
    let runner = IntegerRunner(try IntegerProgram(integers))
    #expect(runner.program.layersThatMayOverflow.contains(0))
    let error = #expect(throws: IntegerError.self) {
      try runner.run([UInt8](repeating: 255, count: 48), width: 4, height: 4)
    }
    #expect(
      "\(try #require(error))".hasPrefix("layer 0 [convolutional]: a sum of channel 0 is "))
    #expect(throws: IntegerError.wrongInput(found: 3, expected: 48)) {
      try runner.run([1, 2, 3], width: 4, height: 4)
    }
  }

  // A byte p has the code 257p, a weight of one 32,767. Three times their product is beyond 2^31 from 86
  // on. The bias, −0.24, takes that of a byte of 20.4 away and brings it back, up to 105. Behind it are
  // straight lines and a table.
  @Test(arguments: ["linear", "leaky", "mish"])
  func `a sum that only its bias brings into 32 bits is whole`(activation: String) throws {
    let network = try wideNetwork(activation)
    let integers = try quantized(network, wideOptions, seed: 6)
    #expect(try IntegerProgram(integers).layersThatMayOverflow.contains(0))
    for gray in [60.0, 85, 86, 95, 97, 100, 105] {
      #expect(try Self.difference(integers, seed: 6, gray: gray) == nil, "\(activation), \(gray)")
    }
    #expect(throws: IntegerError.self) { try Self.difference(integers, seed: 6, gray: 106) }
  }

  @Test func `layers that only one of both has are no equal ones`() throws {
    func network(_ layers: String) throws -> Network {
      let text = "[net]\nwidth=8\nheight=8\nchannels=3\n\(layers)\(handHead)"
      return try quantized(handNetwork(text, seed: 6), seed: 6)
    }
    let layer = "[convolutional]\nfilters=4\nsize=1\nactivation=leaky\n"
    let picture = [UInt8](repeating: 9, count: 192)
    func error(_ torch: Network, _ integers: Network) throws -> QuantizationError? {
      #expect(throws: QuantizationError.self) {
        try IntegerVerification(torch, IntegerRunner(IntegerProgram(integers)))
          .firstDifference(picture, width: 8, height: 8)
      }
    }
    // Other channels; a layer more, and one less.
    let wide = layer.replacing("=4", with: "=5")
    #expect(
      try error(network(wide), network(layer))
        == .notCompared(layer: 0, section: "convolutional", found: 320, expected: 256))
    #expect(
      try error(network(layer), network(layer + "[maxpool]\nsize=2\nstride=1\n" + layer))
        == .notCompared(layer: 1, section: "maxpool", found: 384, expected: 256))
  }

  // As yolov4-csp has it: heads decode what a sigmoid gives. Its sums are compared, not what it
  // makes of them: one code of a bias more is seen, though the sigmoid is 1 with and without it.
  @Test func `sums behind an activation of real numbers are compared`() throws {
    let network = try handNetwork(
      """
      [net]
      width=8
      height=8
      channels=3
      [convolutional]
      filters=4
      size=3
      pad=1
      activation=leaky
      \(handHead.replacing("linear", with: "logistic"))
      """, seed: 6)
    _ = try withoutGrad { try network.layers[1].convolution?.bias?.detach().fillInPlace(40) }
    let integers = try quantized(network, seed: 6)
    let program = try IntegerProgram(integers)
    #expect(program.heads.map { program.activation(before: $0) } == [.logistic])
    #expect(try Self.difference(integers, seed: 6) == nil)
    let other = try integers.copy()
    let bias = try #require(other.allParameters.first { $0.name == "1.quantized.bias" })
    _ = try withoutGrad { try bias.value.detach().addInPlace(1) }
    let picture = [UInt8](repeating: 9, count: 192)
    let runner = IntegerRunner(program)
    let found = try IntegerVerification(other, runner).firstDifference(
      picture, width: 8, height: 8)
    let difference = try #require(found)
    #expect(difference.layer == 1 && difference.torch == difference.integer + 1)
    let source = try CSource(program, name: "net", width: 8, height: 8)
    #expect(source.header.contains("#define NET_HEAD0_ACTIVATION \"logistic\""))
    #expect(source.headActivations == ["logistic"])
  }

  // Blurs of both kinds behind a convolution and a pool, and factors of channels; bits of all kinds, a
  // table before the blur, codes with and without a zero of their own.
  @Test(arguments: [4, 8, 16], [QuantizationScheme.google, .pow2])
  func `blurs and factors of channels have the same codes`(
    bits: Int, scheme: QuantizationScheme
  ) throws {
    let network = try handNetwork(
      """
      [net]
      width=23
      height=30
      channels=3
      [convolutional]
      batch_normalize=1
      filters=12
      size=3
      stride=2
      pad=1
      antialiasing=1
      activation=mish
      [se]
      reduction=2
      [maxpool]
      size=3
      stride=2
      antialiasing=2
      [convolutional]
      filters=8
      size=1
      stride=2
      antialiasing=2
      activation=leaky
      [maxpool]
      size=2
      stride=2
      antialiasing=1
      [se]
      reduction=4
      \(handHead)
      """, seed: 11)
    var options = QuantizationOptions(scheme: scheme)
    options.activationBits = bits
    let integers = try quantized(network, options, seed: 11)
    #expect(try Self.obstacle(network, options) == nil)
    #expect(try Self.difference(integers, seed: 11) == nil)
    // At 16 bits next to nothing is lost: factors and blurs are finer than the codes.
    guard bits == 16, scheme == .google else { return }
    options.weightBits = 12
    let fine = try quantized(network, options, seed: 11)
    let images = try randomImages(network.spec, count: 1, seed: 88)
    let (real, whole) = try withoutGrad { (try network(images)[0], try fine(images)[0]) }
    let error = try (real - whole).squared().sum().item() / real.squared().sum().item()
    #expect(error < 1e-5, "\(error)")
  }

  // What is float is known before a picture was seen, as the engine says it afterwards.
  @Test func `what is float is refused by name, and foreseen`() throws {
    let text = """
      [net]
      width=16
      height=16
      channels=3
      [convolutional]
      filters=4
      size=1
      activation=relu
      [local_avgpool]
      size=SIZE
      stride=1
      \(handHead)
      """
    func network(size: Int) throws -> Network {
      try handNetwork(text.replacing("SIZE", with: "\(size)"), seed: 7)
    }
    let plain = try network(size: 3)
    #expect(throws: QuantizationError.notQuantized(path: "short.cfg")) { try IntegerEngine(plain) }
    var (ends, middle, input) = (
      QuantizationOptions(), QuantizationOptions(), QuantizationOptions()
    )
    ends.ends = .float
    middle.layerBits = [2: .init(weights: nil, activations: 8)]
    input.layerBits = [0: .init(weights: 8, activations: nil)]
    for (network, options, layer) in [
      (plain, ends, 0), (plain, middle, 2), (plain, input, 0),
      (try network(size: 65), QuantizationOptions(), 1),
    ] {
      let integers = try quantized(network, options, seed: 7)
      let error = #expect(throws: QuantizationError.self) { try IntegerEngine(integers) }
      let foreseen = try Self.obstacle(network, options)
      guard case .notWhole(let found, _, _) = error, case .notWhole(let expected, _, _) = foreseen
      else {
        Issue.record("\(String(describing: error)), \(String(describing: foreseen))")
        continue
      }
      #expect(found == layer && expected == layer)
    }
    #expect(try Self.obstacle(plain, QuantizationOptions()) == nil)
  }

  // All networks of the reference cfgs, narrow and at a small size.
  @Test(arguments: BuiltInNetwork.allCases)
  func `networks that are built in have the same codes`(built: BuiltInNetwork) throws {
    let configuration = try built.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.125)
    let network = try Network(configuration, seed: 1)
    let integers = try quantized(network, QuantizationOptions(), seed: 1)
    #expect(try Self.difference(integers, seed: 1) == nil, "\(built)")
    #expect(try Self.obstacle(network, QuantizationOptions()) == nil, "\(built)")
  }
}

extension NetworkSpec {
  /// Whether a head hands out the sums of a convolution, and nothing else.
  fileprivate func isExact(_ head: any DetectionHead) -> Bool {
    if case .yolo(let yolo) = layers[head.layerIndex], !yolo.fusionSources.isEmpty { return false }
    switch layers[head.sourceIndex] {
    case .convolutional(let spec), .depthwise(let spec): return spec.activation == .linear
    default: return true
    }
  }
}
