import Boxes
import Datasets
import Inference
import Networks

/// What the figures of a network before its first step are for.
public enum StartRole: Hashable, Sendable {
  /// There are none.
  case notJudged
  /// They show what the training was worth, and change nothing.
  case shown
  /// They are those of epoch 0: an epoch is the best only where it beats them, and until one does the
  /// best weights are those that the run began with.
  case counted
}

/// What comes before the first batch.
extension Trainer {
  /// Refuses what cannot be trained.
  static func refuse(
    _ network: Network, _ dataset: DetectionDataset, _ techniques: [any TrainingTechnique],
    _ options: TrainingOptions, _ validation: Evaluation?
  ) throws {
    precondition(
      Set(techniques.map(\.name)).count == techniques.count, "names of techniques differ")
    guard !network.heads.isEmpty else {
      throw NetworkError.noHeads(path: network.configuration.path)
    }
    guard dataset.labelCount > 0 else { throw TrainingError.noLabels }
    guard dataset.names.count <= network.classCount else {
      throw TrainingError.tooFewClasses(
        data: dataset.names.count, network: network.classCount)
    }
    if let technique = techniques.steering.first {
      guard validation != nil, options.validationInterval > 0 else {
        throw TrainingError.needsEvaluation(technique: technique.name)
      }
    }
  }

  /// What the techniques say of the run before it begins.
  func lookAhead() throws {
    for technique in techniques.telling {
      for line in try technique.outlook(on: course) { observer.remark(line) }
    }
  }

  /// Judges the network as it is, where that is asked for and for techniques that steer by it, and
  /// writes the checkpoint from which a run resumes that is killed before its first epoch ends,
  /// unless none are wanted.
  func begin() throws {
    var quality: DetectionQuality?
    if startRole != .notJudged || !techniques.steering.isEmpty,
      case (let figures?, let outcome) = try evaluate(network, epoch: nil)
    {
      quality = outcome?.result.quality
      // Without boxes to find there is no figure.
      let isMeasured = figures.map50.ifMeasured != nil
      if startRole != .notJudged, isMeasured { state.start = figures }
      if communicator.isFirst { observer.began(with: isMeasured ? figures : nil) }
    }
    if countedStart != nil, communicator.isFirst {
      try folder.writeBest(
        finished(network.parameters()), for: network.spec, validation: quality,
        on: validationPictures)
    }
    state.hasBegun = true
    if options.checkpointInterval > 0 { try saveCheckpoint() }
  }

  /// The figures of epoch 0; nil where they do not count, and of a network that finds nothing.
  var countedStart: ValidationFigures? {
    startRole == .counted ? state.start.flatMap { $0.map50 > 0 ? $0 : nil } : nil
  }

  /// Whether an epoch is the best so far (``BestEpoch``); without validation every epoch is.
  func isBest(_ figures: EpochFigures) -> Bool {
    guard let validation else { return true }
    guard let map50 = figures.map50 else { return false }
    let rule = BestEpoch(
      objects: validation.dataset.labelCount,
      start: [countedStart?.map50, state.kept].compactMap(\.self).max())
    return rule.takes(map50, after: state.highest ?? state.best?.map50)
  }
}
