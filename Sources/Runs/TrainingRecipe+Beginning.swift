import Darknet
import Training

extension TrainingRecipe {
  /// What a network's numbers are before its training.
  public enum Beginning: Hashable, Sendable {
    /// Drawn by chance.
    case randomNumbers
    /// Of some layers those of another network; of the others drawn by chance.
    case someLayers
    /// Of all layers those of a trained network.
    case wholeNetwork
  }

  /// What the training begins with.
  public var beginning: Beginning {
    guard let weights else { return .randomNumbers }
    let isPart = takesWhatFits == true || WeightsFile.backboneLayers(ofFileName: weights) != nil
    return isPart ? .someLayers : .wholeNetwork
  }

  /// The rates that a training has unless it is told others (docs/formulas.md 5.6).
  public struct UsualRates: Hashable, Sendable {
    /// ``TrainingOptions/learningRate``.
    public var learningRate: Double
    /// ``TrainingOptions/warmupBiasRate``.
    public var warmupBiasRate: Double
  }

  /// The rates that suit what the training begins with: biases of a trained network are where they
  /// should be, and a high rate would only shake them. On codes a network is only to settle.
  public var usualRates: UsualRates {
    let rate = options.method.usualRate * (quantization == nil ? 1 : 0.1)
    return switch beginning {
    case .randomNumbers, .someLayers:
      UsualRates(
        learningRate: rate, warmupBiasRate: LearningRateSchedule.usualWarmupBiasRate)
    case .wholeNetwork: UsualRates(learningRate: rate, warmupBiasRate: 0)
    }
  }

  /// Takes the ``usualRates``. What they depend on is set before: ``weights``, ``takesWhatFits``,
  /// ``quantization`` and ``options``' method.
  public mutating func takeUsualRates() {
    let usual = usualRates
    (options.learningRate, options.warmupBiasRate) = (usual.learningRate, usual.warmupBiasRate)
  }

  /// A trained network is judged before its first step, where epochs are, and counts as epoch 0 unless
  /// the training makes it sparse or puts it on codes, which are to cost something.
  var startRole: StartRole {
    guard beginning == .wholeNetwork, options.validationInterval > 0 else { return .notJudged }
    return sparsity == nil && quantization == nil ? .counted : .shown
  }

  /// Where the network's numbers come from, in words.
  var start: String {
    guard let weights else { return "from random numbers" }
    return "from \(takesWhatFits == true ? "what fits of " : "")\(weights)"
  }
}
