import Testing

@testable import Boxes
@testable import Runs

@Suite struct TeacherGainTests {
  private func result(
    _ metric: PairedBootstrap.Metric, _ lower: Double, _ upper: Double
  ) -> BootstrapResult {
    let middle = (lower + upper) / 2
    return BootstrapResult(
      metric: metric, images: 10, resamples: 100, level: 0.95, baseline: 0.5,
      candidate: 0.5 + middle, meanDifference: middle, lower: lower, upper: upper)
  }

  private func verdict(_ rows: [(map50: (Double, Double), map: (Double, Double))])
    -> TeacherGain.Verdict
  {
    TeacherGain.verdict(
      of: rows.map { [result(.map50, $0.map50.0, $0.map50.1), result(.map, $0.map.0, $0.map.1)] },
      to: Array(["steps", "time"].prefix(rows.count)))
  }

  @Test func `a gain is shown where no interval reaches zero`() {
    #expect(verdict([((0.01, 0.02), (0.01, 0.03))]) == .gain)
    #expect(
      verdict([((-0.01, 0.02), (0.01, 0.03))]) == .open(["mAP@0.5"], others: ["mAP@0.5:0.95"]))
    #expect(
      verdict([((0, 0.02), (-0.01, 0.03))]) == .open(["mAP@0.5", "mAP@0.5:0.95"], others: []))
  }

  @Test func `one interval below zero is a loss, whatever the others say`() {
    #expect(verdict([((-0.02, -0.01), (0.01, 0.03))]) == .loss(["mAP@0.5"]))
    #expect(
      verdict([((0.01, 0.02), (0.01, 0.03)), ((0.01, 0.02), (-0.03, -0.01))])
        == .loss(["mAP@0.5:0.95 to time"]))
  }

  @Test func `every training without a teacher counts`() {
    #expect(
      verdict([((0.01, 0.02), (0.01, 0.03)), ((0.01, 0.02), (-0.01, 0.03))])
        == .open(
          ["mAP@0.5:0.95 to time"],
          others: ["mAP@0.5 to steps", "mAP@0.5:0.95 to steps", "mAP@0.5 to time"]))
  }
}
