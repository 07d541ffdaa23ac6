import Testing

@testable import Torch

/// Whether two arrays agree to `tolerance`, absolute below 1 and relative above.
func agree(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-6) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($0), abs($1)) }
}

func agree(_ a: [Float], _ b: [Float], _ tolerance: Double = 1e-5) -> Bool {
  agree(a.map(Double.init), b.map(Double.init), tolerance)
}

/// Numbers that look random but are a formula: fractions of multiples of the golden ratio, in
/// `low..<high`.
func spread(_ count: Int, from low: Double = -1, to high: Double = 1) -> [Double] {
  (0..<count).map { i in
    let x = Double(i + 1) * 0.618_033_988_749_895
    return low + (high - low) * (x - x.rounded(.down))
  }
}

/// Compares the gradient of `sum(f(x) · weights)` with central differences, in float64.
func expectGradient(
  _ name: String = "", at values: [Double], shape: [Int], tolerance: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation, of f: (Tensor) throws -> Tensor
) throws {
  let x = try Tensor(values, shape: shape).requireGrad()
  let y = try f(x)
  let weights = try Tensor(spread(y.count, from: 0.5, to: 1.5), shape: y.shape)
  try (y * weights).sum().backward()
  let exact = try #require(x.grad, "\(name)", sourceLocation: sourceLocation).toDoubles()

  let h = 1e-5
  let differences = try values.indices.map { i in
    var moved = values
    func value(_ v: Double) throws -> Double {
      moved[i] = v
      return try withoutGrad { try (f(Tensor(moved, shape: shape)) * weights).sum().item() }
    }
    return (try value(values[i] + h) - value(values[i] - h)) / (2 * h)
  }
  #expect(
    agree(exact, differences, tolerance), "\(name): \(exact) against \(differences)",
    sourceLocation: sourceLocation)
}

/// The error that `body` throws, where it is a `TorchError`.
func torchError(_ body: () throws -> Void) -> TorchError? {
  do {
    try body()
    return nil
  } catch {
    return error as? TorchError
  }
}
