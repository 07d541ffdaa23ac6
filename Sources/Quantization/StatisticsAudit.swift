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
/// something that a few pictures do not show. A tenth of the layers have to be above a limit, surely: how
/// sure that is says the spread between the pictures, as each is left away once (the jackknife).
public final class StatisticsAudit {
  /// A layer and how far it is from what it remembers.
  public struct Layer: Hashable, Sendable {
    /// Index in the cfg.
    public let index: Int
    /// Median of the channels' divergences, in nats.
    public let divergence: Double
  }

  /// What a layer is said to disagree above. On their own data networks stay below 0.08, however few
  /// pictures there are; on pictures of another kind a third of the layers or more are above 0.1
  /// (docs/formulas.md 10.17).
  public static let limit = 0.1
  /// The share of layers that have to disagree before pictures are said to be of another world.
  public static let share = 0.1
  /// The probability, at most, with which pictures of the network's world are said to be of another.
  public static let falseAlarms = 0.05

  private let network: Network
  private let sums: Sums
  /// Of each picture's channels the mean and the mean of squares, `[N, C]`, batch by batch.
  private var batches: [Int: [(mean: Tensor, square: Tensor)]] = [:]

  /// What the layers gave last, before they normalised it.
  private final class Sums { var means: [Int: (mean: Tensor, square: Tensor)] = [:] }

  /// Prepares an audit; the network is not changed.
  public init(_ network: Network) throws {
    self.network = try network.copy()
    let sums = Sums()
    self.sums = sums
    try self.network.replaceLayers { index, layer in
      guard let convolution = layer.convolution, convolution.normalizes else { return nil }
      return SumsLayer(layer) { x, context in
        let y = try convolution.convolved(x, weight: convolution.weight, bias: nil)
        sums.means[index] = (
          try y.mean(dims: [2, 3]), try y.squared().mean(dims: [2, 3])
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
      for (layer, seen) in sums.means { batches[layer, default: []].append(seen) }
    }
  }

  /// The layers that normalise, in the order of the cfg; none before a picture was seen.
  public var layers: [Layer] {
    get throws { try measured().map { Layer(index: $0.layer, divergence: $0.all) } }
  }

  /// What the divergence of so many layers that pictures are of another world is above, but for chance.
  ///
  /// - Returns: nil with fewer than two pictures, whose spread is not known.
  public var leastDivergence: Double? {
    get throws {
      let layers = try measured()
      guard let pictures = layers.first?.parts.count, pictures > 1 else { return nil }
      let place = Self.needed(of: layers.count) - 1
      func largest(_ values: [Double]) -> Double {
        values.map { $0.isNaN ? .greatestFiniteMagnitude : $0 }.sorted(by: >)[place]
      }
      return Self.lowerEnd(
        largest(layers.map(\.all)),
        without: (0..<pictures).map { picture in largest(layers.map { $0.parts[picture] }) })
    }
  }

  /// The layers that disagree, where they are surely enough to say that the pictures are of another
  /// world.
  public var disagreeing: [Layer] {
    get throws {
      guard let least = try leastDivergence, least > Self.limit else { return [] }
      return try layers.filter { !($0.divergence <= Self.limit) }
    }
  }

  /// Of each layer the median divergence on all pictures, and on all but each one.
  private func measured() throws -> [(layer: Int, all: Double, parts: [Double])] {
    try withoutGrad {
      try batches.sorted { $0.key < $1.key }.compactMap { index, seen in
        guard let convolution = network.layers[index].convolution else { return nil }
        let running = try convolution.runningStatistics
        func divergences(_ mean: Tensor, _ square: Tensor) throws -> [Double] {
          let variance = try (square - mean.squared()).clamped(min: 0)
          return try Self.divergences(
            mean, variance, from: running.mean.detach(), running.variance.detach()
          ).medians().toDoubles()
        }
        let means = try Tensor.concatenated(seen.map(\.mean), dim: 0).to(.float64)
        let squares = try Tensor.concatenated(seen.map(\.square), dim: 0).to(.float64)
        func withoutEach(_ x: Tensor) throws -> Tensor {
          try (x.sum(dims: [0], keepDim: true) - x) / Double(max(x.shape[0] - 1, 1))
        }
        let all = try divergences(
          means.mean(dims: [0], keepDim: true), squares.mean(dims: [0], keepDim: true))
        return (index, all[0], try divergences(withoutEach(means), withoutEach(squares)))
      }
    }
  }

  /// How many of so many layers have to disagree.
  static func needed(of layers: Int) -> Int {
    max(Int((share * Double(layers)).rounded(.up)), 1)
  }

  /// The lower end of an interval by the jackknife, its bias taken away, over logarithms, as for
  /// variances (Miller, The jackknife – a review, Biometrika 61, 1974).
  ///
  /// - Parameters:
  ///   - whole: of all pictures.
  ///   - parts: without each of them, two or more.
  static func lowerEnd(_ whole: Double, without parts: [Double]) -> Double {
    let count = Double(parts.count)
    let logarithms = parts.map { log(max($0, tiny)) }
    let middle = logarithms.reduce(0, +) / count
    let spread = logarithms.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
    let error = ((count - 1) / count * spread).squareRoot()
    let t = StudentT.quantile(above: falseAlarms, degreesOfFreedom: parts.count - 1)
    return exp(count * log(max(whole, tiny)) - (count - 1) * middle - t * error)
  }

  /// Below it a divergence is nothing, whose logarithm would be −∞.
  private static let tiny = 1e-12

  /// ½·(v/v₀ + (μ − μ₀)²/v₀ − 1 − ln(v/v₀)) for each channel, `[C]` or `[N, C]`.
  static func divergences(
    _ mean: Tensor, _ variance: Tensor, from usualMean: Tensor, _ usualVariance: Tensor
  ) throws -> Tensor {
    let usual = try usualVariance + ConvolutionSpec.epsilon
    let ratio = try (variance + ConvolutionSpec.epsilon) / usual
    return try (ratio + (mean - usualMean).squared() / usual - 1 - ratio.log()) / 2
  }
}

extension Tensor {
  /// The median of each row of `[N, C]`, `[N]`; of an even number the mean of both in the middle.
  fileprivate func medians() throws -> Tensor {
    let ordered = try sorted(dim: 1).values
    let middle = shape[1] / 2
    let (first, count) = shape[1] % 2 == 1 ? (middle, 1) : (middle - 1, 2)
    return try ordered.narrow(dim: 1, start: first, count: count).mean(dims: [1])
  }
}
