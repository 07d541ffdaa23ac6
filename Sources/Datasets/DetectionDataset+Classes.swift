/// Classes that a list says too little of.
extension DetectionDataset {
  /// A class with fewer boxes to learn from is hardly learned.
  public static let fewestBoxes = 50

  /// The classes that have boxes, but fewer than ``fewestBoxes``, in the order of their numbers.
  public var scarceClasses: [(index: Int, boxes: Int)] {
    classCounts.enumerated().filter { (1..<Self.fewestBoxes).contains($0.element) }
      .map { (index: $0.offset, boxes: $0.element) }
  }

  /// The classes of which these pictures have no box to judge by, while those that are trained on do.
  public func unjudgedClasses(of train: DetectionDataset) -> [Int] {
    zip(classCounts, train.classCounts).enumerated()
      .filter { $0.element.0 == 0 && $0.element.1 > 0 }.map(\.offset)
  }
}
