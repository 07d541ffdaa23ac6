// The networks themselves. Layer indices are those of the published cfgs, so that weights fit.

extension NetworkBuilder {
  typealias Heads = BuiltInNetwork.Heads

  // MARK: - YOLOv3

  /// YOLOv3, with spatial pyramid pooling in its first head or without.
  mutating func yolov3(_ heads: Heads, pyramid: Bool) {
    convolution(32, size: 3)
    for (filters, count) in [(64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)] {
      convolution(filters, size: 3, stride: 2)
      for _ in 0..<count { residual(filters / 2, filters) }
    }
    let fine = 36
    let middle = 61
    bottlenecks(512, pyramid ? 1 : 2)
    if pyramid {
      convolution(512, size: 1)
      pyramidPooling(5, 9, 13)
      bottlenecks(512, 1)
    }
    bottlenecks(512, 1)
    yolov3Head(heads, 2)
    for (filters, joined, head) in [(256, middle, 1), (128, fine, 0)] {
      route(-4)
      convolution(filters, size: 1)
      upsample()
      route(-1, joined)
      bottlenecks(filters, 3)
      yolov3Head(heads, head)
    }
  }

  private mutating func yolov3Head(_ heads: Heads, _ index: Int) {
    head(
      heads.masks[index], anchors: heads.anchors, classes: heads.classes,
      options: ["jitter": ".3", "ignore_thresh": ".7", "truth_thresh": "1", "random": "1"])
  }

  /// A residual block: 1×1 to `inner` channels, 3×3 to `outer`, and the sum.
  private mutating func residual(_ inner: Int, _ outer: Int) {
    convolution(inner, size: 1)
    convolution(outer, size: 3)
    shortcut(-3)
  }

  /// `count` pairs of a 1×1 to `filters` channels and a 3×3 to twice as many.
  private mutating func bottlenecks(_ filters: Int, _ count: Int) {
    for _ in 0..<count {
      convolution(filters, size: 1)
      convolution(2 * filters, size: 3)
    }
  }

  // MARK: - YOLOv3-tiny

  mutating func yolov3Tiny(_ heads: Heads) {
    for (filters, stride) in [(16, 2), (32, 2), (64, 2), (128, 2), (256, 2), (512, 1)] {
      convolution(filters, size: 3)
      maxPool(size: 2, stride: stride)
    }
    let joined = 8
    convolution(1024, size: 3)
    convolution(256, size: 1)
    convolution(512, size: 3)
    yolov3Head(heads, 1)
    route(-4)
    convolution(128, size: 1)
    upsample()
    route(-1, joined)
    convolution(256, size: 3)
    head(
      heads.officialFineMask, anchors: heads.anchors, classes: heads.classes,
      options: ["jitter": ".3", "ignore_thresh": ".7", "truth_thresh": "1", "random": "1"])
  }

  // MARK: - YOLOv4

  mutating func yolov4(_ heads: Heads) {
    activation = .mish
    convolution(32, size: 3)
    let fine = 54
    let middle = 85
    crossStage(64, inner: 64, between: 32, blocks: 1)
    for (filters, blocks) in [(128, 2), (256, 8), (512, 8), (1024, 4)] {
      crossStage(filters, inner: filters / 2, between: filters / 2, blocks: blocks)
    }
    activation = .leaky
    bottlenecks(512, 1)
    convolution(512, size: 1)
    pyramidPooling(5, 9, 13)
    bottlenecks(512, 1)
    convolution(512, size: 1)
    for (filters, joined) in [(256, middle), (128, fine)] {
      convolution(filters, size: 1)
      upsample()
      route(joined)
      convolution(filters, size: 1)
      route(-1, -3)
      bottlenecks(filters, 2)
      convolution(filters, size: 1)
    }
    convolution(256, size: 3)
    yolov4Head(heads, 0, scaleXY: "1.2")
    for (filters, joined, index, scale) in [(256, -16, 1, "1.1"), (512, -37, 2, "1.05")] {
      route(-4)
      convolution(filters, size: 3, stride: 2)
      route(-1, joined)
      bottlenecks(filters, 3)
      yolov4Head(heads, index, scaleXY: scale)
    }
  }

  /// A cross-stage partial block: halves that meet again, one of them through residual blocks.
  private mutating func crossStage(_ filters: Int, inner: Int, between: Int, blocks: Int) {
    convolution(filters, size: 3, stride: 2)
    convolution(inner, size: 1)
    route(-2)
    convolution(inner, size: 1)
    for _ in 0..<blocks { residual(between, inner) }
    convolution(inner, size: 1)
    // Back to the half that went past: over the blocks, and four more layers.
    route(-1, -(3 * blocks + 4))
    convolution(filters, size: 1)
  }

  private mutating func yolov4Head(_ heads: Heads, _ index: Int, scaleXY: String) {
    head(
      heads.masks[index], anchors: heads.anchors, classes: heads.classes,
      options: [
        "jitter": ".3", "ignore_thresh": ".7", "truth_thresh": "1", "scale_x_y": scaleXY,
        "iou_thresh": "0.213", "cls_normalizer": "1.0", "iou_normalizer": "0.07",
        "iou_loss": "ciou", "nms_kind": "greedynms", "beta_nms": "0.6", "max_delta": "5",
      ])
    // Darknet reads this key of the last head only.
    if index == heads.masks.count - 1 { sections[sections.count - 1]["random"] = "1" }
  }

  // MARK: - YOLOv4-tiny

  mutating func yolov4Tiny(_ heads: Heads) {
    convolution(32, size: 3, stride: 2)
    convolution(64, size: 3, stride: 2)
    for filters in [64, 128, 256] {
      convolution(filters, size: 3)
      add("route", ["layers": "-1", "groups": "2", "group_id": "1"])
      convolution(filters / 2, size: 3)
      convolution(filters / 2, size: 3)
      route(-1, -2)
      convolution(filters, size: 1)
      route(-6, -1)
      maxPool(size: 2, stride: 2)
    }
    let joined = 23
    convolution(512, size: 3)
    convolution(256, size: 1)
    convolution(512, size: 3)
    yolov4TinyHead(heads, heads.masks[1])
    route(-4)
    convolution(128, size: 1)
    upsample()
    route(-1, joined)
    convolution(256, size: 3)
    yolov4TinyHead(heads, heads.officialFineMask)
  }

  private mutating func yolov4TinyHead(_ heads: Heads, _ mask: [Int]) {
    head(
      mask, anchors: heads.anchors, classes: heads.classes,
      options: [
        "jitter": ".3", "scale_x_y": "1.05", "cls_normalizer": "1.0", "iou_normalizer": "0.07",
        "iou_loss": "ciou", "ignore_thresh": ".7", "truth_thresh": "1", "random": "0",
        "resize": "1.5", "nms_kind": "greedynms", "beta_nms": "0.6",
      ])
  }

  // MARK: - Yolo-Fastest

  mutating func yoloFastest(_ heads: Heads) {
    convolution(8, size: 3, stride: 2)
    // The stages: channels between and after, stride of the first block, residual blocks after it.
    invertedResidual(8, 4, stride: 1)
    residualChain(8, 4, count: 1)
    for (first, channels, inner, blocks, stride) in [
      (24, 8, 32, 2, 2), (32, 8, 48, 2, 2), (48, 16, 96, 4, 1), (96, 24, 136, 4, 2),
      (136, 48, 224, 5, 2),
    ] {
      invertedResidual(first, channels, stride: stride)
      residualChain(inner, channels, count: blocks)
    }
    let joined = 80
    pyramidPooling(3, 5, 9)
    convolution(96, size: 1, pads: false)
    separable(96)
    separable(96)
    yoloFastestHead(heads, 1, scaleXY: "1.0")
    route(-7)
    upsample()
    route(-1, joined)
    separable(120, reading: scaled(96) + scaled(24))
    separable(120)
    yoloFastestHead(heads, 0, scaleXY: "1.00")
  }

  /// 1×1 to `inner` channels, 3×3 depthwise, 1×1 to `outer` without activation.
  private mutating func invertedResidual(_ inner: Int, _ outer: Int, stride: Int) {
    convolution(inner, size: 1, pads: false)
    depthwise(inner, size: 3, stride: stride)
    convolution(outer, size: 1, pads: false, activation: .linear)
  }

  /// `count` inverted residuals that are added to what they read.
  private mutating func residualChain(_ inner: Int, _ outer: Int, count: Int) {
    for _ in 0..<count {
      invertedResidual(inner, outer, stride: 1)
      add("dropout", ["probability": ".15"])
      shortcut(-5)
    }
  }

  /// 5×5 depthwise, then 1×1 without activation; `inputs` where they are not `channels`, scaled.
  private mutating func separable(_ channels: Int, reading inputs: Int? = nil) {
    depthwise(channels, size: 5)
    if let inputs {
      sections[sections.count - 1]["groups"] = "\(inputs)"
      sections[sections.count - 1]["filters"] = "\(inputs)"
    }
    convolution(channels, size: 1, activation: .linear)
  }

  private mutating func yoloFastestHead(_ heads: Heads, _ index: Int, scaleXY: String) {
    head(
      heads.masks[index], anchors: heads.anchors, classes: heads.classes,
      options: [
        "jitter": ".15", "ignore_thresh": ".5", "truth_thresh": "1", "random": "0",
        "scale_x_y": scaleXY, "iou_thresh": "0.213", "cls_normalizer": "1.0",
        "iou_normalizer": "0.07", "iou_loss": "ciou", "nms_kind": "greedynms", "beta_nms": "0.6",
      ])
  }
}
