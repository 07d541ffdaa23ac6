import Testing

@testable import Darknet

@Suite struct AnchorReplacementTests {
  private let six = (1...6).map { Anchor(width: Float($0), height: Float(2 * $0) + 0.5) }

  // Published, the fine head has anchors 1, 2, 3; with others each is in one head.
  @Test func `a tiny network is what it would be with these anchors from the start`() throws {
    var published = try BuiltInNetwork.yolov4Tiny.configuration(classes: 3, widthMultiple: 0.5)
    let expected = try BuiltInNetwork.yolov4Tiny.configuration(
      classes: 3, anchors: six, width: 224, widthMultiple: 0.5)
    #expect(
      try NetworkSpec(published).withAnchors(six, width: 224, height: 224).text == expected.text)
    // What was changed by hand stays.
    published.sections[0]["flip"] = "0"
    let changed = try NetworkSpec(published).withAnchors(six, width: 416, height: 416)
    #expect(changed.sections[0]["flip"] == "0")
    #expect(try NetworkSpec(changed).headAnchors.map(\.mask) == [[3, 4, 5], [0, 1, 2]])
  }

  // One activation is another, so that it is no built-in network: its masks stay.
  @Test func `a cfg of one's own keeps its masks`() throws {
    var own = try BuiltInNetwork.yolov4Tiny.configuration(classes: 3)
    own.sections[1]["activation"] = "mish"
    let written = try NetworkSpec(own).withAnchors(six, width: 416, height: 416)
    let heads = try NetworkSpec(written).headAnchors
    #expect(heads.map(\.mask) == [[3, 4, 5], [1, 2, 3]])
    #expect(heads[1].anchors == [six[1], six[2], six[3]])
  }

  // A region's anchors are cells of 32 pixels.
  @Test func `anchors of a region are brought to cells`() throws {
    let five = (1...5).map { Anchor(width: 32 * Float($0), height: 16 * Float($0)) }
    for isOwn in [false, true] {
      var cfg = try BuiltInNetwork.yolov2Tiny.configuration(classes: 2)
      if isOwn { cfg.sections[1]["activation"] = "mish" }
      let written = try NetworkSpec(cfg).withAnchors(five, width: 416, height: 416)
      #expect(written.sections.last?["anchors"] == "1,0.5, 2,1, 3,1.5, 4,2, 5,2.5")
      #expect(try NetworkSpec(written).headAnchors.first?.anchors == five)
    }
  }

  @Test func `another number of anchors is refused`() throws {
    let spec = try NetworkSpec(BuiltInNetwork.yolov4Tiny.configuration(classes: 3))
    let error = #expect(throws: ConfigurationError.self) {
      try spec.withAnchors([six[0]], width: 416, height: 416)
    }
    #expect("\(try #require(error))".contains("the heads choose from 6 anchors, 1 are given"))
  }
}
