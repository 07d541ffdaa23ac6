import Darknet
import Testing
import Training
import _TestSupport

@testable import Pruning

@Suite struct ScaleRestorationTests {
  private func restoration(
    _ layers: String, _ gamma: [Int: [Float]]
  ) throws -> ScaleRestoration {
    let (configuration, parameters) = try handNetwork(layers, gamma: gamma)
    return try ScaleRestoration(NetworkSpec(configuration), parameters)
  }

  @Test(
    arguments: [
      // 0.004 is near zero; of 0.1, 0.2 and 0.3 the median is 0.2, and 4 · 0.2 ≤ 1 < 8 · 0.2.
      ([0.004, -0.1, 0.2, 0.3], 0.2, 4), ([0.5, 0.5, 0.5, 0.5], 0.5, 2),
      ([0.51, 0.51, 0.51, 0.51], 0.51, 1), ([2, 2, 3, 3], 3, 1), ([0.01, 0, 0, 0], 0.01, 64),
    ] as [([Float], Float, Float)])
  func `the factor is the largest power of two that leaves the median at most 1`(
    gamma: [Float], median: Float, factor: Float
  ) throws {
    let found = try restoration(conv(4), [0: gamma])
    #expect(found.median == median && found.factor == factor)
    #expect(found.transfer.layers == [0])
  }

  @Test func `without a scale that counts nothing changes`() throws {
    let silent = try restoration(conv(2), [0: [0.001, 0]])
    #expect(silent.median == nil && silent.factor == 1)
    #expect(silent.transfer.scaling.entries.isEmpty)
  }

  // The first layer's median would ask for 8; it cannot take a factor.
  @Test func `layers that cannot take a factor have no say`() throws {
    let mixed = try restoration(
      conv(2).replacing("leaky", with: "mish") + conv(2), [0: [0.1, 0.1], 1: [0.4, 0.4]])
    #expect(mixed.median == 0.4 && mixed.factor == 2)
    #expect(mixed.transfer.notes == ["layer 0 not rescaled: mish is not homogeneous"])
  }

  @Test func `outputs of random networks stay as they are to the bit`() throws {
    var restored = 0
    for seed in 0..<40 as Range<UInt64> {
      let random = RandomNetwork(seed: seed)
      let configuration = try Configuration(parsing: random.text, path: "random.cfg")
      let spec = try NetworkSpec(configuration)
      var parameters = try randomParameters(spec, seed: seed &+ 1000)
      for layer in parameters.layers.indices {
        guard let gamma = parameters.layers[layer][.gamma]?.values else { continue }
        parameters.layers[layer][.gamma]?.values = gamma.map { $0 / 8 }
      }
      let restoration = try ScaleRestoration(spec, parameters)
      let changed = restoration.transfer.scaling.applied(to: parameters)
      restored += restoration.factor > 1 ? 1 : 0
      #expect((changed != parameters) == (restoration.factor > 1))
      let input = randomInput(spec, seed: seed)
      let before = try ReferenceNetwork(configuration, parameters).outputs(input)
      let after = try ReferenceNetwork(configuration, changed).outputs(input)
      for (index, layer) in spec.layers.enumerated() {
        guard case .yolo = layer else { continue }
        #expect(before[index].values == after[index].values, "seed \(seed), layer \(index)")
      }
    }
    #expect(restored > 20)
  }
}
