// YOLOv3 (Redmon and Farhadi, 2018) and what grew from it: Darknet-53 and heads on three grids.

extension Blueprint {
  static let yolov3 = Blueprint(
    "Darknet-53, heads on three grids", millionsOfParameters: 61.9, size: 416,
    anchors: yolov3Anchors, heads: 3,
    write: { $0.yolov3() })

  static let yolov3SPP = Blueprint(
    "with spatial pyramid pooling", millionsOfParameters: 63.0, size: 608,
    anchors: yolov3Anchors, heads: 3, write: { $0.yolov3(pyramids: 1) })

  static let yolov3SPP3 = Blueprint(
    "with a pyramid in each head", millionsOfParameters: 64.3, size: 608,
    anchors: yolov3Anchors, heads: 3,
    training: Training(totalSteps: 120_200, steps: "70000,100000"),
    write: { $0.yolov3(pyramids: 3) })

  static let yolov3FiveLevels = Blueprint(
    "heads of strides 32 to 2", millionsOfParameters: 62.3, size: 416,
    anchors: [4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9] + yolov3Anchors, heads: 5,
    write: { $0.yolov3FiveLevels() })

  static let yolov3ASFF = Blueprint(
    "SPP, adaptive fusion of the heads", millionsOfParameters: 63.0, size: 608,
    anchors: yolov3Anchors, heads: 3, write: { $0.yolov3ASFF() })

  static let yolov3PanScale = Blueprint(
    "SPP, a path down through every stage", millionsOfParameters: 98.2, size: 544,
    anchors: [
      8, 8, 10, 13, 16, 30, 33, 23, 32, 32, 30, 61, 62, 45, 64, 64, 80, 80, 116, 90, 156, 198, 373,
      326,
    ], heads: 3,
    training: Training(totalSteps: 10_000, steps: "8000,9000"), write: { $0.yolov3PanScale() })

  static let yolov3Matrix = Blueprint(
    "SPP, heads for tall and wide boxes", millionsOfParameters: 69.4, size: 416,
    anchors: yolov3Anchors + [
      10, 7, 16, 15, 33, 12, 5, 13, 8, 30, 17, 23, 30, 31, 62, 23, 59, 60, 15, 61, 31, 45, 30, 119,
      116, 45, 156, 99, 373, 163, 58, 90, 78, 198, 187, 326,
    ], heads: 9, training: Training(totalSteps: 500_500), write: { $0.yolov3Matrix() })
}

extension NetworkBuilder {
  mutating func yolov3(pyramids: Int = 0) {
    let stages = darknet53()
    _ = yolov3Heads(joining: [stages[3].upperBound, stages[2].upperBound], pyramids: pyramids)
  }

  /// Darknet-53 without its classifier: its five stages, strides 2 to 32.
  private mutating func darknet53() -> [ClosedRange<Int>] {
    convolution(32, size: 3)
    return [(64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)].map { filters, blocks in
      let first = convolution(filters, size: 3, stride: 2)
      for _ in 0..<blocks { residual(filters / 2, filters) }
      return first...last
    }
  }

  /// A residual block: 1×1 to `inner` channels, 3×3 to `outer`, and the sum.
  mutating func residual(_ inner: Int, _ outer: Int) {
    let input = last
    convolution(inner, size: 1)
    convolution(outer, size: 3)
    shortcut(input)
  }

  /// `count` convolutions, in turn 1×1 to `filters` channels and 3×3 to twice as many.
  ///
  /// - Parameter narrowFirst: whether the first is the 1×1.
  /// - Returns: the last 1×1.
  @discardableResult
  mutating func alternate(_ filters: Int, _ count: Int, narrowFirst: Bool = true) -> Int {
    var narrow = last
    for position in 0..<count {
      if (position % 2 == 0) == narrowFirst {
        narrow = convolution(filters, size: 1)
      } else {
        convolution(2 * filters, size: 3)
      }
    }
    return narrow
  }

  /// A layer made smaller and enlarged, beside one of the finer grid.
  mutating func lateral(from layer: Int, filters: Int, joining finer: Int) {
    route(layer)
    convolution(filters, size: 1)
    upsample()
    route(-1, finer)
  }

  /// Three heads, coarse ones first.
  ///
  /// - Parameters:
  ///   - joined: the layers of the middle and the fine grid that are joined.
  ///   - pyramids: 0; 1 for spatial pyramid pooling in the coarse head, 3 in each.
  ///   - write: what ends each of the heads; a `[yolo]` unless given.
  /// - Returns: the last 1×1 convolution of each head, coarse ones first.
  mutating func yolov3Heads(
    joining joined: [Int], pyramids: Int = 0,
    write: (inout NetworkBuilder, Int) -> Void = { $0.yolov3Head($1) }
  ) -> [Int] {
    var narrow: Int
    if pyramids > 0 {
      alternate(512, 3)
      pyramidPooling(5, 9, 13)
      narrow = alternate(512, 4)
    } else {
      narrow = alternate(512, 6)
    }
    write(&self, 2)
    var result = [narrow]
    // Each half of a head, around the pool, is an odd or an even number of convolutions.
    for (filters, finer, before, head) in [(256, joined[0], 2, 1), (128, joined[1], 3, 0)] {
      lateral(from: narrow, filters: filters, joining: finer)
      if pyramids == 3 {
        alternate(filters, before)
        pyramidPooling(5, 9, 13)
        narrow = alternate(filters, 6 - before, narrowFirst: before % 2 == 0)
      } else {
        narrow = alternate(filters, 6)
      }
      write(&self, head)
      result.append(narrow)
    }
    return result
  }

  mutating func yolov3Head(_ index: Int) {
    head(
      index,
      options: ["jitter": ".3", "ignore_thresh": ".7", "truth_thresh": "1", "random": "1"])
  }

  // MARK: - Variants

  mutating func yolov3FiveLevels() {
    let stages = darknet53()
    var narrow = alternate(512, 6)
    yolov3Head(4)
    for (lateralFilters, filters, head) in [
      (256, 256, 3), (128, 128, 2), (128, 64, 1), (128, 32, 0),
    ] {
      lateral(from: narrow, filters: lateralFilters, joining: stages[head].upperBound)
      narrow = alternate(filters, 6)
      yolov3Head(head)
    }
  }

  /// Heads that mix the convolutions of all three (Liu et al., 2019), one more channel for each.
  mutating func yolov3ASFF() {
    let stages = darknet53()
    var convolutions: [Int] = []
    let count = heads.masks.count
    _ = yolov3Heads(joining: [stages[3].upperBound, stages[2].upperBound], pyramids: 1) {
      convolutions.append($0.headConvolution($0.heads.channels(of: $1) + count))
    }
    let from = convolutions.map(String.init).joined(separator: ",")
    for index in (0..<count).reversed() { detections(index, options: ["from": from]) }
  }

  /// A path that takes the first layer of each stage along, by space to depth.
  mutating func yolov3PanScale() {
    let stages = darknet53()
    alternate(512, 3)
    let pyramid = pyramidPooling(5, 9, 13)
    let coarse = alternate(512, 3)
    lateral(from: pyramid, filters: 256, joining: stages[3].upperBound)
    // The way on starts at the second of these, the first 3×3.
    let wide = last + 2
    let middle = alternate(256, 5)
    lateral(from: wide, filters: 128, joining: stages[2].upperBound)
    let fine = alternate(128, 5)
    var path = route(stages[0].lowerBound)
    for stage in stages.dropFirst() {
      let folded = reorganize("reorg3d", stride: 2)
      path = route(stage.lowerBound, folded)
    }
    for (index, filters, stride, joined, scale) in [
      (0, 128, 4, fine, "1.05"), (1, 256, 2, middle, "1.1"), (2, 512, 1, coarse, "1.2"),
    ] {
      if last != path { route(path) }
      convolution(filters, size: 1)
      if stride > 1 { upsample(stride) }
      route(-1, joined)
      convolution(2 * filters, size: 3)
      head(
        index,
        options: [
          "jitter": ".3", "ignore_thresh": ".7", "truth_thresh": "1", "scale_x_y": scale,
          "random": "0",
        ])
    }
  }

  /// Two more heads on each grid, halved in height or width (xNets).
  mutating func yolov3Matrix() {
    let stages = darknet53()
    let narrow = yolov3Heads(joining: [stages[3].upperBound, stages[2].upperBound], pyramids: 1)
    var halving: [Int?] = [nil, nil]
    var index = 3
    for layer in narrow.reversed() {
      for (way, stride) in [(1, 2), (2, 1)].enumerated() {
        route(layer)
        convolution(256, size: 3)
        // The halving convolutions of all grids are one, those before them read different widths.
        let strided = convolution(
          128, size: 1, strideX: stride.0, strideY: stride.1, sharing: halving[way])
        halving[way] = halving[way] ?? strided
        convolution(256, size: 3)
        yolov3Head(index)
        index += 1
      }
    }
  }
}
