/// The networks that need no cfg: each is written for any number of classes, size and anchors.
public enum BuiltInNetwork: String, Hashable, Sendable, CaseIterable {
  /// YOLOv2 (Redmon and Farhadi, 2016).
  case yolov2
  /// YOLOv2-tiny.
  case yolov2Tiny = "yolov2-tiny"
  /// YOLOv3 (Redmon and Farhadi, 2018).
  case yolov3
  /// YOLOv3 with spatial pyramid pooling before its coarse head.
  case yolov3SPP = "yolov3-spp"
  /// YOLOv3 with spatial pyramid pooling before each head.
  case yolov3SPP3 = "yolov3-spp3"
  /// YOLOv3-tiny.
  case yolov3Tiny = "yolov3-tiny"
  /// YOLOv3-tiny with a third head, of stride 8.
  case yolov3TinyThreeLevels = "yolov3-tiny-3l"
  /// YOLOv3 with five heads, of strides 32 to 2.
  case yolov3FiveLevels = "yolov3-5l"
  /// YOLOv3-SPP with adaptive fusion of its heads (Liu et al., 2019).
  case yolov3ASFF = "yolov3-asff"
  /// YOLOv3-SPP with a path down through every stage.
  case yolov3PanScale = "yolov3-spp-pan-scale"
  /// YOLOv3-SPP with heads for tall and for wide boxes.
  case yolov3Matrix = "yolov3-spp-matrix"
  /// YOLOv3 on MobileNetV3-large.
  case yolov3MobileNet = "yolov3-mobilenet"
  /// YOLOv3-tiny on MobileNetV3-small.
  case yolov3TinyMobileNetSmall = "yolov3-tiny-mobilenet-small"
  /// YOLOv3 on GhostNet.
  case yolov3Ghost = "yolov3-ghost"
  /// YOLOv3-tiny on EfficientNet-B0, each anchor in one head.
  case yolov3TinyEfficientNetB0 = "yolov3-tiny-efficientnet-b0"
  /// The same network with the masks of its published weights.
  case enetCOCO = "enet-coco"
  /// YOLOv4 (Bochkovskiy et al., 2020).
  case yolov4
  /// YOLOv4 with leaky ReLU in its backbone too.
  case yolov4Leaky = "yolov4-leaky"
  /// YOLOv4 with ReLU throughout.
  case yolov4ReLU = "yolov4-relu"
  /// YOLOv4-leaky with the small pools that DPUs allow.
  case yolov4LeakyDPU = "yolov4-leaky-dpu"
  /// YOLOv4-tiny.
  case yolov4Tiny = "yolov4-tiny"
  /// YOLOv4-tiny with a third head, of stride 8.
  case yolov4TinyThreeLevels = "yolov4-tiny-3l"
  /// YOLOv4-CSP (Wang et al., 2020).
  case yolov4CSP = "yolov4-csp"
  /// YOLOv4-CSP with swish.
  case yolov4CSPSwish = "yolov4-csp-swish"
  /// YOLOv4x-mish.
  case yolov4XMish = "yolov4x-mish"
  /// YOLOv7-tiny (Wang et al., 2022).
  case yolov7Tiny = "yolov7-tiny"
  /// Yolo-Fastest 1.1 (dog-qiuqiu), depthwise throughout.
  case yoloFastest = "yolo-fastest-1.1"

  /// Which anchors the fine head of the tiny networks predicts (docs/formulas.md 2.6).
  public enum TinyMasks: String, Hashable, Sendable, CaseIterable {
    /// 1, 2, 3: what the published weights were trained with; anchor 3 is in both heads.
    case official
    /// 0, 1, 2: each anchor in one head.
    case legacy
  }

  /// Its published facts, and what writes it.
  var blueprint: Blueprint {
    switch self {
    case .yolov2: .yolov2
    case .yolov2Tiny: .yolov2Tiny
    case .yolov3: .yolov3
    case .yolov3SPP: .yolov3SPP
    case .yolov3SPP3: .yolov3SPP3
    case .yolov3Tiny: .yolov3Tiny
    case .yolov3TinyThreeLevels: .yolov3TinyThreeLevels
    case .yolov3FiveLevels: .yolov3FiveLevels
    case .yolov3ASFF: .yolov3ASFF
    case .yolov3PanScale: .yolov3PanScale
    case .yolov3Matrix: .yolov3Matrix
    case .yolov3MobileNet: .yolov3MobileNet
    case .yolov3TinyMobileNetSmall: .yolov3TinyMobileNetSmall
    case .yolov3Ghost: .yolov3Ghost
    case .yolov3TinyEfficientNetB0: .yolov3TinyEfficientNetB0
    case .enetCOCO: .enetCOCO
    case .yolov4: .yolov4
    case .yolov4Leaky: .yolov4Leaky
    case .yolov4ReLU: .yolov4ReLU
    case .yolov4LeakyDPU: .yolov4LeakyDPU
    case .yolov4Tiny: .yolov4Tiny
    case .yolov4TinyThreeLevels: .yolov4TinyThreeLevels
    case .yolov4CSP: .yolov4CSP
    case .yolov4CSPSwish: .yolov4CSPSwish
    case .yolov4XMish: .yolov4XMish
    case .yolov7Tiny: .yolov7Tiny
    case .yoloFastest: .yoloFastest
    }
  }

  /// What the network is, in a few words without a full stop.
  public var summary: String { blueprint.summary }

  /// Trainable parameters for 80 classes, in millions, rounded to a tenth.
  public var millionsOfParameters: Double { blueprint.millionsOfParameters }

  /// The anchors that the network is published with, in pixels of its own input size.
  public var anchors: [Anchor] { blueprint.anchors }

  /// The input size that the network is published with, in pixels.
  public var defaultSize: Int { blueprint.size }

  /// Number of detection heads.
  public var headCount: Int { blueprint.headCount }

  /// Whether the fine head has a choice of anchors (``TinyMasks``): tiny networks of two heads.
  public var hasTinyMasks: Bool { blueprint.masks != nil }

  /// The network's cfg.
  ///
  /// - Parameters:
  ///   - classes: number of classes, 1...65536.
  ///   - anchors: in pixels, as many for each head as for every other, small ones first; nil for
  ///     the published ones.
  ///   - width: input width in pixels, nil for ``defaultSize``.
  ///   - height: input height in pixels, nil for `width`.
  ///   - channels: 3 for colour, 1 for gray.
  ///   - masks: of the tiny networks' fine head; nil is what the network is published with, and
  ///     legacy (each anchor once) with other anchors.
  ///   - widthMultiple: what channels are multiplied by, above 0 and at most 1; they are rounded to
  ///     multiples of 8, heads are left alone.
  /// - Returns: a configuration whose path is the network's name with `.cfg`.
  /// - Throws: ``ConfigurationError`` when a number is out of range, the network has no choice of
  ///   masks, or the size does not suit it (its grids would not meet again; multiples of 32 always
  ///   do).
  public func configuration(
    classes: Int = 80, anchors: [Anchor]? = nil, width: Int? = nil, height: Int? = nil,
    channels: Int = 3, masks: TinyMasks? = nil, widthMultiple: Double = 1
  ) throws(ConfigurationError) -> Configuration {
    let path = rawValue + ".cfg"
    let place = SourcePlace(path: path, line: 0)
    let blueprint = blueprint
    guard widthMultiple > 0, widthMultiple <= 1 else {
      throw .outOfRange(
        "\(widthMultiple)", key: "width multiple", allowed: "above 0 and at most 1", at: place)
    }
    guard (1...65536).contains(classes) else {
      throw .outOfRange("\(classes)", key: "classes", allowed: "1...65536", at: place)
    }
    let boxes = anchors ?? blueprint.anchors
    guard !boxes.isEmpty, boxes.count % headCount == 0 else {
      let found = boxes.count == 1 ? "1 anchor" : "\(boxes.count) anchors"
      let usual = blueprint.anchors.count
      throw .mismatch(
        "\(found) cannot be shared out evenly to \(headCount) heads; \(rawValue) takes \(usual), "
          + "or another multiple of \(headCount): 'pare anchors --data DATA.data "
          + "--clusters \(usual)' finds them", at: place)
    }
    if masks != nil && !hasTinyMasks {
      throw .mismatch("has no choice of masks, each anchor is in one head", at: place)
    }
    let published = boxes == blueprint.anchors ? blueprint.masks : nil
    let tinyMasks = masks ?? published ?? .legacy
    guard tinyMasks == .legacy || boxes.count == blueprint.anchors.count else {
      throw .mismatch(
        "the official masks are for \(blueprint.anchors.count) anchors, not \(boxes.count)",
        at: place)
    }
    var builder = NetworkBuilder(
      net: blueprint.training.net(
        width: width ?? defaultSize, height: height ?? width ?? defaultSize, channels: channels),
      heads: Heads(anchors: boxes, classes: classes, count: headCount, tinyMasks: tinyMasks),
      widthMultiple: widthMultiple)
    blueprint.write(&builder)
    let configuration = Configuration(sections: builder.sections, path: path).renumbered()
    _ = try NetworkSpec(configuration)
    return configuration
  }

  /// What to say when published weights may meet the masks that they were not trained with
  /// (docs/formulas.md 2.6): for a tiny network for COCO with legacy masks.
  ///
  /// Weights of that network have the published file's size, whoever trained them; hence a warning.
  public static func maskWarning(for spec: NetworkSpec) -> ConfigurationWarning? {
    guard spec.classes == 80, case .yolo(let fine)? = spec.layers.last, fine.mask == [0, 1, 2]
    else { return nil }
    for network in allCases
    where network.blueprint.masks == .official && fine.anchors == network.anchors {
      guard let published = try? NetworkSpec(network.configuration()),
        let layout = try? published.parameterLayout(), let own = try? spec.parameterLayout(),
        own == layout
      else { continue }
      let entries = spec.section(ofLayer: spec.layers.count - 1).entries
      let line = entries.first { $0.key == "mask" }?.line ?? 0
      return .disagreement(
        "the published weights of \(network.rawValue) were trained with 'mask=1,2,3' here, "
          + "with 'mask=0,1,2' their boxes have wrong sizes",
        at: SourcePlace(path: spec.configuration.path, line: line))
    }
    return nil
  }
}
