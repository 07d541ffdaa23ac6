import Darknet
import Foundation
import Networks
import Torch
import Training

/// Trains a network on the codes that it will have: weights, biases and activations are on grids in
/// every forward pass, and gradients pass through the rounding (docs/formulas.md 10.3 to 10.9).
///
/// The written pair has the float weights that learn. ``QuantizationState/init(trained:_:)`` takes
/// the codes out of the network, or out of its average.
public final class QuantizationTechnique: TellingTechnique {
  /// `quantization`.
  public let name = "quantization"
  /// What it was told.
  public let options: QuantizationOptions
  /// The share of the steps after which batch normalisation goes by its running statistics, and
  /// ranges that are observed stay, `0...1`.
  public let freezesAfter: Double

  private var clock = QuantizationClock(freezesFrom: .max)
  private var ranges: [ActivationRange] = []
  private var quantizedLayers = 0

  /// A training on codes.
  public init(_ options: QuantizationOptions = QuantizationOptions(), freezesAfter: Double = 0.9) {
    (self.options, self.freezesAfter) = (options, freezesAfter)
  }

  /// Puts layers that train on codes in the place of those that do not.
  ///
  /// - Throws: ``QuantizationError`` when the options do not fit the network.
  public func attach(to session: inout TrainingSession) throws {
    try attach(to: session.network, steps: session.course.steps.count)
  }

  /// As ``attach(to:)-swift.method``, for a network that no run trains.
  func attach(to network: Network, steps: Int) throws {
    let (spec, plan) = (network.spec, try QuantizationPlan(network.spec, options))
    guard !network.layers.contains(where: { $0 is TrainedLayer || $0 is QuantizedLayer }) else {
      throw QuantizationError.alreadyQuantized
    }
    clock = QuantizationClock(freezesFrom: Int((Double(steps) * freezesAfter).rounded(.up)))
    ranges = try plan.groups.enumerated().map { place, group in
      try ActivationRange(group, at: place, options)
    }
    func range(of tensor: Int) -> ActivationRange? { plan.group(of: tensor).map { ranges[$0] } }
    var made: [Int: TrainedLayer] = [:]
    try network.replaceLayers { index, layer in
      let input = index == 0 ? range(of: -1) : nil
      var output: (range: ActivationRange, place: Int)?
      if let group = plan.group(of: index),
        let place = plan.groups[group].producers.firstIndex(of: index)
      {
        output = (ranges[group], place)
      }
      let bits = plan.weightBits[index]
      guard bits != nil || input != nil || output != nil else { return nil }
      let trained = try TrainedLayer(
        layer, at: index, options, weightBits: bits,
        ranges: .init(
          input: input, source: spec.tensorInputs(ofLayer: index).first.flatMap(range(of:)),
          output: output), clock: clock,
        sharing: layer.convolution?.spec.shareIndex.flatMap { made[$0] })
      made[index] = trained
      return trained
    }
    quantizedLayers = plan.weightBits.count
    try network.move(to: network.device)
  }

  /// Counts the step.
  public func afterStep(_ step: TrainingStep) throws { count() }

  /// One optimizer step is done.
  func count() { clock.step += 1 }

  /// The scheme and how much of the network it is about.
  public func opening() -> [String] {
    [
      "quantization \(options.scheme.rawValue): weights of \(quantizedLayers) layers, "
        + "\(ranges.count) grids of activations; statistics and observed ranges stay after "
        + "\(Int((100 * freezesAfter).rounded())) % of the steps"
    ]
  }

  // MARK: Checkpoints

  private struct State: Codable {
    var step: Int
    var options: QuantizationOptions
  }

  /// The steps done and the options.
  public func state() throws -> Data? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(State(step: clock.step, options: options))
  }

  /// Goes on at the step of a checkpoint.
  ///
  /// - Throws: ``QuantizationError/otherOptions`` for a run that was begun with others.
  public func restore(_ state: Data) throws {
    let before = try JSONDecoder().decode(State.self, from: state)
    guard before.options == options else { throw QuantizationError.otherOptions }
    clock.step = before.step
  }
}

extension QuantizationState {
  /// The codes of a network that was trained on them, or of its average, as they are now.
  ///
  /// - Throws: ``QuantizationError/notTrained`` where a group of tensors was never seen.
  public init(trained network: Network, _ options: QuantizationOptions) throws {
    let plan = try QuantizationPlan(network.spec, options)
    let trained = network.layers.map { $0 as? TrainedLayer }
    let folded = try network.plainFolded()
    var kernels: [Int: Kernel] = [:]
    for (index, layer) in trained.enumerated() {
      kernels[index] = try withoutGrad { try layer?.codes(of: folded[index]) }
    }
    let grids = try plan.groups.indices.map { place in
      let owner = trained.lazy.compactMap(\.self).flatMap(\.owned).first { $0.group == place }
      guard let grid = try owner?.grid else { throw QuantizationError.notTrained }
      return grid
    }
    self.init(options: options, plan: plan, kernels: kernels, grids: grids)
  }
}

extension Network {
  /// The layers without their quantization, folded.
  fileprivate func plainFolded() throws -> [any Layer] {
    try layers.reduce(into: []) { made, layer in
      made.append(try ((layer as? TrainedLayer)?.inner ?? layer).folded(made))
    }
  }
}
