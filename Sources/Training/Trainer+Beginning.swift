import Datasets
import Inference
import Networks

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
    if judgesStart || !techniques.steering.isEmpty,
      let figures = try evaluate(network, epoch: nil).figures
    {
      // Without boxes to find there is no figure.
      let isMeasured = figures.map50.ifMeasured != nil
      if judgesStart, isMeasured { state.start = figures }
      if communicator.isFirst { observer.began(with: isMeasured ? figures : nil) }
    }
    state.hasBegun = true
    if options.checkpointInterval > 0 { try saveCheckpoint() }
  }
}
