import Torch

/// The values that codes stand for: value = step · (code − zero), with whole codes within a range.
///
/// Whatever quantizes a tensor ends on one, and integer arithmetic needs to know nothing else.
/// Rounding is to the nearest code; halves go to the even one (docs/formulas.md 10.1).
public struct QuantizationGrid {
  /// The distance of neighbouring values, above zero; `[]`, or `[C]` with a step for each slice.
  public let step: Tensor
  /// The code of the value 0, whole; of the step's shape, nil where it is 0.
  public let zero: Tensor?
  /// The codes.
  public let range: CodeRange
  /// The dimension that `step` `[C]` runs along; nil where one step serves.
  public let axis: Int?

  /// The smallest step: what is all zero, or so near to it, has this or ``emptyStep``, never NaN.
  static let smallestStep = 0x1p-40
  /// The step of a tensor that is zero everywhere, whose codes are all zero whatever the step.
  static let emptyStep = 1.0

  /// A grid over steps that are known.
  public init(step: Tensor, zero: Tensor? = nil, range: CodeRange, axis: Int? = nil) {
    (self.step, self.zero, self.range, self.axis) = (step, zero, range, axis)
  }

  /// The codes of values, whole numbers in the type of `x`; what lies beyond the range gets its
  /// first or last code.
  public func codes(of x: Tensor) throws -> Tensor {
    try limited(unlimitedCodes(of: x))
  }

  /// The values of codes.
  public func values(of codes: Tensor) throws -> Tensor {
    let step = try spread(step, over: codes.rank)
    guard let zero else { return try codes * step }
    return try (codes - spread(zero, over: codes.rank)) * step
  }

  /// The same codes on steps that are nowhere below others.
  ///
  /// - Parameter smallest: `[]` or of the step's shape; of several where one step serves, the largest
  ///   counts. Nil changes nothing.
  func held(above smallest: Tensor?) throws -> QuantizationGrid {
    guard var smallest else { return self }
    if axis == nil { smallest = try smallest.amax() }
    return QuantizationGrid(step: try step.maximum(smallest), zero: zero, range: range, axis: axis)
  }

  /// The same grid on a device.
  func to(_ device: Device) throws -> QuantizationGrid {
    QuantizationGrid(
      step: try step.to(device), zero: try zero?.to(device), range: range, axis: axis)
  }

  /// The codes that `x` would have if there were no end to them.
  func unlimitedCodes(of x: Tensor) throws -> Tensor {
    let codes = try (x / spread(step, over: x.rank)).rounded()
    return try zero.map { try codes + spread($0, over: x.rank) } ?? codes
  }

  /// Codes moved into the range.
  func limited(_ codes: Tensor) throws -> Tensor {
    try codes.clamped(min: Double(range.lowest), max: Double(range.highest))
  }

  /// One number a slice, in the shape that goes with a tensor of that rank.
  func spread(_ numbers: Tensor, over rank: Int) throws -> Tensor {
    try numbers.spread(along: axis, over: rank)
  }
}

// MARK: - Grids of ranges

extension QuantizationGrid {
  /// The grid on which `largest` is the last code, and zero the code 0.
  ///
  /// - Parameter largest: of the absolute values, `[]` or `[C]`; 0 where there are only zeros.
  public static func symmetric(
    largest: Tensor, range: CodeRange, axis: Int? = nil
  ) throws -> QuantizationGrid {
    let step = try largest / Double(range.highest)
    return QuantizationGrid(step: try usable(step), range: range, axis: axis)
  }

  /// The grid over `minimum...maximum`, which is widened to hold zero, and moved by less than a
  /// step so that zero is on it.
  public static func affine(
    minimum: Tensor, maximum: Tensor, range: CodeRange, axis: Int? = nil
  ) throws -> QuantizationGrid {
    let low = try minimum.clamped(max: 0)
    let high = try maximum.clamped(min: 0)
    let step = try usable((high - low) / Double(range.intervals))
    let zero = try (-(low / step)).rounded().clamped(min: 0, max: Double(range.intervals))
    return QuantizationGrid(
      step: step, zero: try zero + Double(range.lowest), range: range, axis: axis)
  }

  /// The grid whose step is R / 2^(b−1), with R the power of two that stands for `largest`
  /// (docs/formulas.md 10.2).
  public static func powerOfTwo(
    largest: Tensor, bits: Int, axis: Int? = nil, powers: QuantizationOptions.Powers = .nearest
  ) throws -> QuantizationGrid {
    let range = try CodeRange.signed(bits: bits)
    let largest = try usable(largest)
    let power =
      switch powers {
      case .nearest: try largest.nearestPowerOfTwo()
      case .covering: try largest.leastPowerOfTwo()
      }
    let step = try power / Double(-range.lowest)
    return QuantizationGrid(step: step, range: range, axis: axis)
  }

  /// A step that can be divided by: what is too small to be one becomes the smallest, and zero
  /// becomes one.
  private static func usable(_ step: Tensor) throws -> Tensor {
    let held = try step.clamped(min: smallestStep)
    return try Tensor.select(where: step .> 0, held, held.zerosLike() + emptyStep)
  }
}

extension Tensor {
  /// A tensor `[C]` that runs along a dimension of others, in the shape that goes with them; itself
  /// where it has no dimension.
  func spread(along axis: Int?, over rank: Int) throws -> Tensor {
    guard let axis, self.rank == 1 else { return self }
    var shape = [Int](repeating: 1, count: rank)
    shape[axis] = -1
    return try view(shape)
  }

  /// The largest absolute value: of all, or of each slice along a dimension.
  func largestMagnitude(along axis: Int? = nil) throws -> Tensor {
    guard let axis else { return try abs().amax() }
    return try abs().amax(dims: (0..<rank).filter { $0 != axis })
  }
}

extension [Tensor?] {
  /// The smallest of steps `[]`, of those places that have one; nil where none has.
  func smallest(of places: some Sequence<Int>) throws -> Tensor? {
    try places.compactMap { self[$0] }.reduce(nil) { least, step in
      try least.map { try $0.minimum(step) } ?? step
    }
  }
}
