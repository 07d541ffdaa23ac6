import Darknet
import Foundation
import Networks
import Torch

/// How far each layer of a quantized network is from the float one, on pictures.
public struct LayerErrors {
  /// One layer.
  public struct Layer: Hashable, Sendable {
    /// Index in the cfg.
    public let index: Int
    /// Bits of its weights; nil where they are float, or there are none.
    public let weightBits: Int?
    /// Bits of what it gives; nil where that is float.
    public let outputBits: Int?
    /// The step of what it gives.
    public let step: Double?
    /// The code of the value 0 there.
    public let zero: Int?
    /// Least and greatest value of the grid.
    public let range: ClosedRange<Double>?
    /// Σ x² of the float network's values.
    public fileprivate(set) var signal = 0.0
    /// Σ (x − q)², with q those of the quantized network.
    public fileprivate(set) var noise = 0.0
    /// Values that the float network has beyond the grid.
    public fileprivate(set) var clipped = 0
    /// All values.
    public fileprivate(set) var count = 0

    /// Signal to quantization noise, 10·log₁₀(signal / noise) in decibels; nil where there is no
    /// signal, infinite where there is no noise.
    public var decibels: Double? { signal > 0 ? 10 * log10(signal / noise) : nil }

    /// The share of values beyond the grid, `0...1`.
    public var clippedShare: Double { count > 0 ? Double(clipped) / Double(count) : 0 }
  }

  /// By index in the cfg; heads, which only hand on, are left out.
  public private(set) var layers: [Layer]
  private let float: Network
  private let quantized: Network
  private let state: QuantizationState

  /// A comparison of a network with what became of it.
  public init(_ float: Network, _ quantized: Network, _ state: QuantizationState) throws {
    self.float = try float.folded()
    (self.quantized, self.state) = (quantized, state)
    layers = try float.spec.layers.indices.filter { !float.spec.layers[$0].isHead }.map { index in
      let grid = state.grid(of: index)
      let step = try grid?.step.item()
      let zero = try grid?.zero?.itemInt() ?? 0
      return Layer(
        index: index, weightBits: state.plan.weightBits[index], outputBits: grid?.range.bits,
        step: step, zero: grid == nil ? nil : zero,
        range: grid.flatMap { grid in
          step.map {
            Double(grid.range.lowest - zero) * $0...Double(grid.range.highest - zero) * $0
          }
        })
    }
  }

  /// Runs both networks on pictures, `[N, channels, height, width]`, values in `0...1`, one by one,
  /// so that the features of one are in memory.
  public mutating func add(_ images: Tensor) throws {
    for picture in 0..<images.shape[0] {
      try withoutGrad {
        let image = try images.narrow(dim: 0, start: picture, count: 1)
        let taps = try [float, quantized].map { network in
          let tap = FeatureTap(layers.map(\.index))
          _ = try network(image, ForwardPass(observers: [tap]))
          return tap.features
        }
        for place in layers.indices {
          let index = layers[place].index
          guard let expected = taps[0][index], let found = taps[1][index] else { continue }
          try layers[place].add(expected, found, state.grid(of: index))
        }
      }
    }
  }
}

extension LayerErrors.Layer {
  fileprivate mutating func add(
    _ expected: Tensor, _ found: Tensor, _ grid: QuantizationGrid?
  ) throws {
    signal += try expected.to(.float64).squared().sum().item()
    noise += try (found - expected).to(.float64).squared().sum().item()
    count += expected.count
    guard let grid else { return }
    let codes = try grid.to(expected.device).unlimitedCodes(of: expected)
    let beyond = try (codes .< grid.range.lowest) .| (codes .> grid.range.highest)
    clipped += try beyond.to(.int64).sum().itemInt()
  }
}
