import Testing

@testable import Boxes

@Suite struct PrecisionRecallCurveTests {
  /// A random list of right and wrong, and how many there are to find.
  private func sequence(_ random: inout RandomBoxes) -> (isHit: [Bool], positives: Int) {
    let count = random.generator.index(below: 60)
    let share = random.generator.uniform()
    let isHit = (0..<count).map { _ in random.generator.uniform() < share }
    return (isHit, max(isHit.count { $0 } + random.generator.index(below: 20), 1))
  }

  private func area(_ isHit: [Bool], _ positives: Int, _ style: EvaluationStyle) -> Double {
    var curve = PrecisionRecallCurve()
    curve.reset(positives: positives)
    for hit in isHit { curve.append(isHit: hit) }
    return curve.averagePrecision(style)
  }

  /// Recall and precision after every detection.
  private func points(_ isHit: [Bool], _ positives: Int) -> [(recall: Double, precision: Double)] {
    isHit.indices.map { index in
      let hits = Double(isHit[...index].count { $0 })
      return (hits / Double(positives), hits / Double(index + 1))
    }
  }

  @Test func `the sampled styles equal the best precision at each recall or above`() {
    var random = RandomBoxes(seed: 5)
    for _ in 0..<300 {
      let (isHit, positives) = sequence(&random)
      let points = points(isHit, positives)
      func mean(_ count: Int) -> Double {
        var sum = 0.0
        for point in 0...count {
          // In whole numbers: 0.1 + 0.2 is not 0.3.
          let reached = points.filter {
            Int(($0.recall * Double(positives)).rounded()) * count >= point * positives
          }
          sum += reached.map(\.precision).max() ?? 0
        }
        return sum / Double(count + 1)
      }
      #expect(abs(area(isHit, positives, .voc07) - mean(10)) < 1e-9)
      // COCO compares recalls as rounded: one point may fall on the other side.
      #expect(abs(area(isHit, positives, .coco) - mean(100)) < 0.03)
    }
  }

  @Test func `the style of every step equals the sum over all detections`() {
    var random = RandomBoxes(seed: 6)
    for _ in 0..<300 {
      let (isHit, positives) = sequence(&random)
      let points = points(isHit, positives)
      var (sum, last) = (0.0, 0.0)
      for (index, point) in points.enumerated() {
        sum += (point.recall - last) * (points[index...].map(\.precision).max() ?? 0)
        last = point.recall
      }
      #expect(abs(area(isHit, positives, .voc12) - sum) < 1e-9)
    }
  }

  @Test func `legacy equals its formula written out`() {
    var random = RandomBoxes(seed: 7)
    for _ in 0..<300 {
      let (isHit, positives) = sequence(&random)
      let points = points(isHit, positives)
      guard isHit.contains(true) else {
        #expect(area(isHit, positives, .legacy) == 0)
        continue
      }
      let end = min(points[points.count - 1].recall + 1e-3, 1)
      let recalls = [0] + points.map(\.recall) + [end]
      var precisions = [0] + points.map(\.precision) + [0]
      for index in precisions.indices.dropLast().reversed() {
        precisions[index] = max(precisions[index], precisions[index + 1])
      }
      let grid = (0...100).map { $0 == 100 ? 1 : Double($0) * 0.01 }
      let heights = grid.map { interpolate(at: $0, recalls, precisions) }
      var trapezoids = 0.0
      for index in 1...100 {
        trapezoids += (grid[index] - grid[index - 1]) * (heights[index - 1] + heights[index]) / 2
      }
      #expect(abs(area(isHit, positives, .legacy) - trapezoids) < 1e-9)
    }
  }

  /// As NumPy's `interp`: on the line after the last point not to the right of `x`.
  private func interpolate(at x: Double, _ xs: [Double], _ ys: [Double]) -> Double {
    guard let left = xs.lastIndex(where: { $0 <= x }) else { return ys[0] }
    guard left + 1 < xs.count else { return ys[left] }
    return ys[left] + (ys[left + 1] - ys[left]) / (xs[left + 1] - xs[left]) * (x - xs[left])
  }

  @Test(arguments: EvaluationStyle.allCases)
  func `entering a detection three times equals entering it thrice`(style: EvaluationStyle) {
    var random = RandomBoxes(seed: 8)
    for _ in 0..<200 {
      let (isHit, positives) = sequence(&random)
      var (single, triple) = (PrecisionRecallCurve(), PrecisionRecallCurve())
      single.reset(positives: positives * 3)
      triple.reset(positives: positives * 3)
      for hit in isHit {
        for _ in 0..<3 { single.append(isHit: hit) }
        triple.append(isHit: hit, count: 3)
      }
      #expect(single.finalRecall == triple.finalRecall)
      #expect(abs(single.averagePrecision(style) - triple.averagePrecision(style)) < 1e-9)
    }
  }
}
