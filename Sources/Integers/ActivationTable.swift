import Darknet

/// An activation as a table: the code that it gives for each step of its argument (docs/formulas.md
/// 10.15).
///
/// Arguments are on a grid whose step is a power of two, an eighth of a code's step or less. What lies
/// before the first or behind the last argument gives the code of that one: there the activation does
/// not change its code any more.
public struct ActivationTable: Hashable, Sendable {
  /// The distance of neighbouring arguments, a power of two.
  public let step: Double
  /// The first argument, in steps.
  public let first: Int
  /// The code of each argument.
  public let codes: [Int]

  /// The most entries of a table, but two.
  static let mostEntries = 1 << 16

  /// The table of an activation whose values are on a grid.
  public init(_ activation: Activation, leakySlope: Double, on grid: CodeGrid) {
    func code(_ x: Double) -> Int {
      grid.code(of: activation(x, leakySlope: leakySlope))
    }
    let (low, high) = (Self.reach(-1, code), Self.reach(1, code))
    // The power of two that is not above an eighth of a code's step, or that so many entries reach.
    let wanted = max(grid.step / 8, (low + high) / Double(Self.mostEntries) * 2)
    let step = Double(sign: .plus, exponent: Int(wanted.exponent), significand: 1)
    let (first, last) = (-Int((low / step).rounded(.up)), Int((high / step).rounded(.up)))
    (self.step, self.first) = (step, first)
    codes = (first...last).map { code(Double($0) * step) }
  }

  /// The code for an argument in steps.
  @inline(__always)
  public func code(_ steps: Int) -> Int {
    codes[min(max(steps - first, 0), codes.count - 1)]
  }

  /// From how far on the code is that of infinity; all activations go one way beyond ±2.
  private static func reach(_ sign: Double, _ code: (Double) -> Int) -> Double {
    let last = code(sign * 0x1p40)
    var (inside, outside) = (2.0, 2.0)
    while code(sign * outside) != last, outside < 0x1p40 {
      (inside, outside) = (outside, outside * 2)
    }
    // Near enough: a part in 256.
    for _ in 0..<8 {
      let middle = (inside + outside) / 2
      if code(sign * middle) == last { outside = middle } else { inside = middle }
    }
    return outside
  }
}
