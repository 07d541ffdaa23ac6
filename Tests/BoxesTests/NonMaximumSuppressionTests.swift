import Foundation
import Testing

@testable import Boxes

@Suite struct NonMaximumSuppressionTests {
  private func detection(_ x: Float, _ confidence: Float, of classIndex: Int = 0) -> Detection {
    Detection(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, confidence: confidence)
  }

  @Test func `the strongest stays and what overlaps it goes`() {
    // IoU of a shift by 2: 80 / 120 = 0.67; by 5: 50 / 150 = 0.33; by 3: 70 / 130 = 0.54.
    let all = [detection(2, 0.8), detection(0, 0.9), detection(5, 0.7)]
    #expect(NonMaximumSuppression(iouThreshold: 0.5)(all) == [all[1], all[2]])
    #expect(NonMaximumSuppression(iouThreshold: 0.7)(all) == [all[1], all[0], all[2]])
  }

  @Test(arguments: NonMaximumSuppression.Method.allCases)
  func `classes compete only when told to`(method: NonMaximumSuppression.Method) {
    let all = [detection(0, 0.9, of: 0), detection(0, 0.8, of: 7)]
    #expect(NonMaximumSuppression(method: method)(all).map(\.confidence) == [0.9, 0.8])
    let agnostic = NonMaximumSuppression(method: method, isAgnostic: true)(all)
    // Soft suppression leaves the second, at 0.8 · exp(−1 / 0.5).
    #expect(agnostic.count == (method == .soft ? 2 : 1))
    #expect(agnostic[0].confidence == 0.9)
  }

  @Test(arguments: NonMaximumSuppression.Method.allCases)
  func `boxes that are not numbers are dropped`(method: NonMaximumSuppression.Method) {
    let suppress = NonMaximumSuppression(method: method)
    #expect(suppress([detection(.nan, 0.9), detection(.infinity, 0.9)]).isEmpty)
    #expect(suppress([detection(0, .nan), detection(0, .infinity)]).isEmpty)
    #expect(suppress([]).isEmpty)
    // Finite, but so large that areas are not.
    let huge = Box(x1: -2e38, y1: -2e38, x2: 2e38, y2: 2e38)
    let kept = suppress(
      Array(repeating: Detection(box: huge, classIndex: 0, confidence: 1), count: 2))
    #expect(kept.count == 2)
  }

  @Test(arguments: NonMaximumSuppression.Method.allCases)
  func `no more than the wanted number is returned, the strongest`(
    method: NonMaximumSuppression.Method
  ) {
    let all = (0..<20).map { detection(Float($0) * 50, Float($0 + 1) / 20) }
    let suppress = NonMaximumSuppression(method: method, maximumDetections: 3)
    #expect(suppress(all) == [all[19], all[18], all[17]])
    #expect(NonMaximumSuppression(method: method, maximumDetections: 0)(all).isEmpty)
  }

  @Test(arguments: NonMaximumSuppression.Method.allCases)
  func `equal confidences keep their order`(method: NonMaximumSuppression.Method) {
    let all = (0..<40).map { detection(Float(($0 * 7) % 40) * 50, 0.5, of: $0 % 3) }
    #expect(NonMaximumSuppression(method: method)(all) == all)
  }

  // Boxes at 0 (0.9) and 2 (0.3), IoU 0.67: x1 = (0.9 · 0 + 0.3 · 2) / 1.2 = 0.5. The box at 5 has
  // IoU 0.33 with the first and stays by itself, but 0.54 with the one at 2, which is not kept.
  @Test func `merging averages by confidence`() {
    let all = [detection(0, 0.9), detection(2, 0.3), detection(5, 0.2), detection(1, 0.6, of: 1)]
    let kept = NonMaximumSuppression(iouThreshold: 0.5, method: .merge)(all)
    #expect(kept.map(\.confidence) == [0.9, 0.6, 0.2])
    #expect(abs(kept[0].box.x1 - 0.5) < 1e-6 && abs(kept[0].box.x2 - 10.5) < 1e-6)
    #expect(kept[1].box == all[3].box)
    // The box at 5 takes the one at 2 into its mean: (0.2 · 5 + 0.3 · 2) / 0.5 = 3.2.
    #expect(abs(kept[2].box.x1 - 3.2) < 1e-5)
  }

  @Test func `merging is left out for one candidate and for three thousand`() {
    let pair = [detection(0, 0.9), detection(2, 0.3)]
    let far = (0..<2998).map { detection(Float($0 + 1) * 100, 0.1) }
    let suppress = NonMaximumSuppression(iouThreshold: 0.5, method: .merge, maximumDetections: 1)
    #expect(suppress([pair[0]]) == [pair[0]])
    #expect(suppress(pair + far) == [pair[0]])
    #expect(suppress(pair + far.dropLast()) != [pair[0]])
  }

  // IoU 2/3: 0.8 · exp(−(4/9) / 0.5) = 0.8 · 0.4111123; then the third, at IoU 1/3 with the first
  // and 70 / 130 with the second: 0.7 · exp(−(1/9) / 0.5) = 0.5605164 is picked second, and takes
  // exp(−(7/13)² / 0.5) = 0.5600083 off the other.
  @Test func `soft suppression weakens instead of dropping`() {
    let kept = NonMaximumSuppression(method: .soft)([
      detection(0, 0.9), detection(2, 0.8), detection(5, 0.7),
    ])
    #expect(kept.map(\.box.x1) == [0, 5, 2])
    #expect(abs(kept[1].confidence - 0.7 * exp(-2.0 / 9)) < 1e-5)
    #expect(abs(kept[2].confidence - 0.8 * exp(-8.0 / 9) * exp(-98.0 / 169)) < 1e-5)
  }

  // Shift by 3: IoU 70 / 130 = 0.538; d² / c² = 9 / (13² + 10²) = 0.033: DIoU 0.505.
  @Test func `distance suppression spares boxes whose centres are apart`() {
    let all = [detection(0, 0.9), detection(3, 0.8)]
    #expect(NonMaximumSuppression(iouThreshold: 0.52)(all).count == 1)
    #expect(NonMaximumSuppression(iouThreshold: 0.52, method: .diou)(all).count == 2)
    #expect(NonMaximumSuppression(iouThreshold: 0.50, method: .diou)(all).count == 1)
  }

  // 0–3–6: the first covers the second, the second covers the third, the first not the third.
  @Test func `fast suppression lets dropped boxes drop others`() {
    let all = [detection(0, 0.9), detection(3, 0.8), detection(6, 0.7)]
    #expect(NonMaximumSuppression(iouThreshold: 0.5)(all) == [all[0], all[2]])
    #expect(NonMaximumSuppression(iouThreshold: 0.5, method: .fast)(all) == [all[0]])
  }

  @Test func `every method equals its plain loop over all pairs`() {
    var random = RandomBoxes(seed: 2)
    for round in 0..<60 {
      let all = random.detections(10 + round * 3, classes: 1 + round % 4, steps: 20)
      let suppress = NonMaximumSuppression(
        iouThreshold: [0.2, 0.45, 0.7][round % 3], isAgnostic: round % 5 == 0,
        maximumDetections: round % 7 == 0 ? 8 : 300)
      for method in NonMaximumSuppression.Method.allCases {
        var tested = suppress
        tested.method = method
        #expect(tested(all) == plain(tested, all), "\(method), round \(round)")
      }
    }
  }

  @Test(arguments: [NonMaximumSuppression.Method.greedy, .diou, .fast])
  func `suppressing twice changes nothing more`(method: NonMaximumSuppression.Method) {
    var random = RandomBoxes(seed: 3)
    for _ in 0..<20 {
      let suppress = NonMaximumSuppression(method: method)
      let once = suppress(random.detections(200, classes: 3))
      #expect(suppress(once) == once)
      #expect(zip(once, once.dropFirst()).allSatisfy { $0.confidence >= $1.confidence })
    }
  }

  /// The definitions, with a mark for each candidate and no shortcuts.
  private func plain(_ suppress: NonMaximumSuppression, _ detections: [Detection]) -> [Detection] {
    let order = detections.indices.sorted {
      (-detections[$0].confidence, $0) < (-detections[$1].confidence, $1)
    }
    var all = order.map { detections[$0] }
    func compete(_ i: Int, _ j: Int) -> Bool {
      suppress.isAgnostic || all[i].classIndex == all[j].classIndex
    }
    func overlap(_ i: Int, _ j: Int) -> Float {
      suppress.method == .diou
        ? all[i].box.diou(with: all[j].box) : all[i].box.iou(with: all[j].box)
    }
    if suppress.method == .soft {
      var isTaken = all.map { _ in false }
      var kept: [Detection] = []
      while kept.count < suppress.maximumDetections {
        let left = all.indices.filter { !isTaken[$0] && all[$0].confidence >= 0.001 }
        guard let best = left.max(by: { (all[$0].confidence, $1) < (all[$1].confidence, $0) })
        else {
          break
        }
        isTaken[best] = true
        kept.append(all[best])
        for i in all.indices where !isTaken[i] && compete(i, best) {
          let iou = overlap(i, best)
          if iou > 0 { all[i].confidence *= exp(-iou * iou / 0.5) }
        }
      }
      return kept
    }
    var isDropped = all.map { _ in false }
    for j in all.indices {
      for i in 0..<j where compete(i, j) && (suppress.method == .fast || !isDropped[i]) {
        if overlap(i, j) > suppress.iouThreshold { isDropped[j] = true }
      }
    }
    let kept = all.indices.filter { !isDropped[$0] }.prefix(suppress.maximumDetections)
    guard suppress.method == .merge, all.count > 1 else { return kept.map { all[$0] } }
    return kept.map { i in
      let near = all.indices.filter { compete(i, $0) && overlap($0, i) > suppress.iouThreshold }
      let total = near.reduce(0.0) { $0 + Double(all[$1].confidence) }
      func mean(_ edge: KeyPath<Box, Float>) -> Float {
        Float(
          near.reduce(0.0) { $0 + Double(all[$1].confidence) * Double(all[$1].box[keyPath: edge]) }
            / total)
      }
      var merged = all[i]
      merged.box = Box(x1: mean(\.x1), y1: mean(\.y1), x2: mean(\.x2), y2: mean(\.y2))
      return merged
    }
  }
}
