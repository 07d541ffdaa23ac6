import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Networks
import Pruning
import Quantization
import Reports
import Runs
import Terminal
import Training

/// What a run that has ended says: what it came to, what that means, and what to type next.
package struct TrainingSummary {
  private let result: TrainingResult
  private let run: TrainingRun
  private let gain: TeacherGain?
  private let advice: TrainingAdvice
  private var request: TrainingRecipe { run.recipe }
  private var path: String { run.path }

  /// - Parameters:
  ///   - gain: what teachers were worth, where that was measured.
  package init(_ result: TrainingResult, of run: TrainingRun, gain: TeacherGain? = nil) {
    (self.result, self.run, self.gain) = (result, run, gain)
    advice = run.advice(result)
  }

  /// What the run came to.
  package var lines: Lines {
    let folder = RunFolder(path: path)
    var lines = Lines()
    lines.add("\(path): \(counted(result.epochs, "epoch"))")
    if let start = result.start { lines.add("before training: \(start.mapInWords)") }
    var kept = "the best epoch's, the last one marked 'kept'"
    if let epoch = result.best?.epoch, epoch < 0 {
      kept = "what the training began with, for no epoch is better"
    } else if result.best?.map50 == nil {
      kept = "the last epoch's, for none was judged"
    } else if let best = result.best?.map50, let epoch = result.best?.epoch {
      var line = "best epoch: \(epoch + 1), with an mAP@0.5 of \(Figures.fixed(best, 4))"
      if let highest = result.trend.best, highest > best {
        line += ", the latest within chance of the highest, \(Figures.fixed(highest, 4))"
      }
      lines.add(line)
    }
    lines.add("\(folder.cfgPath)\n\(folder.weightsPath): \(kept)")
    lines.add(
      "\(folder.lastWeightsPath): the last epoch's"
        + (advice.isSparse && !advice.isBroken ? ", the sparsest; the ones to prune" : ""))
    lines.add("report: \(folder.reportPath)")
    if run.validation == nil {
      lines.add(
        "advice: nothing tells how good the network is, for \(displayed(request.data)) names no 'valid' "
          + "list of pictures to judge by")
    }
    for line in advice.lines { lines.add("advice: \(line)") }
    if let gain { lines.add(gain.lines) }
    return lines
  }

  /// For programs.
  package var json: JSONValue {
    let folder = RunFolder(path: path)
    // What was stopped is not judged yet.
    let verdict = result.wasStopped ? nil : advice.verdict
    return .members([
      "run": absolute(path), "epochs": result.epochs, "complete": isComplete,
      "before": result.start.map(\.json), "best": figures(result.best),
      "last": figures(result.last),
      "imagesPerSecond": result.imagesPerSecond, "control": gain?.json,
      "cfg": absolute(folder.cfgPath), "weights": absolute(folder.weightsPath),
      "quantization": request.quantization.map {
        JSONValue.members([
          "path": absolute(QuantizationFile.path(beside: folder.weightsPath)),
          "summary": try? $0.options.summary(of: run.network.spec),
        ])
      },
      "lastWeights": absolute(folder.lastWeightsPath), "report": absolute(folder.reportPath),
      "worth": advice.worth?.rawValue, "isSettled": verdict?.isSettled,
      "isWorthLonger": verdict?.isWorthLonger,
      "reasons": verdict.map { JSONValue.array($0.reasons.map { .string($0) }) },
    ])
  }

  /// Whether all that was asked for is done.
  package var isComplete: Bool {
    !result.wasStopped && (request.control == nil || gain != nil)
  }

  /// What is said of a run that was ended early.
  package var stopped: String {
    let done = result.epochs == 1 ? "1 whole epoch" : "\(result.epochs) whole epochs"
    let place =
      result.wasStopped
      ? "after \(done)"
      : "in the training without a teacher, which is what is left: the one with it has its \(done)"
    return "stopped \(place), with everything saved; go on with:\n  "
      + shellCommand(["pare", "train", "--resume", "--output", path])
  }

  private func figures(_ figures: EpochFigures?) -> JSONValue {
    guard let figures else { return .null }
    return .members([
      "epoch": figures.epoch + 1, "map50": figures.map50, "map": figures.map,
      "precision": figures.precision, "recall": figures.recall,
    ])
  }

  // MARK: What to type

  /// The data file as it is named to a reader, with what else belongs to it.
  private var data: [String] {
    ["--data", displayed(request.data)] + (request.isSingleClass ? ["--single-cls"] : [])
  }

  /// Measuring, the step that follows, and more of the same; a network that should be trained longer is
  /// that first.
  package func next() throws -> [NextStep] {
    let split = NextCommand.finalSplit(of: request.data)
    // What is pruned next is measured: the last weights, where the run made them sparse.
    let last = request.sparsity != nil && advice.isSparse ? ["--weights", "last"] : []
    let measure: NextStep = (
      "measure it", NextCommand("test", "--model", path) + last + data + split
    )
    let more =
      (hasWeakTeacher
      ? Remedy(
        tuning: ["--model", path], on: displayed(request.data),
        isSingleClass: request.isSingleClass, withoutTeacher: true,
        codes: request.quantization?.options)
      : Remedy(resuming: path, after: result.epochs)).step
    if request.sparsity != nil {
      let steps = try afterSparsity()
      // What failed is not trained on.
      return steps + [measure] + (advice.isSparse && !advice.isBroken ? [more] : [])
    }
    let following = try following(split)
    if run.validation == nil {
      return (division.map { [$0.next(displayed(request.data))] } ?? []) + [measure] + following
        + [more]
    }
    if advice.isStartBest {
      let again = again.map { ("train it again, more gently", $0) }
      return (result.trend.isRising ? [more] : []) + [again].compactMap(\.self) + [measure]
        + (isDerived ? following : [])
    }
    if advice.isWorthLonger {
      // Nothing is gained by making a poor network sparse.
      return [more, measure] + (advice.isPoor && !isDerived ? [] : following)
    }
    switch advice.worth {
    case .low where advice.isOfUseByChance: return [measure] + following
    case .poor, .low:
      let look = Remedy(lookingAt: displayed(request.data), with: path).step
      return [look, measure] + (advice.isPoor && !isDerived ? [] : following)
    case .useful, nil:
      return [measure] + following + (result.trend.isSettled ? [] : [more])
    }
  }

  /// Whether a teacher was too weak to be taken again.
  private var hasWeakTeacher: Bool { !request.teacherDoubts.isEmpty }

  /// How to set pictures to judge by aside; nil where there are too few.
  private var division: DatasetParts.Division? {
    let test = try? DataFile(contentsOf: request.data).pictures(.test).count
    return DatasetParts(train: run.train.labelledCount, valid: 0, test: test ?? 0).division
  }

  /// Whether the network is one that another was made into: pruned or quantized.
  private var isDerived: Bool { isPruned || request.quantization != nil }

  /// What comes after a training and a measurement: of a quantized network the comparison with the
  /// float one, and its files for other machines; of a pruned one the comparison with the dense one;
  /// of another sparse training.
  private func following(_ split: [String]) throws -> [NextStep] {
    func comparison(_ origins: [String]) -> NextStep {
      (
        NextCommand.comparison(with: origins),
        NextCommand("compare") + origins.map(displayed) + [path] + data + split
          + ["--bootstrap", "1000"]
      )
    }
    if let options = request.quantization?.options {
      return (floatOrigin(of: path).map { [comparison([$0])] } ?? [])
        + NextCommand.export(
          options, ["--model", path], worth: advice.worth, run.wholeNumbers)
    }
    if isPruned, case let origins = origins(of: path), !origins.isEmpty {
      return [comparison(origins)]
    }
    return [("push channels towards zero, to prune them", try sparsity())]
  }

  /// Pruning what is near zero; where that is too little, or the network is broken, the same again
  /// from where the run began, and pruning by another score.
  private func afterSparsity() throws -> [NextStep] {
    let prune = NextCommand("prune", "normal", "--model", path, "--weights", "last") + data
    let isBroken = advice.isBroken
    if advice.isSparse, !isBroken {
      let percent = advice.prunablePercent
      let force = needsForce(percent: Double(percent) / 100) ? ["--force"] : []
      return [("make it smaller", prune + ["--percent", "\(percent)%"] + force + pruned)]
    }
    let again: NextStep = (
      isBroken ? "begin again, with a weaker push" : "begin again, and push for longer",
      try sparsityAgain(
        epochs: isBroken ? 100 : NextCommand.longer(result.epochs), isWeaker: isBroken)
    )
    guard !isBroken else { return [again] }
    let measured: NextStep? = measuredShare.map { share in
      (
        "prune it all the same, by what channels do on pictures",
        prune + ["--score", "taylor"] + share + pruned
      )
    }
    return [again] + [measured].compactMap(\.self)
  }

  /// Whether a share of the last weights' channels is refused without `--force`, because a layer would
  /// lose all of its own.
  private func needsForce(percent: Double) -> Bool {
    let folder = RunFolder(path: path)
    let model = try? Model(cfg: folder.cfgPath, weights: folder.lastWeightsPath) { _ in }
    return model.flatMap { try? Pruner($0) }.map { percent > $0.emptyingPercent } ?? true
  }

  /// The options that ask for a share of channels by what they do on pictures: 30 %, or the largest of
  /// 5, 10 and so on that leaves every layer one. Nil where they cannot be measured.
  private var measuredShare: [String]? {
    let folder = RunFolder(path: path)
    var recipe = PruningRecipe(
      cfg: folder.cfgPath, weights: folder.lastWeightsPath, method: .normal,
      request: PruningRequest(percent: 0.3))
    recipe.method.score = .taylor
    (recipe.data, recipe.isSingleClass) = (request.data, request.isSingleClass)
    (recipe.device, recipe.threads) = (request.device, request.threads)
    guard let pruner = (try? PruningRun(recipe))?.pruner else { return nil }
    // Threads change the last digits of scores.
    let percent = min(5 * Int(20 * max(pruner.emptyingPercent - 0.005, 0)), 30)
    return percent > 0 ? ["--percent", "\(percent)%"] : ["--percent", "5%", "--force"]
  }

  /// The pair that this run began with, and the options that name it; nil where that is gone.
  private var beginning: (options: [String], weights: String)? {
    guard let weights = request.weights, fileExists(weights), fileExists(request.cfg) else {
      return nil
    }
    return (
      NextCommand.model(cfg: request.cfg, weights: weights).map(displayed), weights
    )
  }

  /// Where a pruned network goes, by the name that later steps know it by.
  private var pruned: [String] { ["--output", NextCommand.unused("runs/pruned")] }

  /// Beside this run, which came to nothing: by its name and a number.
  private var beside: [String] { ["--output", NextCommand.unused(path)] }

  /// A sparse training from where this one began; from its own best weights where that is gone.
  private func sparsityAgain(epochs: Int, isWeaker: Bool) throws -> NextCommand {
    guard let beginning else { return try sparsity(epochs: epochs, isWeaker: isWeaker) }
    return try sparsity(
      from: beginning.options, beginning.weights, epochs: epochs, isWeaker: isWeaker)
  }

  /// A sparse training with a strength that can reach zero in it.
  ///
  /// - Parameters:
  ///   - start: the options that name what it begins with; this run unless given.
  ///   - weights: their file.
  ///   - isWeaker: whether the push of this run was too strong; else one that was too weak is
  ///     outdone.
  private func sparsity(
    from start: [String]? = nil, _ weights: String? = nil, epochs: Int = 100, isWeaker: Bool = false
  ) throws -> NextCommand {
    var options = TrainingOptions()
    (options.epochs, options.batchSize) = (epochs, request.options.batchSize)
    options.accumulationSteps = TrainingOptions.accumulationSteps(
      nominalBatch: TrainingOptions.smallNominalBatch, batchSize: options.batchSize)
    let reach = SparsityReach(
      .localEarly, .subgradient,
      on: TrainingCourse(options, pictures: run.train.labelledCount))
    let least = isWeaker ? 0 : run.greatestPush.flatMap { reach?.strength(toZero: 1.5 * $0) } ?? 0
    let path = weights ?? RunFolder(path: path).weightsPath
    var strength =
      try reach?.suggestion(
        for: StoredWeights.read(path, for: run.network.spec),
        layers: PruningScope.all.selectedLayers(run.network.spec),
        least: max(SparsityReach.usualStrength, least)) ?? SparsityReach.usualStrength
    if isWeaker, let used = request.sparsity { strength = min(strength, used / 2) }
    let batch = options.batchSize == 16 ? [] : ["--batch-size", "\(options.batchSize)"]
    return NextCommand("train") + (start ?? ["--model", self.path]) + data
      + ["--epochs", "\(options.epochs)"] + batch
      + smallSteps + ["--sparsity", Figures.significant(strength)]
      + ["--sparsity-schedule", "local-early"] + (start == nil ? ["--name", "sparse"] : beside)
  }

  private var smallSteps: [String] { ["--nominal-batch", "\(TrainingOptions.smallNominalBatch)"] }

  /// The same training with a lower rate and more steps, else as it was typed; nil where what it began
  /// with is gone.
  private var again: NextCommand? {
    let others: Set = [
      "--model", "--cfg", "--weights", "--data", "--single-cls", "--output", "--name", "--json",
      "--overwrite", "--learning-rate", "--warmup-epochs", "--warmup-steps", "--warmup-bias-rate",
      "--nominal-batch", "--accumulate",
    ]
    // Where these were too few, as many would be again.
    let epochs = advice.hasFewSteps ? ["--epochs", "\(NextCommand.longer(result.epochs))"] : []
    let given = (try? TrainCommand.options(of: request.command)) ?? []
    let kept = given.filter {
      !others.contains($0.name) && !epochs.contains($0.name)
        && !(hasWeakTeacher && TeacherOptions.areOf($0.name))
    }.flatMap(\.words)
    return beginning.map {
      NextCommand("train") + $0.options + data + epochs + kept
        + ["--learning-rate", Figures.significant(advice.gentlerRate)] + smallSteps + beside
    }
  }

  /// Whether this network was pruned, or trained from one that was.
  private var isPruned: Bool {
    let description = try? ModelDescription(contentsOf: RunFolder(path: path).modelPath)
    return description?.prunedFrom != nil
  }
}

extension ValidationFigures {
  /// For programs.
  fileprivate var json: JSONValue {
    .members(["map50": map50, "map": map, "precision": precision, "recall": recall])
  }
}
