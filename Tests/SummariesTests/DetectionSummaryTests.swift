import Commands
import Inference
import Terminal
import Testing

@testable import Boxes
@testable import Runs
@testable import Summaries

/// What is told of detections and of measurements, from results that were made by hand.
@Suite struct DetectionSummaryTests {
  private func found(_ classIndex: Int, frame: Int? = nil) -> SourceDetections.Found {
    SourceDetections.Found(
      detection: Detection(
        box: Box(x1: 1, y1: 2, x2: 3.5, y2: 4), classIndex: classIndex, confidence: 0.75),
      frame: frame)
  }

  @Test func `a picture's line counts its objects in the order of the classes`() {
    let picture = SourceDetections(
      source: .picture(path: "a.jpg"), width: 100, height: 50, video: nil,
      found: [found(1), found(0), found(1)], drawing: "/r/a.jpg", labels: nil)
    #expect(picture.line(["dog", "person"]) == "a.jpg: 1 × dog, 2 × person")
    let json = picture.json(["dog", "person"])
    #expect(json["width"] == 100)
    #expect(json["output"] == "/r/a.jpg")
    guard case .array(let detections)? = json["detections"] else {
      Issue.record("no detections")
      return
    }
    #expect(
      detections.first?.compactText
        == "{\"class\": 1, \"name\": \"person\", \"confidence\": 0.75, \"box\": [1, 2, 3.5, 4]}")
  }

  // Frame 3 of 10 a second is shown 0.2 s after the first.
  @Test func `a video's line says its frames, and a detection in it when it is seen`() {
    let video = SourceDetections(
      source: .video(path: "v.mp4"), width: 100, height: 50,
      video: .init(frames: 3, framesPromised: 3, framesPerSecond: 10, isComplete: true),
      found: [found(0, frame: 3)], drawing: "r/v.mp4", labels: nil)
    #expect(video.line(["dog"]) == "v.mp4: 3 frames, 1 × dog, r/v.mp4")
    guard case .array(let detections)? = video.json(["dog"])["detections"] else {
      Issue.record("no detections")
      return
    }
    #expect(detections.first?["frame"] == 3)
    #expect(detections.first?["seconds"] == 0.2)
  }

  @Test func `what keeps a detection from being a success is one line`() {
    #expect(
      "\(DetectionFailure.stopped(looked: 2, sources: 5, folder: "r"))"
        == "stopped after 2 of 5 sources; what was found till then is in r")
    #expect(
      "\(DetectionFailure.stopped(looked: 5, sources: 5, folder: nil, isCut: true))"
        == "stopped in the middle of source 5 of 5")
    #expect(
      "\(DetectionFailure.nothingDetected(sources: 1, first: "why", folders: ["a/b", "a/c"]))"
        == "why; there are pictures in a/b, a/c")
    #expect(
      "\(DetectionFailure.nothingDetected(sources: 3, first: "a.jpg: no such file"))"
        == "not one usable picture or video among 3; the first: a.jpg: no such file")
    #expect("\(DetectionFailure.nothingDetected(sources: 1, first: "why"))" == "why")
    #expect(
      "\(DetectionFailure.unwritten(count: 2, first: "full"))"
        == "2 files could not be written, the first: full")
    #expect("\(DetectionFailure.broken(count: 1, first: "short"))" == "short")
  }

  /// A run that was stopped after these frames of a video.
  private func stopped(isComplete: Bool) -> DetectionFailure? {
    var outcome = DetectionOutcome()
    outcome.sources = [
      SourceDetections(
        source: .video(path: "/v.mp4"), width: 100, height: 50,
        video: .init(
          frames: 3, framesPromised: 9, framesPerSecond: 10, isComplete: isComplete), found: [],
        drawing: nil, labels: nil)
    ]
    (outcome.looked, outcome.wasStopped) = (1, true)
    return outcome.failure(sources: 2, folder: "r")
  }

  @Test func `a video that was cut is not one that was seen`() {
    #expect(
      stopped(isComplete: false) == .stopped(looked: 1, sources: 2, folder: "r", isCut: true))
    #expect(stopped(isComplete: true) == .stopped(looked: 1, sources: 2, folder: "r"))
  }

  private func result(
    _ style: EvaluationStyle, f1: Double, classes: [Int]
  ) -> EvaluationResult {
    EvaluationResult(
      style: style, images: 2, instances: classes.reduce(0, +), confidence: 0.4321, precision: 0.5,
      recall: 0.5, f1: f1, map50: 0.5, map75: 0.5, map: 0.5,
      perClass: classes.map {
        ClassResult(
          instances: $0, precision: 0.5, recall: 0.5, f1: f1, ap50: 0.5, ap75: 0.5, ap: 0.5,
          averageRecall: 0.5)
      }, coco: nil)
  }

  @Test func `figures say at which confidence they are read, and where there are none`() {
    #expect(
      workingPoint(result(.coco, f1: 0.5, classes: [3]))
        == "precision, recall and F1 are those at confidence 0.432, where the mean F1 of the "
        + "classes is highest")
    // What is best on validation pictures is what to use, rounded down.
    #expect(
      workingPoint(result(.coco, f1: 0.5, classes: [3]), used: 0.2189)
        == "precision, recall and F1 are those at confidence 0.432, where the mean F1 of the "
        + "classes is highest on these pictures; for use take --conf-thres 0.21, which is best on the "
        + "validation pictures")
    #expect(
      workingPoint(result(.coco, f1: 0.5, classes: [3]), used: 0.4321).hasSuffix(
        " is highest; use it so (--conf-thres 0.43)"))
    #expect(
      workingPoint(result(.legacy, f1: 0.5, classes: [3]), used: 0.2)
        == "precision, recall and F1 are those at confidence 0.432")
    #expect(
      workingPoint(result(.coco, f1: 0, classes: [3]))
        == "not one labelled object is found, at any confidence")
    #expect(
      workingPoint(result(.coco, f1: 0, classes: [0]))
        == "no figures: not one box is labelled in these pictures")
  }

  @Test func `Darknet's mean counts classes without an object, and says so`() {
    #expect(
      absentClasses(result(.darknet, f1: 0.5, classes: [3, 0]))
        == "mAP is the mean over all 2 classes, as Darknet's; 1 class without an object here counts "
        + "as 0")
    #expect(absentClasses(result(.darknet, f1: 0.5, classes: [3, 1])) == nil)
    #expect(
      absentClasses(result(.coco, f1: 0.5, classes: [3, 0, 0]))
        == "2 classes without an object here do not count")
    #expect(absentClasses(result(.coco, f1: 0.5, classes: [3, 1])) == nil)
  }
}
