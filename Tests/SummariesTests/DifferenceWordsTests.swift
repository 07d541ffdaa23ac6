import Boxes
import Runs
import Testing
import Training

@testable import Summaries

/// Differences of mAP in words.
@Suite struct DifferenceWordsTests {
  private func result(
    _ metric: PairedBootstrap.Metric, _ before: Double, _ after: Double, reach: Double
  ) -> BootstrapResult {
    BootstrapResult(
      metric: metric, images: 20, resamples: 1000, level: 0.95, baseline: before, candidate: after,
      meanDifference: after - before, lower: after - before - reach,
      upper: after - before + reach)
  }

  @Test func `the first line has both figures, each with what it shows`() {
    // 0.4 points within ±1, and 4.8 points within ±2: the second leaves out zero.
    let open = result(.map, 0.654, 0.650, reach: 0.01)
    let lost = result(.map50, 0.9012, 0.8532, reach: 0.02)
    #expect(
      [lost, open].headline
        == "mAP@0.5:0.95 0.6540 → 0.6500 (-0.40 points): no difference is shown, a loss of up to "
        + "1.4 points of mAP@0.5:0.95 is possible; mAP@0.5 0.9012 → 0.8532 (-4.80 points): a loss is shown"
    )
    #expect([lost, open].judgement == .loss)
    let also = result(.map, 0.654, 0.604, reach: 0.01)
    #expect(
      [lost, also].headline
        == "mAP@0.5:0.95 0.6540 → 0.6040 (-5.00 points), mAP@0.5 0.9012 → 0.8532 (-4.80 points): "
        + "a loss is shown")
    #expect([BootstrapResult]().headline == "" && [BootstrapResult]().judgement == nil)
  }

  // -2.4 points within -5.3 to +0.5, and -1 within -3 to +1: as much as 5.3 points may be lost.
  @Test func `what a loss may come to is said where none is shown`() {
    let results = [
      result(.map50, 0.50, 0.476, reach: 0.029), result(.map, 0.30, 0.29, reach: 0.02),
    ]
    #expect(
      results.headline.hasSuffix(
        "no difference is shown, a loss of up to 5.3 points of mAP@0.5 is possible"))
    #expect(
      [result(.map, 0.3, 0.3, reach: 0)].headline.hasSuffix("no difference is shown"))
  }

  @Test func `a network that finds nothing any more is told so`() {
    let results = [
      result(.map50, 0.38, 0.004, reach: 0.05), result(.map, 0.2, 0.001, reach: 0.03),
    ]
    #expect(results.headline.hasSuffix("points): next to nothing is found any more"))
    #expect(results.judgement == .loss)
  }

  // Half of the wider interval, 0.06, is what could not be shown.
  @Test func `few pictures are told once, by the wider interval`() {
    let results = [
      result(.map50, 0.5, 0.45, reach: 0.06), result(.map, 0.3, 0.31, reach: 0.04),
    ]
    #expect(
      results.headline
        == "mAP@0.5:0.95 0.3000 → 0.3100 (+1.00 points), mAP@0.5 0.5000 → 0.4500 (-5.00 points): nothing "
        + "is shown: 20 pictures are too few to show a difference of mAP@0.5 below about 6 points")
    #expect(results.judgement == .unclear)
  }

  @Test func `a handful of pictures shows nothing, and how many would is said`() {
    var lost = result(.map, 0.3, 0.2, reach: 0.001)
    lost.imagesWithObjects = 1
    let why = "1 picture with objects is too few to show anything; it takes 6 or more"
    #expect([lost].headline.hasSuffix(": nothing is shown: \(why)"))
    let notes = DifferenceTable([("b", [lost])], minus: "a").notes
    #expect(notes.last == "too few pictures: \(why)")
  }

  // -5.68 points within -10.35 to +0.03: half of that is 5.19, which the difference is beyond.
  @Test func `a difference is never beyond what the pictures are said to be too few for`() {
    func told(_ before: Double, _ after: Double, _ lower: Double, _ upper: Double)
      -> BootstrapResult
    {
      BootstrapResult(
        metric: .map50, images: 30, resamples: 1000, level: 0.95, baseline: before,
        candidate: after, meanDifference: after - before, lower: lower, upper: upper)
    }
    #expect(
      [told(0.3317, 0.2749, -0.1035, 0.0003)].headline.hasSuffix(
        "nothing is shown: 30 pictures are too few to show a difference of mAP@0.5 below about 6 "
          + "points"))
    // The end of the interval at zero itself, and a difference of whole points.
    #expect(told(0.35, 0.30, -0.11, 0).leastShownPoints > 5)
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<20_000 {
      let (before, after) = (
        Double.random(in: 0.02...1, using: &generator), Double.random(in: 0...1, using: &generator)
      )
      let ends = (0..<2).map { _ in
        (after - before) + Double.random(in: -0.3...0.3, using: &generator)
      }
      let result = told(before, after, ends.min() ?? 0, ends.max() ?? 0)
      guard result.judgement == .unclear else { continue }
      let printed = (10_000 * abs(result.difference)).rounded() / 100
      #expect(printed < Double(result.leastShownPoints), "\(result)")
      #expect(Double(result.leastShownPoints) < 100 * result.leastShown + 2)
    }
  }

  // A network that found nothing before has nothing to lose, whatever the other figure says.
  @Test func `a loss needs something that can be lost`() {
    let nothing = result(.map, 0.005, 0.001, reach: 0.001)
    #expect([result(.map50, 0.02, 0, reach: 0.001), nothing].judgement == .nothingToLose)
  }

  @Test func `a table of differences begins with the figure that decides`() throws {
    let differences = DifferenceTable(
      [
        (
          "runs/pruned",
          [result(.map50, 0.5, 0.45, reach: 0.01), result(.map, 0.3, 0.3, reach: 0.01)]
        ),
        ("runs/tuned", [result(.map, 0.3, 0.31, reach: 0.05)]),
      ], minus: "runs/dense")
    #expect(
      try #require(differences.table).text == """
        minus runs/dense  figure        points   95 % interval  shown
        ────────────────  ────────────  ──────  ──────────────  ────────────────
        runs/pruned       mAP@0.5:0.95   +0.00  -1.00 to +1.00  nothing
        runs/pruned       mAP@0.5        -5.00  -6.00 to -4.00  a loss
        runs/tuned        mAP@0.5:0.95   +1.00  -4.00 to +6.00  too few pictures

        """)
    #expect(
      differences.notes == [
        "intervals: 1,000 resamples of 20 pictures; one that holds zero shows nothing, and whatever lies "
          + "in it is possible",
        "too few pictures: 20 pictures are too few to show a difference of mAP@0.5:0.95 below about "
          + "5 points; less shows where both find mostly the same",
      ])
    #expect(DifferenceTable([("a", [])], minus: "b").table == nil)
  }

  // A gain in the table, and none on the whole: the sentence says why.
  @Test func `no gain is denied beside a gain without the reason`() {
    let (map50, map) = ("mAP@0.5", "mAP@0.5:0.95")
    let words = [
      TeacherGain.Verdict.gain, .open([map50, map], gains: []), .open([map50], gains: [map]),
      .loss([map50], gains: [map]), .loss([map50], gains: []),
    ].map(\.words)
    #expect(
      words == [
        "gain shown", "no gain shown: all intervals hold zero",
        "no gain shown by all figures: mAP@0.5:0.95 gained, but the interval of mAP@0.5 holds zero",
        "no gain shown: the teacher made mAP@0.5 worse, though mAP@0.5:0.95 better",
        "no gain shown: the teacher made mAP@0.5 worse",
      ])
  }
}
