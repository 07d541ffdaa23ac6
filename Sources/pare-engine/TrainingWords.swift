import Commands
import Darknet
import Inference
import Networks
import Pruning
import Reports
import Runs
import Terminal
import Training

/// What a run that has ended says: what it came to, what that means, and what to type next.
struct TrainingWords {
  private let run: TrainingRun
  private var request: TrainingRecipe { run.recipe }
  private var path: String { run.path }

  init(_ run: TrainingRun) { self.run = run }

  /// The share of scales near zero above which none tells what matters.
  private static let crushedShare = 0.95
  /// The strength that is tried where it reaches far enough.
  private static let usualStrength = 0.015
  /// mAP@0.5 of a network that finds next to nothing.
  private static let brokenMap50 = 0.05
  /// A loss of mAP@0.5 in a sparse training that is worth a word.
  private static let notableLoss = 0.05

  /// Prints what the run came to, and what to type next.
  func report(_ result: TrainingResult, _ reporting: ReportOptions) throws {
    let folder = RunFolder(path: path)
    try Console.print("\(path): \(counted(result.epochs, "epoch"))")
    if let best = result.best?.map50, let epoch = result.best?.epoch {
      try Console.print("best mAP@0.5 \(Figures.fixed(best, 4)) in epoch \(epoch + 1)")
    }
    try Console.print("\(folder.cfgPath)\n\(folder.weightsPath): the best epoch's")
    let isSparsest = silentShare(result).map(isSparse) ?? false
    try Console.print(
      "\(folder.lastWeightsPath): the last epoch's"
        + (isSparsest ? ", the sparsest; the ones to prune" : ""))
    try Console.print("report: \(folder.reportPath)")
    for line in judgement(result) { try Console.print("advice: \(line)") }
    for next in try suggestions(result) { try reporting.next(next.purpose, next.command) }
  }

  // MARK: What it means

  /// The share of scales near zero that a sparse training has reached; nil of another.
  private func silentShare(_ result: TrainingResult) -> Double? {
    guard request.sparsity != nil, let last = result.last else { return nil }
    return SparsityTechnique.progress(in: last.techniques)?.silentShare
  }

  /// Whether a sparse training ended with next to nothing of what the network was worth.
  private func isBroken(_ result: TrainingResult) -> Bool {
    guard let best = result.trend.best, let last = result.trend.last else { return false }
    return last < Self.brokenMap50 && best >= 2 * Self.brokenMap50
  }

  /// Whether there are enough scales near zero to prune by them.
  private func isSparse(_ share: Double) -> Bool { prunablePercent(share) >= 10 }

  /// How much can go by scales near zero alone, in steps of 5 %.
  private func prunablePercent(_ share: Double) -> Int { min(Int(share * 20) * 5, 90) }

  /// What to know of the network before the next step.
  private func judgement(_ result: TrainingResult) -> [String] {
    guard request.sparsity != nil else { return judgementOfTraining(result.trend) }
    guard let last = result.last, let progress = SparsityTechnique.progress(in: last.techniques)
    else { return [] }
    let share = Figures.percent(progress.silentShare, 0)
    var lines: [String] = []
    if isBroken(result), let end = result.trend.last {
      return [
        "the push broke the network: mAP@0.5 is \(Figures.fixed(end, 4)) at the end. Begin again with "
          + "what this run began with, with a weaker push and more epochs"
      ]
    }
    if progress.silentShare > Self.crushedShare {
      lines.append(
        "\(share) of the scales are near zero, so they no longer tell what matters: the push was too "
          + "strong; less --sparsity, or fewer epochs, leave more of the network")
    } else if !isSparse(progress.silentShare) {
      lines.append(
        "the run did not make the network sparse: \(share) of the scales are below 0.01, and half of "
          + "them are above \(Figures.significant(progress.median)). Begin again with what this run began "
          + "with and push for longer, or prune by a score that is measured on pictures")
    } else {
      lines.append("\(share) of the scales are near zero: so many channels can go at little loss")
    }
    if let best = result.trend.best, let end = result.trend.last, best - end >= Self.notableLoss {
      lines.append(
        "mAP@0.5 fell by \(Figures.fixed(100 * (best - end), 1)) points, from "
          + "\(Figures.fixed(best, 4)) to \(Figures.fixed(end, 4)): training after pruning may not "
          + "win back all of it; less --sparsity costs less")
    }
    return lines
  }

  private func judgementOfTraining(_ trend: TrainingTrend) -> [String] {
    var lines: [String] = []
    if trend.isLow, let best = trend.best {
      let start =
        startsFromRandomNumbers
        ? ", or start from published weights (--weights FILE --pretrain)" : ""
      lines.append(
        "an mAP@0.5 of \(Figures.fixed(best, 4)) is low, most objects are missed: train longer first"
          + start)
    } else if trend.isRising, let gain = trend.gain {
      lines.append(
        "mAP@0.5 still rises: in the last quarter of the epochs it was \(Figures.fixed(100 * gain, 1)) "
          + "points above that of the quarter before; train longer first")
    }
    return lines
  }

  private var startsFromRandomNumbers: Bool {
    !request.command.contains { $0.hasPrefix("--weights") || $0.hasPrefix("--model") }
  }

  // MARK: What to type

  private typealias Suggestion = (purpose: String, command: NextCommand)

  /// The data file as it is named to a reader, with what else belongs to it.
  private var data: [String] {
    ["--data", displayed(request.data)] + (request.isSingleClass ? ["--single-cls"] : [])
  }

  /// Measuring, the step that follows in pruning, and more of the same; a network that should be
  /// trained longer is that first.
  private func suggestions(_ result: TrainingResult) throws -> [Suggestion] {
    let split = NextCommand.finalSplit(of: request.data)
    let measure: Suggestion = (
      "measure it", NextCommand("test", "--model", path) + data + split
    )
    let more: Suggestion = (
      "train on",
      NextCommand("train", "--resume", "--output", path, "--epochs", "\(2 * result.epochs)")
    )
    if request.sparsity != nil { return [measure] + (try afterSparsity(result)) + [more] }
    let smaller: Suggestion
    if let original = prunedFrom {
      smaller = (
        "compare it with the network that it was pruned from",
        NextCommand("compare", displayed(original), path) + data + split + ["--bootstrap", "1000"]
      )
    } else {
      smaller = (
        "push channels towards zero, to prune them",
        try sparsity()
      )
    }
    // Nothing is gained by making a poor network sparse.
    if result.trend.isLow { return [more, measure] + (prunedFrom == nil ? [] : [smaller]) }
    return result.trend.isRising ? [more, measure, smaller] : [measure, smaller, more]
  }

  /// Pruning what is near zero; where that is too little, or the network is broken, the same again from
  /// where the run began, and pruning by another score.
  private func afterSparsity(_ result: TrainingResult) throws -> [Suggestion] {
    let share = silentShare(result) ?? 0
    let prune = NextCommand("prune", "normal", "--model", path, "--weights", "last") + data
    let isBroken = isBroken(result)
    if isSparse(share), !isBroken {
      return [
        ("make it smaller", prune + ["--percent", "\(prunablePercent(share))%", "--force"])
      ]
    }
    let again: Suggestion = (
      isBroken ? "begin again, with a weaker push" : "begin again, and push for longer",
      try sparsityAgain(epochs: isBroken ? 100 : max(100, 2 * result.epochs), isWeaker: isBroken)
    )
    guard !isBroken else { return [again] }
    return [
      again,
      (
        "prune it all the same, by what channels do on pictures",
        prune + ["--score", "taylor", "--percent", "30%", "--force"]
      ),
    ]
  }

  /// A sparse training from where this one began; from its own best weights where that is gone.
  private func sparsityAgain(epochs: Int, isWeaker: Bool) throws -> NextCommand {
    let start = request.weights.map { NextCommand.model(cfg: request.cfg, weights: $0) }
    let weights = request.weights.flatMap { fileExists($0) ? $0 : nil }
    guard let start, let weights, fileExists(request.cfg) else {
      return try sparsity(epochs: epochs, isWeaker: isWeaker)
    }
    return try sparsity(
      from: start.map(displayed), weights, epochs: epochs, isWeaker: isWeaker)
  }

  /// A sparse training with a strength that can reach zero in it.
  ///
  /// - Parameters:
  ///   - start: the options that name what it begins with; this run unless given.
  ///   - weights: their file.
  ///   - isWeaker: whether the push of this run was too strong; else one that was too weak is outdone.
  private func sparsity(
    from start: [String]? = nil, _ weights: String? = nil, epochs: Int = 100, isWeaker: Bool = false
  ) throws -> NextCommand {
    var options = TrainingOptions()
    (options.epochs, options.batchSize) = (epochs, request.options.batchSize)
    options.accumulationSteps = ScheduleOptions.accumulationSteps(
      nominalBatch: 16, batchSize: options.batchSize)
    let reach = SparsityReach(
      .localEarly, .subgradient,
      on: TrainingCourse(options, pictures: run.train.labelledCount))
    let least = isWeaker ? 0 : run.greatestPush.flatMap { reach?.strength(toZero: 1.5 * $0) } ?? 0
    let path = weights ?? RunFolder(path: path).weightsPath
    var strength =
      try reach?.suggestion(
        usual: max(Self.usualStrength, least), for: StoredWeights.read(path, for: run.network.spec),
        layers: PruningScope.all.selectedLayers(run.network.spec)) ?? Self.usualStrength
    if isWeaker, let used = request.sparsity { strength = min(strength, used / 2) }
    let batch = options.batchSize == 16 ? [] : ["--batch-size", "\(options.batchSize)"]
    return NextCommand("train") + (start ?? ["--model", self.path]) + data
      + ["--epochs", "\(options.epochs)"] + batch
      + ["--nominal-batch", "16", "--sparsity", Figures.significant(strength)]
      + ["--sparsity-schedule", "local-early", "--name", "sparse"]
  }

  /// The network that this one was pruned from, where it was and that is still there.
  private var prunedFrom: String? {
    let description = try? ModelDescription(contentsOf: RunFolder(path: path).modelPath)
    return description?.prunedFrom.flatMap { fileExists($0) ? $0 : nil }
  }
}
