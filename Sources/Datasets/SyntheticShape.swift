/// The shapes that synthetic pictures are made of, each a class of its own; no two are the same
/// when turned. All lie within the unit circle, x to the right, y down.
public enum SyntheticShape: String, CaseIterable, Hashable, Sendable {
  case circle, square, triangle, star, ring, plus, heart, crescent, hexagon, arrow, ellipse, ell
  case tee, bolt, drop, rhombus
  case halfDisc = "half-disc"
  case chevron, pentagon, frame

  /// Whether the point belongs to the shape.
  func contains(_ x: Double, _ y: Double) -> Bool {
    let square = x * x + y * y
    switch self {
    case .circle: return square <= 1
    case .ring: return square <= 1 && square >= 0.3
    case .ellipse: return x * x + y * y / 0.3 <= 1
    case .crescent: return square <= 1 && (x - 0.45) * (x - 0.45) + y * y >= 0.64
    case .halfDisc: return y <= 0.35 && x * x + (y - 0.35) * (y - 0.35) <= 0.85
    case .square: return max(abs(x), abs(y)) <= 0.7
    case .frame: return (0.42...0.7).contains(max(abs(x), abs(y)))
    case .plus: return min(abs(x), abs(y)) <= 0.3 && max(abs(x), abs(y)) <= 0.94
    case .heart:
      let (u, v) = (1.35 * x, 0.15 - 1.35 * y)
      let r = u * u + v * v - 1
      return r * r * r - u * u * v * v * v <= 0
    case .drop:
      let isInDisc = x * x + (y - 0.35) * (y - 0.35) <= 0.36
      return isInDisc || (y >= -1 && y <= 0.12 && abs(x) <= (y + 1) * 0.495)
    default:
      return Self.isInside(outline, x, y)
    }
  }

  /// The corners of the shapes that are polygons.
  private var outline: [(x: Double, y: Double)] {
    switch self {
    case .triangle: Self.triangleOutline
    case .star: Self.starOutline
    case .hexagon: Self.hexagonOutline
    case .pentagon: Self.pentagonOutline
    case .arrow: Self.arrowOutline
    case .ell: Self.ellOutline
    case .tee: Self.teeOutline
    case .bolt: Self.boltOutline
    case .rhombus: Self.rhombusOutline
    case .chevron: Self.chevronOutline
    default: []
    }
  }

  private static let triangleOutline = regular(3)
  private static let pentagonOutline = regular(5)
  private static let hexagonOutline = regular(6)
  private static let starOutline = regular(10).enumerated().map { index, point in
    index % 2 == 0 ? point : (x: 0.42 * point.x, y: 0.42 * point.y)
  }
  private static let arrowOutline = points([
    -0.95, -0.25, 0.1, -0.25, 0.1, -0.7, 1, 0, 0.1, 0.7, 0.1, 0.25, -0.95, 0.25,
  ])
  private static let ellOutline = points([
    -0.7, -0.7, -0.2, -0.7, -0.2, 0.2, 0.7, 0.2, 0.7, 0.7, -0.7, 0.7,
  ])
  private static let teeOutline = points([
    -0.75, -0.65, 0.75, -0.65, 0.75, -0.15, 0.25, -0.15, 0.25, 0.75, -0.25, 0.75, -0.25, -0.15,
    -0.75, -0.15,
  ])
  private static let boltOutline = points([
    0.2, -0.95, -0.5, 0.1, -0.05, 0.1, -0.2, 0.95, 0.5, -0.15, 0.05, -0.15,
  ])
  private static let rhombusOutline = points([0, -1, 0.5, 0, 0, 1, -0.5, 0])
  private static let chevronOutline = points([
    -0.65, -0.75, -0.05, -0.75, 0.7, 0, -0.05, 0.75, -0.65, 0.75, 0.1, 0,
  ])

  private static func points(_ values: [Double]) -> [(x: Double, y: Double)] {
    stride(from: 0, to: values.count - 1, by: 2).map { (values[$0], values[$0 + 1]) }
  }

  /// The corners of a regular polygon, one of them up.
  private static func regular(_ corners: Int) -> [(x: Double, y: Double)] {
    (0..<corners).map { corner in
      let angle = 2 * .pi * Double(corner) / Double(corners)
      return (sine(angle), -cosine(angle))
    }
  }

  /// Counts the edges to the right of the point: an odd number is inside.
  private static func isInside(
    _ outline: [(x: Double, y: Double)], _ x: Double, _ y: Double
  ) -> Bool {
    var isInside = false
    var previous = outline[outline.count - 1]
    for point in outline {
      if (point.y > y) != (previous.y > y),
        x < (previous.x - point.x) * (y - point.y) / (previous.y - point.y) + point.x
      {
        isInside.toggle()
      }
      previous = point
    }
    return isInside
  }
}
