import Testing
import _TestSupport

@testable import Integers

@Suite struct FixedPointTests {
  @Test func `21 bits of a number`() {
    // 0.1 = 1677721.6 / 2^24.
    #expect(FixedPoint(0.1).multiplier == 1_677_722 && FixedPoint(0.1).shift == 24)
    #expect(FixedPoint(1).value == 1 && FixedPoint(-0.25).value == -0.25)
    // The next below 2^−3 has more than 21 ones: it becomes 2^−3.
    #expect(FixedPoint(0.125.nextDown).value == 0.125)
    #expect(FixedPoint(0).value == 0 && FixedPoint(1e-30)(Int(Int32.max)) == 0)
    #expect(FixedPoint(1e30)(1) == 2_097_151 && FixedPoint(-1e30)(1) == -2_097_151)
    #expect(FixedPoint(.infinity)(1) == 2_097_151)
    for exponent in -60...20 {
      let power = Double(sign: .plus, exponent: exponent, significand: 1)
      #expect(FixedPoint(power).value == power)
    }
  }

  @Test func `halves go to the even number, below zero too`() {
    let half = FixedPoint(0.5)
    #expect([-7, -5, -3, -1, 1, 3, 5, 7].map { half($0) } == [-4, -2, -2, 0, 0, 2, 2, 4])
    let quarter = FixedPoint(0.25)
    #expect([-7, -6, -5, 5, 6, 7].map { quarter($0) } == [-2, -2, -1, 1, 2, 2])
  }

  @Test func `integers give what float64 gives`() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let factor = FixedPoint(
        Double.random(in: -1...1, using: &generator)
          * Double(
            sign: .plus, exponent: Int.random(in: -34...4, using: &generator), significand: 1))
      let sum = Int.random(in: -(1 << 32)...1 << 32, using: &generator)
      let expected = (Double(sum) * factor.value).rounded(.toNearestOrEven)
      #expect(Double(factor(sum)) == expected, "\(sum) × \(factor)")
    }
  }
}
