/// The networks that need no cfg: each is written for any number of classes, size and anchors.
public enum BuiltInNetwork: String, Hashable, Sendable, CaseIterable {
  /// YOLOv3 (Redmon and Farhadi, 2018).
  case yolov3
  /// YOLOv3 with spatial pyramid pooling.
  case yolov3SPP = "yolov3-spp"
  /// YOLOv3-tiny.
  case yolov3Tiny = "yolov3-tiny"
  /// YOLOv4 (Bochkovskiy et al., 2020).
  case yolov4
  /// YOLOv4-tiny.
  case yolov4Tiny = "yolov4-tiny"
  /// Yolo-Fastest 1.1 (dog-qiuqiu), depthwise throughout.
  case yoloFastest = "yolo-fastest-1.1"

  /// Which anchors the fine head of the tiny networks predicts (SPEC M15).
  public enum TinyMasks: String, Hashable, Sendable, CaseIterable {
    /// 1, 2, 3: what the published weights were trained with; anchor 3 is in both heads.
    case official
    /// 0, 1, 2: each anchor in one head.
    case legacy
  }

  /// The anchors that the network is published with, in pixels of its own input size.
  public var anchors: [Anchor] {
    let sizes: [(Float, Float)] =
      switch self {
      case .yolov3, .yolov3SPP:
        [
          (10, 13), (16, 30), (33, 23), (30, 61), (62, 45), (59, 119), (116, 90), (156, 198),
          (373, 326),
        ]
      case .yolov3Tiny, .yolov4Tiny:
        [(10, 14), (23, 27), (37, 58), (81, 82), (135, 169), (344, 319)]
      case .yolov4:
        [
          (12, 16), (19, 36), (40, 28), (36, 75), (76, 55), (72, 146), (142, 110), (192, 243),
          (459, 401),
        ]
      case .yoloFastest:
        [(12, 18), (37, 49), (52, 132), (115, 73), (119, 199), (242, 238)]
      }
    return sizes.map { Anchor(width: $0.0, height: $0.1) }
  }

  /// The input size that the network is published with, in pixels.
  public var defaultSize: Int {
    switch self {
    case .yolov3, .yolov3Tiny, .yolov4Tiny: 416
    case .yolov3SPP, .yolov4: 608
    case .yoloFastest: 320
    }
  }

  /// Whether the published weights have masks of their own (``TinyMasks``).
  public var hasOfficialMasks: Bool { self == .yolov3Tiny || self == .yolov4Tiny }

  /// Number of detection heads.
  public var headCount: Int {
    switch self {
    case .yolov3, .yolov3SPP, .yolov4: 3
    case .yolov3Tiny, .yolov4Tiny, .yoloFastest: 2
    }
  }

  /// The network's cfg.
  ///
  /// - Parameters:
  ///   - classes: number of classes, 1...65536.
  ///   - anchors: as many for each head as for every other, small ones first; nil for the published
  ///     ones.
  ///   - width: input width in pixels, nil for ``defaultSize``.
  ///   - height: input height in pixels, nil for `width`.
  ///   - channels: 3 for colour, 1 for gray.
  ///   - masks: of the tiny networks' fine head; nil is official with the published anchors, and
  ///     legacy (each anchor once) with others.
  ///   - widthMultiple: what channels are multiplied by, above 0 and at most 1; they are rounded to
  ///     multiples of 8, heads are left alone.
  /// - Returns: a configuration whose path is the network's name with `.cfg`.
  /// - Throws: ``ConfigurationError`` when a number is out of range, or the size does not suit the
  ///   network (its grids would not meet again; multiples of 32 always do).
  public func configuration(
    classes: Int = 80, anchors: [Anchor]? = nil, width: Int? = nil, height: Int? = nil,
    channels: Int = 3, masks: TinyMasks? = nil, widthMultiple: Double = 1
  ) throws(ConfigurationError) -> Configuration {
    let path = rawValue + ".cfg"
    let place = SourcePlace(path: path, line: 0)
    guard widthMultiple > 0, widthMultiple <= 1 else {
      throw .outOfRange(
        "\(widthMultiple)", key: "width multiple", allowed: "above 0 and at most 1", at: place)
    }
    guard (1...65536).contains(classes) else {
      throw .outOfRange("\(classes)", key: "classes", allowed: "1...65536", at: place)
    }
    let boxes = anchors ?? self.anchors
    guard !boxes.isEmpty, boxes.count % headCount == 0 else {
      throw .mismatch(
        "\(boxes.count) anchors cannot be shared out evenly to \(headCount) heads", at: place)
    }
    let tinyMasks = masks ?? (anchors == nil || anchors == self.anchors ? .official : .legacy)
    guard !hasOfficialMasks || tinyMasks == .legacy || boxes.count == self.anchors.count else {
      throw .mismatch(
        "the official masks are for \(self.anchors.count) anchors, not \(boxes.count)", at: place)
    }
    var builder = NetworkBuilder(widthMultiple: widthMultiple)
    writeNet(
      &builder, width: width ?? defaultSize, height: height ?? width ?? defaultSize,
      channels: channels)
    let heads = Heads(anchors: boxes, classes: classes, count: headCount, tinyMasks: tinyMasks)
    switch self {
    case .yolov3: builder.yolov3(heads, pyramid: false)
    case .yolov3SPP: builder.yolov3(heads, pyramid: true)
    case .yolov3Tiny: builder.yolov3Tiny(heads)
    case .yolov4: builder.yolov4(heads)
    case .yolov4Tiny: builder.yolov4Tiny(heads)
    case .yoloFastest: builder.yoloFastest(heads)
    }
    let configuration = Configuration(sections: builder.sections, path: path).renumbered()
    _ = try NetworkSpec(configuration)
    return configuration
  }

  /// What to say when published weights may meet the masks that they were not trained with
  /// (SPEC M15): for a network that is yolov3-tiny or yolov4-tiny for COCO with legacy masks.
  ///
  /// Weights of that network have the published file's size, whoever trained them; hence a warning.
  public static func maskWarning(for spec: NetworkSpec) -> ConfigurationWarning? {
    guard spec.classes == 80, case .yolo(let fine)? = spec.layers.last, fine.mask == [0, 1, 2]
    else { return nil }
    for network in allCases where network.hasOfficialMasks && fine.anchors == network.anchors {
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

  private func writeNet(
    _ builder: inout NetworkBuilder, width: Int, height: Int, channels: Int
  ) {
    let (momentum, learningRate, warmup, total, steps) =
      switch self {
      case .yolov3, .yolov3SPP, .yolov3Tiny: ("0.9", "0.001", 1000, 500_200, "400000,450000")
      case .yolov4: ("0.949", "0.0013", 1000, 500_500, "400000,450000")
      case .yolov4Tiny: ("0.9", "0.00261", 1000, 2_000_200, "1600000,1800000")
      case .yoloFastest: ("0.949", "0.001", 4000, 500_000, "400000,450000")
      }
    builder.add(
      "net",
      [
        "batch": "64", "subdivisions": "16", "width": "\(width)", "height": "\(height)",
        "channels": "\(channels)", "momentum": momentum, "decay": "0.0005", "angle": "0",
        "saturation": "1.5", "exposure": "1.5", "hue": ".1", "learning_rate": learningRate,
        "burn_in": "\(warmup)", "max_batches": "\(total)", "policy": "steps", "steps": steps,
        "scales": ".1,.1",
      ])
  }

  /// What the heads of one network share.
  struct Heads {
    let anchors: [Anchor]
    let classes: Int
    /// The anchors of each head, fine heads first.
    let masks: [[Int]]

    init(anchors: [Anchor], classes: Int, count: Int, tinyMasks: TinyMasks) {
      self.anchors = anchors
      self.classes = classes
      let share = anchors.count / count
      masks = (0..<count).map { head in Array((head * share)..<((head + 1) * share)) }
      officialFineMask = tinyMasks == .official ? masks[0].map { $0 + 1 } : masks[0]
    }

    /// The fine head's anchors in the networks that were published with masks one off.
    let officialFineMask: [Int]
  }
}
