import Testing
import Torch
import _TestSupport

@testable import Quantization

/// Every quantizer on numbers drawn at random.
@Suite struct QuantizerPropertyTests {
  private static func drawn(
    _ shape: [Int], _ dtype: DType = .float64, seed: UInt64, deviation: Double = 1
  ) throws -> Tensor {
    try .normal(shape, deviation: deviation, generator: Generator(seed: seed), dtype: dtype)
  }

  private static func quantizers(
    bits: Int, _ dtype: DType, seed: UInt64
  ) throws -> [(name: String, quantizer: any Quantizer)] {
    var generator = SeededGenerator(seed: seed)
    func scalar(_ range: ClosedRange<Double>) throws -> Tensor {
      try .scalar(Double.random(in: range, using: &generator), dtype: dtype).requireGrad()
    }
    func slices(_ range: ClosedRange<Double>) throws -> Tensor {
      try Tensor((0..<4).map { _ in Double.random(in: range, using: &generator) })
        .to(dtype).requireGrad()
    }
    let size = 2 / Double(1 << (bits - 1))
    return [
      (
        "symmetric",
        UniformQuantizer(
          try .symmetric(largest: slices(0.5...3).detach(), range: .narrow(bits: bits), axis: 0))
      ),
      (
        "affine",
        UniformQuantizer(
          try .affine(
            minimum: scalar(-2...0).detach(), maximum: scalar(0...3).detach(),
            range: .unsigned(bits: bits)))
      ),
      (
        "pow2",
        UniformQuantizer(try .powerOfTwo(largest: scalar(0.1...8).detach(), bits: bits))
      ),
      (
        "LSQ",
        LearnedStepQuantizer(
          step: try slices(0.3 * size...2 * size), range: try .signed(bits: bits), axis: 0,
          gradientScale: 0.3)
      ),
      (
        "LSQ+",
        LearnedStepQuantizer(
          step: try scalar(0.3 * size...2 * size), offset: try scalar(-1...0),
          range: try .unsigned(bits: bits))
      ),
      ("TPSQ", try TrainedPowerOfTwoQuantizer(threshold: scalar(0.2...3), bits: bits)),
      ("PACT", try ClippedQuantizer(bound: scalar(0.5...2), bits: bits, isSigned: false)),
      ("PACT±", try ClippedQuantizer(bound: scalar(0.5...2), bits: bits, isSigned: true)),
      ("DoReFa", try DoReFaWeightQuantizer(bits: bits)),
      ("binary", BinaryWeightQuantizer()),
      ("ternary", TernaryWeightQuantizer()),
    ]
  }

  @Test(arguments: [2, 3, 4, 7, 8, 12, 16])
  func `values are those of whole codes, the same with gradients and without`(bits: Int) throws {
    for dtype in [DType.float32, .float64] {
      for seed in 0..<4 as Range<UInt64> {
        let x = try Self.drawn([4, 3, 3, 3], dtype, seed: seed)
        for (name, quantizer) in try Self.quantizers(bits: bits, dtype, seed: seed) {
          let comment: Comment = "\(name), \(bits) bits, \(dtype)"
          let values = try withoutGrad { try quantizer(x) }
          let wanted = try x.clone().requireGrad()
          let withGradients = try quantizer(wanted)
          #expect(withGradients.requiresGrad, comment)
          #expect(try withGradients.toDoubles() == values.toDoubles(), comment)
          let encoded = try withoutGrad { try quantizer.encoded(x) }
          let range = encoded.grid.range
          for code in try encoded.codes.toDoubles() {
            #expect(code == code.rounded(), comment)
            #expect(code >= Double(range.lowest) && code <= Double(range.highest), comment)
          }
          // What is on the grid stays where it is.
          let again = try withoutGrad { try encoded.grid.codes(of: values) }
          #expect(try again.toDoubles() == encoded.codes.toDoubles(), comment)
        }
      }
    }
  }

  // The gradients of the papers, written out for each element.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func `learned steps have the gradients of their papers`(seed: UInt64) throws {
    let bits = [2, 3, 4, 8][Int(seed) % 4]
    let x = try Self.drawn([400], seed: seed, deviation: 1.5)
    let weights = try Self.drawn([400], seed: seed + 50).toDoubles()
    var generator = SeededGenerator(seed: seed)
    let s = Double.random(in: 0.05...0.5, using: &generator)
    let beta = Double.random(in: -0.8...0, using: &generator)
    let range = try CodeRange.unsigned(bits: bits)
    let (low, high) = (Double(range.lowest), Double(range.highest))
    let step = try Tensor.scalar(s, dtype: .float64).requireGrad()
    let offset = try Tensor.scalar(beta, dtype: .float64).requireGrad()
    let input = try x.clone().requireGrad()
    let quantizer = LearnedStepQuantizer(step: step, offset: offset, range: range)
    try (quantizer(input) * Tensor(weights)).sum().backward()

    let snapped = -min(max((-beta / s).rounded(.toNearestOrEven), low), high) * s
    var (bySteps, byOffset) = (0.0, 0.0)
    var byInput: [Double] = []
    for (value, weight) in zip(try x.toDoubles(), weights) {
      let v = (value - snapped) / s
      if v <= low || v >= high {
        bySteps += weight * (v <= low ? low : high)
        byOffset += weight
        byInput.append(0)
      } else {
        bySteps += weight * (v.rounded(.toNearestOrEven) - v)
        byInput.append(weight)
      }
    }
    expectEqual([try #require(step.grad).item()], [bySteps], within: 1e-9)
    expectEqual([try #require(offset.grad).item()], [byOffset], within: 1e-9)
    expectEqual(try #require(input.grad).toDoubles(), byInput)
    #expect(byInput.contains(0) && byInput.contains { $0 != 0 })
  }

  // Rounding passes gradients straight through, so they are those of the clipping alone, by central
  // differences.
  @Test func `bounds and tanh have the slopes of what is rounded`() throws {
    let values = try Self.drawn([60], seed: 4, deviation: 2).toDoubles()
    let weights = try Self.drawn([60], seed: 5).toDoubles()
    func total(_ function: (Double) -> Double) -> Double {
      zip(values, weights).reduce(0) { $0 + function($1.0) * $1.1 }
    }
    for isSigned in [false, true] {
      let clip = { (x: Double, a: Double) in min(max(x, isSigned ? -a : 0), a) }
      let bound = try Tensor.scalar(1.3, dtype: .float64).requireGrad()
      let quantizer = try ClippedQuantizer(bound: bound, bits: 4, isSigned: isSigned)
      try (quantizer(Tensor(values)) * Tensor(weights)).sum().backward()
      let step = 1e-6
      let slope = (total { clip($0, 1.3 + step) } - total { clip($0, 1.3 - step) }) / (2 * step)
      expectEqual([try #require(bound.grad).item()], [slope], within: 1e-6)
      #expect(abs(slope) > 0.01)
    }
  }

  // s′ stays while s moves a little, so the slope is that of the grid over s′, times s′/s.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `TPSQ's threshold has LSQ's gradient times s′ over s`(seed: UInt64) throws {
    let x = try Self.drawn([200], seed: seed)
    let s = [0.7, 1.1, 2.9, 0.3][Int(seed)]
    let power = [0.5, 1, 2, 0.25][Int(seed)]
    let threshold = try Tensor.scalar(s, dtype: .float64).requireGrad()
    try TrainedPowerOfTwoQuantizer(threshold: threshold, bits: 4)(x).sum().backward()
    let step = try Tensor.scalar(power / 8, dtype: .float64).requireGrad()
    try LearnedStepQuantizer(step: step, range: .signed(bits: 4))(x).sum().backward()
    let expected = try #require(step.grad).item() / 8 * power / s
    expectEqual([try #require(threshold.grad).item()], [expected], within: 1e-10)
    #expect(abs(expected) > 1e-3)
  }
}
