import Testing

@testable import Darknet

@Suite struct RecognitionTests {
  @Test(arguments: [
    (BuiltInNetwork.yolov4Tiny, 1.0), (.yolov4Tiny, 0.5), (.yolov4Tiny, 0.125), (.yolov3, 0.37),
    (.yolov4TinyThreeLevels, 0.25), (.yolov2Tiny, 1), (.yoloFastest, 1), (.yolov7Tiny, 0.5),
  ])
  func `a built-in network is known again`(network: BuiltInNetwork, multiple: Double) throws {
    let anchors = (1...network.headCount * 2).map { Anchor(width: Float($0), height: 8) }
    let cfg = try network.configuration(
      classes: 7, anchors: anchors, width: 64, channels: 1, widthMultiple: multiple)
    let found = try #require(BuiltInNetwork.recognized(NetworkSpec(cfg)))
    #expect(found.network == network)
    // Widths are rounded to eights: the factor is one that gives the same.
    let again = try found.network.configuration(
      classes: 7, anchors: anchors, width: 64, channels: 1, widthMultiple: found.widthMultiple)
    #expect(again.text == cfg.text)
    if multiple != 0.37 { #expect(found.widthMultiple == multiple) }
  }

  @Test func `a network with a layer of another width is not`() throws {
    var cfg = try BuiltInNetwork.yolov4Tiny.configuration()
    #expect(cfg.sections[1]["filters"] == "32")
    cfg.sections[1]["filters"] = "31"
    #expect(BuiltInNetwork.recognized(try NetworkSpec(cfg)) == nil)
  }
}
