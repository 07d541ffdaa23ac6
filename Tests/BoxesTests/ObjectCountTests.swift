import Boxes
import Testing

@Suite struct ObjectCountTests {
  private func detection(_ x: Float, _ classIndex: Int, _ confidence: Float) -> Detection {
    Detection(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, confidence: confidence)
  }

  // Boxes of 10 pixels that are shifted by 1 overlap by 9 / 11 = 0.82, by 5 by 5 / 15 = 0.33.
  @Test func `boxes that overlap are one object, with as many classes as they have`() {
    var count = ObjectCount()
    count.add(
      [
        detection(0, 0, 0.5), detection(1, 1, 0.9), detection(5, 1, 0.4), detection(100, 2, 0.8),
        detection(101, 2, 0.7),
      ], overlap: 0.6)
    #expect(count.objects == 3 && count.ofSeveralClasses == 1)
    // Of another picture: the same place is another object.
    count.add([detection(0, 0, 0.5)], overlap: 0.6)
    #expect(count.objects == 4 && count.ofSeveralClasses == 1)
    count.add([], overlap: 0.6)
    #expect(count.objects == 4)
    // 0.33 is above 0.3: the surest box, at 1, takes the one at 5 too: 6 / 14 = 0.43.
    var loose = ObjectCount()
    loose.add([detection(0, 0, 0.5), detection(1, 1, 0.9), detection(5, 1, 0.4)], overlap: 0.3)
    #expect(loose.objects == 1 && loose.ofSeveralClasses == 1)
  }

  // Two of 40 are a twentieth; two of 41 are less. Of one picture one object is enough.
  @Test(arguments: [
    (0, 3, false), (1, 0, true), (1, 19, true), (1, 20, false), (2, 38, true), (2, 39, false),
    (3, 39, true),
  ])
  func `it takes one, and a twentieth of all`(several: Int, others: Int, isMany: Bool) {
    var count = ObjectCount()
    for _ in 0..<several { count.add([detection(0, 0, 0.5), detection(1, 1, 0.9)], overlap: 0.6) }
    for _ in 0..<others { count.add([detection(0, 0, 0.5)], overlap: 0.6) }
    #expect(count.objects == several + others)
    #expect(count.hasManyOfSeveralClasses == isMany)
  }
}
