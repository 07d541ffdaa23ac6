/// One detection of one class, judged against its picture's ground truths.
struct JudgedDetection: Sendable {
  var confidence: Float
  /// The picture, in the order the pictures came.
  var image: Int32
  /// Its place among the picture's detections of the class, the most confident at 0.
  var rank: Int32
  /// Bit t of lane a: whether it matches a ground truth at threshold t in area range a.
  var isMatched: SIMD4<UInt16>
  /// Bit t of lane a: whether it is neither right nor wrong there.
  var isIgnored: SIMD4<UInt16>

  /// Right (true), wrong (false) or not counted (nil) at a threshold, in an area range.
  func isHit(threshold: Int, area: Int = 0) -> Bool? {
    let bit: UInt16 = 1 << UInt16(threshold)
    return isIgnored[area] & bit != 0 ? nil : isMatched[area] & bit != 0
  }
}

/// The detections of one class in one picture, judged.
struct Matching {
  /// From the most confident down.
  var detections: [JudgedDetection] = []
  /// How many ground truths count, by area range: all, small, medium, large.
  var positives: SIMD4<Int> = .zero

  /// COCO's area ranges in square pixels: all, small, medium, large; borders inclusive.
  static let areaRanges: [ClosedRange<Double>] = [0...1e10, 0...1024, 1024...9216, 9216...1e10]

  /// Judges by COCO's rules, as `evaluateImg` of pycocotools.
  ///
  /// - Parameters:
  ///   - detections: of one class and picture, from the most confident down; at most 100 are seen.
  ///   - groundTruths: of the same class and picture.
  static func coco(_ detections: [Detection], _ groundTruths: [GroundTruth], image: Int) -> Matching
  {
    let seen = detections.prefix(100).map { Rectangle($0.box) }
    let truths = groundTruths.map { Rectangle($0.box) }
    let overlaps = seen.map { rectangle in
      zip(truths, groundTruths).map { rectangle.iou(with: $0, isCrowd: $1.isCrowd) }
    }
    var result = Matching()
    result.detections = zip(detections, seen).enumerated().map { rank, detection in
      JudgedDetection(detection.0, image: image, rank: rank)
    }
    for (area, range) in areaRanges.enumerated() {
      let isIgnored = zip(truths, groundTruths).map { rectangle, truth in
        truth.isCrowd || !range.contains(truth.area.map(Double.init) ?? rectangle.area)
      }
      // Counted ground truths first: an ignored one is taken only where no counted one fits.
      let order = truths.indices.filter { !isIgnored[$0] } + truths.indices.filter { isIgnored[$0] }
      result.positives[area] = isIgnored.count { !$0 }
      for (t, threshold) in EvaluationStyle.iouThresholds.enumerated() {
        let bit: UInt16 = 1 << UInt16(t)
        var isTaken = Array(repeating: false, count: truths.count)
        for index in seen.indices {
          var (best, bestOverlap) = (-1, min(threshold, 1 - 1e-10))
          for candidate in order where !isTaken[candidate] || groundTruths[candidate].isCrowd {
            if best >= 0, !isIgnored[best], isIgnored[candidate] { break }
            guard overlaps[index][candidate] >= bestOverlap else { continue }
            bestOverlap = overlaps[index][candidate]
            best = candidate
          }
          if best >= 0 {
            isTaken[best] = true
            result.detections[index].isMatched[area] |= bit
            if isIgnored[best] { result.detections[index].isIgnored[area] |= bit }
          } else if !range.contains(seen[index].area) {
            result.detections[index].isIgnored[area] |= bit
          }
        }
      }
    }
    return result
  }

  /// Judges by the rule of Pascal VOC's `VOCevaldet.m`, or of docs/formulas.md 8.3: each detection
  /// looks only at the ground truth it overlaps most, and is wrong where that one is taken.
  ///
  /// - Parameters:
  ///   - detections: of one class and picture, from the most confident down.
  ///   - groundTruths: of the same class and picture.
  ///   - isStrict: whether an overlap of exactly the threshold is too little, and difficult ones
  ///     and crowds count as any other.
  static func best(
    _ detections: [Detection], _ groundTruths: [GroundTruth], image: Int, isStrict: Bool
  ) -> Matching {
    let truths = groundTruths.map { Rectangle($0.box) }
    let isIgnored = groundTruths.map { ($0.isDifficult || $0.isCrowd) && !isStrict }
    var result = Matching()
    result.positives[0] = isIgnored.count { !$0 }
    var taken = Array(repeating: UInt16(0), count: truths.count)
    for (rank, detection) in detections.enumerated() {
      var judged = JudgedDetection(detection, image: image, rank: rank)
      let rectangle = Rectangle(detection.box)
      var (best, bestOverlap) = (-1, 0.0)
      for candidate in truths.indices {
        let overlap = rectangle.iou(with: truths[candidate], isCrowd: false)
        if overlap > bestOverlap { (best, bestOverlap) = (candidate, overlap) }
      }
      for (t, threshold) in EvaluationStyle.iouThresholds.enumerated() where best >= 0 {
        let bit: UInt16 = 1 << UInt16(t)
        guard isStrict ? bestOverlap > threshold : bestOverlap >= threshold else { break }
        if isIgnored[best] {
          judged.isIgnored[0] |= bit
        } else if taken[best] & bit == 0 {
          taken[best] |= bit
          judged.isMatched[0] |= bit
        }
      }
      result.detections.append(judged)
    }
    return result
  }
}

extension JudgedDetection {
  /// A detection that matches nothing yet.
  fileprivate init(_ detection: Detection, image: Int, rank: Int) {
    self.init(
      confidence: detection.confidence, image: Int32(image), rank: Int32(rank), isMatched: .zero,
      isIgnored: .zero)
  }
}

/// A box as pycocotools holds it: corner and sides, in double precision.
private struct Rectangle {
  var x, y, width, height: Double

  init(_ box: Box) {
    x = Double(box.x1)
    y = Double(box.y1)
    width = Double(box.x2) - x
    height = Double(box.y2) - y
  }

  var area: Double { width * height }

  /// Intersection over union; over this rectangle's own area when the other is a crowd.
  func iou(with other: Rectangle, isCrowd: Bool) -> Double {
    let w = min(x + width, other.x + other.width) - max(x, other.x)
    guard w > 0 else { return 0 }
    let h = min(y + height, other.y + other.height) - max(y, other.y)
    guard h > 0 else { return 0 }
    return w * h / (isCrowd ? area : area + other.area - w * h)
  }
}
