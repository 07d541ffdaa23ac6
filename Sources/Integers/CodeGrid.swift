/// What the codes of a tensor stand for: value = step · (code − zero).
public struct CodeGrid: Hashable, Sendable {
  /// The distance of neighbouring values, above zero.
  public let step: Double
  /// The code of the value 0.
  public let zero: Int
  /// The lowest code.
  public let lowest: Int
  /// The highest code.
  public let highest: Int

  /// A grid.
  public init(step: Double, zero: Int, lowest: Int, highest: Int) {
    (self.step, self.zero, self.lowest, self.highest) = (step, zero, lowest, highest)
  }

  /// The largest size of code − zero.
  public var largestMagnitude: Int { max(highest - zero, zero - lowest) }

  /// The code of a value.
  public func code(of value: Double) -> Int {
    let steps = (value / step).rounded(.toNearestOrEven)
    return zero + Int(min(max(steps, Double(lowest - zero)), Double(highest - zero)))
  }

  /// The value of a code, as libtorch computes it.
  public func value(of code: Int) -> Float { Float(code - zero) * Float(step) }
}
