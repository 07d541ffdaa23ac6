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
  private let averages: [Tensor]
  private let sources: [Tensor]

  /// Starts at the network's present values.
  public init(of network: Network, steps: Int = 0) throws {
    self.network = try network.copy()
    self.steps = steps
    sources = try network.tensors.map(\.tensor)
    averages = try self.network.tensors.map(\.tensor)
  }

  /// Moves the averages towards the network's values; call after each optimizer step.
  public func update() throws {
    steps += 1
    let decay = 0.9999 * (1 - exp(-Double(steps) / 2000))
    try withoutGrad {
      try ForEach.lerp(averages, to: sources.map { try $0.detach() }, weight: 1 - decay)
    }
  }

  /// Starts again at the network's present values.
  func restart() throws {
    steps = 0
    try withoutGrad { try ForEach.copy(averages, from: sources.map { try $0.detach() }) }
  }

  /// Takes up the count of a checkpoint; its values are loaded into ``network``.
  func restore(steps: Int) { self.steps = steps }
}
