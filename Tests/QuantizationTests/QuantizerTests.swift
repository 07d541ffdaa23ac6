import Foundation
import Testing
import Torch

@testable import Quantization

/// A tensor of doubles that wants gradients.
private func leaf(_ values: [Double], shape: [Int]? = nil) throws -> Tensor {
  try Tensor(values, shape: shape ?? [values.count]).requireGrad()
}

private func number(_ value: Double) throws -> Tensor { try .scalar(value, dtype: .float64) }

/// Equal but for the rounding of doubles.
func expectEqual(
  _ found: [Double], _ expected: [Double], within tolerance: Double = 1e-12,
  _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, comment, sourceLocation: sourceLocation)
  for (a, b) in zip(found, expected) {
    #expect(abs(a - b) <= tolerance, comment, sourceLocation: sourceLocation)
  }
}

@Suite struct QuantizerTests {
  @Test func `codes of 2 to 16 bits`() throws {
    #expect(try CodeRange.signed(bits: 8).lowest == -128)
    #expect(try CodeRange.signed(bits: 8).highest == 127)
    #expect(try CodeRange.narrow(bits: 8).lowest == -127)
    #expect(try CodeRange.narrow(bits: 2).intervals == 2)
    #expect(try CodeRange.unsigned(bits: 16).highest == 65535)
    for bits in [-1, 0, 1, 17, 32] {
      #expect(throws: QuantizationError.bits(bits)) { try CodeRange.signed(bits: bits) }
      #expect(throws: QuantizationError.bits(bits)) { try CodeRange.unsigned(bits: bits) }
    }
  }

  // 4 bits up to 3.5: 7 codes of 0.5. Codes 0.5 and −0.5 go to 0, 1.5 to 2, 2.6 to 3; ±18 are cut
  // off.
  @Test func `a symmetric grid rounds halves to even, and cuts gradients outside`() throws {
    let grid = try QuantizationGrid.symmetric(largest: number(3.5), range: .narrow(bits: 4))
    let x = try leaf([0.25, 0.75, -0.25, 1.3, 9, -9])
    let quantizer = UniformQuantizer(grid)
    #expect(try quantizer.encoded(x.detach()).codes.toDoubles() == [0, 2, 0, 3, 7, -7])
    let values = try quantizer(x)
    #expect(try values.toDoubles() == [0, 1, 0, 1.5, 3.5, -3.5])
    try values.sum().backward()
    #expect(try #require(x.grad).toDoubles() == [1, 1, 1, 1, 0, 0])
  }

  // 4 bits over −1…6.5: 15 steps of 0.5, the code of 0 is 2. 0.25 is half a step: round(0.5) + 2 =
  // 2.
  @Test func `an affine grid has zero among its values`() throws {
    let grid = try QuantizationGrid.affine(
      minimum: number(-1), maximum: number(6.5), range: .unsigned(bits: 4))
    #expect(try grid.zero?.item() == 2)
    let x = try leaf([-1, 0, 0.25, 6.5, 8, -2])
    #expect(try grid.codes(of: x.detach()).toDoubles() == [0, 2, 2, 15, 15, 0])
    let values = try UniformQuantizer(grid)(x)
    #expect(try values.toDoubles() == [-1, 0, 0, 6.5, 6.5, -1])
    try values.sum().backward()
    #expect(try #require(x.grad).toDoubles() == [1, 1, 1, 1, 0, 0])
    // A range that leaves zero out is widened: 0…3 in steps of 1, and −3…0.
    let above = try QuantizationGrid.affine(
      minimum: number(1), maximum: number(3), range: .unsigned(bits: 2))
    #expect(try above.step.item() == 1 && above.zero?.item() == 0)
    let below = try QuantizationGrid.affine(
      minimum: number(-3), maximum: number(-1), range: .unsigned(bits: 2))
    #expect(try below.step.item() == 1 && below.zero?.item() == 3)
  }

  @Test func `each slice has a step of its own`() throws {
    let x = try Tensor([0.6, -1.5, 0.3, 0.1], shape: [2, 1, 1, 2]).to(.float64)
    // 1.5 / 3 = 0.5 and 0.3 / 3 = 0.1.
    let grid = try QuantizationGrid.symmetric(
      largest: x.largestMagnitude(along: 0), range: .narrow(bits: 3), axis: 0)
    #expect(try grid.codes(of: x).toDoubles() == [1, -3, 3, 1])
    expectEqual(
      try UniformQuantizer(grid)(x).toDoubles(), [0.5, -1.5, 0.3, 0.1], within: 1e-7)
  }

  @Test func `zeros and next to nothing give steps that are numbers`() throws {
    for largest in [0, 1e-300, 1e-30] {
      for grid in [
        try QuantizationGrid.symmetric(largest: number(largest), range: .narrow(bits: 8)),
        try .affine(minimum: number(0), maximum: number(largest), range: .unsigned(bits: 8)),
        try .affine(minimum: number(-largest), maximum: number(0), range: .unsigned(bits: 8)),
        try .powerOfTwo(largest: number(largest), bits: 8),
      ] {
        #expect(try grid.step.item() > 0 && grid.step.allFinite())
        #expect(try grid.values(of: grid.codes(of: Tensor([0.0, largest]))).allFinite())
        #expect(try grid.values(of: grid.codes(of: number(0))).item() == 0)
      }
    }
  }

  @Test func `the nearest power of two, the smaller half way`() throws {
    let values = [3, 3.0001, 1, 0.75, 0.76, 5, 6, 6.1, 0.3, 1.5, 100]
    let expected: [Double] = [2, 4, 1, 0.5, 1, 4, 4, 8, 0.25, 1, 128]
    #expect(try Tensor(values).nearestPowerOfTwo().toDoubles() == expected)
    #expect(try Tensor(values.map(Float.init)).nearestPowerOfTwo().toDoubles() == expected)
    // Powers are their own, whatever their logarithm is rounded to; so is what is next to them.
    let powers = (-60...60).map { Double(sign: .plus, exponent: $0, significand: 1) }
    for dtype in [DType.float32, .float64] {
      for factor in [1, 1.000001, 0.999999, 1.4999, 1.0 / 1.3] {
        let found = try (Tensor(powers).to(dtype) * factor).nearestPowerOfTwo().toDoubles()
        #expect(found == powers, "\(dtype), \(factor)")
      }
    }
  }

  @Test func `what is not finite has no power of two`() throws {
    let found = try Tensor([.nan, 3, .infinity] as [Float]).nearestPowerOfTwo().toFloats()
    #expect(found[0].isNaN && found[1] == 2 && found[2] == .infinity)
    let step = try Tensor.scalar(Double.nan)
    let x = try Tensor([1, 2] as [Float])
    let values = try TrainedPowerOfTwoQuantizer(threshold: step, bits: 4)(x)
    #expect(try !values.allFinite())
  }

  // 8 bits, R = 2 for 3: steps of 2/128, and 3 is cut to 127/64.
  @Test func `steps that are powers of two`() throws {
    let grid = try QuantizationGrid.powerOfTwo(largest: number(3), bits: 8)
    #expect(try grid.step.item() == 1.0 / 64)
    let x = try Tensor([3, -3, 0.5, 0.0234375])
    #expect(try grid.codes(of: x).toDoubles() == [127, -128, 32, 2])
  }

  // 8 bits, R = 4 for 3: steps of 4/128, and nothing is cut.
  @Test func `steps that are powers of two and hold the range`() throws {
    let grid = try QuantizationGrid.powerOfTwo(largest: number(3), bits: 8, powers: .covering)
    #expect(try grid.step.item() == 1.0 / 32)
    #expect(try grid.codes(of: Tensor([3.0, -3])).toDoubles() == [96, -96])
    for (largest, power) in [(4.0, 4.0), (4.0001, 8), (0.5, 0.5), (0.51, 1), (0, 1)] {
      let held = try QuantizationGrid.powerOfTwo(
        largest: number(largest), bits: 8, powers: .covering)
      #expect(try held.step.item() == power / 128)
      #expect(largest.leastPowerOfTwo == (largest > 0 ? power : 0))
    }
  }
}

/// Schemes whose ranges learn, on numbers worked by hand.
@Suite struct LearnedQuantizerTests {
  // s = 0.5, codes −4…3. v = 0.7, −2.4, 18, −18, 1.8 gives 1, −2, 3, −4, 2.
  // ∂/∂s: 1 − 0.7, −2 + 2.4, 3, −4, 2 − 1.8, together −0.1.
  @Test func `LSQ`() throws {
    let x = try leaf([0.35, -1.2, 9, -9, 0.9])
    let step = try leaf([0.5], shape: [])
    let quantizer = LearnedStepQuantizer(
      step: step, range: try .signed(bits: 3), gradientScale: 0.25)
    let values = try quantizer(x)
    #expect(try values.toDoubles() == [0.5, -1, 1.5, -2, 1])
    try values.sum().backward()
    #expect(try #require(x.grad).toDoubles() == [1, 1, 0, 0, 1])
    expectEqual(try #require(step.grad).toDoubles(), [-0.1 * 0.25])
    // 2 · mean(1, 3) / √3, and 1 / √(2 · 3).
    let range = try CodeRange.signed(bits: 3)
    let first = try LearnedStepQuantizer.firstStep(for: leaf([1, -3]), range: range)
    expectEqual([try first.item()], [4 / 3.0.squareRoot()])
    expectEqual(
      [LearnedStepQuantizer.gradientScale(elements: 2, range: range)], [1 / 6.0.squareRoot()])
  }

  // s = 0.5, β = −0.6 taken at −0.5, codes 0…3. (x + 0.5) / 0.5 = 1.7, −1.4, 19 gives 2, 0, 3.
  // ∂/∂s: 2 − 1.7, 0, 3; ∂/∂β: 0, 1, 1.
  @Test func `LSQ+`() throws {
    let x = try leaf([0.35, -1.2, 9])
    let (step, offset) = (try leaf([0.5], shape: []), try leaf([-0.6], shape: []))
    let quantizer = LearnedStepQuantizer(
      step: step, offset: offset, range: try .unsigned(bits: 2))
    #expect(try quantizer.encoded(x.detach()).grid.zero?.item() == 1)
    let values = try quantizer(x)
    #expect(try values.toDoubles() == [0.5, -0.5, 1])
    try values.sum().backward()
    #expect(try #require(x.grad).toDoubles() == [1, 0, 0])
    expectEqual(try #require(step.grad).toDoubles(), [3.3])
    expectEqual(try #require(offset.grad).toDoubles(), [2])
  }

  @Test func `a step that has learned itself below zero still is one`() throws {
    let step = try leaf([-0.1], shape: [])
    let quantizer = LearnedStepQuantizer(step: step, range: try .signed(bits: 3))
    let values = try quantizer(Tensor([1.0, -1.0]))
    #expect(try values.allFinite())
    try values.sum().backward()
    #expect(try #require(step.grad).item() == 3 - 4)
  }

  // s = 3, s′ = 2, 3 bits: step 0.5, codes −4…3. ∂/∂s′ = (0.3 − 4 + 3) / 4, times s′/s = 2/3.
  @Test func `TPSQ`() throws {
    let x = try leaf([0.35, -9, 9])
    let threshold = try leaf([3], shape: [])
    let values = try TrainedPowerOfTwoQuantizer(threshold: threshold, bits: 3)(x)
    #expect(try values.toDoubles() == [0.5, -2, 1.5])
    try values.sum().backward()
    #expect(try #require(x.grad).toDoubles() == [1, 0, 0])
    expectEqual(try #require(threshold.grad).toDoubles(), [-0.7 / 4 * 2 / 3])
  }

  // α = 3 over 2 bits: steps of 1; 1.5 goes to 2. ∂/∂α is 1 where x ≥ α.
  @Test func `PACT`() throws {
    let (x, bound) = (try leaf([-1, 0.4, 1.5, 2.6, 3.5]), try leaf([3], shape: []))
    let values = try ClippedQuantizer(bound: bound, bits: 2, isSigned: false)(x)
    #expect(try values.toDoubles() == [0, 0, 2, 3, 3])
    try (values * Tensor([1.0, 2, 4, 8, 16])).sum().backward()
    #expect(try #require(x.grad).toDoubles() == [0, 2, 4, 8, 0])
    #expect(try #require(bound.grad).item() == 16)

    let (y, both) = (try leaf([-5, -1.4, 2]), try leaf([3], shape: []))
    let signed = try ClippedQuantizer(bound: both, bits: 3, isSigned: true)(y)
    #expect(try signed.toDoubles() == [-3, -1, 2])
    try signed.sum().backward()
    #expect(try #require(y.grad).toDoubles() == [0, 1, 1])
    #expect(try #require(both.grad).item() == -1)
  }

  // tanh 0.6, −0.3, 0.1, −0.6 over 2 bits: t/1.2 + ½ times 3 = 3, 0.75, 1.75, 0 gives 3, 1, 2, 0;
  // twice that less 3, times 0.6/3.
  @Test func `DoReFa's weights`() throws {
    let t = [0.6, -0.3, 0.1, -0.6]
    let w = try leaf(t.map { 0.5 * log((1 + $0) / (1 - $0)) })
    let quantizer = try DoReFaWeightQuantizer(bits: 2)
    #expect(try quantizer.encoded(w.detach()).codes.toDoubles() == [3, -1, 1, -3])
    let values = try quantizer(w)
    expectEqual(try values.toDoubles(), [0.6, -0.2, 0.2, -0.6])
    try values.sum().backward()
    expectEqual(try #require(w.grad).toDoubles(), t.map { 1 - $0 * $0 })
  }

  // Weights of a layer whose bias needs steps of 0.5 at least, where DoReFa's 0.6 and 0.2 have 0.2 for
  // one: 1.2 and 0.4 steps are nearest to the odd codes 1 and 1. Of steps of 0.15 the codes stay.
  @Test func `values keep their sizes on steps that are held`() throws {
    func grid(_ step: Double, _ range: CodeRange) throws -> QuantizationGrid {
      QuantizationGrid(step: try number(step), range: range)
    }
    let odd = EncodedTensor(try Tensor([3.0, -1, 1, -3]), try grid(0.2, .odd(bits: 2)))
    #expect(try odd.held(above: number(0.5)).codes.toDoubles() == [1, -1, 1, -1])
    #expect(try odd.held(above: number(0.15)).codes.toDoubles() == [3, -1, 1, -3])
    // Of 16 bits 30,001 of 10⁻⁴, as 3.0001, is nearest to 301 of 10⁻².
    let fine = EncodedTensor(
      try Tensor([30_001.0, -65_535]), try grid(1e-4, .odd(bits: 16)))
    let held = try fine.held(above: number(0.01))
    #expect(try held.codes.toDoubles() == [301, -655])
    expectEqual(try held.values.toDoubles(), [3.01, -6.55], within: 1e-4)
    // Three values have a 0, two have none.
    let three = EncodedTensor(try Tensor([1.0, 0, -1]), try grid(0.2, .few(bits: 2)))
    #expect(try three.held(above: number(0.5)).codes.toDoubles() == [0, 0, 0])
    #expect(try three.held(above: number(0.3)).codes.toDoubles() == [1, 0, -1])
    let two = EncodedTensor(try Tensor([1.0, -1]), try grid(1e-12, .few(bits: 1)))
    #expect(try two.held(above: number(0.5)).codes.toDoubles() == [1, -1])
    #expect(try two.held(above: nil).grid.step.item() == 1e-12)
  }

  @Test func `binary weights`() throws {
    let w = try leaf([1, -3, 0, 0.5], shape: [2, 2])
    let values = try BinaryWeightQuantizer()(w)
    #expect(try values.toDoubles() == [2, -2, 0.25, 0.25])
    try values.sum().backward()
    #expect(try #require(w.grad).toDoubles() == [1, 0, 1, 1])
    let one = try BinaryWeightQuantizer(axis: nil)(w.detach())
    #expect(try one.toDoubles() == [1.125, -1.125, 1.125, 1.125])
  }

  // Mean 0.925, Δ = 0.6475: 1 and −2 stay, at 1.5. The second slice is zero.
  @Test func `ternary weights`() throws {
    let w = try leaf([1, -0.2, 0.5, -2, 0, 0, 0, 0], shape: [2, 4])
    let values = try TernaryWeightQuantizer()(w)
    expectEqual(try values.toDoubles(), [1.5, 0, 0, -1.5, 0, 0, 0, 0])
    try values.sum().backward()
    #expect(try #require(w.grad).toDoubles() == Array(repeating: 1, count: 8))
  }
}
