import Darknet
import Torch
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

  /// How many pictures there are to train on; nil where that cannot be read, which the run tells.
  private var trainingPictures: Int? {
    try? DataFile(contentsOf: data).pictures(.train).count
  }

  /// Takes the batches a step that suit the number of pictures (docs/formulas.md 5.5).
  public mutating func takeUsualSteps() {
    options.takeUsualSteps(pictures: trainingPictures)
  }

  /// Whether these steps are of fewer pictures than usual, because there are few.
  package var takesSmallSteps: Bool { options.takesSmallSteps(pictures: trainingPictures) }

  /// Takes as many CPU threads as the network makes work for; a GPU needs none. ``options``' sizes and
  /// batch are set before.
  mutating func takeUsualThreads(_ spec: NetworkSpec) throws {
    guard threads == nil, try !Device.named(device).isCUDA else { return }
    threads = try suggestedThreads(
      for: [(spec, options.imageWidth, options.imageHeight)], batchSize: options.batchSize)
  }

  /// Keeps the command that begins the run, and when.
  package mutating func begin(by command: [String], _ spec: NetworkSpec) throws {
    // Results depend on it in the last digits, so a resumed run uses as many.
    try takeUsualThreads(spec)
    (self.command, started) = (command, RunDescription.now)
  }

  /// Keeps a command that goes on with the run; of one that is typed again the last time.
  ///
  /// - Parameter before: epochs that the run had until then.
  package mutating func resume(by command: [String], epochs before: Int) {
    var earlier = resumptions ?? []
    var epochs = options.epochs == before ? nil : options.epochs
    if let last = earlier.last, last.command == command {
      epochs = epochs ?? last.epochs
      earlier.removeLast()
    }
    resumptions =
      earlier + [Resumption(command: command, date: RunDescription.now, epochs: epochs)]
  }

  /// A trained network is judged before its first step, however seldom epochs are: what is kept is
  /// never worse than it. It counts as epoch 0 unless the training makes it sparse or puts it on codes,
  /// which are to cost something.
  var startRole: StartRole {
    guard beginning == .wholeNetwork else { return .notJudged }
    return sparsity == nil && quantization == nil ? .counted : .shown
  }

  /// Where the network's numbers come from, in words.
  var start: String {
    guard let weights else { return "from random numbers" }
    return "from \(takesWhatFits == true ? "what fits of " : "")\(weights)"
  }
}
