import Darknet
import Testing

@testable import Integers

@Suite struct RequantizationTests {
  private let grid = CodeGrid(step: 0.5, zero: 10, lowest: 0, highest: 255)

  // A sum's unit is 0.1, a code's 0.5: 12 becomes 2.4 steps, −13 becomes −2.6, with leaky −0.26.
  @Test func `straight lines by hand`() {
    func code(_ activation: Activation, _ sum: Int) -> Int {
      Requantization(steps: [0.1], activation: activation, leakySlope: 0.1, to: grid)
        .code(sum, lane: 0)
    }
    #expect([12, -13, -60, 3000].map { code(.linear, $0) } == [12, 7, 0, 255])
    #expect([12, -13, -25, -26].map { code(.leaky, $0) } == [12, 10, 10, 9])
    #expect([12, -13].map { code(.relu, $0) } == [12, 10])
    // 6 is the code 22.
    #expect([55, 61, 3000, -5].map { code(.relu6, $0) } == [21, 22, 22, 10])
  }

  // Beside the function itself: off by one code at most, and only near the middle of two.
  @Test(arguments: [
    Activation.mish, .swish, .logistic, .hardSwish, .hardMish, .elu, .selu, .gelu, .tanh,
  ])
  func `tables are next to the function`(activation: Activation) {
    for (bits, span) in [(4, 3.0), (8, 6.0), (8, 0.8), (12, 20.0)] {
      let codes = 1 << bits
      let step = span / Double(codes - 1)
      let grid = CodeGrid(step: step, zero: codes / 8, lowest: 0, highest: codes - 1)
      let made = Requantization(
        steps: [0x1p-12], activation: activation, leakySlope: 0.1, to: grid)
      let entries = made.table?.codes.count ?? 0
      #expect(
        entries > codes && entries <= ActivationTable.mostEntries + 2,
        "\(activation), \(bits) bits")
      #expect(made.table?.step ?? 1 <= step / 8)
      for sum in stride(from: -200_000, through: 200_000, by: 37) {
        let x = Double(sum) * 0x1p-12
        let exact = activation(x) / step + Double(grid.zero)
        let held = min(max(exact, 0), Double(codes - 1))
        // A sixteenth of a code's step, times a slope of at most 1.8.
        #expect(abs(Double(made.code(sum, lane: 0)) - held) < 0.5 + 0.12, "\(activation) of \(x)")
      }
    }
  }
}
