import Commands
import Datasets
import Inference
import Pruning
import Reports
import Runs
import Summaries
import Training

/// What all pruning methods share: a recipe from the options, and what is told of what came of it.
struct PruneRun {
  let options: PruneOptions
  let recipe: PruningRecipe
  /// What is said of the run's data set, where `--data` is left out.
  private let noteOfData: String?
  /// What is said of the run's weights, where `--weights` is left out.
  private let noteOfWeights: String?
  /// The command, where it removes a share of the channels.
  private let share: (any PruneShareCommand)?

  /// - Parameters:
  ///   - options: what all methods can be told.
  ///   - method: the method's own row; an option may replace its score.
  ///   - request: what the method's own options ask for.
  ///   - share: the command, where it removes a share of the channels.
  ///   - target: what they ask to be searched for.
  ///   - recalibrates: whether statistics are re-estimated whatever the options say.
  init(
    _ options: PruneOptions, _ method: PruningMethod, _ request: PruningRequest,
    of share: (any PruneShareCommand)? = nil,
    target: PruningTarget? = nil, recalibrates: Bool = false
  ) throws {
    try RunFolder.require(options.model.folder, weights: options.model.weights)
    var options = options
    noteOfWeights =
      options.model.leavesWeightsOpen ? options.model.folder.flatMap(noteOfSparsestWeights) : nil
    if noteOfWeights != nil { options.model.takeLastWeights() }
    var method = method
    if let score = options.channels.score { method.score = ImportanceScore(score) }
    let pair = try PairRecipe(
      options.model, FeedingRecipe(options.feeding, options.inputSize), options.scale)
    var recipe = PruningRecipe(pair, method: method, request: request)
    recipe.data = options.pictures.data
    recipe.isSingleClass = options.pictures.singleCls
    recipe.split = options.pictures.split ?? recipe.split
    recipe.pictures = options.pictures.pictures
    recipe.batchSize = options.run.batchSize
    recipe.averagePrecision = options.judgement.ap
    recipe.scope =
      switch options.channels.scope {
      case .all: .all
      case .legacy: method.legacyScope
      }
    recipe.normalization =
      switch options.channels.normalize {
      case .global: .none
      case .layer: .layerMean
      }
    recipe.target = target
    recipe.force = options.channels.force
    recipe.recalibrates = recalibrates || options.channels.recalibrate
    recipe.restoresScales = options.channels.restoreScales
    recipe.measuresCurve = options.judgement.curve
    recipe.allowedLoss = options.judgement.maxLoss
    recipe.seed = options.run.seed
    recipe.device = options.machine.device.name
    recipe.threads = options.machine.threads
    noteOfData = try recipe.takeDataset(
      ofRun: options.model.folder, isNeeded: options.needOfData != nil)
    (options.pictures.data, options.pictures.singleCls) = (recipe.data, recipe.isSingleClass)
    (self.options, self.recipe, self.share) = (options, recipe, share)
  }

  /// Prunes, writes and prints.
  func callAsFunction() throws {
    if share?.measuresCurveAlone == true { return try measureCurve() }
    let json = try JSONOutput(options.report, in: options.run.folder.output)
    // Before the measurements, which would be lost on a folder that is refused.
    let output = try OutputFolder(
      options.run.folder.output, overwrite: options.run.folder.overwrite, kind: .pruning)
    let observer = ConsoleObserver(options.report)
    let run = try run(observer, output: output)
    if let share, share.leavesShareOpen {
      observer.remark(
        "--percent is not given: \(Figures.percent(share.percent, 0)) of the channels that may go are to "
          + "go, the default of '\(recipe.method.name)'")
    }
    if let dataset = run.dataset, dataset.labelCount > 0 {
      dataset.warnOfTrainedPictures(
        options.model.folder ?? run.model.weightsPath, cfg: run.model.cfgPath,
        weights: run.model.weightsPath, observer)
    }
    if options.judgement.explain { try options.report.say(PruneSummary.explanation(of: run)) }
    let outcome: PruningOutcome
    do { outcome = try run() } catch let error as RefusedAfterCurve {
      try options.report.say(error.curve.lines)
      throw error
    } catch let error as PruningError {
      throw share?.leavesShareOpen == true ? error.ofDefault : error
    }
    let words = PruneSummary(outcome, of: run, options, in: output.path)
    try output.fill { folder in
      try run.write(outcome, to: folder)
      try words.writePage(
        RunDescription(
          CommandLine.arguments, device: run.device, version: PareCommand.version), to: folder)
    }
    try options.report.tell(words.summary, json)
  }

  /// Opens what the recipe names.
  private func run(
    _ observer: ConsoleObserver, output: OutputFolder? = nil
  ) throws -> PruningRun {
    if let noteOfWeights { observer.note(noteOfWeights) }
    if let noteOfData { observer.remark(noteOfData) }
    return try PruningRun(recipe, output: output, observer: observer)
  }

  /// Measures and prints the curve.
  private func measureCurve() throws {
    let json = try JSONOutput(options.report, in: nil)
    let run = try run(ConsoleObserver(options.report))
    if options.judgement.explain { try options.report.say(PruneSummary.explanation(of: run)) }
    guard let curve = try run.curve() else { return }
    try options.report.tell(curve.summary(of: run), json)
  }
}

extension ImportanceScore {
  init(_ choice: ScoreChoice) {
    switch choice {
    case .gamma: self = .scaleMagnitude
    case .l1: self = .filterNorm1
    case .l2: self = .filterNorm2
    case .geometricMedian: self = .geometricMedian
    case .taylor: self = .taylor
    case .hessian: self = .hessianDiagonal
    case .rank: self = .activationRank
    case .random: self = .random
    }
  }
}
