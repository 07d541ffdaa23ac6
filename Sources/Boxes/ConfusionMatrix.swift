/// How often objects of one class were found as another one, at one confidence and an overlap of
/// 0.5, counted as ``PictureMatching`` does.
public struct ConfusionMatrix: Hashable, Sendable {
  /// How many classes there are.
  public let classCount: Int
  /// Objects that were found, by their class and the class of their detection; most pairs of many
  /// classes never meet.
  private var pairs: [Pair: Int] = [:]
  /// Objects of each class that were found, as whatever.
  public private(set) var found: [Int]
  /// Detections of each class where there is an object, of whatever class.
  public private(set) var placed: [Int]
  /// Objects of each class that nothing was found for.
  public private(set) var missed: [Int]
  /// Detections of each class where there is no such object: background, or one that was found
  /// before.
  public private(set) var invented: [Int]

  /// A matrix that has seen nothing.
  public init(classCount: Int) {
    self.classCount = classCount
    found = Array(repeating: 0, count: classCount)
    (placed, missed, invented) = (found, found, found)
  }

  /// Counts all pictures of a set.
  public init(_ predictions: StoredPredictions, confidence: Float) {
    self.init(classCount: predictions.names.count)
    for image in predictions.images {
      add(
        PictureMatching(image.detections, image.groundTruths, confidence: confidence),
        of: image.detections, image.groundTruths)
    }
  }

  /// Adds a picture; classes outside `0..<classCount` are left out.
  public mutating func add(
    _ matching: PictureMatching, of detections: [Detection], _ truths: [GroundTruth]
  ) {
    let known = 0..<classCount
    for pair in matching.found + matching.confused {
      let (row, column) = (truths[pair.truth].classIndex, detections[pair.detection].classIndex)
      guard known.contains(row), known.contains(column) else { continue }
      pairs[Pair(truth: row, detection: column), default: 0] += 1
      found[row] += 1
      placed[column] += 1
    }
    for index in matching.missed where known.contains(truths[index].classIndex) {
      missed[truths[index].classIndex] += 1
    }
    for index in matching.invented where known.contains(detections[index].classIndex) {
      invented[detections[index].classIndex] += 1
    }
  }

  /// Objects of one class that were found as another one, or as what they are.
  public subscript(truth truth: Int, detection detection: Int) -> Int {
    pairs[Pair(truth: truth, detection: detection)] ?? 0
  }

  /// Objects of a class that were found as what they are.
  public func truePositives(_ index: Int) -> Int { self[truth: index, detection: index] }

  /// Objects of a class that were found as another one.
  public func misnamed(_ index: Int) -> Int { found[index] - truePositives(index) }

  /// Detections of a class that are something else, or nothing.
  public func falsePositives(_ index: Int) -> Int {
    invented[index] + placed[index] - truePositives(index)
  }

  /// Objects of a class that were found as something else, or not at all.
  public func falseNegatives(_ index: Int) -> Int {
    missed[index] + misnamed(index)
  }

  /// Pairs of classes that are taken for one another, the most frequent first.
  public var confusions: [(truth: Int, detection: Int, count: Int)] {
    pairs.filter { $0.key.truth != $0.key.detection }
      .map { (truth: $0.key.truth, detection: $0.key.detection, count: $0.value) }
      .sorted { (-$0.count, $0.truth, $0.detection) < (-$1.count, $1.truth, $1.detection) }
  }

  private struct Pair: Hashable {
    let truth: Int
    let detection: Int
  }
}
