import CIntegers
import Darknet
import Testing
import _TestSupport

@testable import Integers

@Suite struct ConvolutionSumsTests {
  private static func convolution(_ lines: String) throws -> ConvolutionSpec {
    let text = """
      [net]
      width=7
      height=5
      channels=3
      [convolutional]
      filters=5
      activation=linear
      \(lines)
      """
    let spec = try NetworkSpec(Configuration(parsing: text, path: "sums.cfg"))
    guard case .convolutional(let convolution) = spec.layers[0] else {
      preconditionFailure("the layer is a convolution")
    }
    return convolution
  }

  // 5 × 7 places are a tile of 32 and one of 3. What memory held before must not come into a sum.
  @Test(arguments: ["size=1\nstride=1", "size=3\nstride=1\npad=1"])
  func `places that the last tile lacks are zeros`(lines: String) throws {
    let spec = try Self.convolution(lines)
    let taps = spec.kernelSize * spec.kernelSize
    let kernel = PackedKernel([Int32](repeating: 1, count: 5 * 3 * taps), spec)
    let input = IntegerMap(FeatureShape(channels: 3, height: 5, width: 7))
    input.numbers.update(repeating: 1)
    // Two pairs of inputs, the last of them half empty.
    var values = [Int16](repeating: .min, count: taps * 2 * ci_places * 2)
    values.withUnsafeMutableBufferPointer { values in
      if let start = values.baseAddress {
        kernel.gather(input, spec, spec.outputShape(of: input.shape), 32..<35, into: start)
      }
    }
    let places = values.indices.map { $0 / 2 % ci_places }
    #expect(zip(values, places).allSatisfy { $1 < 3 ? $0 == 0 || $0 == 1 : $0 == 0 })
    #expect(values.contains(1))
  }

  // In any order a block adds up what a loop does.
  @Test(arguments: IntegerRunner.Instructions.allCases)
  func `a block of products by hand`(instructions: IntegerRunner.Instructions) {
    let wanted = ci_instructions(UInt32(instructions.rawValue))
    guard wanted.rawValue <= ci_best_instructions().rawValue else { return }
    var generator = SeededGenerator(seed: 4)
    let pairs = 5
    func numbers(_ count: Int) -> [Int16] {
      (0..<count).map { _ in Int16.random(in: -9000...9000, using: &generator) }
    }
    let (weights, values) = (
      numbers(pairs * ci_channels * 2), numbers(pairs * ci_places * 2)
    )
    var sums = [Int32](repeating: 7, count: ci_channels * ci_places)
    ci_add_products(wanted, weights, values, pairs, &sums)
    for channel in 0..<ci_channels {
      for place in 0..<ci_places {
        let expected = (0..<2 * pairs).reduce(0) { sum, input in
          let (pair, side) = (input / 2, input % 2)
          return sum
            + Int(weights[(pair * ci_channels + channel) * 2 + side])
            * Int(values[(pair * ci_places + place) * 2 + side])
        }
        #expect(Int(sums[channel * ci_places + place]) == expected)
      }
    }
  }
}
