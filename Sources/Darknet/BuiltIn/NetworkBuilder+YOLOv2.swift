// YOLOv2 (Redmon and Farhadi, 2016): Darknet-19, one head of stride 32, a passthrough of stride 16.

extension Blueprint {
  static let yolov2 = Blueprint(
    "Darknet-19, one region head", millionsOfParameters: 51.0,
    size: 416, anchors: yolov2Anchors, heads: 1, write: { $0.yolov2() })

  static let yolov2Tiny = Blueprint(
    "nine convolutions, one region head", millionsOfParameters: 11.2, size: 416,
    anchors: yolov2Anchors, heads: 1, write: { $0.yolov2Tiny() })

  /// Anchors for COCO, published as grid cells of 32 pixels.
  private static let yolov2Anchors: [Float] = [
    0.57273, 0.677385, 1.87446, 2.06253, 3.33843, 5.47434, 7.88282, 3.52778, 9.77052, 9.16828,
  ].map { $0 * 32 }
}

extension NetworkBuilder {
  mutating func yolov2() {
    var stages: [Int] = []
    for (filters, count) in [(32, 1), (64, 1), (128, 3), (256, 3), (512, 5)] {
      stages.append(sandwich(filters, count))
      maxPool(size: 2, stride: 2)
    }
    sandwich(1024, 5)
    convolution(1024, size: 3)
    let coarse = convolution(1024, size: 3)
    route(stages[4])
    convolution(64, size: 1)
    let passthrough = reorganize("reorg", stride: 2)
    route(passthrough, coarse)
    convolution(1024, size: 3)
    regionHead(jitter: ".3", rescore: "1")
  }

  mutating func yolov2Tiny() {
    tinyTrunk()
    convolution(1024, size: 3)
    convolution(512, size: 3)
    regionHead(jitter: ".2", rescore: "0")
  }

  /// `count` convolutions, in turn 3×3 to `filters` channels and 1×1 to half as many.
  @discardableResult
  private mutating func sandwich(_ filters: Int, _ count: Int) -> Int {
    for position in 0..<count {
      if position % 2 == 0 {
        convolution(filters, size: 3)
      } else {
        convolution(filters / 2, size: 1)
      }
    }
    return last
  }

  private mutating func regionHead(jitter: String, rescore: String) {
    region(options: [
      "bias_match": "1", "softmax": "1", "jitter": jitter, "rescore": rescore,
      "object_scale": "5", "noobject_scale": "1", "class_scale": "1", "coord_scale": "1",
      "absolute": "1", "thresh": ".6", "random": "1",
    ])
  }
}
