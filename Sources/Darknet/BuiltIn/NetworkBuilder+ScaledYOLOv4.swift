// Scaled-YOLOv4 (Wang et al., 2020): cross-stage partial blocks in the neck too, logistic heads.

extension Blueprint {
  static let yolov4CSP = Blueprint(
    "cross stages in the neck too, mish", millionsOfParameters: 52.9, size: 512,
    anchors: yolov4Anchors,
    heads: 3, training: .scaled,
    write: { $0.yolov4CSP(.mish, width: 32, blocks: [2, 8, 8, 4], depth: 2) })

  static let yolov4CSPSwish = Blueprint(
    "the same with swish", millionsOfParameters: 52.9, size: 640,
    anchors: yolov4Anchors, heads: 3, training: .scaled,
    write: {
      $0.yolov4CSP(.swish, width: 32, blocks: [2, 8, 8, 4], depth: 2, headsLast: true)
    })

  static let yolov4XMish = Blueprint(
    "YOLOv4-CSP, wider and deeper", millionsOfParameters: 99.8, size: 640,
    anchors: yolov4Anchors, heads: 3, training: .scaledWithoutAverage,
    write: { $0.yolov4CSP(.mish, width: 40, blocks: [3, 10, 10, 5], depth: 3) })
}

extension Blueprint.Training {
  fileprivate static let scaledWithoutAverage = Self(
    momentum: "0.949", totalSteps: 500_500, others: [("mosaic", "1"), ("letter_box", "1")])
  fileprivate static let scaled = Self(
    momentum: "0.949", totalSteps: 500_500,
    others: [("mosaic", "1"), ("letter_box", "1"), ("ema_alpha", "0.9998")])
}

extension NetworkBuilder {
  /// - Parameters:
  ///   - width: channels of the first stage, halved.
  ///   - blocks: residual blocks of each cross stage.
  ///   - depth: pairs of convolutions in each block of the neck.
  ///   - headsLast: whether the heads stand together at the end, trained alike.
  mutating func yolov4CSP(
    _ activation: Activation, width: Int, blocks: [Int], depth: Int, headsLast: Bool = false
  ) {
    self.activation = activation
    convolution(32, size: 3)
    convolution(2 * width, size: 3, stride: 2)
    residual(width, 2 * width)
    let stages = blocks.enumerated().map { level, count in
      let inner = (2 * width) << level
      return crossStage(2 * inner, inner: inner, between: inner, blocks: count)
    }
    let filters = [4 * width, 8 * width, 16 * width]
    let coarse = crossPyramid(filters[2], pairs: depth - 1)
    aggregateUpwards(filters[1], joining: stages[2])
    let middle = reversedCrossStage(filters[1], pairs: depth)
    aggregateUpwards(filters[0], joining: stages[1])
    var outputs = [reversedCrossStage(filters[0], pairs: depth)]
    if !headsLast { scaledHead(0, filters[0]) }
    for (level, joined) in [(1, middle), (2, coarse)] {
      if !headsLast { route(outputs[level - 1]) }
      convolution(filters[level], size: 3, stride: 2)
      route(-1, joined)
      outputs.append(reversedCrossStage(filters[level], pairs: depth))
      if !headsLast { scaledHead(level, filters[level]) }
    }
    guard headsLast else { return }
    for (level, output) in outputs.enumerated() {
      route(output)
      convolution(2 * filters[level], size: 3)
      logisticHead(
        level, objectness: "0.4", isSmooth: true, maxDelta: "2", iouThreshold: nil)
    }
  }

  /// Spatial pyramid pooling inside a cross-stage partial block.
  private mutating func crossPyramid(_ filters: Int, pairs: Int) -> Int {
    let input = last
    let past = convolution(filters, size: 1)
    route(input)
    alternateEqual(filters, 3)
    pyramidPooling(5, 9, 13)
    alternateEqual(filters, 2 * pairs)
    route(-1, past)
    return convolution(filters, size: 1)
  }

  /// A block of the neck: 1×1 first, then halves that meet again, one through `pairs` of
  /// convolutions.
  private mutating func reversedCrossStage(_ filters: Int, pairs: Int) -> Int {
    let input = convolution(filters, size: 1)
    let past = convolution(filters, size: 1)
    route(input)
    alternateEqual(filters, 2 * pairs)
    route(-1, past)
    return convolution(filters, size: 1)
  }

  /// `count` convolutions to `filters` channels, in turn 1×1 and 3×3.
  private mutating func alternateEqual(_ filters: Int, _ count: Int) {
    for position in 0..<count { convolution(filters, size: position % 2 == 0 ? 1 : 3) }
  }

  private mutating func scaledHead(_ level: Int, _ filters: Int) {
    convolution(2 * filters, size: 3)
    logisticHead(
      level, objectness: ["4.0", "1.0", "0.4"][level], isSmooth: level > 0,
      maxDelta: level == 2 ? "2" : "5", iouThreshold: "0.2")
  }

  /// A head of Scaled-YOLOv4 and YOLOv7: logistic before the `[yolo]`, sizes `(2σ(t))²`.
  mutating func logisticHead(
    _ index: Int, objectness: String, isSmooth: Bool, maxDelta: String, iouThreshold: String?
  ) {
    head(
      index, activation: .logistic,
      options: [
        "jitter": ".1", "scale_x_y": "2.0", "objectness_smooth": isSmooth ? "1" : "0",
        "ignore_thresh": ".7", "truth_thresh": "1", "resize": "1.5", "iou_normalizer": "0.05",
        "cls_normalizer": "0.5", "obj_normalizer": objectness, "iou_loss": "ciou",
        "nms_kind": "diounms", "beta_nms": "0.6", "new_coords": "1", "max_delta": maxDelta,
      ])
    if let iouThreshold { set("iou_thresh", iouThreshold) }
  }
}
