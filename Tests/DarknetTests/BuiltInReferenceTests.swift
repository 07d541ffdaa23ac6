import Darknet
import Testing
import _TestSupport

/// The built-in networks against the reference cfgs of their families.
@Suite(.enabled(if: realData != nil, "PARE_REALDATA is not set"))
struct BuiltInReferenceTests {
  /// A built-in network, with what its reference says in place of the defaults.
  struct Reference: Sendable, CustomTestStringConvertible {
    var network: BuiltInNetwork
    var file: String
    var classes = 80
    var anchors: [Anchor]?
    var masks: BuiltInNetwork.TinyMasks?
    var testDescription: String { "\(network.rawValue), \(file)" }
  }

  static let references = [
    Reference(network: .yolov2, file: "cfg/darknet/yolov2.cfg"),
    Reference(network: .yolov2Tiny, file: "cfg/darknet/yolov2-tiny.cfg"),
    Reference(network: .yolov3, file: "cfg/darknet/yolov3.cfg"),
    Reference(network: .yolov3SPP, file: "cfg/darknet/yolov3-spp.cfg"),
    Reference(network: .yolov3SPP3, file: "cfg/extended/yolov3-spp3.cfg"),
    // The reference file has the masks that its weights were not trained with (docs/formulas.md
    // 2.6).
    Reference(network: .yolov3Tiny, file: "cfg/darknet/yolov3-tiny.cfg", masks: .legacy),
    Reference(
      network: .yolov3TinyThreeLevels, file: "cfg/darknet/yolov3-tiny_3l.cfg", classes: 2),
    Reference(
      network: .yolov3TinyThreeLevels, file: "cfg/extended/yolov3-tiny3.cfg",
      anchors: BuiltInNetwork.yolov3.anchors),
    Reference(network: .yolov3FiveLevels, file: "cfg/darknet/yolov3_5l.cfg"),
    Reference(network: .yolov3ASFF, file: "cfg/extended/yolov3-asff.cfg"),
    Reference(network: .yolov3PanScale, file: "cfg/extended/yolov3-spp-pan-scale.cfg"),
    Reference(network: .yolov3Matrix, file: "cfg/extended/yolov3-spp-matrix.cfg"),
    Reference(network: .yolov3MobileNet, file: "cfg/extended/yolov3-mobilenet-coco.cfg"),
    Reference(
      network: .yolov3TinyMobileNetSmall,
      file: "cfg/extended/yolov3tiny-mobilenet-small-coco.cfg"),
    Reference(network: .yolov3Ghost, file: "cfg/extended/yolov3-ghost-coco.cfg"),
    Reference(
      network: .yolov3TinyEfficientNetB0, file: "cfg/extended/yolov3tiny-efficientnetB0.cfg"),
    Reference(network: .enetCOCO, file: "cfg/darknet/enet-coco.cfg"),
    Reference(network: .yolov4, file: "cfg/darknet/yolov4.cfg"),
    // Its name notwithstanding, every convolution of the file is leaky.
    Reference(network: .yolov4Leaky, file: "cfg/extended/yolov4-relu.cfg"),
    Reference(network: .yolov4Tiny, file: "cfg/darknet/yolov4-tiny.cfg"),
    Reference(network: .yolov4TinyThreeLevels, file: "cfg/darknet/yolov4-tiny-3l.cfg"),
    Reference(network: .yolov4CSP, file: "cfg/darknet/yolov4-csp.cfg"),
    Reference(network: .yolov4CSPSwish, file: "cfg/darknet/yolov4-csp-swish.cfg"),
    Reference(network: .yolov4XMish, file: "cfg/darknet/yolov4x-mish.cfg"),
    Reference(network: .yolov7Tiny, file: "cfg/darknet/yolov7-tiny.cfg"),
    Reference(network: .yoloFastest, file: "yolo-fastest/yolo-fastest-1.1.cfg"),
  ]

  @Test(arguments: references)
  func `each is the network of its reference file`(reference: Reference) throws {
    let theirs = try NetworkSpec(contentsOf: #require(realData) + "/" + reference.file)
    let ours = try NetworkSpec(
      reference.network.configuration(
        classes: reference.classes, anchors: reference.anchors, masks: reference.masks))
    #expect(ours.warnings.isEmpty)
    #expect(ours.inputShape == theirs.inputShape)
    #expect(ours.layers.count == theirs.layers.count)
    for (index, pair) in zip(ours.layers, theirs.layers).enumerated() {
      #expect(compared(pair.0) == compared(pair.1), "layer \(index)")
      #expect(ours.section(ofLayer: index).name == theirs.section(ofLayer: index).name)
    }
    #expect(ours.shapes == theirs.shapes)
    #expect(try ours.parameterLayout() == theirs.parameterLayout())
    #expect(ours.weightsByteCount == theirs.weightsByteCount)
  }

  @Test(arguments: references)
  func `each is trained as its reference file says`(reference: Reference) throws {
    var theirs = try NetworkSpec(contentsOf: #require(realData) + "/" + reference.file).net
    var ours = try NetworkSpec(reference.network.configuration()).net
    // What fits into memory is not the network's.
    for key in ["batch", "subdivisions"] {
      ours.raw[key] = nil
      theirs.raw[key] = nil
    }
    ours.batchSize = theirs.batchSize
    ours.accumulationSteps = theirs.accumulationSteps
    #expect(ours == theirs)
  }

  /// The layer, less the anchors that a `[yolo]` does not predict.
  ///
  /// The last head of yolov3-spp-pan-scale.cfg lists other anchors than the first two; each head's
  /// own are those of the built-in network.
  private func compared(_ layer: LayerSpec) -> LayerSpec {
    guard case .yolo(var head) = layer else { return layer }
    head.anchors = head.maskedAnchors
    head.mask = Array(head.anchors.indices)
    return .yolo(head)
  }

  @Test func `masks are those of the reference files`() throws {
    for reference in Self.references {
      let theirs = try NetworkSpec(contentsOf: #require(realData) + "/" + reference.file)
      let ours = try NetworkSpec(
        reference.network.configuration(
          classes: reference.classes, anchors: reference.anchors, masks: reference.masks))
      func masks(_ spec: NetworkSpec) -> [[Int]] {
        spec.layers.compactMap { if case .yolo(let head) = $0 { head.mask } else { nil } }
      }
      #expect(masks(ours) == masks(theirs), "\(reference.file)")
    }
  }
}
