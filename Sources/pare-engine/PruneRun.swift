import Commands
import Datasets
import Inference
import Pruning
import Reports
import Runs
import Training

/// What all pruning methods share: a recipe from the options, and words for what came of it.
struct PruneRun {
  let options: PruneOptions
  let recipe: PruningRecipe
  /// What is said of the run's data set, where `--data` is left out.
  private let noteOfData: String?

  /// - Parameters:
  ///   - options: what all methods can be told.
  ///   - method: the method's own row; an option may replace its score.
  ///   - request: what the method's own options ask for.
  ///   - target: what they ask to be searched for.
  ///   - recalibrates: whether statistics are re-estimated whatever the options say.
  init(
    _ options: PruneOptions, _ method: PruningMethod, _ request: PruningRequest,
    target: PruningTarget? = nil, recalibrates: Bool = false
  ) throws {
    try requireRunFolder(options.model.folder, weights: options.model.weights)
    var options = options
    let (note, problem) = options.takeDataOfRun()
    self.options = options
    var method = method
    if let score = options.channels.score { method.score = ImportanceScore(score) }
    var recipe = PruningRecipe(
      cfg: options.model.cfg, weights: options.model.weights, method: method, request: request)
    recipe.inputScale = options.scale.inputScale
    if let size = options.inputSize.size {
      (recipe.width, recipe.height) = (size.width, size.height)
    }
    recipe.resize = options.feeding.resize?.fit
    recipe.nms = options.feeding.nms?.method
    recipe.data = options.pictures.data
    recipe.isSingleClass = options.pictures.singleCls
    recipe.split = DatasetSplit(options.pictures.split ?? .valid)
    recipe.pictures = options.pictures.pictures
    recipe.batchSize = options.run.batchSize
    recipe.averagePrecision = options.judgement.ap.style
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
    if let problem, recipe.needsPictures || options.needOfData != nil {
      throw EngineError.unusableOperand(
        "--model \(options.model.folder ?? "")", reason: "\(problem); name it with --data")
    }
    self.recipe = recipe
    noteOfData = note ?? problem.map { "\($0): nothing is measured; --data names it" }
  }

  /// Prunes, writes and prints.
  func callAsFunction() throws {
    let json = try JSONOutput(options.report, in: options.run.folder.output)
    // Before the measurements, which would be lost on a folder that is refused.
    let output = try OutputFolder(
      options.run.folder.output, overwrite: options.run.folder.overwrite, kind: "prune")
    let observer = ConsoleObserver(isQuiet: options.report.quiet)
    if let noteOfData { observer.remark(noteOfData) }
    let run = try PruningRun(recipe, output: output, observer: observer)
    if let dataset = run.dataset, dataset.labelCount > 0 {
      dataset.warnOfTrainedPictures(
        options.model.folder ?? run.model.weightsPath, cfg: run.model.cfgPath,
        observer)
    }
    if options.judgement.explain, options.report.printsTables { try explain(run) }
    let outcome: PruningOutcome
    do { outcome = try run() } catch let error as RefusedAfterCurve {
      try printCurve(error.curve)
      throw error
    }
    let words = PruneWords(
      headline: headline(outcome, run.dataset), next: next(outcome, of: run, to: output.path))
    try output.fill { folder in
      try run.write(outcome, to: folder)
      try writePage(outcome, words, of: run, to: folder)
    }
    // Before anything is printed: a reader that has gone must not cost the file.
    try json.write(
      self.json(outcome, words, of: run, in: RunFolder(path: output.path)), tells: false)
    try report(outcome, words, of: run, in: output.path, json)
  }
}

extension PruneOptions {
  /// Takes the data set of the run where none is named.
  ///
  /// - Returns: what to say where one is taken, or why none can be.
  fileprivate mutating func takeDataOfRun() -> (note: String?, problem: String?) {
    guard pictures.data == nil, let folder = model.folder else { return (nil, nil) }
    let known = RunDataset(ofRun: folder)
    let problem = known.problem(of: folder, without: DatasetSplit(pictures.split ?? .valid))
    guard case .known(let data, let isSingleClass) = known, problem == nil else {
      return (nil, problem)
    }
    pictures.data = data
    if isSingleClass { pictures.singleCls = true }
    return (
      RunDataset.note(data, of: folder)
        + "; with --cfg and --weights in place of --model nothing is measured", nil
    )
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

// MARK: - The JSON object

extension PruneRun {
  private func json(
    _ outcome: PruningOutcome, _ words: PruneWords, of run: PruningRun, in folder: RunFolder
  ) -> JSONValue {
    let (measured, check, plan) = (outcome.measured, outcome.check, outcome.plan)
    let (request, curve, pruner) = (outcome.request, outcome.curve, run.pruner)
    // By layer, the share up to which it is not emptied.
    let emptyingPercents = JSONValue.array(
      pruner.emptyingPercents.map { .members(["layer": $0.layer, "percent": $0.percent]) })
    return .members([
      "before": measured.rows[0].json, "after": measured.rows[1].json,
      "loss": measured.loss?.points, "judgement": measured.loss?.judgement.rawValue,
      "differences": JSONValue.array(measured.differences.map(\.json)),
      "maxAbsDifference": check.proof.maxAbsDifference,
      "outputScale": check.proof.outputScale,
      "relativeDifference": check.proof.relativeDifference,
      "emptyingPercent": pruner.emptyingPercent, "emptyingPercents": emptyingPercents,
      // The same by their old names.
      "safePercent": pruner.emptyingPercent, "safePercents": emptyingPercents,
      "staircases": request.staircases.isEmpty ? nil : staircases(request),
      "threshold": plan.threshold, "percent": request.percent,
      "restoredScales": outcome.restored.map(Double.init),
      "removedBlocks": JSONValue.array(
        plan.removedBlocks.map { JSONValue.integer($0.block.shortcut) }),
      "advice": "\(outcome.advice)", "next": words.next.first.map { "\($0.command)" },
      "scaleQuantiles": JSONValue.array(
        zip(PruningVerdict.shares, outcome.verdict.quantiles).map {
          .members(["share": $0, "scale": Double($1)])
        }),
      "nearZero": JSONValue.array(
        outcome.verdict.silentShares.map { .members(["layer": $0.layer, "share": $0.share]) }),
      "curve": curve?.json ?? JSONValue.array([]),
      "cliff": curve?.points(recalibrated: recipe.recalibrates).cliff,
      "fromOriginal": JSONValue.members([
        "interior": check.interiorFromOriginal, "everywhere": check.fromOriginal,
      ]),
      "feeding": run.feeding.json,
      "cfg": absolute(folder.cfgPath), "weights": absolute(folder.weightsPath),
      "report": absolute(folder.reportPath),
    ])
  }

  /// The staircases that decided.
  private func staircases(_ request: PruningRequest) -> JSONValue {
    JSONValue.array(
      request.staircases.sorted { $0.key < $1.key }.map { layer, staircase in
        .members([
          "layer": layer,
          "widths": JSONValue.array(staircase.points.map { JSONValue.integer($0.width) }),
          "milliseconds": JSONValue.array(staircase.points.map { .number($0.milliseconds) }),
          "edges": JSONValue.array(staircase.edges.map { JSONValue.integer($0) }),
        ])
      })
  }
}
