import Torch

/// The share of a range whose grid has the least squared error; of several the largest.
///
/// - Parameters:
///   - x: what is put on the grids.
///   - count: of the shares that are tried: 1/count, 2/count and so on to 1.
///   - axis: the dimension whose slices have a share of their own; nil for one share.
///   - grid: the grid over a share.
/// - Returns: `[]` or `[C]`.
func leastSquares(
  _ x: Tensor, along axis: Int? = nil, count: Int = 100, grid: (Double) throws -> QuantizationGrid
) throws -> Tensor {
  let outside = (0..<x.rank).filter { $0 != axis }
  var best: (share: Tensor, error: Tensor)?
  for place in (1...count).reversed() {
    let share = Double(place) / Double(count)
    let grid = try grid(share)
    let squares = try (grid.values(of: grid.codes(of: x)) - x).squared()
    let error = try axis == nil ? squares.sum() : squares.sum(dims: outside)
    let candidate = try error.zerosLike() + share
    guard let known = best else {
      best = (candidate, error)
      continue
    }
    let isLess = try error .< known.error
    best = (
      try Tensor.select(where: isLess, candidate, known.share),
      try Tensor.select(where: isLess, error, known.error)
    )
  }
  guard let best else { return try .ones([], device: x.device) }
  return best.share
}
