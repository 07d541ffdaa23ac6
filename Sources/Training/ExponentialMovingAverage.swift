import Foundation
import Networks
import Torch

/// A slowly moving average of a network's tensors, running statistics included: steadier on
/// validation than the weights of the last step.
///
/// The decay rises with the number of steps, d(n) = 0.9999 · (1 − e^(−n / 2000)), so that the first
/// weights are soon forgotten (docs/formulas.md 5.7).
public final class ExponentialMovingAverage {
  /// The network that holds the averages.
  public let network: Network
  /// Optimizer steps so far.
  public private(set) var steps: Int
  /// Each parameter of the averaged network beside the one that it follows.
  private let pairs: [(average: Parameter, source: Parameter)]

  /// Starts at the network's present values.
  public init(of network: Network, steps: Int = 0) throws {
    self.network = try network.copy()
    self.steps = steps
    let sources = try Dictionary(
      uniqueKeysWithValues: network.allParameters.map { ($0.name, $0) })
    pairs = try self.network.allParameters.map { average in
      guard let source = sources[average.name], source !== average else {
        throw TrainingError.copyDiffers(parameter: average.name)
      }
      return (average, source)
    }
    if let missing = Set(sources.keys).subtracting(pairs.map(\.average.name)).min() {
      throw TrainingError.copyDiffers(parameter: missing)
    }
  }

  /// Moves the averages towards the network's values; call after each optimizer step.
  public func update() throws {
    steps += 1
    let decay = 0.9999 * (1 - exp(-Double(steps) / 2000))
    try withoutGrad {
      try ForEach.lerp(averages, to: sources, weight: 1 - decay)
    }
  }

  private var averages: [Tensor] { pairs.map(\.average.value) }
  private var sources: [Tensor] {
    get throws { try pairs.map { try $0.source.value.detach() } }
  }

  /// Takes up the count of a checkpoint; its values are loaded into ``network``.
  func restore(steps: Int) { self.steps = steps }
}
