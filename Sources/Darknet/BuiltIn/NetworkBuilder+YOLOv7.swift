// YOLOv7-tiny (Wang et al., 2022): ELAN blocks, path aggregation, logistic heads.

extension Blueprint {
  static let yolov7Tiny = Blueprint(
    "ELAN blocks, three heads", millionsOfParameters: 6.2, size: 416, anchors: yolov3Anchors,
    heads: 3,
    training: Training(
      learningRate: "0.00261", totalSteps: 2_000_200, steps: "1600000,1800000"),
    write: { $0.yolov7Tiny() })
}

extension NetworkBuilder {
  mutating func yolov7Tiny() {
    convolution(32, size: 3, stride: 2)
    convolution(64, size: 3, stride: 2)
    var stages = [aggregation(32)]
    for width in [64, 128, 256] {
      maxPool(size: 2, stride: 2)
      stages.append(aggregation(width))
    }
    let coarse = crossPyramid()
    aggregateUpwards(128, joining: stages[2])
    let middle = aggregation(64)
    aggregateUpwards(64, joining: stages[1])
    var outputs = [aggregation(32)]
    for (filters, joined) in [(128, middle), (256, coarse)] {
      convolution(filters, size: 3, stride: 2)
      route(-1, joined)
      outputs.append(aggregation(filters / 2))
    }
    for (index, output) in outputs.enumerated() {
      route(output)
      convolution(128 << index, size: 3)
      logisticHead(
        index, objectness: "1.0", isSmooth: true, maxDelta: "2", iouThreshold: "0.2")
    }
  }

  /// An ELAN block: a chain of two 3×3 convolutions, every step of which reaches the 1×1 at the
  /// end.
  private mutating func aggregation(_ width: Int) -> Int {
    let input = last
    let past = convolution(width, size: 1)
    route(input)
    let first = convolution(width, size: 1)
    let second = convolution(width, size: 3)
    let third = convolution(width, size: 3)
    route(past, first, second, third)
    return convolution(2 * width, size: 1)
  }

  /// Spatial pyramid pooling inside a cross-stage partial block, 1×1 convolutions only.
  private mutating func crossPyramid() -> Int {
    let input = last
    let past = convolution(256, size: 1)
    route(input)
    convolution(256, size: 1)
    pyramidPooling(5, 9, 13)
    convolution(256, size: 1)
    route(past, -1)
    return convolution(256, size: 1)
  }
}
