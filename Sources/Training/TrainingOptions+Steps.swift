extension TrainingOptions {
  /// Pictures of an optimizer step where there are many to train on.
  public static let usualNominalBatch = 64
  /// Pictures of a step where there are few, so that an epoch has steps enough.
  public static let smallNominalBatch = 16
  /// Data sets of fewer pictures have such steps: 20 steps of 64.
  public static let fewPictures = 1280

  /// Batches an optimizer step for so many pictures a step, at least one.
  public static func accumulationSteps(nominalBatch: Int, batchSize: Int) -> Int {
    max((nominalBatch * 2 + batchSize) / (batchSize * 2), 1)
  }

  /// Whether steps take fewer pictures than usual where nobody says how many, because there are few
  /// (docs/formulas.md 5.5). ``batchSize`` and ``method`` decide too.
  ///
  /// - Parameter pictures: to train on; nil where they cannot be counted.
  public func takesSmallSteps(pictures: Int?) -> Bool {
    guard let pictures, method == .sgd else { return false }
    return pictures < Self.fewPictures && batchSize < Self.usualNominalBatch
  }

  /// Takes the ``accumulationSteps`` that suit so many pictures.
  public mutating func takeUsualSteps(pictures: Int?) {
    accumulationSteps = Self.accumulationSteps(
      nominalBatch: takesSmallSteps(pictures: pictures)
        ? Self.smallNominalBatch : Self.usualNominalBatch, batchSize: batchSize)
  }

  /// What is said where steps take fewer pictures.
  package static let remarkOnSmallSteps =
    "few pictures: a step of training takes \(smallNominalBatch) of them, not \(usualNominalBatch), "
    + "so that an epoch has steps enough (--nominal-batch)"
}
