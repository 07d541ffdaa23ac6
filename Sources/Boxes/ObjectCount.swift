/// How many objects the detections of some pictures are, and how many of these have boxes of several
/// classes.
///
/// Boxes that overlap are of one object, as suppression without regard to classes would have it
/// (docs/formulas.md 8.2): a box, by falling confidence, takes all that overlap with it.
public struct ObjectCount: Hashable, Sendable {
  /// Objects, each once.
  public private(set) var objects = 0
  /// Those with boxes of more than one class.
  public private(set) var ofSeveralClasses = 0

  /// From this share on it is worth a word that objects have boxes of several classes.
  private static let notableShare = 0.05

  /// None yet.
  public init() {}

  /// Adds the detections of one picture.
  ///
  /// - Parameter overlap: the IoU above which two boxes are of one object, `0...1`.
  public mutating func add(_ detections: [Detection], overlap: Float) {
    var rest = detections.sortedStably { $0.confidence }
    while let first = rest.first {
      let own = rest.dropFirst().filter { $0.box.iou(with: first.box) > overlap }
      objects += 1
      if own.contains(where: { $0.classIndex != first.classIndex }) { ofSeveralClasses += 1 }
      rest = rest.dropFirst().filter { $0.box.iou(with: first.box) <= overlap }
    }
  }

  /// Whether so many objects have boxes of several classes that something should be done: one, and a
  /// twentieth of all, at least.
  public var hasManyOfSeveralClasses: Bool {
    ofSeveralClasses >= 1 && Double(ofSeveralClasses) >= Self.notableShare * Double(objects)
  }
}
