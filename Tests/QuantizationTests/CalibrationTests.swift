import Testing
import Torch
import _TestSupport

@testable import Quantization

private func histogram(_ values: [Float], bins: Int = RangeHistogram.usualBins) -> RangeHistogram {
  var histogram = RangeHistogram(bins: bins)
  values.withUnsafeBufferPointer { histogram.add($0) }
  return histogram
}

@Suite struct RangeHistogramTests {
  // Up to 2 in 8 bins of 0.5: −1.5 is in the bin from −1.5, 0.5 in that from 0.5.
  @Test func `the limit doubles, and neighbours become one bin`() {
    var found = histogram([0.5, -0.5, 1.5, 0, -1.5], bins: 8)
    #expect(found.limit == 2 && found.zeros == 1)
    #expect(found.counts == [0, 1, 0, 1, 0, 1, 0, 1])
    [Float(2)].withUnsafeBufferPointer { found.add($0) }
    #expect(found.limit == 4 && found.width == 1)
    #expect(found.counts == [0, 0, 1, 1, 1, 1, 1, 0])
    #expect(found.minimum == -1.5 && found.maximum == 2 && found.total == 6)
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `batches in any order are counted alike`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let batches = (0..<6).map { _ -> [Float] in
      let size = Float.random(in: 0.01...50, using: &generator)
      return (0..<100).map { _ in Float.random(in: -size...size, using: &generator) }
    }
    func counted(_ batches: [[Float]]) -> RangeHistogram {
      var histogram = RangeHistogram()
      for batch in batches { batch.withUnsafeBufferPointer { histogram.add($0) } }
      return histogram
    }
    let found = counted(batches)
    #expect(found == counted(batches.reversed()) && found == counted([batches.flatMap(\.self)]))
    #expect(found.total == 600 && found.counts.count == RangeHistogram.usualBins)
  }

  @Test func `zeros alone have a range of zero, NaN and infinity are told`() throws {
    var zeros = RangeHistogram()
    try zeros.add(.zeros([3, 4]))
    #expect(zeros.total == 12 && zeros.minimum == 0 && zeros.maximum == 0)
    for rule in [
      RangeRule.minMax, .percentile(0.9), .squaredError, .entropy, .unilateral,
    ] {
      let range = zeros.range(by: rule, .affine, try .unsigned(bits: 8))
      #expect(range == ValueRange(0, 0))
      #expect(GridShape(range, .affine, try .unsigned(bits: 8)).value(nearest: 3).isFinite)
    }
    for wrong in [Float.nan, .infinity, -.infinity] {
      #expect(histogram([1, wrong]).hasNotFinite)
    }
    #expect(!zeros.hasNotFinite)
  }

  // 100 values: −1 once, 98 zeros, 3 once.
  @Test func `quantiles count the zeros`() {
    let found = histogram([-1] + Array(repeating: 0, count: 98) + [3])
    #expect(found.quantile(0) == -1 && found.quantile(1) == 3)
    #expect(found.quantile(0.5) == 0 && found.quantile(0.99) == 0)
    #expect(found.quantile(0.011) == 0 && found.quantile(0.999) > 2.9)
    // Evenly spread values: the quantile is the share.
    let even = histogram((0..<10_000).map { (Float($0) + 0.5) / 10_000 })
    for share in [0.01, 0.25, 0.9, 0.999] {
      #expect(abs(even.quantile(share) - share) < 1e-3)
    }
  }
}

@Suite struct RangeRuleTests {
  private func spread(_ count: Int, outlier: Float, seed: UInt64 = 3) throws -> [Float] {
    try Tensor.normal([count], generator: Generator(seed: seed)).toFloats() + [outlier]
  }

  @Test func `percentile leaves the ends away`() throws {
    let found = histogram(try spread(20_000, outlier: 80))
    let range = found.range(by: .percentile(0.999), .affine, try .unsigned(bits: 8))
    // The normal distribution's 99.9 % lie below 3.09.
    #expect(abs(range.maximum - 3.09) < 0.3 && abs(range.minimum + 3.09) < 0.3)
    #expect(found.range(by: .minMax, .affine, try .unsigned(bits: 8)).maximum == 80)
  }

  // 8 bins of 0.5 up to 2: three values in the middle 0.25, one in 1.75. With codes −1…1 of 1.5
  // they become 0 and 1.5: 3 · 0.25² + 0.25².
  @Test func `squared error, by hand`() throws {
    let found = histogram([0.2, 0.25, 0.3, 1.8], bins: 8)
    let grid = GridShape(ValueRange(0, 1.5), .symmetric, try .narrow(bits: 2))
    #expect(found.squaredError(grid) == 0.25)
  }

  // Codes −4…3. Of R = 2 steps of 0.5: of 1.2 it makes 1, an error of 0.2, and of what lies at 0.25
  // makes 0. R = 1 has steps of 0.25: 1.2 is cut to 0.75, an error of 0.45, and 0.25 is on the grid.
  @Test func `of powers of two the one with the least squared error, by hand`() throws {
    let codes = try CodeRange.signed(bits: 3)
    for (count, power) in [(2, 2.0), (3, 1)] {
      let found = histogram(Array(repeating: 0.25, count: count) + [1.2])
      #expect(found.range(by: .minMax, .powerOfTwo, codes).largest.leastPowerOfTwo == 2)
      let best = found.range(by: .squaredError, .powerOfTwo, codes)
      #expect(best.largest.leastPowerOfTwo == power, "\(count) values of 0.25")
    }
  }

  @Test(arguments: [2, 4, 8])
  func `the least squared error is that of the values themselves`(bits: Int) throws {
    let values = try spread(4000, outlier: 9)
    let codes = try CodeRange.narrow(bits: bits)
    func error(_ range: ValueRange) -> Double {
      let grid = GridShape(range, .symmetric, codes)
      return values.reduce(0) {
        let error = Double($1) - grid.value(nearest: Double($1))
        return $0 + error * error
      }
    }
    let chosen = histogram(values).range(by: .squaredError, .symmetric, codes)
    let best = try #require((1...100).map { error(ValueRange(0, 9 * Double($0) / 100)) }.min())
    #expect(error(chosen) <= best * 1.02)
    #expect(bits == 8 || chosen.largest < 9)
  }

  // Mish's lower end stays, the upper one comes in.
  @Test func `unilateral moves the upper end alone`() throws {
    let values = try Tensor(spread(20_000, outlier: 60)).mish().toFloats()
    let found = histogram(values)
    let range = found.range(by: .unilateral, .affine, try .unsigned(bits: 4))
    #expect(range.minimum == found.minimum && range.minimum > -0.31)
    #expect(range.maximum < 20)
  }

  // Magnitudes 6, 2, 1, 1 in bins of 1, on two steps.
  // T = 2: P = 0.6, 0.4 beside Q = 0.75, 0.25: 0.6·ln 0.8 + 0.4·ln 1.6 = 0.0541.
  // T = 3: P = 0.6, 0.2, 0.2 beside 6, 1.5, 1.5 of 9: 0.6·ln 0.9 + 0.4·ln 1.2 = 0.0097.
  // T = 4: P = 0.6, 0.2, 0.1, 0.1 beside 0.4, 0.4, 0.1, 0.1: 0.6·ln 1.5 + 0.2·ln 0.5 = 0.1046.
  @Test func `the least divergence, by hand`() {
    let magnitudes = Array(repeating: Float(0.5), count: 6) + [1.5, 1.5, 2.5, 3.5]
    let signs = magnitudes.enumerated().map { $0 % 2 == 0 ? $1 : -$1 }
    for values in [magnitudes, signs] {
      let found = histogram(values, bins: 8)
      #expect(found.width == 1 && found.leastDivergentLimit(levels: 2) == 3)
    }
  }

  @Test func `entropy cuts a lone outlier off, and leaves even values alone`() throws {
    let codes = try CodeRange.narrow(bits: 8)
    let outlier = histogram(try spread(50_000, outlier: 40))
    #expect(outlier.range(by: .entropy, .symmetric, codes).largest < 10)
    let even = histogram((0..<50_000).map { Float($0 % 1000) / 1000 - 0.5 })
    #expect(even.range(by: .entropy, .symmetric, codes).largest > 0.45)
  }
}

@Suite struct GridShapeTests {
  // −127…127 and −128…127 have zero at 0; 0…255 of what is never negative too, as the affine grid of such
  // values. Over −1…3 the step is 4 / 255 and zero the code 64, so 191 codes are above it.
  @Test func `sizes that codes stand for`() throws {
    func magnitudes(
      _ minimum: Double, _ maximum: Double, _ kind: GridShape.Kind, _ codes: CodeRange
    ) -> Int { GridShape(ValueRange(minimum, maximum), kind, codes).magnitudes }
    let unsigned = try CodeRange.unsigned(bits: 8)
    #expect(magnitudes(-2, 2, .symmetric, try .narrow(bits: 8)) == 128)
    #expect(magnitudes(-2, 2, .symmetric, try .signed(bits: 8)) == 129)
    #expect(magnitudes(0, 2, .symmetric, unsigned) == 256)
    #expect(magnitudes(0, 2, .affine, unsigned) == 256)
    #expect(magnitudes(-1, 3, .affine, unsigned) == 192)
    #expect(magnitudes(-3, 1, .affine, unsigned) == 192)
  }

  // The magnitudes by hand above: with 2 bits 0…3 has four sizes, and four bins are left as they are;
  // −1…1 has two, which cut them at 3.
  @Test func `entropy has as many steps as codes have sizes`() throws {
    let magnitudes = Array(repeating: Float(0.5), count: 6) + [1.5, 1.5, 2.5, 3.5]
    let found = histogram(magnitudes, bins: 8)
    #expect(found.range(by: .entropy, .symmetric, try .unsigned(bits: 2)).maximum == 3.5)
    #expect(found.range(by: .entropy, .affine, try .unsigned(bits: 2)).maximum == 3.5)
    #expect(found.range(by: .entropy, .symmetric, try .narrow(bits: 2)).maximum == 3)
    let signs = histogram(magnitudes.enumerated().map { $0 % 2 == 0 ? $1 : -$1 }, bins: 8)
    // −3.5…2.5 on four codes: the step is 2, zero the code 2, and two are below it. Three steps of
    // four bins leave P as it is.
    #expect(GridShape(.init(-3.5, 2.5), .affine, try .unsigned(bits: 2)).magnitudes == 3)
    #expect(signs.range(by: .entropy, .affine, try .unsigned(bits: 2)).largest == 3.5)
  }
}

@Suite struct PowerOfTwoVoteTests {
  // 2 bits, codes −2…1, step R/2. R = 1 makes (1, 0.5) to (0.5, 0.5): cosine 0.949; R = 2 to (1,
  // 0): 0.894; R = 4 to zero; smaller ones to (R/2, R/2), the same direction but further away.
  @Test func `the nearest direction wins, of equal ones the nearest values`() throws {
    let vote = try PowerOfTwoVote(bits: 2)
    #expect(try vote.favourite(of: Tensor([1.0, 0.5])) == 0)
    #expect(try vote.favourite(of: Tensor([8.0, 4.0])) == 3)
    #expect(try vote.favourite(of: .zeros([4])) == nil)
    // A constant has one direction on every grid; 5 has a code of its own from R = 8 on.
    #expect(try PowerOfTwoVote(bits: 8).favourite(of: .full([9], 5)) == 3)
  }

  @Test func `most votes win, of equal numbers the lowest exponent`() throws {
    var vote = try PowerOfTwoVote(bits: 2)
    #expect(vote.winner == 0)
    for x in [[1.0, 0.5], [8, 4], [8, 4], [0, 0]] { try vote.add(Tensor(x)) }
    #expect(vote.votes == [0: 1, 3: 2] && vote.winner == 3)
    try vote.add(Tensor([1.0, 0.5]))
    #expect(vote.winner == 0)
  }

  @Test func `ranges below one are found, which the earlier programs could not`() throws {
    let x = try Tensor.uniform([500], low: -0.1, high: 0.1, generator: Generator(seed: 2))
    #expect(try PowerOfTwoVote(bits: 8).favourite(of: x) == -3)
  }
}
