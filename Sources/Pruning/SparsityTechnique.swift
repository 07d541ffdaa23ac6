import Darknet
import Foundation
import Networks
import Reports
import Torch
import Training

/// L1 on BN scales: pushes the scales of channels that matter little towards zero, so that pruning
/// can take them (arXiv 1708.06519; docs/formulas.md 6.1).
///
/// Once per optimizer step, on unscaled gradients, the gradient of each selected γ grows by
/// strength · sign(γ), where sign(0) = 0; or |γ| itself shrinks after the step
/// (``SparsityUpdate/proximal``). The earlier Python programs added it once a batch: their `s` with
/// `a` batches a step is our `a · s`.
public final class SparsityTechnique: TellingTechnique, SteeringTechnique {
  /// `sparsity`.
  public let name = "sparsity"
  /// The factor before sign(γ); the greatest one under ``SparsitySchedule/automatic(band:)``.
  public let strength: Double
  /// How the strength changes over the run.
  public let schedule: SparsitySchedule
  /// How it acts.
  public let update: SparsityUpdate
  /// Layers whose scales are pushed, by index in the cfg.
  public let layers: [Int]

  private let shares: [Int: [Float]]
  private let rescaling: ParameterScaling?
  private let notes: [String]
  /// Under the automatic schedule alone.
  private var control: SparsityControl?

  /// Those that are pushed.
  private var scales: [SparseScale] = []
  /// Those of all convolutions.
  private var allScales: [SparseScale] = []

  /// - Parameters:
  ///   - strength: above 0; 0.001 suits a few classes, 0.0001 many.
  ///   - layers: convolutions with batch normalisation.
  ///   - shares: what part of the strength acts on each channel of a layer; 1 where it is not
  ///     named.
  ///   - rescaling: a change of the parameters that leaves the outputs as they are, for the time of
  ///     the training. With the proximal update, small scales and large weights after them become
  ///     sparse sooner (arXiv 1802.00124, section 4.2).
  ///   - notes: lines for the start of the log beside those of ``opening()``.
  public init(
    strength: Double, layers: [Int], schedule: SparsitySchedule = .constant,
    update: SparsityUpdate = .subgradient, shares: [Int: [Float]] = [:],
    rescaling: ParameterScaling? = nil, notes: [String] = []
  ) {
    self.strength = strength
    self.schedule = schedule
    self.update = update
    self.layers = layers
    self.shares = shares
    self.rescaling = rescaling
    self.notes = notes
    if case .automatic(let band) = schedule {
      control = SparsityControl(ceiling: strength, band: band)
    }
  }

  /// Finds the selected scales, and rescales them where that is asked for.
  public func attach(to session: inout TrainingSession) throws {
    try attach(to: session.network)
  }

  /// As ``attach(to:)-swift.method``, for a network that no run trains.
  func attach(to network: Network) throws {
    if let rescaling { try network.load(rescaling.applied(to: network.parameters())) }
    let wanted = Set(layers)
    allScales = try SparseScale.all(of: network, shares: shares, rescaling: rescaling)
    scales = allScales.filter { wanted.contains($0.layer) }
    guard !scales.isEmpty else { throw PruningError.nothingToSparsify }
  }

  /// Says which scales are pushed, and how strongly.
  public func opening() -> [String] {
    let channels = scales.reduce(0) { $0 + $1.gamma.value.count }
    let list = scales.map { String($0.layer) }.joined(separator: " ")
    let line =
      "sparsity \(strengthInWords) on \(channels) scales of \(scales.count) layers: \(list)"
    return [line] + notes + [expectation].compactMap { $0 }
  }

  /// What a reader should not take for a failure.
  private var expectation: String? {
    guard case .localDecay(let after, _) = schedule else { return nil }
    return "mAP can fall to nearly nothing while all scales are pushed, for the first "
      + "\(Figures.percent(after, 0)) of the epochs, and comes back after that"
  }

  private var strengthInWords: String {
    guard let control else { return "\(strength)" }
    return "\(Figures.significant(control.strength)) (\(strength) at most, within "
      + "\(Figures.significant(control.band)) points of mAP@0.5)"
  }

  /// Says when the push alone cannot bring half of the scales to zero before the run ends
  /// (``SparsityReach``).
  public func outlook(on course: TrainingCourse) throws -> [String] {
    guard rescaling == nil, let reach = SparsityReach(schedule, update, on: course) else {
      return []
    }
    let magnitudes = try scales.sortedMagnitudes()
    guard let median = SparsityReach.medianAtWork(magnitudes),
      strength * reach.perStrength < median
    else { return [] }
    let wanted = SparsityReach.reserve * median
    let epochs = (course.steps.last?.epoch ?? 0) + 1
    let enough = (Double(epochs) * wanted / (strength * reach.perStrength)).rounded(.up)
    let stronger = reach.suggestion(for: magnitudes)
    let isPossible = reach.strength(toZero: wanted) <= SparsityReach.greatestStrength
    // A much stronger push breaks a network before the short run ends.
    let isGentle = isPossible && stronger <= max(2 * strength, SparsityReach.usualStrength)
    let other = "a strength of \(Figures.significant(stronger))"
    let remedy =
      "with about \(Figures.grouped(Int(enough))) epochs"
      + (isGentle
        ? ", or \(other),"
        : isPossible ? " (in \(epochs) it takes \(other), which may break the network)" : "")
    return [
      "sparsity \(strength) is too weak for this run: the push can lower a scale by "
        + "\(Figures.significant(strength * reach.perStrength)) at most, and half of those at work are above "
        + "\(Figures.significant(median)); \(remedy) these can reach zero, as far as the loss lets them"
    ]
  }

  /// Adds strength · sign(γ) to the gradients.
  public func beforeStep(_ step: TrainingStep) throws {
    guard update == .subgradient else { return }
    try withoutGrad {
      let (factor, threshold) = try pull(step)
      let pulls = try scales.map { scale in
        try weighted(scale.gamma.value.detach().sign(), scale, threshold)
      }
      try ForEach.add(scales.compactMap(\.gamma.value.grad), pulls, scale: factor)
    }
  }

  /// Tells the automatic schedule the learning rate; with the proximal update, shrinks |γ| by
  /// learning rate · strength, to zero at most.
  public func afterStep(_ step: TrainingStep) throws {
    control?.step(learningRate: step.learningRate)
    guard update == .proximal else { return }
    try withoutGrad {
      let (factor, threshold) = try pull(step)
      for scale in scales where !scale.gamma.rests {
        let old = try scale.gamma.value.detach()
        var loss = try weighted(old.zerosLike() + factor * step.learningRate, scale, threshold)
        // What the optimizer leaves out does not shrink anything either.
        if let found = step.foundInfinity { loss = try loss * (1 - found) }
        let size = try (old.abs() - loss).clamped(min: 0)
        _ = try scale.gamma.value.copyInPlace(old.sign() * size)
      }
    }
  }

  /// The strength of the moment, and the |γ| from which on a hundredth of it is left.
  private func pull(_ step: TrainingStep) throws -> (factor: Double, threshold: Tensor?) {
    let (factor, quantile) = schedule.values(epoch: step.epoch, epochs: step.epochs)
    let threshold = try quantile.map { try scales.magnitude(atQuantile: $0) }
    return ((control?.strength ?? strength) * factor, threshold)
  }

  /// `pull` by the share of each channel, with a hundredth left where |γ| reaches the threshold.
  private func weighted(
    _ pull: Tensor, _ scale: SparseScale, _ threshold: Tensor?
  ) throws -> Tensor {
    let pull = try scale.share.map { try pull * $0 } ?? pull
    guard let threshold else { return pull }
    let isLarge = try (scale.magnitude() .>= threshold).to(.float32)
    return try pull * (isLarge * (SparsitySchedule.remainder - 1) + 1)
  }
}

// MARK: - Validation and checkpoints

extension SparsityTechnique {
  /// Whether the schedule is ``SparsitySchedule/automatic(band:)``.
  public var needsEvaluation: Bool { control != nil }

  /// Steers the strength.
  public func afterEvaluation(_ evaluation: TrainingEvaluation) throws -> [String] {
    guard var control else { return [] }
    defer { self.control = control }
    let share = try scales.sortedMagnitudes().share(below: Self.smallMagnitude)
    guard let epoch = evaluation.epoch else {
      control.begin(map50: evaluation.map50, share: share)
      return []
    }
    let line = control.update(
      map50: evaluation.map50, share: share, epoch: epoch, epochs: evaluation.epochs)
    return line.map { [$0] } ?? []
  }

  /// Without the rescaling.
  public func finished(_ parameters: NetworkParameters) throws -> NetworkParameters {
    rescaling?.undone(on: parameters) ?? parameters
  }

  private struct State: Codable {
    var control: SparsityControl?
  }

  /// The automatic schedule's place.
  public func state() throws -> Data? { try JSONEncoder().encode(State(control: control)) }

  /// Goes on from the place that ``state()`` gave.
  public func restore(_ state: Data) throws {
    control = try JSONDecoder().decode(State.self, from: state).control
  }
}

// MARK: - Figures

extension SparsityTechnique {
  /// |γ| below which a channel is taken for one that pruning can take.
  private static let smallMagnitude: Float = 0.01
  private static let thresholds: [Float] = [0.001, smallMagnitude, 0.1]
  private static let quantiles = [25, 50, 75]

  private static func name(below threshold: Float) -> String { "gamma<\(threshold)" }

  /// The strength where it is steered, shares of the selected scales that are small, and quantiles
  /// of their |γ|.
  public func metrics() throws -> [(name: String, value: Double)] {
    let sorted = try scales.sortedMagnitudes()
    guard let last = sorted.last else { return [] }
    var metrics = control.map { [(name: "strength", value: $0.strength)] } ?? []
    func quantile(_ percent: Int) -> (name: String, value: Double) {
      ("gamma\(percent)", Double(sorted.quantile(Double(percent) / 100)))
    }
    func share(_ threshold: Float) -> (name: String, value: Double) {
      (Self.name(below: threshold), sorted.share(below: threshold))
    }
    metrics += [share(Self.smallMagnitude), share(0.1), quantile(50), share(0.001)]
    return metrics + [quantile(25), quantile(75), ("gammaMax", Double(last))]
  }

  /// A figure of ``metrics()`` by the name that it is filed under, in words: ("scales below 0.01:",
  /// "12 %"); nil for a name of something else.
  public static func words(of name: String, _ value: Double) -> (name: String, value: String)? {
    let prefix = "sparsity/"
    guard name.hasPrefix(prefix), case let metric = name.dropFirst(prefix.count) else { return nil }
    let size = Figures.significant(value, 3)
    switch metric {
    case "strength": return ("strength:", size)
    case "gamma25": return ("a quarter of the scales below:", size)
    case "gamma50": return ("median scale:", size)
    case "gamma75": return ("three quarters of the scales below:", size)
    case "gammaMax": return ("largest scale:", size)
    default:
      guard metric.hasPrefix("gamma<") else { return nil }
      return ("scales below \(metric.dropFirst(6)):", Figures.percent(value, 0))
    }
  }

  /// The share of scales near zero (``PruningVerdict/silence``) and the median scale among the
  /// figures of an epoch; nil without a sparse training.
  public static func progress(
    in figures: [String: Double]
  ) -> (silentShare: Double, median: Double)? {
    guard let share = figures["sparsity/" + name(below: smallMagnitude)],
      let median = figures["sparsity/gamma50"]
    else { return nil }
    return (share, median)
  }

  /// Shares and quantiles apart, and the strength where it is steered.
  public var charts: [TechniqueChart] {
    let strength = TechniqueChart(
      title: "Strength of sparse training", metrics: ["strength"], labels: ["strength"])
    return (control == nil ? [] : [strength]) + [
      TechniqueChart(
        title: "Share of the scales that are small",
        metrics: Self.thresholds.map(Self.name(below:)),
        labels: Self.thresholds.map { "below \($0)" }),
      TechniqueChart(
        title: "Size of the scales", metrics: Self.quantiles.map { "gamma\($0)" } + ["gammaMax"],
        labels: [
          "a quarter are below", "half are below", "three quarters are below", "the largest",
        ]),
    ]
  }

  /// |γ| of each convolution with batch normalisation, and of all that are pushed.
  public func distributions() throws -> [TechniqueDistribution] {
    let layers = try withoutGrad {
      try allScales.map { scale in
        TechniqueDistribution(
          name: "gamma/\(scale.layer)", title: "Sizes of the scales of layer \(scale.layer)",
          values: try scale.magnitude().toFloats().map(Double.init))
      }
    }
    let all = TechniqueDistribution(
      name: "gamma/all", title: "Sizes of all scales that are pushed",
      values: try scales.sortedMagnitudes().map(Double.init), isSummary: true)
    return layers + [all]
  }
}

extension [Float] {
  /// The value at a share of the way through an array that is sorted and not empty.
  fileprivate func quantile(_ share: Double) -> Float { self[count.rank(ofQuantile: share)] }

  /// The share of values below a threshold; 0 without any.
  fileprivate func share(below threshold: Float) -> Double {
    Double(count { $0 < threshold }) / Double(Swift.max(count, 1))
  }
}
