import Darknet
import Testing
import Training
import _TestSupport

@testable import Boxes
@testable import Runs

@Suite struct TeacherGainTests {
  private func result(
    _ metric: PairedBootstrap.Metric, _ lower: Double, _ upper: Double, baseline: Double = 0.5
  ) -> BootstrapResult {
    let middle = (lower + upper) / 2
    return BootstrapResult(
      metric: metric, images: 10, resamples: 100, level: 0.95, baseline: baseline,
      candidate: baseline + middle, meanDifference: middle, lower: lower, upper: upper)
  }

  // A quarter of eight pictures: six with labels a batch, so 60 take ten batches an epoch, where they
  // would take eight without the others. Steps of three batches, of one and two in the warm-up:
  // 1, 3, 3 and 3 of the first epoch's ten, then 3, 3, 3 and 1.
  @Test func `a training without the teacher has the very steps of the one with it`() throws {
    let folder = try TemporaryFolder()
    let cfg = try folder.write(
      BuiltInNetwork.yolov4Tiny.configuration(classes: 4, width: 64, height: 64).text, to: "n.cfg")
    var recipe = try TrainingRecipe(cfg: cfg, data: "d.data")
    (recipe.options.epochs, recipe.options.batchSize) = (2, 8)
    (recipe.options.accumulationSteps, recipe.options.warmupBatches) = (3, 2)
    (recipe.unlabeled, recipe.options.unlabelledShare) = ("more", 0.25)
    let control = recipe.withoutTeachers(epochs: 2, pictures: 60)
    #expect(control.options.unlabelledShare == nil && control.unlabeled == nil)
    #expect(control.options.batchesPerEpoch(pictures: 60) == 10)
    let steps = TrainingCourse(recipe.options, pictures: 60).steps
    #expect(TrainingCourse(control.options, pictures: 60).steps == steps && steps.count == 8)
    try control.options.check()

    // Where all pictures have labels it is the plain training.
    recipe.options.unlabelledShare = nil
    #expect(recipe.withoutTeachers(epochs: 2, pictures: 60).options == recipe.options)
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
      verdict([((-0.01, 0.02), (0.01, 0.03))]) == .open(["mAP@0.5"], gains: ["mAP@0.5:0.95"]))
    #expect(
      verdict([((0, 0.02), (-0.01, 0.03))]) == .open(["mAP@0.5", "mAP@0.5:0.95"], gains: []))
  }

  @Test func `one interval below zero is a loss, whatever the others say`() {
    #expect(
      verdict([((-0.02, -0.01), (0.01, 0.03))]) == .loss(["mAP@0.5"], gains: ["mAP@0.5:0.95"]))
    #expect(
      verdict([((0.01, 0.02), (0.01, 0.03)), ((0.01, 0.02), (-0.03, -0.01))])
        == .loss(
          ["mAP@0.5:0.95 to time"],
          gains: ["mAP@0.5 to steps", "mAP@0.5:0.95 to steps", "mAP@0.5 to time"]))
  }

  private func side(_ folder: String, map50: Double, map: Double) -> TeacherGain.Side {
    var result = DetectionEvaluator(style: .coco, classCount: 1).evaluate()
    (result.map50, result.map) = (map50, map)
    return .init(name: folder, folder: folder, epochs: 1, seconds: 1, result: result)
  }

  // 4 points more of mAP@0.5:0.95, 4.3 less of mAP@0.5, by which best epochs are chosen.
  @Test func `the better network is the one of the higher mAP@0.5`() {
    func best(_ taught: Double, _ control: Double) -> String {
      TeacherGain(
        taught: side("taught", map50: taught, map: 0.24),
        controls: [side("control", map50: control, map: 0.20)], intervals: []
      ).best.folder
    }
    #expect(best(0.457, 0.5) == "control" && best(0.51, 0.5) == "taught")
    #expect(best(0.5, 0.5) == "control")
  }

  // The tables say so of each: nothing to lose.
  @Test func `nothing is lost where nothing was found`() {
    func verdict(_ baseline: Double) -> TeacherGain.Verdict {
      TeacherGain.verdict(
        of: [
          [
            result(.map50, -0.002, -0.001, baseline: baseline),
            result(.map, -0.002, -0.001, baseline: baseline),
          ]
        ], to: ["steps"])
    }
    #expect(verdict(0.002) == .nothing)
    #expect(verdict(0.5) == .loss(["mAP@0.5", "mAP@0.5:0.95"], gains: []))
  }

  @Test func `every training without a teacher counts`() {
    #expect(
      verdict([((0.01, 0.02), (0.01, 0.03)), ((0.01, 0.02), (-0.01, 0.03))])
        == .open(
          ["mAP@0.5:0.95 to time"],
          gains: ["mAP@0.5 to steps", "mAP@0.5:0.95 to steps", "mAP@0.5 to time"]))
  }
}
