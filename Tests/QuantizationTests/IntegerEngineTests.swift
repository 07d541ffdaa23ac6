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
  ) throws -> (network: Network, state: QuantizationState) {
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 2, seed: seed))
    let state = try calibration.finished()
    return (try state.quantized(network), state)
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

  /// The first layer, channel and place that differ; nil where all are the same.
  private static func difference(
    _ network: Network, _ state: QuantizationState, seed: UInt64, threads: Int = 2,
    instructions: IntegerRunner.Instructions? = nil
  ) throws -> String? {
    let program = try IntegerProgram(network)
    let runner = IntegerRunner(program, threads: threads, instructions: instructions)
    let images = try randomImages(network.spec, count: 1, seed: seed &+ 77)
    let tap = FeatureTap(network.layers.indices)
    let heads = try withoutGrad { try network(images, ForwardPass(observers: [tap])) }
    let bytes = try (images * 255).rounded().toUInt8s()
    var found: String?
    let values = try runner.run(
      bytes, width: network.spec.net.width, height: network.spec.net.height
    ) { layer, map in
      guard found == nil, let expected = try tap.features[layer.index]?.toFloats() else { return }
      let own = program.values(ofLayer: layer.index, map)
      guard own != expected else { return }
      let place = own.indices.first { own[$0] != expected[$0] } ?? 0
      let step = layer.grid?.step ?? 1
      found =
        "layer \(layer.index) [\(layer.section)] at \(place): \(Double(own[place]) / step), "
        + "expected \(Double(expected[place]) / step)"
    }
    for (own, head) in zip(values, heads) where found == nil {
      if try own != head.toFloats() { found = "a head" }
    }
    return found
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
      let (quantized, state) = try Self.quantized(network, options, seed: seed)
      do {
        let found = try Self.difference(quantized, state, seed: seed)
        #expect(found == nil, "seed \(seed): \(found ?? "")\n\(options)\n\(random.text)")
        counted += 1
      } catch QuantizationError.notWhole(_, _, let reason) {
        #expect(reason.contains("real numbers"))
      }
    }
    #expect(counted == 22)
  }
}
