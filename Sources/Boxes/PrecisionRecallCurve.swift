/// Precision against recall of one class at one overlap, and the area under it by each style.
///
/// Detections are entered from the most confident down. Only the points at which recall rises are
/// kept: between them precision falls, so no style's envelope has a corner there. A detection may
/// be entered several times at once, as when its picture was drawn several times.
struct PrecisionRecallCurve {
  /// How many ground truths there are to find; above 0.
  private var positives = 1
  /// Ground truths found after each rise of recall.
  private var found: [Int] = []
  /// Precision after each rise; its envelope (the best at this recall or above) once closed.
  private var precisions: [Double] = []
  private var hits = 0
  private var misses = 0

  /// Empties the curve for `positives` ground truths, keeping its memory.
  mutating func reset(positives: Int) {
    self.positives = positives
    found.removeAll(keepingCapacity: true)
    precisions.removeAll(keepingCapacity: true)
    hits = 0
    misses = 0
  }

  /// Enters a detection, `count` times.
  mutating func append(isHit: Bool, count: Int = 1) {
    guard isHit else {
      misses += count
      return
    }
    hits += count
    found.append(hits)
    precisions.append(Double(hits) / Double(hits + misses))
  }

  /// Share of the ground truths that all detections together find.
  var finalRecall: Double { Double(hits) / Double(positives) }

  /// Closes the curve and returns the area under it, in `0...1`.
  mutating func averagePrecision(_ style: EvaluationStyle) -> Double {
    guard hits > 0 else { return 0 }
    for index in precisions.indices.dropLast().reversed() {
      precisions[index] = max(precisions[index], precisions[index + 1])
    }
    switch style {
    case .coco: return hundredOnePoints()
    case .voc07: return elevenPoints()
    case .voc12, .darknet: return everyStep()
    case .legacy: return joinedPoints()
    }
  }

  /// COCO: mean of the envelope at recall 0, 0.01 … 1.
  private func hundredOnePoints() -> Double {
    var (sum, index) = (0.0, 0)
    for point in 0...100 {
      let recall = Double(point) * 0.01
      while index < found.count, Double(found[index]) / Double(positives) < recall { index += 1 }
      guard index < found.count else { break }
      sum += precisions[index]
    }
    return sum / 101
  }

  /// VOC up to 2009: mean of the envelope at recall 0, 0.1 … 1; compared in whole numbers.
  private func elevenPoints() -> Double {
    var (sum, index) = (0.0, 0)
    for point in 0...10 {
      while index < found.count, 10 * found[index] < point * positives { index += 1 }
      guard index < found.count else { break }
      sum += precisions[index]
    }
    return sum / 11
  }

  /// VOC from 2010: each rise of recall times the envelope there.
  private func everyStep() -> Double {
    var (sum, last) = (0.0, 0)
    for (count, precision) in zip(found, precisions) {
      sum += Double(count - last) / Double(positives) * precision
      last = count
    }
    return sum
  }

  /// docs/formulas.md 8.3: the envelope read at 101 recalls and joined by lines; after the last
  /// recall it falls from the precision of all detections to 0 within 0.001.
  private func joinedPoints() -> Double {
    let end = min(finalRecall + 1e-3, 1)
    let tail = Double(hits) / Double(hits + misses)
    var (sum, index, last) = (0.0, 0, 0.0)
    for point in 0...100 {
      let recall = point == 100 ? 1 : Double(point) * 0.01
      while index < found.count, Double(found[index]) / Double(positives) <= recall { index += 1 }
      let height =
        if index < found.count {
          precisions[index]
        } else if recall < end {
          tail * (end - recall) / (end - finalRecall)
        } else {
          0.0
        }
      if point > 0 { sum += (last + height) / 2 * 0.01 }
      last = height
    }
    return sum
  }
}
