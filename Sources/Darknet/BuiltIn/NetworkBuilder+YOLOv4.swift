// YOLOv4 (Bochkovskiy et al., 2020): CSPDarknet-53, path aggregation up and down.

extension Blueprint {
  static let yolov4 = Blueprint(
    "CSPDarknet-53, mish in the backbone", millionsOfParameters: 64.4, size: 608,
    anchors: yolov4Anchors, heads: 3, training: .yolov4,
    write: { $0.yolov4(.mish, .leaky, maxDelta: "5") })

  static let yolov4Leaky = Blueprint(
    "leaky ReLU throughout", millionsOfParameters: 64.4, size: 608,
    anchors: yolov4Anchors, heads: 3, training: .yolov4Fast, write: { $0.yolov4(.leaky, .leaky) })

  static let yolov4ReLU = Blueprint(
    "ReLU throughout", millionsOfParameters: 64.4, size: 608, anchors: yolov4Anchors,
    heads: 3, training: .yolov4Fast, write: { $0.yolov4(.relu, .relu) })

  static let yolov4LeakyDPU = Blueprint(
    "leaky, pools of at most 7 for DPUs", millionsOfParameters: 64.4, size: 512,
    anchors: yolov4Anchors, heads: 3, training: .yolov4Fast,
    write: { $0.yolov4(.leaky, .leaky, pools: (5, 5, 7)) })
}

extension Blueprint.Training {
  static let yolov4 = Self(
    momentum: "0.949", learningRate: "0.0013", totalSteps: 500_500, others: [("mosaic", "1")])
  /// Twice the rate, as published with leaky ReLU.
  static let yolov4Fast = Self(
    momentum: "0.949", learningRate: "0.00261", totalSteps: 500_500, others: [("mosaic", "1")])
}

extension NetworkBuilder {
  /// - Parameters:
  ///   - trunk: activation of the backbone.
  ///   - neck: activation of everything after it.
  ///   - pools: sizes of the pyramid's pools.
  ///   - maxDelta: limit of the box gradient, nil for none.
  mutating func yolov4(
    _ trunk: Activation, _ neck: Activation, pools: (Int, Int, Int) = (5, 9, 13),
    maxDelta: String? = nil
  ) {
    activation = trunk
    convolution(32, size: 3)
    crossStage(64, inner: 64, between: 32, blocks: 1)
    let stages = [(128, 2), (256, 8), (512, 8), (1024, 4)].map { filters, blocks in
      crossStage(filters, inner: filters / 2, between: filters / 2, blocks: blocks)
    }
    activation = neck
    alternate(512, 3)
    pyramidPooling(pools.0, pools.1, pools.2)
    var ways = [alternate(512, 3)]
    for (filters, joined) in [(256, stages[2]), (128, stages[1])] {
      aggregateUpwards(filters, joining: joined)
      ways.append(alternate(filters, 5))
    }
    convolution(256, size: 3)
    yolov4Head(0, scaleXY: "1.2", maxDelta: maxDelta)
    var source = ways[2]
    for (filters, joined, index, scale) in [(256, ways[1], 1, "1.1"), (512, ways[0], 2, "1.05")] {
      route(source)
      convolution(filters, size: 3, stride: 2)
      route(-1, joined)
      source = alternate(filters, 6)
      yolov4Head(index, scaleXY: scale, maxDelta: maxDelta)
    }
  }

  /// A cross-stage partial block: halves that meet again, one of them through residual blocks.
  @discardableResult
  mutating func crossStage(_ filters: Int, inner: Int, between: Int, blocks: Int) -> Int {
    let input = convolution(filters, size: 3, stride: 2)
    let past = convolution(inner, size: 1)
    route(input)
    convolution(inner, size: 1)
    for _ in 0..<blocks { residual(between, inner) }
    convolution(inner, size: 1)
    route(-1, past)
    return convolution(filters, size: 1)
  }

  /// The last layer enlarged, beside one of the backbone, each brought to `filters` channels.
  mutating func aggregateUpwards(_ filters: Int, joining joined: Int) {
    convolution(filters, size: 1)
    let enlarged = upsample()
    route(joined)
    convolution(filters, size: 1)
    route(-1, enlarged)
  }

  private mutating func yolov4Head(_ index: Int, scaleXY: String, maxDelta: String?) {
    head(
      index,
      options: [
        "jitter": ".3", "ignore_thresh": ".7", "truth_thresh": "1", "scale_x_y": scaleXY,
        "iou_thresh": "0.213", "cls_normalizer": "1.0", "iou_normalizer": "0.07",
        "iou_loss": "ciou", "nms_kind": "greedynms", "beta_nms": "0.6",
      ])
    if let maxDelta { set("max_delta", maxDelta) }
    // Darknet reads this key of the last head only.
    if index == heads.masks.count - 1 { set("random", "1") }
  }
}
