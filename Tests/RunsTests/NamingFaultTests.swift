import Boxes
import Testing

@testable import Runs

/// What is said where boxes fit and names do not.
@Suite struct NamingFaultTests {
  /// A picture with an object of each class, and a detection in its place of another class, or none.
  private func matrix(_ classes: [Int?]) -> ConfusionMatrix {
    let place = { (index: Int) in
      Box(x1: Float(20 * index), y1: 0, x2: Float(20 * index + 10), y2: 10)
    }
    let truths = classes.indices.map { GroundTruth(box: place($0), classIndex: $0 % 3) }
    let detections = classes.enumerated().compactMap { index, name in
      name.map { Detection(box: place(index), classIndex: $0, confidence: 0.9) }
    }
    var matrix = ConfusionMatrix(classCount: 3)
    matrix.add(
      PictureMatching(detections, truths, confidence: 0.5), of: detections, truths)
    return matrix
  }

  // Objects are of the classes 0 1 2 0 1 2; two that should be 1 are called 0, one of 2 is missed.
  @Test func `names that do not fit are counted among what is found, with the most frequent`() {
    #expect(
      matrix([0, 0, 2, 0, 0, nil]).namingFault(["cat", "dog", "cow"], confidence: 0.25)
        == "wrong names: 5 of 6 objects are found at confidence 0.25, and 2 of these under another "
        + "class's name, most often dog as cat (2): more pictures of such classes may help")
    #expect(
      matrix([0, 0, 2, 0, 0, nil]).namingFault(["cat", "dog", "cow"], confidence: 0.00226)?
        .contains("are found at confidence 0.0022, and 2 of") == true)
  }

  @Test func `right names, and nothing found, are no fault`() {
    #expect(matrix([0, 1, 2, nil]).namingFault(["cat", "dog", "cow"], confidence: 0.25) == nil)
    #expect(matrix([nil, nil]).namingFault(["cat", "dog", "cow"], confidence: 0.25) == nil)
    // One of eleven is under a tenth.
    let mostly = matrix([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 0])
    #expect(mostly.namingFault(["cat", "dog", "cow"], confidence: 0.25) == nil)
  }
}
