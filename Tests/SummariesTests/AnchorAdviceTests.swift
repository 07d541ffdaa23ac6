import Boxes
import Commands
import Testing

@testable import Runs
@testable import Summaries

/// What is said of anchors, and the network that is made with them.
@Suite struct AnchorAdviceTests {
  private let sizes = [BoxSize(width: 208, height: 104), BoxSize(width: 52, height: 104)]

  private func network(isAsked: Bool, gpu: Bool) -> String {
    AnchorsRun.Outcome.network(
      "yolov4-tiny", with: AnchorFit(sizes, to: sizes), at: (416, 416), isAsked: isAsked,
      classes: 3,
      hasGraphicsProcessor: gpu
    ).command.description
  }

  // 224/416 of 208, 104 and 52 are 112, 56 and 28.
  @Test func `without a GPU it is the small network of all advice, its anchors scaled`() {
    let start = "pare config new yolov4-tiny --classes 3"
    let end = "--output yolov4-tiny.cfg"
    #expect(
      network(isAsked: false, gpu: false)
        == "\(start) --width-multiple 0.5 --img-size 224 --anchors 112,56,28,56 \(end)")
    #expect(
      network(isAsked: true, gpu: false)
        == "\(start) --width-multiple 0.5 --img-size 416 --anchors 208,104,52,104 \(end)")
    #expect(
      network(isAsked: false, gpu: true)
        == "\(start) --img-size 416 --anchors 208,104,52,104 \(end)")
  }

  // Boxes of 10×10 by anchors of 10×w: the mean IoU is 10/w.
  @Test func `anchors that hardly differ are as good`() {
    func words(own: Float, other: Float) -> String {
      func fit(_ width: Float) -> AnchorFit {
        AnchorFit(
          [BoxSize(width: width, height: 10)], to: [BoxSize(width: 10, height: 10)])
      }
      return AnchorVerdict(own: fit(own), others: fit(other)).words(cfg: "n.cfg")
    }
    #expect(words(own: 10, other: 10).contains("go on with n.cfg, its own anchors are as good ("))
    // 1/1.03 is 0.971: a gain of 0.029.
    #expect(words(own: 10.3, other: 10).contains("its own anchors are good enough ("))
    #expect(words(own: 12, other: 10).hasPrefix("verdict: take the new anchors"))
  }
}
