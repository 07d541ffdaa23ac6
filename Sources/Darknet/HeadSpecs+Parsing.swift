extension YoloSpec {
  /// Defaults are those of AlexeyAB's `parse_yolo`.
  ///
  /// - Parameters:
  ///   - index: the head's own layer.
  ///   - rank: how many heads come before it.
  ///   - layerCount: layers of the whole network.
  init(
    _ reader: inout SectionReader, index: Int, rank: Int, layerCount: Int
  ) throws(ConfigurationError) {
    classes = try reader.requiredInteger("classes", in: 1...65536)
    anchors = try reader.anchors(isRequired: true)
    mask = try reader.mask(anchorCount: anchors.count)
    scaleXY = try reader.float("scale_x_y", in: 0...100, default: 1)
    newCoords = try reader.flag("new_coords")
    iouLoss = try reader.word("iou_loss", default: .mse)
    iouNormalizer = try reader.float("iou_normalizer", in: 0...1e6, default: 0.75)
    objectnessNormalizer = try reader.float("obj_normalizer", in: 0...1e6, default: 1)
    classNormalizer = try reader.float("cls_normalizer", in: 0...1e6, default: 1)
    ignoreThreshold = try reader.float("ignore_thresh", in: 0...1e6, default: 0.5)
    truthThreshold = try reader.float("truth_thresh", in: 0...1e6, default: 1)
    iouThreshold = try reader.float("iou_thresh", in: 0...1e6, default: 1)
    labelSmoothing = try reader.float("label_smooth_eps", in: 0...1, default: 0)
    objectnessSmooth = try reader.flag("objectness_smooth")
    nmsKind = reader.nmsKind()
    betaNMS = try reader.float("beta_nms", in: 0...1e6, default: 0.6)
    let maxDelta = try reader.float("max_delta", in: 0...Double.greatestFiniteMagnitude, default: 0)
    self.maxDelta = maxDelta > 0 && maxDelta.isFinite ? maxDelta : nil
    jitter = try reader.float("jitter", in: 0...1, default: 0.2)
    resize = try reader.float("resize", in: 0...1000, default: 1)
    multiScale = try reader.number("random", in: 0...1e6, default: 0) != 0
    fusionSources = try reader.integers("from") ?? []
    fusionRank = rank
    if !fusionSources.isEmpty {
      // The other heads' convolutions may come later, this head's own may not.
      guard fusionSources.allSatisfy({ (0..<layerCount).contains($0) }),
        rank < fusionSources.count, fusionSources[rank] < index
      else {
        throw .invalidReference(
          reader.section["from"]?.excerpt ?? "", key: "from", layer: index,
          reason: "does not name one layer for each head", at: reader.place(of: "from"))
      }
    }
    reader.know(SectionReader.trainingKeys)
    reader.know([
      "counters_per_class", "delta_normalizer", "detection_gate", "dets_for_show",
      "dets_for_track", "embedding_layer", "focal_loss", "iou_thresh_kind", "map", "max",
      "show_details", "sim_thresh", "track_ciou_norm", "track_history_size",
    ])
  }
}

extension GaussianYoloSpec {
  init(
    _ reader: inout SectionReader, index: Int, rank: Int, layerCount: Int
  ) throws(ConfigurationError) {
    yolo = try YoloSpec(&reader, index: index, rank: rank, layerCount: layerCount)
    guard yolo.fusionSources.isEmpty else {
      throw .unsupportedKey(
        "from", value: reader.section["from"]?.excerpt ?? "", section: reader.section.name,
        at: reader.place(of: "from"))
    }
    uncertaintyNormalizer = try reader.float("uc_normalizer", in: 0...1e6, default: 1)
    point = try reader.word("yolo_point", default: .center)
  }
}

extension RegionSpec {
  /// Defaults are those of AlexeyAB's `parse_region`.
  init(_ reader: inout SectionReader) throws(ConfigurationError) {
    classes = try reader.requiredInteger("classes", in: 1...65536)
    anchors = try reader.anchors(isRequired: false)
    _ = try reader.integer("coords", in: 4...4)
    softmax = try reader.flag("softmax")
    rescore = try reader.flag("rescore")
    biasMatch = try reader.flag("bias_match")
    threshold = try reader.float("thresh", in: 0...1e6, default: 0.5)
    objectScale = try reader.float("object_scale", in: 0...1e6, default: 1)
    noObjectScale = try reader.float("noobject_scale", in: 0...1e6, default: 1)
    classScale = try reader.float("class_scale", in: 0...1e6, default: 1)
    coordinateScale = try reader.float("coord_scale", in: 0...1e6, default: 1)
    jitter = try reader.float("jitter", in: 0...1, default: 0.2)
    multiScale = try reader.number("random", in: 0...1e6, default: 0) != 0
    try reader.refuse(["background", "softmax_tree"])
    if let tree = reader.text("tree") {
      throw .unsupportedKey(
        "tree", value: tree.excerpt, section: reader.section.name, at: reader.place(of: "tree"))
    }
    reader.know(SectionReader.trainingKeys)
    reader.know([
      "absolute", "classfix", "focal_loss", "log", "map", "mask_scale", "max", "resize", "sqrt",
    ])
  }
}

extension SectionReader {
  mutating func float(
    _ key: String, in range: ClosedRange<Double>, default fallback: Double
  ) throws(ConfigurationError) -> Float {
    Float(try number(key, in: range, default: fallback))
  }

  /// The `anchors`, as many as there are pairs; `num` is only checked against them.
  mutating func anchors(isRequired: Bool) throws(ConfigurationError) -> [Anchor] {
    let count = try integer("num", in: 1...4096)
    guard let values = try numbers("anchors") else {
      guard !isRequired else { throw missing("anchors") }
      // A region's boxes are half a cell without anchors.
      return Array(repeating: Anchor(width: 0.5, height: 0.5), count: count ?? 1)
    }
    guard values.count % 2 == 0, values.count <= 8192 else {
      throw .mismatch(
        "'anchors' has \(values.count) numbers, expected pairs of width and height",
        at: place(of: "anchors"))
    }
    guard values.allSatisfy({ (0...100_000).contains($0) }) else {
      throw .outOfRange(
        section["anchors"]?.excerpt ?? "", key: "anchors", allowed: "sizes in 0...100000",
        at: place(of: "anchors"))
    }
    let anchors = stride(from: 0, to: values.count, by: 2).map {
      Anchor(width: Float(values[$0]), height: Float(values[$0 + 1]))
    }
    if let count, count != anchors.count {
      warn(
        .disagreement(
          "'num=\(count)' does not match the \(anchors.count) anchors, which count",
          at: place(of: "num")))
    }
    if let flat = anchors.first(where: { $0.width == 0 || $0.height == 0 }) {
      warn(
        .disagreement(
          "the anchor \(flat.width),\(flat.height) has no area", at: place(of: "anchors")))
    }
    return anchors
  }

  /// The `mask`; without one a head predicts every anchor.
  mutating func mask(anchorCount: Int) throws(ConfigurationError) -> [Int] {
    guard let mask = try integers("mask") else { return Array(0..<anchorCount) }
    guard mask.allSatisfy({ (0..<anchorCount).contains($0) }) else {
      throw .outOfRange(
        section["mask"]?.excerpt ?? "", key: "mask",
        allowed: "0...\(anchorCount - 1), the number of anchors less one", at: place(of: "mask"))
    }
    guard mask.count <= anchorCount, Set(mask).count == mask.count else {
      throw .invalidValue(
        section["mask"]?.excerpt ?? "", key: "mask", expected: "a list of different anchors",
        at: place(of: "mask"))
    }
    return mask
  }

  /// `nms_kind`; a misspelt one is a warning, since it does not change the network.
  mutating func nmsKind() -> YoloSpec.NMSKind {
    guard let value = text("nms_kind") else { return .standard }
    if let kind = YoloSpec.NMSKind(rawValue: value) { return kind }
    warn(
      .unknownValue(
        value.excerpt, key: "nms_kind", used: YoloSpec.NMSKind.greedy.rawValue,
        at: place(of: "nms_kind")))
    return .greedy
  }
}
