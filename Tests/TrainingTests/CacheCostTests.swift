import Testing

@testable import Training

@Suite struct CacheCostTests {
  // Four fifths of 10 MB are 8 MB.
  @Test func `what does not fit is decoded anew, and says so`() {
    let fitting = CacheCost(bytes: 8_000_000, place: "in memory", available: 10_000_000)
    #expect(fitting.fits)
    #expect(fitting.text == "decoded pictures take 8.00 MB of 10.0 MB free in memory")
    let large = CacheCost(bytes: 8_000_001, place: "on cuda:0", available: 10_000_000)
    #expect(!large.fits)
    #expect(
      large.text == "decoded pictures take 8.00 MB of 10.0 MB free on cuda:0, which is too much: "
        + "they are decoded anew each time")
    let unknown = CacheCost(bytes: 1 << 50, place: "in memory", available: nil)
    #expect(unknown.fits && unknown.text == "decoded pictures take 1126 TB in memory")
  }
}
