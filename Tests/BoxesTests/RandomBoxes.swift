@testable import Boxes

/// Random boxes, detections and pictures for property tests; the same for the same seed.
struct RandomBoxes {
  var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  mutating func number(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + Float(generator.uniform()) * (range.upperBound - range.lowerBound)
  }

  mutating func box(within side: Float = 100) -> Box {
    Box(
      centerX: number(in: 0...side), centerY: number(in: 0...side), width: number(in: 2...40),
      height: number(in: 2...40))
  }

  /// Confidences are multiples of 1 / `steps`, so that few steps give many ties.
  mutating func detections(
    _ count: Int, classes: Int, steps: Int = 50, within side: Float = 100
  ) -> [Detection] {
    (0..<count).map { _ in
      Detection(
        box: box(within: side), classIndex: generator.index(below: classes),
        confidence: Float(generator.index(below: steps) + 1) / Float(steps))
    }
  }

  /// A picture: objects, and detections of some of them among others.
  mutating func picture(
    classes: Int, steps: Int = 50
  ) -> (groundTruths: [GroundTruth], detections: [Detection]) {
    var truths: [GroundTruth] = []
    var found = detections(generator.index(below: 6), classes: classes, steps: steps)
    for _ in 0..<generator.index(below: 6) {
      let (box, classIndex) = (box(), generator.index(below: classes))
      truths.append(
        GroundTruth(
          box: box, classIndex: classIndex, isCrowd: generator.index(below: 10) == 0,
          isDifficult: generator.index(below: 10) == 0))
      for _ in 0..<generator.index(below: 3) {
        let shift = number(in: -3...3)
        found.append(
          Detection(
            box: Box(x1: box.x1 + shift, y1: box.y1, x2: box.x2 + shift, y2: box.y2),
            classIndex: classIndex,
            confidence: Float(generator.index(below: steps) + 1) / Float(steps)))
      }
    }
    return (truths, found)
  }
}
