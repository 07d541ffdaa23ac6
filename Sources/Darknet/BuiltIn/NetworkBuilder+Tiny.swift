// The tiny networks of YOLOv3 and YOLOv4: few layers, heads on two or three grids.

extension Blueprint {
  static let yolov3Tiny = Blueprint(
    "thirteen convolutions, two heads", millionsOfParameters: 8.9, size: 416, anchors: tinyAnchors,
    heads: 2,
    masks: .official, write: { $0.yolov3Tiny() })

  static let yolov3TinyThreeLevels = Blueprint(
    "with a third, finer head", millionsOfParameters: 9.2, size: 608,
    anchors: [4, 7, 7, 15, 13, 25, 25, 42, 41, 67, 75, 94, 91, 162, 158, 205, 250, 332], heads: 3,
    training: Training(totalSteps: 200_000, steps: "180000,190000"),
    write: { $0.yolov3Tiny(third: true) })

  static let yolov4Tiny = Blueprint(
    "halved cross stages, two heads", millionsOfParameters: 6.1, size: 416, anchors: tinyAnchors,
    heads: 2,
    masks: .official,
    training: Training(
      learningRate: "0.00261", totalSteps: 2_000_200, steps: "1600000,1800000"),
    write: { $0.yolov4Tiny() })

  static let yolov4TinyThreeLevels = Blueprint(
    "with a third, finer head", millionsOfParameters: 6.3, size: 608,
    anchors: yolov4Anchors, heads: 3, training: Training(learningRate: "0.00261"),
    write: { $0.yolov4Tiny(third: true) })
}

extension NetworkBuilder {
  mutating func yolov3Tiny(third: Bool = false) {
    let stages = tinyTrunk()
    convolution(1024, size: 3)
    tinyHeads(
      [(128, stages[4], 256)] + (third ? [(128, stages[3], 128)] : [])
    ) { $0.yolov3Head($1) }
  }

  /// Six convolutions, each with a pool; the last pool has stride 1.
  ///
  /// - Returns: the convolutions, strides 1 to 32.
  @discardableResult
  mutating func tinyTrunk() -> [Int] {
    [(16, 2), (32, 2), (64, 2), (128, 2), (256, 2), (512, 1)].map { filters, stride in
      let layer = convolution(filters, size: 3)
      maxPool(size: 2, stride: stride)
      return layer
    }
  }

  /// Heads on the coarsest grid and on finer ones.
  ///
  /// - Parameter finer: for each finer grid the channels of the way there, the layer that is joined
  ///   and the channels before the head.
  mutating func tinyHeads(
    _ finer: [(filters: Int, joined: Int, wide: Int)], head: (inout NetworkBuilder, Int) -> Void
  ) {
    var source = convolution(256, size: 1)
    convolution(512, size: 3)
    head(&self, finer.count)
    for (position, level) in finer.enumerated() {
      lateral(from: source, filters: level.filters, joining: level.joined)
      source = convolution(level.wide, size: 3)
      head(&self, finer.count - 1 - position)
    }
  }

  mutating func yolov4Tiny(third: Bool = false) {
    convolution(32, size: 3, stride: 2)
    convolution(64, size: 3, stride: 2)
    let stages = [64, 128, 256].map { filters in
      let inner = partialStage(filters)
      maxPool(size: 2, stride: 2)
      return inner
    }
    convolution(512, size: 3)
    tinyHeads(
      [(128, stages[2], 256)] + (third ? [(64, stages[1], 128)] : [])
    ) { $0.yolov4TinyHead($1) }
  }

  /// A cross-stage partial block on half of the channels.
  ///
  /// - Returns: the 1×1 convolution before the halves meet.
  private mutating func partialStage(_ filters: Int) -> Int {
    let input = convolution(filters, size: 3)
    secondHalf()
    convolution(filters / 2, size: 3)
    convolution(filters / 2, size: 3)
    route(-1, -2)
    let inner = convolution(filters, size: 1)
    route(input, inner)
    return inner
  }

  private mutating func yolov4TinyHead(_ index: Int) {
    head(
      index,
      options: [
        "jitter": ".3", "scale_x_y": "1.05", "cls_normalizer": "1.0", "iou_normalizer": "0.07",
        "iou_loss": "ciou", "ignore_thresh": ".7", "truth_thresh": "1", "random": "0",
        "resize": "1.5", "nms_kind": "greedynms", "beta_nms": "0.6",
      ])
  }
}
