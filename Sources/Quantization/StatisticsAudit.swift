import Darknet
import Foundation
import Networks
import Torch

/// Whether pictures look like those that a network was trained on, by what its batch normalisations
/// remember of them (docs/formulas.md 10.17).
///
/// A channel's values before normalisation have a mean and a variance on the pictures at hand, and
/// running ones from training. A layer's distance is the median, over its channels, of the divergence
/// between normal distributions of both; the median, for a single channel may be shut, or be about
/// something that a few pictures do not show.
public final class StatisticsAudit {
  /// A layer and how far it is from what it remembers.
  public struct Layer: Hashable, Sendable {
    /// Index in the cfg.
    public let index: Int
    /// Median of the channels' divergences, in nats.
    public let divergence: Double
  }

  /// What a layer is said to disagree above. On networks of photographs, other photographs stay
  /// below 0.06 in every layer and single ones below 0.26; pictures of another kind (under a
  /// microscope) reach 0.8.
  public static let limit = 0.25
  /// The share of layers that have to disagree before pictures are said to be of another world.
  public static let share = 0.1

  private let network: Network
  private let sums: Sums
  private var batches: [Int: (weight: Double, mean: Tensor, square: Tensor)] = [:]

  /// What the layers gave last, before they normalised it.
  private final class Sums { var means: [Int: (mean: Tensor, square: Tensor)] = [:] }

  /// Prepares an audit; the network is not changed.
  public init(_ network: Network) throws {
    self.network = try network.copy()
    let sums = Sums()
    self.sums = sums
    self.network.replaceLayers { index, layer in
      guard let convolution = layer.convolution, convolution.normalizes else { return nil }
      return SumsLayer(layer) { x, context in
        let y = try convolution.convolved(x, weight: convolution.weight, bias: nil)
        sums.means[index] = (
          try y.mean(dims: [0, 2, 3]), try y.squared().mean(dims: [0, 2, 3])
        )
        return try convolution.activated(convolution.normalized(y, context), context)
      }
    }
  }

  /// Whether any layer normalises, so that there is something to compare with.
  public var canTell: Bool { network.layers.contains { $0.convolution?.normalizes ?? false } }

  /// Shows pictures, `[N, channels, height, width]`, values in `0...1`.
  public func add(_ images: Tensor) throws {
    try withoutGrad {
      _ = try network(images)
      let weight = Double(images.shape[0])
      for (layer, seen) in sums.means {
        let before = batches[layer]
        batches[layer] = (
          (before?.weight ?? 0) + weight,
          try before.map { try $0.mean + seen.mean * weight } ?? seen.mean * weight,
          try before.map { try $0.square + seen.square * weight } ?? seen.square * weight
        )
      }
    }
  }

  /// The layers that normalise, in the order of the cfg; none before a picture was seen.
  public var layers: [Layer] {
    get throws {
      try withoutGrad {
        try batches.sorted { $0.key < $1.key }.compactMap { index, seen in
          guard let convolution = network.layers[index].convolution else { return nil }
          let mean = try seen.mean / seen.weight
          let variance = try (seen.square / seen.weight - mean.squared()).clamped(min: 0)
          let running = try convolution.runningStatistics
          let divergences = try Self.divergences(
            mean, variance, from: running.mean.detach(), running.variance.detach())
          return Layer(index: index, divergence: try divergences.quantile(0.5).item())
        }
      }
    }
  }

  /// The layers that disagree, where they are enough to say that the pictures are of another world.
  public var disagreeing: [Layer] {
    get throws {
      let all = try layers
      let beyond = all.filter { $0.divergence > Self.limit || $0.divergence.isNaN }
      return Double(beyond.count) >= Self.share * Double(all.count) ? beyond : []
    }
  }

  /// ½·(v/v₀ + (μ − μ₀)²/v₀ − 1 − ln(v/v₀)) for each channel, `[C]`.
  static func divergences(
    _ mean: Tensor, _ variance: Tensor, from usualMean: Tensor, _ usualVariance: Tensor
  ) throws -> Tensor {
    let usual = try usualVariance + ConvolutionSpec.epsilon
    let ratio = try (variance + ConvolutionSpec.epsilon) / usual
    return try (ratio + (mean - usualMean).squared() / usual - 1 - ratio.log()) / 2
  }
}
