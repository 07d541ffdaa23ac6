/// Anchors that were clustered on public data sets (docs/formulas.md 5.9).
///
/// They are given in pixels of pictures whose longer side has 416.
public enum AnchorPreset: String, Hashable, Sendable, CaseIterable {
  /// Oxford Hands, 9 and 6 anchors.
  case oxfordHand = "oxfordhand"
  /// BDD100K, 9 anchors.
  case bdd100k
  /// DIOR, 9 anchors.
  case dior
  /// VisDrone, 9 (those of YOLOv3 for COCO) and 6 anchors.
  case visDrone = "visdrone"
  /// Drones seen from below, 9 anchors.
  case uav
  /// Screws, 9 anchors.
  case screw

  /// The numbers of anchors that there are, most first.
  public var counts: [Int] { lists.map { $0.count / 2 } }

  /// The anchors for a network of `count`, scaled to its input size.
  ///
  /// - Parameters:
  ///   - count: how many, 6 or 9.
  ///   - width: input width in pixels.
  ///   - height: input height in pixels; the longer side counts.
  /// - Returns: whole pixels, at least 1; nil when the data set has no such list.
  public func anchors(count: Int, width: Int, height: Int) -> [Anchor]? {
    guard let list = lists.first(where: { $0.count == 2 * count }) else { return nil }
    let scale = Float(max(width, height)) / 416
    func scaled(_ length: Float) -> Float { max(1, (length * scale).rounded()) }
    return stride(from: 0, to: list.count, by: 2).map {
      Anchor(width: scaled(list[$0]), height: scaled(list[$0 + 1]))
    }
  }

  private var lists: [[Float]] {
    switch self {
    case .oxfordHand:
      [
        [8, 13, 14, 20, 22, 25, 26, 36, 35, 49, 40, 31, 51, 69, 63, 47, 94, 103],
        [9, 13, 16, 22, 27, 38, 28, 27, 44, 49, 79, 83],
      ]
    case .bdd100k: [[3, 7, 5, 18, 6, 9, 10, 32, 11, 14, 17, 21, 24, 36, 45, 59, 93, 132]]
    case .dior: [[5, 5, 6, 13, 10, 26, 13, 6, 15, 15, 27, 10, 28, 33, 61, 74, 167, 169]]
    case .visDrone:
      // The published list of six opens with 0,3, a box without width; it becomes 1,3.
      [Blueprint.yolov3Anchors, [0, 3, 2, 5, 3, 11, 5, 6, 9, 14, 22, 30]]
    case .uav: [[5, 6, 8, 12, 9, 8, 10, 10, 11, 12, 13, 16, 15, 13, 18, 18, 22, 25]]
    case .screw: [[20, 29, 26, 34, 29, 40, 33, 44, 35, 47, 37, 50, 39, 52, 43, 57, 74, 87]]
    }
  }
}
