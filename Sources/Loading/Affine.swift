import Boxes
import Glibc

/// A map of the plane: `x' = a·x + b·y + c`, `y' = d·x + e·y + f`, on coordinates in which pixel i
/// covers i…i+1.
struct Affine: Hashable, Sendable {
  var a = 1.0
  var b = 0.0
  var c = 0.0
  var d = 0.0
  var e = 1.0
  var f = 0.0

  static func translation(x: Double, y: Double) -> Affine { Affine(c: x, f: y) }

  /// Mirrors a picture of this width left to right.
  static func horizontalFlip(width: Double) -> Affine { Affine(a: -1, c: width) }

  /// Mirrors a picture of this height upside down.
  static func verticalFlip(height: Double) -> Affine { Affine(e: -1, f: height) }

  /// Turns (counter-clockwise as seen, y pointing down) and scales about a point.
  static func rotation(degrees: Double, scale: Double, aboutX x: Double, y: Double) -> Affine {
    let (alpha, beta) = (
      scale * cos(degrees * .pi / 180), scale * sin(degrees * .pi / 180)
    )
    return Affine(
      a: alpha, b: beta, c: (1 - alpha) * x - beta * y,
      d: -beta, e: alpha, f: beta * x + (1 - alpha) * y)
  }

  /// Shears by two angles about the origin.
  static func shear(xDegrees: Double, yDegrees: Double) -> Affine {
    Affine(b: tan(xDegrees * .pi / 180), d: tan(yDegrees * .pi / 180))
  }

  /// First `self`, then `next`.
  func then(_ next: Affine) -> Affine {
    Affine(
      a: next.a * a + next.b * d, b: next.a * b + next.b * e, c: next.a * c + next.b * f + next.c,
      d: next.d * a + next.e * d, e: next.d * b + next.e * e, f: next.d * c + next.e * f + next.f)
  }

  /// The way back; nil when the map flattens the plane.
  var inverse: Affine? {
    let determinant = a * e - b * d
    guard abs(determinant) > 1e-9, determinant.isFinite else { return nil }
    let (p, q, r, s) = (e / determinant, -b / determinant, -d / determinant, a / determinant)
    return Affine(a: p, b: q, c: -(p * c + q * f), d: r, e: s, f: -(r * c + s * f))
  }

  /// Whether pixels fall on pixels: nothing but mirroring and moving by whole numbers.
  var isWhole: Bool {
    abs(a) == 1 && abs(e) == 1 && b == 0 && d == 0 && c == c.rounded() && f == f.rounded()
  }

  func callAsFunction(x: Double, y: Double) -> (x: Double, y: Double) {
    (a * x + b * y + c, d * x + e * y + f)
  }

  /// The smallest upright box around the image of a box.
  func hull(_ box: Box) -> Box {
    let corners = [(box.x1, box.y1), (box.x2, box.y1), (box.x2, box.y2), (box.x1, box.y2)]
      .map { self(x: Double($0.0), y: Double($0.1)) }
    let (xs, ys) = (corners.map(\.x), corners.map(\.y))
    return Box(
      x1: Float(xs.min() ?? 0), y1: Float(ys.min() ?? 0), x2: Float(xs.max() ?? 0),
      y2: Float(ys.max() ?? 0))
  }
}
