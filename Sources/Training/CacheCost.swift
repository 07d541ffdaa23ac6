import Reports

/// What keeping decoded pictures, or what a teacher says of them, takes, and whether there is so much.
public struct CacheCost: Hashable, Sendable {
  /// What is kept.
  public enum Kept: Hashable, Sendable {
    /// Decoded pictures.
    case pictures
    /// Outputs of teachers' heads.
    case outputs
  }

  /// What is kept.
  public let kept: Kept
  /// Where they are kept, as in "in memory".
  public let place: String
  /// Bytes that they take.
  public let bytes: Int
  /// Bytes that are free there; nil when that cannot be found out.
  public let available: Int?

  /// Training itself, and whoever else is at work, need some as well.
  static let usableShare = 0.8

  /// The cost of so many bytes at a place.
  public init(_ kept: Kept = .pictures, bytes: Int, place: String, available: Int?) {
    (self.kept, self.bytes, self.place, self.available) = (kept, bytes, place, available)
  }

  /// Whether four fifths of what is free are enough; what is not known is.
  public var fits: Bool {
    available.map { Double(bytes) <= Double($0) * Self.usableShare } ?? true
  }

  /// One line: what it takes of what there is, and what follows.
  public var text: String {
    let free = available.map { " of \(Figures.bytes($0)) free" } ?? ""
    let (what, instead) =
      switch kept {
      case .pictures: ("decoded pictures", "they are decoded anew each time")
      case .outputs: ("the teachers' outputs", "the teachers are asked each time")
      }
    let cost = "\(what) take \(Figures.bytes(bytes))\(free) \(place)"
    return fits ? cost : cost + ", which is too much: \(instead)"
  }
}
