import Testing

@testable import Reports

@Suite struct HistogramTests {
  // Bins 1...4, 4...7, 7...10; the last one holds its right edge.
  @Test func `values fall between edges`() {
    let histogram = Histogram([1, 2, 2, 3, 10, .nan, .infinity], bins: .count(3))
    #expect(histogram.edges == [1, 4, 7, 10])
    #expect(histogram.counts == [4, 0, 1])
    #expect(histogram.minimum == 1 && histogram.maximum == 10)
    #expect(histogram.sum == 18 && histogram.sumOfSquares == 118)
  }

  // Recipe: numpy.histogram([(i * i % 37) / 7 for i in range(100)] + [50.0], bins="doane"), 2.4.
  @Test func `Doane's rule gives numpy's bins`() {
    let histogram = Histogram((0..<100).map { Double($0 * $0 % 37) / 7 } + [50])
    #expect(histogram.counts == [66, 34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    #expect(abs(histogram.edges[1] - 3.846_153_85) < 1e-6)
  }

  @Test func `one value, equal values and no value have a bin`() {
    #expect(Histogram([]).counts == [0])
    #expect(Histogram([3]).counts == [1])
    #expect(Histogram([3, 3]).edges == [2.5, 3.5])
    #expect(Histogram([1e308, -1e308, 0], bins: .count(2)).counts == [1, 2])
    #expect(Histogram([1e300, 1e300]).counts == [2])
  }

  // −0.5…0.5…1.5…2.5: a bin for 0, 1 and 2; 7 is above and −3 below.
  @Test func `bins can be given`() {
    let histogram = Histogram([0, 2, 2, 7, -3, .nan], from: -0.5, to: 2.5, count: 3)
    #expect(histogram.edges == [-0.5, 0.5, 1.5, 2.5])
    #expect(histogram.counts == [2, 0, 3])
    #expect(histogram.minimum == -3 && histogram.maximum == 7 && histogram.sum == 8)
  }
}
