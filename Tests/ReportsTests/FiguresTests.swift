import Testing

@testable import Reports

@Suite struct FiguresTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1.00 k"), (1234, "1.23 k"), (9999, "10.0 k"),
    (99_949, "99.9 k"),
    (99_950, "100 k"), (999_499, "999 k"), (999_500, "1.00 M"), (6_056_606, "6.06 M"),
    (64_363_101, "64.4 M"), (7_890_000_000, "7.89 G"), (-1234, "-1.23 k"),
    (5_000_000_000_000_000, "5000 T"),
  ])
  func `counts have three digits`(value: Int, expected: String) {
    #expect(Figures.count(value) == expected)
  }

  @Test(arguments: [(999, "999 B"), (4_500_000, "4.50 MB"), (1_200_000_000, "1.20 GB"), (0, "0 B")])
  func `bytes have a unit`(value: Int, expected: String) {
    #expect(Figures.bytes(value) == expected)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (6_056_606, "6,056,606"), (-1_234_567, "-1,234,567"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func `groups have three digits`(value: Int, expected: String) {
    #expect(Figures.grouped(value) == expected)
  }

  @Test(arguments: [
    (0.0123, "12 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (4.21, "4.2 s"), (59.94, "59.9 s"),
    (59.96, "1 min 00 s"), (185, "3 min 05 s"), (3599.6, "1 h 00 min"), (7380, "2 h 03 min"),
    (446_400, "5 d 04 h"), (-1, "0 ms"), (.infinity, "?"), (.nan, "?"),
  ])
  func `durations choose their units`(seconds: Double, expected: String) {
    #expect(Figures.duration(seconds: seconds) == expected)
  }

  @Test(arguments: [(7, "0:07"), (754, "12:34"), (3723, "1:02:03"), (.infinity, "-:--")])
  func `clocks count up`(seconds: Double, expected: String) {
    #expect(Figures.clock(seconds: seconds) == expected)
  }

  @Test func `numbers round to the nearest`() {
    #expect(Figures.fixed(2.346, 2) == "2.35")
    #expect(Figures.fixed(-0.5, 0) == "-0")
    #expect(Figures.fixed(.nan, 2).hasSuffix("nan"))
    #expect(Figures.fixed(1e300, 1).count == 303)
    #expect(Figures.significant(0.001_234_5) == "0.00123")
    #expect(Figures.significant(1.2e-7, 2) == "1.2e-07")
    #expect(Figures.percent(0.1234) == "12.3 %")
  }

  @Test(arguments: [
    (0.1992, "0.2"), (0.8203, "0.83"), (0.82, "0.82"), (0.996, "1"), (5, "5"), (5.01, "5.1"),
    (123.4, "1.3e+02"), (0.000_121, "0.00013"), (0, "0"),
  ])
  func `what is the least of all is rounded up`(value: Double, text: String) {
    #expect(Figures.atLeast(value) == text)
  }

  @Test func `memory is more than a megabyte and the peak is more than the present`() throws {
    let resident = try #require(MemoryUsage.resident)
    let peak = try #require(MemoryUsage.peak)
    #expect(resident > 1_000_000 && resident < 100_000_000_000)
    // The two are read one after the other, in pages that come and go.
    #expect(Double(peak) > Double(resident) * 0.9)
  }
}
