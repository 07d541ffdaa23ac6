/// Boxes that reach over the edge of their picture by more than rounding does: what an import cuts, and a
/// check finds.
struct EdgeReach: Hashable, Sendable {
  /// How many there are.
  private(set) var count = 0

  /// How far a box may reach over the edge, in pixels: corners are rounded, and counted from 0 or from 1.
  static let toleratedPixels = 1.0
  /// The same where the picture's size is not known, as a share of it: a pixel of the smallest
  /// pictures that are usual, of 500.
  static let toleratedShare = 0.002

  /// Counts a box that reaches so many pixels over the edge.
  mutating func add(pixels: Double) { if pixels > Self.toleratedPixels { count += 1 } }

  /// Counts a box that reaches so much of the picture's side over the edge.
  mutating func add(share: Double) { if share > Self.toleratedShare { count += 1 } }

  /// Counts those of another part too.
  mutating func add(_ other: EdgeReach) { count += other.count }

  /// That they were cut.
  var remark: String {
    (count == 1 ? "a box reaches" : "\(count) boxes reach")
      + " over the picture's edge: cut to the picture"
  }
}
