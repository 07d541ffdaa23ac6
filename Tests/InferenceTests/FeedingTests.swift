import Boxes
import Darknet
import Foundation
import Testing
import Vision
import _TestSupport

@testable import Inference

@Suite struct FeedingTests {
  /// A network with lines added to its `[net]` and to its head.
  private func spec(net: String = "", head: String = "") throws -> NetworkSpec {
    try NetworkSpec(
      Configuration(
        parsing: """
          [net]
          width=64
          height=32
          channels=3
          \(net)
          [convolutional]
          filters=6
          size=16
          stride=16
          activation=linear
          [yolo]
          mask=0
          anchors=16,16
          classes=1
          num=1
          \(head)
          """, path: "some/one.cfg"))
  }

  // Keys that say it already stay as they are.
  @Test(
    arguments: [
      ("", "", .letterbox, SuppressionRule(.greedy), ["letter_box": "1"], [:]),
      (
        "letter_box=1", "nms_kind=greedynms", .letterbox, SuppressionRule(.greedy), [:],
        ["nms_kind": "default"]
      ),
      (
        "letter_box=1", "", .stretch, SuppressionRule(.diou, beta: 0.6), ["letter_box": "0"],
        ["nms_kind": "greedynms", "beta_nms": "0.6"]
      ),
      ("", "nms_kind=greedynms", .darknet, SuppressionRule(.soft), [:], [:]),
    ] as [(String, String, PictureFit, SuppressionRule, [String: String], [String: String])])
  func `a cfg can say how its network is fed`(
    net: String, head: String, fit: PictureFit, rule: SuppressionRule, newNet: [String: String],
    newHead: [String: String]
  ) throws {
    let spec = try spec(net: net, head: head)
    let feeding = Feeding(width: 96, height: 80, fit: fit, suppression: rule)
    let cfg = feeding.said(by: spec)
    var expected = spec.configuration
    (expected.sections[0]["width"], expected.sections[0]["height"]) = ("96", "80")
    for (key, value) in newNet { expected.sections[0][key] = value }
    for (key, value) in newHead { expected.sections[2][key] = value }
    #expect(
      cfg.sections.map { $0.entries.map { "\($0.key)=\($0.value)" }.sorted() }
        == expected.sections.map { $0.entries.map { "\($0.key)=\($0.value)" }.sorted() })
    guard rule.method != .soft, fit != .stretch else { return }
    let read = try Feeding(of: NetworkSpec(cfg), description: nil)
    #expect(read.fit == fit && read.suppression == rule && read.width == 96 && read.height == 80)
  }

  @Test(
    arguments: [
      ("", .darknet, "no letter_box in one.cfg"),
      ("letter_box=0", .darknet, "letter_box=0 in one.cfg"),
      ("letter_box=1", .letterbox, "letter_box=1 in one.cfg"),
    ] as [(String, PictureFit, String)])
  func `a pair of Darknet's is fed as Darknet does`(
    net: String, fit: PictureFit, reason: String
  ) throws {
    let feeding = Feeding(of: try spec(net: net), description: nil)
    #expect(feeding.fit == fit && feeding.inputScale == .by255)
    #expect((feeding.width, feeding.height) == (64, 32))
    #expect(feeding.summary.contains("resize \(fit.rawValue) (\(reason))"), "\(feeding.summary)")
  }

  // Darknet's greedynms and diounms take the distance off, default and cornersnms do not.
  @Test(
    arguments: [
      ("", .init(.greedy)), ("nms_kind=default", .init(.greedy)),
      ("nms_kind=greedynms", .init(.diou, beta: 0.6)),
      ("nms_kind=greedynms\nbeta_nms=0.9", .init(.diou, beta: 0.9)),
      ("nms_kind=diounms\nbeta_nms=0.4", .init(.diou, beta: 0.4)),
      ("nms_kind=cornersnms", .init(.greedy)),
    ] as [(String, SuppressionRule)])
  func `suppression follows the cfg`(head: String, rule: SuppressionRule) throws {
    #expect(Feeding(of: try spec(head: head), description: nil).suppression == rule)
  }

  @Test func `a description counts for more than the cfg`() throws {
    let spec = try spec(head: "nms_kind=greedynms")
    var description = ModelDescription(
      channels: 3, feeding: Feeding(width: 96, height: 64, inputScale: .maxabs), classes: ["a"])
    let feeding = Feeding(of: spec, description: ("r/model.json", description))
    #expect(feeding.fit == .letterbox && feeding.suppression == SuppressionRule(.greedy))
    #expect(feeding.inputScale == .maxabs && feeding.width == 96 && feeding.height == 64)
    #expect(
      feeding.summary
        == "pictures: resize letterbox, 96×64 pixels, nms greedy (r/model.json)")
    // A cfg that was changed since says its own size.
    let changed = Feeding(
      of: spec, description: ("r/model.json", description), ownsSize: false)
    #expect((changed.width, changed.height) == (64, 32))
    // Earlier versions wrote none of these, letterboxed and were greedy.
    (description.resize, description.width, description.nms) = (nil, nil, nil)
    let old = Feeding(of: spec, description: ("r/model.json", description))
    #expect(old.fit == .letterbox && old.suppression == SuppressionRule(.greedy))
    #expect(old.width == 64)
  }

  @Test func `a description of other pictures is warned of`() throws {
    let folder = try TemporaryFolder()
    let spec = try spec()
    let cfg = try folder.write(spec.configuration.text, to: "model.cfg")
    var description = ModelDescription(
      channels: 3, feeding: Feeding(width: 64, height: 32), classes: ["a"])
    var warnings: [String] = []
    func open() throws {
      try folder.write(Array(JSONEncoder().encode(description)), to: "model.json")
      warnings = []
      _ = try Feeding(of: spec, cfg: cfg, weights: nil, scale: nil) { warnings.append($0) }
    }
    try open()
    #expect(warnings == [])
    (description.colorOrder, description.letterboxValue) = ("BGR", 0)
    try open()
    #expect(
      warnings == [
        "\(folder.file("model.json")): colorOrder 'BGR' is taken for 'RGB', and letterboxValue 0 for "
          + "114: pare knows no other"
      ])
  }

  @Test func `what is asked for counts most, and is said`() throws {
    let feeding = Feeding(of: try spec(), description: nil).overruled(
      by: .init(size: (32, 32), fit: .stretch, method: .soft))
    #expect(
      feeding.summary == "pictures: resize stretch, 32×32 pixels, nms soft (as asked for)")
    #expect(feeding.detection(overlap: 0.45).suppression.method == .soft)
    let loading = feeding.loading(for: try spec(), batchSize: 3)
    #expect(loading.fit == .stretch && loading.width == 32 && loading.batchSize == 3)
  }
}
