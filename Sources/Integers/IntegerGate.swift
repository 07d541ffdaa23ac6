/// Factors of channels by the channels' means, `[se]`, in whole numbers: a mean, a small layer with
/// ReLU, one with a hard sigmoid (docs/formulas.md 10.15). No picture is needed for its grids: each
/// holds whatever can come.
public struct IntegerGate: Sendable {
  /// From a channel's sum over one place to its mean.
  private let means: Requantization
  /// Codes of the first layer, `[hidden, channels]`.
  public let squeeze: [Int]
  /// From sums of the first layer to its output; a lane for each output.
  private let hidden: Requantization
  /// Codes of the second layer, `[channels, hidden]`.
  public let excite: [Int]
  /// From sums of the second layer to factors; their codes count ``unit``, a lane for each channel.
  private let factors: Requantization

  /// The value of 1 in the codes of factors.
  static let unit = 0x1p-15
  /// The largest size of a mean, less zero: 13 bits leave 18 for the kernel that sums them up.
  private static let meanBits = 13
  /// The largest code between both layers.
  private static let highestHidden = 1 << 15 - 1

  /// Factors of an input.
  ///
  /// - Parameters:
  ///   - squeeze: `[hidden, channels]`.
  ///   - excite: `[channels, hidden]`.
  ///   - channels: of the input.
  public init(squeeze: [Double], excite: [Double], channels: Int, input: CodeGrid) {
    let width = squeeze.count / max(channels, 1)
    let reach = input.largestMagnitude
    // Finer than the input's codes where these have few bits, coarser where they have many.
    let spare = Self.meanBits - (Int.bitWidth - reach.leadingZeroBitCount)
    let meanStep = input.step * Double(sign: .plus, exponent: -spare, significand: 1)
    let largest = 1 << Self.meanBits
    let means = CodeGrid(step: meanStep, zero: 0, lowest: -largest, highest: largest)
    self.means = Requantization(steps: [input.step], activation: .linear, leakySlope: 0, to: means)

    let first = WholeRows(squeeze, width: channels, reach: largest)
    self.squeeze = first.codes
    // The most that a row can come to: what is above zero times the highest mean, the rest times the
    // lowest one.
    let scale = Double(sign: .plus, exponent: spare, significand: 1)
    let (above, below) = (
      Double(input.highest - input.zero) * scale, Double(input.zero - input.lowest) * scale
    )
    var most = 0.0
    for row in 0..<width {
      let sum = first.codes[row * channels..<(row + 1) * channels].reduce(0.0) {
        $0 + ($1 > 0 ? Double($1) * above : Double(-$1) * below)
      }
      most = max(most, sum * first.units[row] * meanStep)
    }
    let hidden = CodeGrid(
      step: max(most / Double(Self.highestHidden), 0x1p-100), zero: 0, lowest: 0,
      highest: Self.highestHidden)
    self.hidden = Requantization(
      steps: first.units.map { $0 * meanStep }, activation: .relu, leakySlope: 0, to: hidden)

    let second = WholeRows(excite, width: width, reach: Self.highestHidden)
    self.excite = second.codes
    // relu6(x + 3) / 6 counts sixths of x from the middle.
    let one = Int(1 / Self.unit)
    let factors = CodeGrid(step: 6 * Self.unit, zero: one / 2, lowest: 0, highest: one)
    self.factors = Requantization(
      steps: second.units.map { $0 * hidden.step }, activation: .linear, leakySlope: 0, to: factors)
  }

  /// Channels of the input.
  public var channels: Int { factors.multipliers.count }
  /// Values between both layers.
  public var width: Int { hidden.multipliers.count }
  /// The rules of its steps, by what they are called.
  public var rules: [(name: String, rule: Requantization)] {
    [("mean", means), ("squeeze", hidden), ("excite", factors)]
  }
  /// From a channel's sum over so many places to its mean.
  public func means(over places: Int) -> Requantization { means.divided(by: places) }

  /// The factor of each channel, in units.
  ///
  /// - Parameters:
  ///   - sums: of each channel over the map.
  ///   - places: of the map.
  func factors(_ sums: [Int], places: Int) -> [Int] {
    let rule = means(over: places)
    let means = sums.map { rule.code($0, lane: 0) }
    let middle = Self.layer(squeeze, means, hidden)
    return Self.layer(excite, middle, factors)
  }

  private static func layer(_ codes: [Int], _ x: [Int], _ rule: Requantization) -> [Int] {
    rule.multipliers.indices.map { row in
      let sum = x.indices.reduce(0) { $0 + codes[row * x.count + $1] * x[$1] }
      return rule.code(sum, lane: row)
    }
  }
}

/// A kernel row by row on steps of its own, so that 32 bits hold each row's sums.
private struct WholeRows {
  var codes: [Int]
  /// The value of 1 in the codes of each row.
  var units: [Double]

  /// - Parameter reach: the largest size of what a row is multiplied by.
  init(_ values: [Double], width: Int, reach: Int) {
    // Rounding adds half a code at most to each.
    let room = max(Double(Int(Int32.max) / reach) - Double(width) / 2, 1)
    let rows = width > 0 ? values.count / width : 0
    (codes, units) = ([], [])
    codes.reserveCapacity(values.count)
    for row in 0..<rows {
      let row = values[row * width..<(row + 1) * width]
      let largest = row.reduce(0) { max($0, abs($1)) }
      let sum = row.reduce(0) { $0 + abs($1) }
      let unit = max(largest / 0x1p15, sum / room, 0x1p-100)
      units.append(unit)
      codes += row.map { Int(($0 / unit).rounded(.toNearestOrEven)) }
    }
  }
}
