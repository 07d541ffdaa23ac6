import Torch

/// A way to put the values of a tensor on a grid, with a gradient for what it was made from.
///
/// Values and gradients are two things here. Values are always those of codes on a grid, so that
/// they are the same in training, without gradients, and after a reload. Gradients are those of a
/// ``surrogate(_:)``, as the paper of the scheme has them (docs/formulas.md 10.3 to 10.5).
public protocol Quantizer {
  /// The codes of `x` and the grid that they are on, without gradients.
  func encoded(_ x: Tensor) throws -> EncodedTensor

  /// Something whose gradients, by `x` and by what the quantizer learns, are the quantizer's. Its
  /// values do not matter.
  func surrogate(_ x: Tensor) throws -> Tensor
}

extension Quantizer {
  /// `x` on its grid, with the quantizer's gradients where gradients are recorded.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let values = try withoutGrad { try encoded(x.detach()).values }
    guard gradIsEnabled else { return values }
    return try values.withGradient(of: surrogate(x))
  }
}

/// Whole numbers and the grid that says what they stand for.
public struct EncodedTensor {
  /// Whole numbers, of a type of real ones.
  public let codes: Tensor
  /// What they stand for.
  public let grid: QuantizationGrid

  /// Codes on a grid.
  public init(_ codes: Tensor, _ grid: QuantizationGrid) { (self.codes, self.grid) = (codes, grid) }

  /// The values of the codes.
  public var values: Tensor {
    get throws { try grid.values(of: codes) }
  }

  /// The same values, as near as may be, on steps that are nowhere below others; where steps stay so
  /// do codes.
  ///
  /// - Parameter smallest: `[]` or of the step's shape; nil changes nothing.
  func held(above smallest: Tensor?) throws -> EncodedTensor {
    guard smallest != nil else { return self }
    let held = try grid.held(above: smallest)
    return try withoutGrad {
      let ratio = try grid.spread(grid.step.detach() / held.step.detach(), over: codes.rank)
      guard grid.range.isOdd else {
        return EncodedTensor(try (codes * ratio).rounded(), held)
      }
      // The nearest odd number: 1 from 0 to 2, 3 from 2 to 4.
      let halves = try (codes.abs() * ratio / 2).floor()
      return EncodedTensor(try codes.sign() * (halves * 2 + 1), held)
    }
  }

  /// Bytes of the codes, as tightly as their bits allow.
  package var byteCount: Int { Self.byteCount(codes.count, bits: grid.range.bits) }

  static func byteCount(_ count: Int, bits: Int) -> Int { (count * bits + 7) / 8 }

  /// Σ (value − x)² over those of `x` that lie within the grid, with gradients for `x` alone.
  func distance(to x: Tensor) throws -> Tensor {
    let (values, inside) = try withoutGrad {
      let free = try grid.unlimitedCodes(of: x.detach())
      return (try self.values, try (free .== codes).to(x.dtype))
    }
    return try ((values - x) * inside).squared().sum()
  }
}

/// Quantization on a grid that does not learn: of ranges that were observed.
public struct UniformQuantizer: Quantizer {
  /// The grid.
  public let grid: QuantizationGrid

  /// A quantizer on a grid.
  public init(_ grid: QuantizationGrid) { self.grid = grid }

  /// The nearest codes.
  public func encoded(_ x: Tensor) throws -> EncodedTensor {
    EncodedTensor(try grid.codes(of: x), grid)
  }

  /// x where it is on the grid; gradients are cut where its code was moved into the range.
  public func surrogate(_ x: Tensor) throws -> Tensor {
    let codes = try grid.unlimitedCodes(of: x.detach())
    let inside = try (codes .>= grid.range.lowest) .& (codes .<= grid.range.highest)
    return try x * inside.to(x.dtype)
  }
}
