import Testing

@testable import Runs
@testable import Summaries

/// What is said of mAP at rising shares.
@Suite struct MeasuredCurveTests {
  /// A curve of mAP@0.5 as pruned and with re-estimated statistics, from 0 % on by tenths.
  private func curve(
    _ asPruned: [Double], _ recalibrated: [Double], emptiesFrom: Double = 1
  ) -> MeasuredCurve {
    func figure(_ map50: Double) -> MeasuredCurve.Figure { .init(map50: map50, map: map50 / 2) }
    var curve = MeasuredCurve(original: figure(asPruned[0]))
    for (tenth, values) in zip(asPruned, recalibrated).enumerated() {
      let percent = Double(tenth) / 10
      curve.points.append(
        .init(
          percent: percent, asPruned: figure(values.0), recalibrated: figure(values.1),
          empties: percent >= emptiesFrom, removesNothing: tenth == 0))
    }
    return curve
  }

  // 5 points below 0.0886 is 0.0386, which the second column is below from the start on; below its own
  // 0.0473 it never is by so much.
  @Test func `each column is held against its own row at 0 percent`() {
    let curve = curve([0.0886, 0.08, 0.03], [0.0473, 0.036, 0.01])
    #expect(
      curve.summary
        == "more than 5 points of mAP@0.5 of the row at 0 % are first lost: as pruned at 20 %, "
        + "with re-estimated statistics nowhere")
    #expect(curve.points(recalibrated: true).reach == 0.2)
    #expect(curve.points(recalibrated: false).cliff == 0.2)
  }

  @Test func `what re-estimating costs by itself is told where it costs something`() {
    let costly = curve([0.0886, 0.08], [0.0473, 0.04])
    #expect(costly.recalibrationCosts)
    #expect(
      costly.recalibrationInWords?.hasPrefix(
        "re-estimating statistics alone takes mAP@0.5 of the unchanged network from 0.0886 to 0.0473: "
      )
        == true)
    for free in [curve([0.6, 0.5], [0.6, 0.55]), curve([0.6, 0.5], [0.595, 0.5])] {
      #expect(free.recalibrationInWords == nil && !free.recalibrationCosts)
    }
  }

  // 30 % is before the cliff at 40 %; it empties a layer, so 20 % is what can be typed.
  @Test func `a share that is led to can be pruned`() {
    let curve = curve([0.6, 0.59, 0.58, 0.57, 0.3], [0.6, 0.6, 0.6, 0.6, 0.5], emptiesFrom: 0.3)
    #expect(curve.reach(recalibrated: false) == 0.2)
    #expect(curve.points(recalibrated: false).reach == 0.3)
  }
}
