/// An axis-aligned rectangle given by two corners.
///
/// The unit is the caller's (pixels of a picture, cells of a grid, fractions of a side); only boxes
/// of the same unit may be compared. In pixels, coordinates are the edges between them: a box from
/// 10 to 20 is 10 wide, never 11 as in Pascal VOC's development kit.
public struct Box: Hashable, Sendable {
  /// The left edge.
  public var x1: Float
  /// The upper edge; y grows downwards.
  public var y1: Float
  /// The right edge.
  public var x2: Float
  /// The lower edge.
  public var y2: Float

  /// Makes a box from its left, upper, right and lower edges.
  @inlinable
  public init(x1: Float, y1: Float, x2: Float, y2: Float) {
    self.x1 = x1
    self.y1 = y1
    self.x2 = x2
    self.y2 = y2
  }

  /// Makes a box from its centre and its sides.
  @inlinable
  public init(centerX: Float, centerY: Float, width: Float, height: Float) {
    x1 = centerX - width / 2
    y1 = centerY - height / 2
    x2 = centerX + width / 2
    y2 = centerY + height / 2
  }

  /// The horizontal side, `x2 − x1`; negative when the edges are swapped.
  @inlinable public var width: Float { x2 - x1 }
  /// The vertical side, `y2 − y1`; negative when the edges are swapped.
  @inlinable public var height: Float { y2 - y1 }
  /// Width × height, 0 for a box with swapped edges.
  @inlinable public var area: Float { max(width, 0) * max(height, 0) }
  /// The horizontal middle.
  @inlinable public var centerX: Float { (x1 + x2) / 2 }
  /// The vertical middle.
  @inlinable public var centerY: Float { (y1 + y2) / 2 }

  /// Whether every edge is a number, neither infinite nor NaN.
  @inlinable
  public var isFinite: Bool { x1.isFinite && y1.isFinite && x2.isFinite && y2.isFinite }

  /// The part of the box inside a picture of `width` × `height`; without area when there is none.
  public func clipped(width: Float, height: Float) -> Box {
    Box(
      x1: min(max(x1, 0), width), y1: min(max(y1, 0), height),
      x2: min(max(x2, 0), width), y2: min(max(y2, 0), height))
  }

  /// The area that both boxes cover; 0 when they only touch.
  @inlinable
  public func intersection(with other: Box) -> Float {
    let width = min(x2, other.x2) - max(x1, other.x1)
    guard width > 0 else { return 0 }
    let height = min(y2, other.y2) - max(y1, other.y1)
    return height > 0 ? width * height : 0
  }

  /// Intersection over union, in `0...1`; 0 when both boxes have no area.
  @inlinable
  public func iou(with other: Box) -> Float {
    let overlap = intersection(with: other)
    return overlap > 0 ? overlap / (area + other.area - overlap) : 0
  }
}
