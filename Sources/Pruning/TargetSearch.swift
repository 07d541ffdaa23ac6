/// Finds the share of channels at which something changes, by halving.
public struct TargetSearch: Sendable {
  /// Halvings; each halves what the share may be off.
  public var steps: Int

  /// A search of so many steps.
  public init(steps: Int) { self.steps = steps }

  /// The two shares, `2⁻ˢᵗᵉᵖˢ` apart, between which the answer changes.
  ///
  /// - Parameters:
  ///   - largest: the largest share to try; the largest below one unless given.
  ///   - isPast: whether a share is past the change; once true it should stay so for larger shares.
  /// - Returns: the share before and the one past it; nil for one that was not found: for `before`
  ///   when even 0 is past it, for `past` when no share is.
  public func callAsFunction(
    upTo largest: Double = 1 - 0x1p-52, isPast: (Double) throws -> Bool
  ) rethrows -> (before: Double?, past: Double?) {
    if try isPast(0) { return (nil, 0) }
    guard try isPast(largest) else { return (largest, nil) }
    var (before, past) = (0.0, largest)
    for _ in 0..<steps {
      let middle = (before + past) / 2
      if try isPast(middle) { past = middle } else { before = middle }
    }
    return (before, past)
  }
}
