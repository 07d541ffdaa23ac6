// Networks of inverted residuals: MobileNetV3 (Howard et al., 2019), EfficientNet-B0 (Tan and Le,
// 2019) and Yolo-Fastest (dog-qiuqiu, 2020), each with heads of YOLO.

extension Blueprint {
  static let yolov3MobileNet = Blueprint(
    "on MobileNetV3-large", millionsOfParameters: 24.2, size: 416, anchors: yolov3Anchors,
    heads: 3, write: { $0.yolov3MobileNet() })

  static let yolov3TinyMobileNetSmall = Blueprint(
    "on MobileNetV3-small", millionsOfParameters: 3.0, size: 416, anchors: tinyAnchors,
    heads: 2, masks: .legacy, write: { $0.yolov3TinyMobileNetSmall() })

  static let yolov3TinyEfficientNetB0 = Blueprint(
    "on EfficientNet-B0", millionsOfParameters: 4.8, size: 416, anchors: tinyAnchors,
    heads: 2, masks: .legacy, write: { $0.efficientNetB0() })

  static let enetCOCO = Blueprint(
    "the same, masks of its own weights", millionsOfParameters: 4.8,
    size: 416, anchors: tinyAnchors, heads: 2, masks: .official, write: { $0.efficientNetB0() })

  static let yoloFastest = Blueprint(
    "depthwise throughout, for phones", millionsOfParameters: 0.3, size: 320,
    anchors: [12, 18, 37, 49, 52, 132, 115, 73, 119, 199, 242, 238], heads: 2,
    training: Training(momentum: "0.949", warmupSteps: 4000, totalSteps: 500_000),
    write: { $0.yoloFastest() })
}

extension NetworkBuilder {
  /// 1×1 to `inner` channels, `filter` channel by channel, 1×1 to `outer` without activation, and
  /// the sum with what came in where the block `isResidual`.
  ///
  /// - Returns: the last layer.
  @discardableResult
  private mutating func invertedResidual(
    _ inner: Int, to outer: Int, isResidual: Bool, dropout probability: String? = nil,
    filter: (inout NetworkBuilder) -> Void
  ) -> Int {
    let input = last
    convolution(inner, size: 1)
    filter(&self)
    convolution(outer, size: 1, activation: .linear)
    if isResidual {
      if let probability { dropout(probability) }
      shortcut(input)
    }
    return last
  }

  // MARK: - MobileNetV3

  /// A row of MobileNetV3's table.
  private struct MobileBlock {
    var kernel: Int
    var inner: Int
    var outer: Int
    var squeezes = false
    var activation = Activation.relu6
    var stride = 1
  }

  /// - Returns: the last layer of each block.
  private mutating func mobileNetV3(_ blocks: [MobileBlock]) -> [Int] {
    activation = .hardSwish
    convolution(16, size: 3, stride: 2)
    var width = 16
    let outputs = blocks.map { block in
      activation = block.activation
      let isResidual = block.stride == 1 && block.outer == width
      width = block.outer
      return invertedResidual(block.inner, to: block.outer, isResidual: isResidual) {
        $0.depthwiseBlock(size: block.kernel, stride: block.stride)
        if block.squeezes { $0.squeezeExcitation() }
      }
    }
    convolution(1024, size: 1, activation: .hardSwish)
    activation = .leaky
    return outputs
  }

  mutating func yolov3MobileNet() {
    let swish = Activation.hardSwish
    let blocks = mobileNetV3([
      MobileBlock(kernel: 3, inner: 16, outer: 16),
      MobileBlock(kernel: 3, inner: 64, outer: 24, stride: 2),
      MobileBlock(kernel: 3, inner: 72, outer: 24),
      MobileBlock(kernel: 5, inner: 72, outer: 40, squeezes: true, stride: 2),
      MobileBlock(kernel: 5, inner: 120, outer: 40, squeezes: true),
      MobileBlock(kernel: 5, inner: 120, outer: 40, squeezes: true),
      MobileBlock(kernel: 3, inner: 240, outer: 80, activation: swish, stride: 2),
      MobileBlock(kernel: 3, inner: 200, outer: 80, activation: swish),
      MobileBlock(kernel: 3, inner: 184, outer: 80, activation: swish),
      MobileBlock(kernel: 3, inner: 184, outer: 80, activation: swish),
      MobileBlock(kernel: 3, inner: 480, outer: 112, squeezes: true, activation: swish),
      MobileBlock(kernel: 3, inner: 672, outer: 112, squeezes: true, activation: swish),
      MobileBlock(kernel: 5, inner: 672, outer: 160, squeezes: true, activation: swish, stride: 2),
      MobileBlock(kernel: 5, inner: 960, outer: 160, squeezes: true, activation: swish),
      MobileBlock(kernel: 5, inner: 960, outer: 160, squeezes: true, activation: swish),
    ])
    // The last blocks of strides 16 and 8.
    _ = yolov3Heads(joining: [blocks[11], blocks[5]])
  }

  mutating func yolov3TinyMobileNetSmall() {
    let swish = Activation.hardSwish
    let blocks = mobileNetV3([
      MobileBlock(kernel: 3, inner: 16, outer: 16, squeezes: true, stride: 2),
      MobileBlock(kernel: 3, inner: 72, outer: 24, stride: 2),
      MobileBlock(kernel: 3, inner: 88, outer: 24),
      MobileBlock(kernel: 5, inner: 96, outer: 40, squeezes: true, activation: swish, stride: 2),
      MobileBlock(kernel: 5, inner: 240, outer: 40, squeezes: true, activation: swish),
      MobileBlock(kernel: 5, inner: 240, outer: 40, squeezes: true, activation: swish),
      MobileBlock(kernel: 5, inner: 120, outer: 48, squeezes: true, activation: swish),
      MobileBlock(kernel: 5, inner: 144, outer: 48, squeezes: true, activation: swish),
      MobileBlock(kernel: 5, inner: 288, outer: 96, squeezes: true, activation: swish, stride: 2),
      MobileBlock(kernel: 5, inner: 576, outer: 96, squeezes: true, activation: swish),
      MobileBlock(kernel: 5, inner: 576, outer: 96, squeezes: true, activation: swish),
    ])
    tinyHeads([(128, blocks[7], 256)]) { $0.yolov3Head($1) }
  }

  // MARK: - EfficientNet-B0

  mutating func efficientNetB0() {
    activation = .swish
    convolution(32, size: 3, stride: 2)
    var width = 32
    var expansions: [Int] = []
    for (inner, outer, kernel, stride, squeeze, count) in [
      (32, 16, 3, 1, 8, 1), (96, 24, 3, 2, 16, 1), (144, 24, 3, 1, 8, 1), (144, 40, 5, 2, 8, 1),
      (192, 40, 5, 1, 16, 1), (192, 80, 3, 1, 16, 1), (384, 80, 3, 1, 24, 2),
      (384, 112, 5, 2, 24, 1), (576, 112, 5, 1, 32, 2), (576, 192, 5, 2, 32, 1),
      (960, 192, 5, 1, 64, 3), (960, 320, 3, 1, 64, 1),
    ] {
      for _ in 0..<count {
        expansions.append(last + 1)
        invertedResidual(
          inner, to: outer, isResidual: stride == 1 && outer == width, dropout: ".0"
        ) {
          $0.depthwise(size: kernel, stride: stride)
          $0.channelAttention(squeeze: squeeze)
        }
        width = outer
      }
    }
    convolution(1280, size: 1)
    activation = .leaky
    efficientNetHeads(finer: expansions[11])
  }

  /// Heads whose ways are added, not joined.
  ///
  /// - Parameter finer: a layer of twice the grid.
  private mutating func efficientNetHeads(finer: Int) {
    let narrow = convolution(256, size: 1)
    let wide = convolution(256, size: 3)
    shortcut(narrow, activation: .leaky)
    efficientNetHead(1)
    route(wide)
    convolution(128, size: 1)
    let enlarged = upsample()
    shortcut(finer, activation: .leaky)
    convolution(128, size: 3)
    shortcut(enlarged, activation: .leaky)
    shortcut(finer, activation: .leaky)
    efficientNetHead(0)
  }

  private mutating func efficientNetHead(_ index: Int) {
    head(
      index,
      options: ["jitter": ".3", "ignore_thresh": ".7", "truth_thresh": "1", "random": "0"])
  }

  // MARK: - Yolo-Fastest

  mutating func yoloFastest() {
    convolution(8, size: 3, stride: 2)
    var outputs: [Int] = []
    // The stages: channels in their first block and in the residual ones after it.
    for (first, outer, inner, blocks, stride) in [
      (8, 4, 8, 1, 1), (24, 8, 32, 2, 2), (32, 8, 48, 2, 2), (48, 16, 96, 4, 1),
      (96, 24, 136, 4, 2), (136, 48, 224, 5, 2),
    ] {
      invertedResidual(first, to: outer, isResidual: false) {
        $0.depthwise(size: 3, stride: stride)
      }
      for _ in 0..<blocks {
        invertedResidual(inner, to: outer, isResidual: true, dropout: ".15") {
          $0.depthwise(size: 3)
        }
      }
      outputs.append(last)
    }
    pyramidPooling(3, 5, 9)
    let coarse = convolution(96, size: 1)
    separable(96)
    separable(96)
    yoloFastestHead(1, scaleXY: "1.0")
    route(coarse)
    upsample()
    route(-1, outputs[4])
    separable(120)
    separable(120)
    yoloFastestHead(0, scaleXY: "1.00")
  }

  /// 5×5 depthwise, then 1×1 without activation.
  private mutating func separable(_ filters: Int) {
    depthwise(size: 5)
    convolution(filters, size: 1, activation: .linear)
  }

  private mutating func yoloFastestHead(_ index: Int, scaleXY: String) {
    head(
      index,
      options: [
        "jitter": ".15", "ignore_thresh": ".5", "truth_thresh": "1", "random": "0",
        "scale_x_y": scaleXY, "iou_thresh": "0.213", "cls_normalizer": "1.0",
        "iou_normalizer": "0.07", "iou_loss": "ciou", "nms_kind": "greedynms", "beta_nms": "0.6",
      ])
  }
}
