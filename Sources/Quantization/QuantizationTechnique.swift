import Darknet
import Datasets
import Foundation
import Networks
import Storage
import Torch
import Training

/// Trains a network on the codes that it will have: weights, biases and activations are on grids in
/// every forward pass, and gradients pass through the rounding (docs/formulas.md 10.3 to 10.9).
///
/// The written pair has the float weights that learn. ``QuantizationState/init(trained:_:)`` takes
/// the codes out of the network, or out of its average.
public final class QuantizationTechnique: TellingTechnique, AccompanyingTechnique {
  /// `quantization`.
  public let name = "quantization"
  /// What is quantized and how.
  public let options: QuantizationOptions
  /// What happens when.
  public let course: QuantizationCourse

  private var clock: QuantizationClock?
  /// What is on codes, and what stays float, where something does.
  private var summary: (codes: String, float: String?) = ("", nil)
  private var layers: [TrainedLayer] = []
  private var ranges: [ActivationRange] = []

  /// A training on codes.
  public init(
    _ options: QuantizationOptions = QuantizationOptions(),
    course: QuantizationCourse = QuantizationCourse()
  ) {
    (self.options, self.course) = (options, course)
  }

  /// Puts layers that train on codes in the place of those that do not.
  ///
  /// - Throws: ``QuantizationError`` when the options do not fit the network, or the run.
  public func attach(to session: inout TrainingSession) throws {
    try attach(to: session.network, epochs: session.course.steps.map(\.epoch))
  }

  /// As ``attach(to:)-swift.method``, for a network that no run trains.
  ///
  /// - Parameter epochs: of each of its steps.
  func attach(to network: Network, epochs: [Int]) throws {
    let (spec, plan) = (network.spec, try QuantizationPlan(network.spec, options))
    try course.check(options.scheme)
    guard !network.layers.contains(where: { $0 is TrainedLayer || $0 is QuantizedLayer }) else {
      throw QuantizationError.alreadyQuantized
    }
    let clock = try QuantizationClock(course, to: plan.fewestBits, epochs: epochs)
    self.clock = clock
    summary = (
      plan.codesInWords(options.scheme, weights: try spec.weightCounts), plan.floatInWords
    )
    ranges = try plan.groups.enumerated().map { place, group in
      try ActivationRange(
        group, at: place, options, course.firstSteps, clock, input: network.inputScale)
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
        layer, at: index, of: network, options, course, weightBits: bits,
        ranges: .init(
          input: input, sources: spec.tensorInputs(ofLayer: index).map(range(of:)),
          output: output), clock: clock,
        sharing: layer.convolution?.spec.shareIndex.flatMap { made[$0] })
      made[index] = trained
      return trained
    }
    layers = made.sorted { $0.key < $1.key }.map(\.value)
  }

  /// `damping` where weights are pulled towards their codes.
  public var lossNames: [String] { course.damping > 0 ? ["damping"] : [] }

  /// What the pull is called.
  public var lossTitle: (name: String, meaning: String) {
    ("damping", "distance of the weights to their codes")
  }

  /// The pull of weights towards their codes, from nothing at the start of the run to all of it at
  /// the end.
  public func losses(_ step: TrainingStep) throws -> [TechniqueLoss] {
    guard course.damping > 0, let clock else { return [] }
    let distances = try layers.compactMap { try $0.distanceToCodes() }
    guard let first = distances.first else { return [] }
    let total = try distances.dropFirst().reduce(first) { try $0 + $1 }
    return [TechniqueLoss("damping", total, weight: course.damping(at: clock.progress))]
  }

  /// Lets rest what is settled.
  public func beforeStep(_ step: TrainingStep) throws { try rest(step.network) }

  /// More bits; where steps that learn are no numbers any more, for the layer whose were lost first:
  /// the last, for gradients come from the heads.
  public var remedyOfDivergence: String? {
    let lost = layers.last { layer in
      layer.addedParameters.contains {
        $0.group != .statistics && (try? $0.value.detach().allFinite()) == false
      }
    }
    guard let lost else { return "more bits (--w-bit, --a-bit)" }
    return "more bits for layer \(lost.index), whose steps are not finite numbers (--layer-bits)"
  }

  /// Counts the step, and begins or keeps up what follows when codes are settled.
  public func afterStep(_ step: TrainingStep) throws {
    try count(of: step.network, average: step.average)
  }

  /// One optimizer step is done.
  func count(of network: Network, average: Network?) throws {
    guard let clock else { return }
    clock.step += 1
    for network in [network, average].compactMap(\.self) { try clock.floors.hold(network) }
    guard clock.isSettled else { return }
    let isBeginning = clock.step == clock.settlesFrom
    if isBeginning, let average { try average.copyParameters(to: network) { _ in true } }
    if isBeginning { for layer in layers { try layer.correction?.reset() } }
    // What is corrected is what will be used, and it moves for too few steps to be averaged.
    if let average { try network.copyParameters(to: average, where: OutputCorrection.owns) }
  }

  /// What learns at the moment: all, or, when codes are settled, what corrects them.
  func rest(_ network: Network) throws {
    guard let clock, clock.isSettled else { return }
    for parameter in try network.allParameters {
      parameter.rests = clock.isReestimating || !OutputCorrection.owns(parameter)
    }
  }

  /// The scheme, how much of the network it is about, and what happens when.
  public func opening() -> [String] {
    let weights = layers.count { $0.weightBits != nil }
    var line =
      "quantization: \(summary.codes), of \(weights) layers on \(ranges.count) grids of "
      + "activations" + (summary.float.map { ", \($0)" } ?? "")
    if course.lowersOver > 0 {
      line += "; bits fall to these over the first \(percent(course.lowersOver)) of the steps"
    }
    line +=
      "; statistics and observed ranges stay after \(percent(course.freezesAfter)) of the steps"
    if let end { line += "; \(end)" }
    return [line]
  }

  /// What happens when codes are settled; nil where they never are.
  private var end: String? {
    guard let clock, clock.settlesFrom < clock.steps else { return nil }
    let taking = clock.correctsFrom - clock.settlesFrom
    let correcting = clock.steps - clock.correctsFrom
    let learned =
      layers.contains { $0.correction?.scale != nil }
      ? "a scale and a shift of each channel learn" : "a shift of each channel learns"
    let parts = [
      taking > 0 ? "statistics are taken anew over \(taking) of them" : nil,
      correcting > 0 ? "\(learned) over \(correcting)" : nil,
    ].compactMap(\.self)
    return "in the last \(clock.steps - clock.settlesFrom) steps codes stay: "
      + parts.joined(separator: ", then ")
  }

  private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }

  /// Writes the codes beside those of the weights that are there.
  public func accompany(_ network: Network, weights: String, hash: String) throws {
    let path = QuantizationFile.path(beside: weights)
    try QuantizationFile.write(
      QuantizationState(trained: network, options),
      cfgHash: SHA256.hexadecimal(of: network.configuration.text.utf8), weightsHash: hash,
      to: QuantizationFile.next(path))
  }

  /// Puts the codes in the place of those of earlier weights.
  public func settle(weights: String) throws {
    let path = QuantizationFile.path(beside: weights)
    try moveFile(QuantizationFile.next(path), to: path)
  }

  // MARK: Checkpoints

  private struct State: Codable {
    var step: Int
    var options: QuantizationOptions
    var course: QuantizationCourse
    /// Nil in runs of earlier versions, as what follows.
    var floors: [String: [Float]]?
    var reaches: [String: [Float]]?
  }

  /// The steps done, the options, the course and what steps do not fall below.
  public func state() throws -> Data? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(
      State(
        step: clock?.step ?? 0, options: options, course: course, floors: clock?.floors.floors,
        reaches: clock?.floors.reaches))
  }

  /// Goes on at the step of a checkpoint.
  ///
  /// - Throws: ``QuantizationError/otherOptions`` for a run that was begun with others.
  public func restore(_ state: Data) throws {
    let before = try JSONDecoder().decode(State.self, from: state)
    guard before.options == options, before.course == course else {
      throw QuantizationError.otherOptions
    }
    clock?.step = before.step
    if let floors = before.floors { clock?.floors.floors = floors }
    if let reaches = before.reaches { clock?.floors.reaches = reaches }
  }
}

extension QuantizationCourse {
  /// The weight of the damping when so much of the run is done, `0...1`: half a cosine upwards.
  func damping(at progress: Double) -> Double { damping * (1 - cos(.pi * progress)) / 2 }
}

extension Network {
  /// Gives another network, of the same layers, the values of some parameters.
  fileprivate func copyParameters(
    to other: Network, where isMeant: (Parameter) -> Bool
  ) throws {
    let targets = try Dictionary(
      uniqueKeysWithValues: other.allParameters.map { ($0.name, $0.value) })
    try withoutGrad {
      for parameter in try allParameters where isMeant(parameter) {
        _ = try targets[parameter.name]?.copyInPlace(parameter.value.detach())
      }
    }
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
