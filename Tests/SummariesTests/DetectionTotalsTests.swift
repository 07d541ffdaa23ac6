import Boxes
import Testing
import Vision

@testable import Runs
@testable import Summaries

/// What is said of all that `detect` found.
@Suite struct DetectionTotalsTests {
  private func detection(_ x: Float, _ classIndex: Int) -> Detection {
    Detection(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, confidence: 0.9)
  }

  /// Pictures with these detections.
  private func outcome(_ pictures: [[Detection]]) -> DetectionOutcome {
    var outcome = DetectionOutcome()
    outcome.sources = pictures.map { found in
      SourceDetections(
        source: .picture(path: "a.jpg"), width: 100, height: 100, video: nil,
        found: found.map { .init(detection: $0, frame: nil) }, drawing: nil, labels: nil)
    }
    return outcome
  }

  private func summary(
    _ outcome: DetectionOutcome, _ best: Double? = nil, confidence: Float = 0.3
  ) -> [String] {
    let quality = best.map {
      DetectionQuality(map50: 0.6, map: 0.3, precision: 0.75, recall: 0.5, confidence: $0)
    }
    return outcome.summary(
      outcome.objects(overlap: 0.6), quality: quality, confidence: confidence)
  }

  @Test func `objects are counted, and those of several classes told with the way out`() {
    #expect(
      summary(outcome([[detection(0, 0), detection(50, 0)], [detection(0, 1)], []])) == [
        "3 objects in 3 pictures, 1.0 in each on the average, of confidence 0.3 or more"
      ])
    let double = [detection(0, 0), detection(0, 1)]
    #expect(
      summary(outcome([double, double, [detection(0, 1)]])) == [
        "5 boxes around 3 objects in 3 pictures, 1.0 in each on the average, of confidence 0.3 or more",
        "2 of these objects have boxes of several classes; --best-class --agnostic-nms leave the surest one",
      ])
    #expect(
      summary(outcome([double])).last
        == "1 of these objects has boxes of several classes; --best-class --agnostic-nms leave the surest one"
    )
    #expect(summary(outcome([])).isEmpty)
  }

  @Test func `the confidence that validation chose stands beside the one that was used`() {
    let one = outcome([[detection(0, 0)]])
    let place =
      "where it finds 50 % of the objects, and 75 % of its boxes are right (means over the classes)"
    func line(_ best: Double, _ confidence: Float = 0.3) -> String? {
      summary(one, best, confidence: confidence).last
    }
    let best = "on its validation pictures the network is best at confidence"
    #expect(line(0.123) == "\(best) 0.12, \(place): --conf-thres 0.12 finds more")
    #expect(
      line(0.456)
        == "\(best) 0.45, \(place): --conf-thres 0.45 leaves out boxes that are more likely wrong")
    #expect(line(0.123, 0.12) == "\(best) 0.12, \(place)")
    #expect(
      summary(outcome([[], []]), 0.05) == [
        "nothing in 2 pictures has a confidence of 0.3 or more",
        "\(best) 0.05, \(place): --conf-thres 0.05 finds more",
      ])
    #expect(
      summary(outcome([[]])).last
        == "--conf-thres takes another limit; 'pare test' prints the one at which the network is best"
    )
  }
}
