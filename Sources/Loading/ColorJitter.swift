import Torch

/// Multiplies hue, saturation and brightness.
enum ColorJitter {
  /// Jitters pictures, each by gains of its own.
  ///
  /// Hue wraps around after multiplying, saturation and value are cut at 1 (docs/formulas.md 4.4).
  ///
  /// - Parameters:
  ///   - images: `[N, 3, H, W]`, red, green, blue in `0...1`.
  ///   - gains: hue, saturation, value of each picture.
  /// - Returns: `[N, 3, H, W]` in `0...1`.
  static func apply(_ images: Tensor, gains: [[Float]]) throws -> Tensor {
    let table = try Tensor(
      gains.flatMap { $0 }, shape: [gains.count, 3, 1, 1], device: images.device,
      pinned: images.device.isCUDA)
    func gain(_ index: Int) throws -> Tensor { try table.narrow(dim: 1, start: index, count: 1) }
    func channel(_ index: Int) throws -> Tensor {
      try images.narrow(dim: 1, start: index, count: 1)
    }
    let (red, green, blue) = (try channel(0), try channel(1), try channel(2))
    let value = try images.amax(dims: [1], keepDim: true)
    let chroma = try value - images.amin(dims: [1], keepDim: true)

    // Hue in sixths of the circle, 0..<6; that of a gray pixel does not matter.
    let perChroma = try chroma.clamped(min: 1e-6).reciprocal()
    let fromGreen = try Tensor.select(
      where: green .== value, (blue - red) * perChroma + 2, (red - green) * perChroma + 4)
    var hue = try Tensor.select(where: red .== value, (green - blue) * perChroma, fromGreen)
    hue = try (hue.remainder(6) * gain(0)).remainder(6)

    let newValue = try (value * gain(2)).clamped(max: 1)
    let saturation = try (chroma / value.clamped(min: 1e-6) * gain(1)).clamped(max: 1)
    let newChroma = try newValue * saturation
    let base = try newValue - newChroma
    // How much of the chroma each channel gets: a trapezium over the hue.
    let shares = try [
      (hue - 3).abs() - 1,
      2 - (hue - 2).abs(),
      2 - (hue - 4).abs(),
    ]
    return try Tensor.concatenated(
      shares.map { try base + newChroma * $0.clamped(min: 0, max: 1) }, dim: 1)
  }
}
