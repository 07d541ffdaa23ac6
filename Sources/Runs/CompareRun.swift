import Boxes
import Darknet
import Datasets
import Inference
import Networks
import Torch
import Training

/// A comparison of networks, of stored predictions, or of both.
///
/// ```swift
/// var recipe = CompareRecipe(["runs/train", "runs/prune"])
/// recipe.data = "set.data"
/// for row in try CompareRun(recipe)().rows { print(row.name, row.result?.map ?? 0) }
/// ```
public struct CompareRun {
  /// What was asked for.
  public let recipe: CompareRecipe
  /// The pictures that networks are measured on.
  public let dataset: DetectionDataset?

  private let operands: [CompareOperand]
  private let networks: [FedNetwork?]
  private let stored: [StoredPredictions?]
  private let observer: any RunObserver

  /// Opens everything.
  ///
  /// - Parameter observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files, the machine or a network; ``RunError``.
  public init(
    _ recipe: CompareRecipe, observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    operands = try CompareOperand.all(recipe.operands)
    // Before a network is measured, which would be in vain.
    stored = try operands.map { try $0.predictions() }
    let device = try openDevice(recipe.machine.device, threads: recipe.machine.threads)
    dataset = try recipe.data.map {
      try openDataset(
        DataFile(contentsOf: $0), recipe.split, isSingleClass: recipe.isSingleClass,
        observer: observer)
    }
    networks = try operands.map {
      try $0.network(on: device, recipe.machine, recipe.feeding, observer)
    }
    let present = networks.compactMap(\.self)
    try setThreads(
      recipe.machine.threads,
      for: present.map { ($0.network.spec, $0.feeding.width, $0.feeding.height) }, on: device)
    guard let dataset, let data = recipe.data else { return }
    for fed in present { try requireClasses(dataset.names.count, of: data, fed.network.spec) }
    for operand in operands {
      guard let pair = operand.pair else { continue }
      dataset.warnOfOtherNames(cfg: pair.cfg, weights: pair.weights, of: data, observer)
      dataset.warnOfTrainedPictures(
        operand.name, cfg: pair.cfg, weights: pair.weights, observer)
    }
  }

  /// Measures networks, and compares what there is.
  ///
  /// - Throws: ``OtherPictures`` where intervals are asked for of figures that are not of the same
  ///   pictures; ``RunError``, an error of the predictions or the machine.
  public func callAsFunction() throws -> CompareOutcome {
    let timing = try timing()
    var latencies = timing.latencies[...]
    let rows = try operands.indices.map {
      try row($0, networks[$0] == nil ? nil : latencies.popFirst())
    }
    try requireSameClasses(rows)
    let others = OtherPictures(
      rows.compactMap { row in row.predictions.map { (row.name, $0, row.pair == nil) } },
      data: recipe.data)
    if let others {
      guard recipe.resamples == nil else { throw others }
      observer.warn(others.description)
    }
    let isJudged = recipe.resamples != nil && others == nil
    return CompareOutcome(
      rows: rows, timing: timing, intervals: try recipe.resamples.map { try intervals(rows, $0) },
      others: others,
      choice: isJudged ? try choice(rows) : nil)
  }

  private func row(_ index: Int, _ latency: Latency?) throws -> ComparedNetwork {
    let (operand, fed) = (operands[index], networks[index])
    var predictions = stored[index]
    if let dataset, let fed {
      observer.tellFeeding(fed.feeding, of: fed.model)
      predictions = try evaluate(fed, dataset, title: operand.name).predictions
    }
    return ComparedNetwork(
      name: operand.name, pair: operand.pair, reason: operand.reason,
      profile: try fed.map {
        let spec = $0.network.spec
        return try spec.profile(width: spec.net.width, height: spec.net.height)
      }, codes: fed?.codes, feeding: fed?.feeding,
      seesOtherSize: fed.map { $0.model.seesOtherSize($0.feeding) } ?? false, latency: latency,
      predictions: predictions,
      result: predictions.map { $0.evaluator(style: recipe.averagePrecision).evaluate() })
  }

  private func engine(_ network: Network) throws -> any InferenceEngine {
    try recipe.machine.engine.engine(network, precision: recipe.machine.precision)
  }

  private func timing() throws -> Timing {
    let present = networks.compactMap(\.self)
    guard let first = present.first else { return Timing(latencies: [], load: nil) }
    return try Timing(
      present.map(\.network), size: (first.feeding.width, first.feeding.height),
      threads: recipe.machine.threads, on: first.network.device, observer, engine: engine)
  }

  private func evaluate(
    _ fed: FedNetwork, _ dataset: DetectionDataset, title: String
  ) throws -> Evaluation.Outcome {
    let evaluation = Evaluation(
      dataset, of: fed.network.spec, fed: fed.feeding, style: recipe.averagePrecision)
    observer.begin(title, pictures: dataset.pictures.count)
    defer { observer.end() }
    return try evaluation(engine(fed.network)) { observer.advance(to: $0) }
  }

  /// Figures over other classes cannot stand side by side.
  private func requireSameClasses(_ rows: [ComparedNetwork]) throws {
    let predicted = rows.filter { $0.predictions != nil }
    guard let first = predicted.first, let names = first.predictions?.names else { return }
    for row in predicted.dropFirst() {
      guard let others = row.predictions?.names, others != names else { continue }
      guard others.count == names.count else {
        throw RunError.unusable(
          row.name,
          reason: "predictions of \(others.count) classes, those of \(first.name) are of "
            + "\(names.count); compare what was measured on the same data")
      }
      throw BoxesError.differentNames(names, others)
    }
  }

  /// For each operand but the first, the differences of mAP@0.5 and mAP@0.5:0.95 to the first.
  private func intervals(
    _ rows: [ComparedNetwork], _ resamples: Int
  ) throws -> [[BootstrapResult]] {
    func predictions(_ row: ComparedNetwork) throws -> StoredPredictions {
      guard let predictions = row.predictions else {
        throw RunError.unusable(
          row.name, reason: "has no predictions to compare; add --data, or name stored ones")
      }
      return predictions
    }
    let baseline = try predictions(rows[0])
    return try rows.dropFirst().map { row in
      try PairedBootstrap.differences(
        baseline, predictions(row), style: recipe.averagePrecision, resamples: resamples,
        level: recipe.level, seed: recipe.seed)
    }
  }

  /// The network that the figures speak for.
  private func choice(_ rows: [ComparedNetwork]) throws -> ComparedChoice? {
    try ComparedChoice(
      rows.map {
        .init(name: $0.name, bytes: $0.weightsBytes, quality: $0.result?.quality)
      }
    ) { best, other in
      guard let baseline = rows[best].predictions, let candidate = rows[other].predictions,
        let resamples = recipe.resamples
      else { return nil }
      return try PairedBootstrap.differences(
        baseline, candidate, style: recipe.averagePrecision, resamples: resamples,
        level: recipe.level, seed: recipe.seed)
    }
  }
}

/// One network of a comparison, or predictions that were stored of one.
public struct ComparedNetwork {
  /// What it was called as an operand.
  public let name: String
  /// Its files; nil of stored predictions.
  public let pair: (cfg: String, weights: String)?
  /// Why other weights than those of the best epoch were taken.
  public let reason: String?
  /// What it costs at its own size; nil of stored predictions.
  public let profile: NetworkProfile?
  /// Its codes; nil of a float network.
  public let codes: PairCodes?
  /// How pictures were shown to it; nil of stored predictions.
  public let feeding: Feeding?
  /// Whether pictures were of another size than it was made for, so that figures are no verdict on it.
  public var seesOtherSize = false
  /// The time of a picture; nil of stored predictions.
  public let latency: Latency?
  /// What it found, where that was measured.
  public let predictions: StoredPredictions?
  /// What that comes to.
  public let result: EvaluationResult?

  /// Bytes of its weights: of the codes, where it is quantized; nil of stored predictions.
  public var weightsBytes: Int? { codes?.bytes ?? profile?.weightsByteCount }
}

/// What a comparison came to.
public struct CompareOutcome {
  /// In the order of the operands.
  public let rows: [ComparedNetwork]
  /// The times of those that are no stored predictions, and how far they may be trusted.
  public let timing: Timing
  /// Of each but the first, what lies between it and the first; nil unless asked for.
  public let intervals: [[BootstrapResult]]?
  /// Where figures are of different pictures.
  public let others: OtherPictures?
  /// The network that the figures speak for; nil without intervals.
  public let choice: ComparedChoice?
}
