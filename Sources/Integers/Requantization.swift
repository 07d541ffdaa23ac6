import Darknet

/// From sums to codes: a fixed-point multiplier for each lane, the activation, a range
/// (docs/formulas.md 10.15).
///
/// A lane is what has a multiplier of its own: a channel, or in means over windows the number of
/// values inside of them.
public struct Requantization: Hashable, Sendable {
  /// The grid of the codes.
  public let grid: CodeGrid
  /// What a sum of a lane is multiplied by; one for all lanes where there is one.
  public let multipliers: [FixedPoint]
  /// What a sum below zero is multiplied by, for `leaky`; empty otherwise.
  public let negatives: [FixedPoint]
  /// What becomes of the product, for activations that are no straight lines; nil otherwise.
  public let table: ActivationTable?
  /// The lowest code: of `relu` and `relu6` that of zero.
  public let lowest: Int
  /// The highest code: of `relu6` that of six.
  public let highest: Int

  private let steps: [Double]
  private let activation: Activation
  private let leakySlope: Double

  /// - Parameters:
  ///   - steps: the value of 1 in the sums of each lane.
  ///   - grid: of the codes.
  public init(steps: [Double], activation: Activation, leakySlope: Double, to grid: CodeGrid) {
    (self.grid, self.steps) = (grid, steps)
    (self.activation, self.leakySlope) = (activation, leakySlope)
    var (unit, lowest, highest) = (grid.step, grid.lowest, grid.highest)
    var (isLeaky, table) = (false, ActivationTable?.none)
    switch activation {
    case .linear: break
    case .relu: lowest = max(lowest, grid.zero)
    case .relu6:
      lowest = max(lowest, grid.zero)
      highest = grid.code(of: 6)
    case .leaky: isLeaky = true
    case .mish, .swish, .logistic, .hardSwish, .hardMish, .elu, .selu, .gelu, .tanh:
      let made = ActivationTable(activation, leakySlope: leakySlope, on: grid)
      (unit, table) = (made.step, made)
    }
    multipliers = steps.map { FixedPoint($0 / unit) }
    negatives = isLeaky ? steps.map { FixedPoint($0 * leakySlope / unit) } : []
    (self.lowest, self.highest, self.table) = (lowest, highest, table)
  }

  /// The same for sums of so many values, of which the mean is wanted.
  public func divided(by count: Int) -> Requantization {
    Requantization(
      steps: steps.map { $0 / Double(count) }, activation: activation, leakySlope: leakySlope,
      to: grid)
  }

  /// The code of a sum.
  @inline(__always)
  public func code(_ sum: Int, lane: Int) -> Int {
    let lane = multipliers.count == 1 ? 0 : lane
    let isNegative = sum < 0 && !negatives.isEmpty
    let scaled = (isNegative ? negatives[lane] : multipliers[lane])(sum)
    if let table { return table.code(scaled) }
    return min(max(scaled &+ grid.zero, lowest), highest)
  }
}
