import Darknet
import Testing
import _TestSupport

/// Every built-in network with numbers drawn at random.
@Suite struct BuiltInPropertyTests {
  @Test(arguments: BuiltInNetwork.allCases)
  func `any classes, size, anchors and width give a sound network`(
    network: BuiltInNetwork
  ) throws {
    var generator = SeededGenerator(seed: 7)
    for round in 0..<12 {
      let classes = Int.random(in: 1...200, using: &generator)
      let width = 32 * Int.random(in: 2...40, using: &generator)
      let height = 32 * Int.random(in: 2...40, using: &generator)
      let channels = [1, 3].randomElement(using: &generator) ?? 3
      let share = Int.random(in: 1...4, using: &generator)
      let anchors = (0..<(share * network.headCount)).map { _ in
        Anchor(
          width: Float.random(in: 1...600, using: &generator),
          height: Float.random(in: 1...600, using: &generator))
      }
      let multiple = Double.random(in: 0.02...1, using: &generator)
      let configuration = try network.configuration(
        classes: classes, anchors: round == 0 ? nil : anchors, width: width, height: height,
        channels: channels, widthMultiple: multiple)
      let spec = try NetworkSpec(Configuration(parsing: configuration.text, path: "again.cfg"))
      #expect(spec.configuration == configuration)
      #expect(spec.warnings.isEmpty)
      #expect(spec.classes == classes)
      #expect(spec.inputShape == FeatureShape(channels: channels, height: height, width: width))
      #expect(spec.heads.count == network.headCount)
      #expect(spec.shapes == (try spec.shapes(width: width, height: height)))
      guard round > 0 else { continue }
      var predicted: [Anchor] = []
      for head in spec.heads {
        switch spec.layers[head] {
        case .yolo(let yolo): predicted += yolo.maskedAnchors
        case .region(let region):
          predicted += region.anchors.map { Anchor(width: $0.width * 32, height: $0.height * 32) }
        default: Issue.record("layer \(head) is no head")
        }
      }
      // Each anchor in one head, whatever their order.
      #expect(Set(predicted) == Set(anchors))
      #expect(predicted.count == anchors.count)
    }
  }
}
