import Boxes
import Commands
import Quantization
import Testing

@testable import Summaries

/// Sentences about figures that were made by hand.
@Suite struct SentencesTests {
  @Test func `a network of mAP below 0.2 is too poor, one below 0.5 of little use`() {
    let poor = DetectionQuality(
      map50: 0.1234, map: 0.05, precision: 0.6, recall: 0.25, confidence: 0.1)
    #expect(
      poor.warning(of: "runs/a")
        == "runs/a is too poor to be used: mAP@0.5 is 0.1234; below 0.2 "
        + "most objects are missed, and networks that are of use mostly have 0.5 or more; at its best "
        + "it finds 25 % of the objects, and 60 % of its boxes are right (means over the classes)")
    let low = DetectionQuality(map50: 0.2, map: 0.1, precision: 0, recall: 0, confidence: 0.1)
    #expect(
      low.warning(of: "runs/a")
        == "runs/a is of little use yet: mAP@0.5 is 0.2000, and networks that are of use mostly have "
        + "0.5 or more")
    let good = DetectionQuality(
      map50: 0.5, map: 0.1, precision: 0.6, recall: 0.25, confidence: 0.1)
    #expect(good.warning(of: "runs/a") == nil && good.reminder(of: "runs/a") == nil)
    let words = "mAP@0.5 is 0.1234 on its validation pictures"
    #expect(poor.reminder(of: "runs/a") == "runs/a is too poor to be used: \(words)")
  }

  // Boxes of 10×10 and 20×20: the anchor 10×10 has IoU 1 with the one and 100/400 with the other.
  @Test func `other anchors are to be taken where they are much better, with the figures`() {
    let sizes = [BoxSize(width: 10, height: 10), BoxSize(width: 20, height: 20)]
    let (own, others) = (AnchorFit([sizes[0]], to: sizes), AnchorFit(sizes, to: sizes))
    #expect(own.summary == "best possible recall 1.0000, mean IoU 0.6250")
    #expect(others.text == "10,10,20,20")
    #expect(
      AnchorVerdict(own: own, others: others).words(cfg: "n.cfg")
        == "verdict: take the new anchors, they are much better (mean IoU +0.3750, best possible "
        + "recall +0.0000; it takes +0.05 or +0.01)")
    #expect(
      AnchorVerdict(own: own, others: own).words(cfg: "n.cfg")
        == "verdict: go on with n.cfg, its own anchors are as good (the new ones: mean IoU "
        + "+0.0000, best possible recall +0.0000; it takes +0.05 or +0.01 to be worth it)")
  }

  @Test func `what was trained on codes is trained on them longer`() throws {
    func step(_ codes: QuantizationOptions?) -> String {
      let remedy = Remedy(
        tuning: ["--model", "a"], on: "d.data", isSingleClass: true, withoutTeacher: true,
        codes: codes)
      return remedy.step.command.description
    }
    let begin = "pare train --model a --data d.data --single-cls --epochs"
    #expect(step(nil).hasPrefix("\(begin) 100 --name "))
    #expect(step(.byTraining()).hasPrefix("\(begin) 20 --quantize google --name "))
    var codes = QuantizationOptions.byTraining(.lsqPlus, weightBits: 4, activationBits: 4)
    #expect(step(codes).contains("--w-bit 4 --a-bit 4 --name "))
    (codes.ends, codes.isPerChannel, codes.shortcuts) = (.same, false, .shared)
    #expect(
      step(codes).contains(" --a-bit 4 --ends same --per-tensor --shared-shortcuts --name "))
  }

  @Test func `what trains longer names the network and its data`() throws {
    let pair = ["--cfg", "n.cfg", "--weights", "n.weights"]
    let remedy = try #require(Remedy(training: pair, on: "d.data", isSingleClass: true))
    #expect(remedy.purpose == "train it longer" && remedy.lines.isEmpty)
    #expect(
      remedy.command.description
        == "pare train --cfg n.cfg --weights n.weights --data d.data --single-cls --epochs 100 "
        + "--name n-tuned")
    #expect([10, 50, 51, 300].map(NextCommand.longer) == [100, 100, 102, 600])
  }
}
