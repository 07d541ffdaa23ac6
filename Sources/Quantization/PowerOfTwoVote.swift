import Foundation
import Torch

/// Votes of batches for a power of two: the range whose values point most in the direction of what
/// was seen (docs/formulas.md 10.7).
public struct PowerOfTwoVote: Equatable, Sendable {
  /// Votes by exponent e of the range ±2^e.
  public private(set) var votes: [Int: Int] = [:]
  /// Bits of the codes.
  public let bits: Int
  private let range: CodeRange

  /// The least exponent that is tried. The earlier Python programs began at −5.
  static let lowestExponent = -16
  /// Cosines that differ by less are equal.
  private static let equality = 1e-9

  /// A vote for codes of so many bits; exponents up to bits + 1 are tried.
  public init(bits: Int) throws(QuantizationError) {
    range = try .signed(bits: bits)
    self.bits = bits
  }

  /// Lets a batch vote: for the exponent of the highest cosine between x and its values on the
  /// grid, of equal ones that of the least squared error, for the cosine does not see sizes. A
  /// batch of zeros has no direction and does not vote.
  public mutating func add(_ x: Tensor) throws {
    guard let exponent = try favourite(of: x) else { return }
    votes[exponent, default: 0] += 1
  }

  /// The exponent that a tensor would vote for; nil for zeros.
  public func favourite(of x: Tensor) throws -> Int? {
    try withoutGrad {
      let x = try x.detach().to(.float64)
      let square = try x.squared().sum().item()
      guard square > 0 else { return nil }
      var (best, highest, least) = (Int?.none, -Double.infinity, Double.infinity)
      for exponent in Self.lowestExponent...bits + 1 {
        let step = try Tensor.scalar(
          exp2(Double(exponent)) / Double(-range.lowest), dtype: x.dtype, device: x.device)
        let grid = QuantizationGrid(step: step, range: range)
        let values = try grid.values(of: grid.codes(of: x))
        let norm = try values.squared().sum().item()
        guard norm > 0 else { continue }
        let cosine = try (x * values).sum().item() / (square * norm).squareRoot()
        let error = try (x - values).squared().sum().item()
        let isEqual = abs(cosine - highest) <= Self.equality
        if isEqual ? error < least : cosine > highest {
          (best, highest, least) = (exponent, max(cosine, highest), error)
        }
      }
      return best
    }
  }

  /// The exponent with the most votes, of equal ones the lowest; 0 where nobody voted.
  public var winner: Int {
    votes.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
  }
}
