import Foundation
import Torch

extension Tensor {
  /// The power of two that is nearest to each element, which is above zero; half way between two it
  /// is the smaller one, so 3 gives 2 (docs/formulas.md 10.2).
  ///
  /// Powers below 2^−64 and above 2^63 are not known; the nearest that is takes their place. What is
  /// not finite stays as it is.
  func nearestPowerOfTwo() throws -> Tensor {
    try withoutGrad {
      let isFinite = try self.isFinite()
      let x = try Tensor.select(where: isFinite, detach(), zerosLike() + 1)
      let least = Double(Self.exponents.lowerBound)
      let greatest = Double(Self.exponents.upperBound)
      let table: [Double] = Self.exponents.map { exp2(Double($0)) }
      let powers = try Tensor(table).to(device, dtype)
      let logarithm: Tensor = try x.log() / Self.logarithmOfTwo
      let exponent = try logarithm.floor().clamped(min: least, max: greatest - 1)
      let place = try (exponent - least).to(.int64).reshaped([-1])
      let guess = try powers.indexSelect(dim: 0, place).reshaped(shape)
      // The logarithm may be rounded across a whole number: the power is twice or half what it
      // should.
      let notAbove = try Tensor.select(where: guess .> x, guess / 2, guess)
      let twice = try notAbove * 2
      let below = try Tensor.select(where: twice .<= x, twice, notAbove)
      let nearest = try Tensor.select(where: x .> below * 1.5, below * 2, below)
      return try Tensor.select(where: isFinite, nearest, detach())
    }
  }

  /// The least power of two that is not below each element.
  func leastPowerOfTwo() throws -> Tensor {
    let nearest = try nearestPowerOfTwo()
    return try Tensor.select(where: detach() .> nearest, nearest * 2, nearest)
  }

  private static let exponents = -64...63
  private static let logarithmOfTwo: Double = Foundation.log(2)
}

extension Double {
  /// The least power of two that is not below the number, which is above zero; zero stays zero.
  var leastPowerOfTwo: Double {
    guard self > 0, isFinite else { return self }
    let below = Double(sign: .plus, exponent: exponent, significand: 1)
    return below < self ? below * 2 : below
  }
}
