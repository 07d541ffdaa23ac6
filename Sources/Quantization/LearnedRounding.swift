import Networks
import Torch

/// Which of its two neighbours on a grid each weight takes, as something that learns: AdaRound
/// (Nagel and others, arXiv 2004.10568; docs/formulas.md 10.16).
///
/// A weight is s·(⌊w / s⌋ + h), and h moves between 0 and 1 until ``indecision(sharpness:)`` has
/// driven it to one of them.
struct LearnedRounding {
  /// V, of the kernel's shape.
  let parameter: Parameter
  private let floor: Tensor
  private let grid: QuantizationGrid

  /// h = clip(1.2·σ(V) − 0.1, 0, 1): stretched, so that 0 and 1 can be reached.
  private static let (stretch, offset) = (1.2, 0.1)
  /// How near to 0 and 1 h may begin, so that V is finite.
  private static let margin = 1e-4

  /// Begins with h as the kernel has it, so that the weights are those that are not rounded.
  ///
  /// - Parameter grid: of equal steps, with 0 at the code 0.
  init(_ kernel: Tensor, on grid: QuantizationGrid, index: Int) throws {
    self.grid = grid
    let codes = try kernel / grid.spread(grid.step, over: kernel.rank)
    floor = try codes.floor()
    let share = try (codes - floor).clamped(min: Self.margin, max: 1 - Self.margin)
    let odds = try Self.stretch / (share + Self.offset) - 1
    parameter = try Parameter("\(index).rounding", ParameterGroup("rounding"), -odds.log())
  }

  /// h, `0...1`.
  var share: Tensor {
    get throws {
      try (parameter.value.sigmoid() * Self.stretch - Self.offset).clamped(min: 0, max: 1)
    }
  }

  /// The weights of the moment, with a gradient for V.
  var weights: Tensor {
    get throws { try grid.values(of: grid.limited(floor + share)) }
  }

  /// The mean of 1 − |2h − 1|^β: 1 where all weights lie half way, 0 where all are on the grid.
  ///
  /// - Parameter sharpness: β. A great one pulls at those alone that are nearly there.
  func indecision(sharpness: Double) throws -> Tensor {
    try 1 - (share * 2 - 1).abs().pow(sharpness).mean()
  }

  /// The codes of the nearer side of h.
  var codes: EncodedTensor {
    get throws {
      try withoutGrad {
        let up = try (share.detach() .> 0.5).to(floor.dtype)
        return EncodedTensor(try grid.limited(floor + up), grid)
      }
    }
  }
}
