import Darknet
import Testing
import _TestSupport

@testable import Integers

@Suite struct IntegerGateTests {
  // Codes count 0.5, and each map has 4 places. A sum of 24 is a mean of 3; twice that, and once, are 6;
  // (6 + 3) / 6 is above 1. A sum of 4 is a mean of 0.5, 1 behind both layers, and 4/6 of 32,768; between
  // both a code is 155 / 32,767, the most that a mean may be, and half of it makes 13. A sum below zero
  // gives 0 behind the ReLU, so half.
  @Test func `factors by hand`() {
    let grid = CodeGrid(step: 0.5, zero: 100, lowest: 0, highest: 255)
    let gate = IntegerGate(squeeze: [2], excite: [1], channels: 1, input: grid)
    #expect(gate.factors([24], places: 4) == [32768])
    #expect(abs(gate.factors([4], places: 4)[0] - 21845) <= 13)
    #expect(gate.factors([-40], places: 4) == [16384])
    // Behind a minus the factor falls to 0 where x is −3.
    let falling = IntegerGate(squeeze: [2], excite: [-1], channels: 1, input: grid)
    #expect(falling.factors([24], places: 4) == [0])
  }

  // Beside real numbers, up to the widest of the reference networks.
  @Test(arguments: [(8, 2, 2), (72, 24, 8), (960, 240, 8), (960, 240, 16)])
  func `factors are next to real ones`(channels: Int, width: Int, bits: Int) {
    var generator = SeededGenerator(seed: UInt64(channels + bits))
    func numbers(_ count: Int, _ size: Double) -> [Double] {
      (0..<count).map { _ in Double.random(in: -size...size, using: &generator) }
    }
    let squeeze = numbers(width * channels, 2 / Double(channels).squareRoot())
    let excite = numbers(width * channels, 6 / Double(width).squareRoot())
    let highest = 1 << bits - 1
    let grid = CodeGrid(step: 6 / Double(highest), zero: highest / 16, lowest: 0, highest: highest)
    let gate = IntegerGate(squeeze: squeeze, excite: excite, channels: channels, input: grid)
    let places = 49
    let sums = (0..<channels).map { _ in
      Int.random(in: -grid.zero...(grid.highest - grid.zero), using: &generator) * places / 3
    }
    let means = sums.map { Double($0) * grid.step / Double(places) }
    let hidden = (0..<width).map { row in
      max((0..<channels).reduce(0) { $0 + squeeze[row * channels + $1] * means[$1] }, 0)
    }
    let expected = (0..<channels).map { row in
      let x = (0..<width).reduce(0) { $0 + excite[row * width + $1] * hidden[$1] }
      return min(max(x + 3, 0), 6) / 6
    }
    let found = gate.factors(sums, places: places).map { Double($0) * IntegerGate.unit }
    let worst = zip(expected, found).map { abs($0 - $1) }.max() ?? 1
    #expect(worst < 0.004, "\(worst)")
    #expect(Set(expected).count > channels / 2)
  }
}

@Suite struct IntegerBlurTests {
  // 1-2-1 in both directions with a ring of zeros: of 4 × 4 ones every other place holds 9, 12, 12 and
  // 16 sixteenths. Means of 2 × 2 are 1 everywhere.
  @Test func `blurs by hand`() throws {
    let grid = CodeGrid(step: 1, zero: 0, lowest: -128, highest: 127)
    let fine = CodeGrid(step: 1.0 / 16, zero: 0, lowest: -128, highest: 127)
    for (antialiasing, expected) in [(1, [9, 12, 12, 16]), (2, [16, 16, 16, 16])] {
      let spec = try #require(try pool(antialiasing).blur)
      let blur = IntegerBlur(spec, input: grid, output: fine)
      let (input, output) = (map(4), map(2))
      input.numbers.update(repeating: 1)
      blur(input, into: output)
      #expect(output.values == expected.map(Int32.init))
    }
    // What is blurred to 8 bits has four codes for one of its own, and four times its reach.
    let before = IntegerBlur.grid(
      before: CodeGrid(step: 0.5, zero: 10, lowest: 0, highest: 255))
    #expect(before == CodeGrid(step: 0.125, zero: 0, lowest: -3920, highest: 3920))
  }

  private func map(_ side: Int) -> IntegerMap {
    IntegerMap(FeatureShape(channels: 1, height: side, width: side))
  }

  private func pool(_ antialiasing: Int) throws -> PoolSpec {
    let text = """
      [net]
      width=8
      height=8
      channels=1
      [maxpool]
      size=2
      stride=2
      antialiasing=\(antialiasing)
      """
    let spec = try NetworkSpec(Configuration(parsing: text, path: "pool.cfg"))
    guard case .maxPool(let pool) = spec.layers[0] else {
      preconditionFailure("the layer is a pool")
    }
    return pool
  }
}
