import Boxes
import Commands
import Datasets
import Pruning
import Reports
import Runs
import Training

/// What is told of a pruning: the loss first, then what it stands on, and the next command last, all
/// on one screen; `--explain` and the page say more.
package struct PruneSummary {
  let outcome: PruningOutcome
  let run: PruningRun
  let options: PruneOptions
  /// The folder that the result is in.
  let output: String
  /// The commands to type next, the most useful first.
  let next: [NextStep]
  /// What helps the network that was pruned, where it was too poor to be used before: pruning cost it
  /// little, and training what is left wins back nothing.
  private let remedy: Remedy?

  var recipe: PruningRecipe { run.recipe }

  /// - Parameters:
  ///   - options: what the command was told.
  ///   - output: the folder that the result is in.
  package init(
    _ outcome: PruningOutcome, of run: PruningRun, _ options: PruneOptions, in output: String
  ) {
    (self.outcome, self.run, self.options, self.output) = (outcome, run, options, output)
    let wasPoor = outcome.measured.qualityBefore?.worth == .poor
    remedy = wasPoor && !outcome.plan.removesNothing ? Remedy(of: options.model) : nil
    next = Self.next(outcome, of: run, options, to: output, remedy)
  }

  /// All of it.
  package var summary: Summary {
    var summary = Summary()
    (summary.lines, summary.json, summary.next) = (lines, json, next)
    return summary
  }
}

extension PruningMeasurement {
  var table: Table { MeasuredNetwork.table(rows, names: ["before", "after"]) }
  /// How far the times may be trusted.
  var timesInWords: [String] { timing.words(["before", "after"]) }
  /// What was lost.
  var lost: DifferenceTable { DifferenceTable([("after", differences)], minus: "before") }
}

extension PruneSummary {
  /// What the pruning cost and what to do about it; where nothing was measured, why not, and how far
  /// the outputs are from the original's.
  var headline: String {
    let (plan, dataset) = (outcome.plan, run.dataset)
    guard let loss = outcome.measured.loss else {
      let reason =
        dataset == nil
        ? "there is no --data"
        : dataset?.labelCount == 0
          ? "the pictures have no labels" : "no picture with labels can be read"
      guard !plan.removesNothing else {
        let met = outcome.advice.targetMet.map { ", for \($0)" } ?? ""
        return "nothing was removed\(met); mAP is not known, \(reason)"
      }
      return "mAP after pruning is not known, \(reason); outputs are up to "
        + "\(Figures.significant(100 * outcome.check.fromOriginal)) % of their scale from the original's on "
        + "\(outcome.isReal ? "real" : "drawn") pictures: "
        + (dataset == nil ? "measure it before use" : "fine-tune before use")
    }
    let verdict = outcome.measured.differences.headline
    if plan.removesNothing {
      let reason = outcome.advice.targetMet.map { ", for \($0)" } ?? ""
      return "nothing was removed\(reason): \(verdict)"
    }
    let origin = outcome.origin.map {
      $0.words(beside: outcome.measured.quality?.map50 ?? 0)
    }
    let conclusion =
      remedy != nil && loss.judgement != .nothingToLose
      ? "it was too poor to be used before it was pruned; train it first"
      : Self.conclusion(loss.judgement, outcome.shortfall)
    return [verdict, origin, conclusion].compactMap(\.self).joined(separator: "; ")
  }

  /// What to do, in one line.
  var advice: String {
    remedy == nil
      ? "\(outcome.advice)"
      : "train the network first, then prune it anew: a network that finds little tells little about what "
        + "matters in it"
  }

  /// What the figures come to: whether the network may be used.
  static func conclusion(
    _ judgement: DifferenceJudgement, _ shortfall: PruningShortfall?
  ) -> String {
    switch judgement {
    case .gain, .noDifference, .smallLoss: shortfall?.words ?? "it may be used as it is"
    case .unclear: shortfall?.words ?? "fine-tune to be sure"
    case .loss: shortfall?.words ?? "fine-tune before use"
    case .nothingToLose: "look at the network first"
    }
  }

  /// What to type next: train what was pruned, where that is called for; else look at it, and at the
  /// network that finds nothing.
  private static func next(
    _ outcome: PruningOutcome, of run: PruningRun, _ options: PruneOptions, to output: String,
    _ remedy: Remedy?
  ) -> [NextStep] {
    let data = options.pictures
    let size = options.inputSize.words
    if outcome.measured.loss?.judgement == .nothingToLose {
      let look: NextStep = (
        "see what the network finds",
        NextCommand("test") + options.model.words + data.words + size
          + options.scale.words + options.feeding.words
      )
      return [remedy?.before("pruned"), look].compactMap(\.self)
    }
    if outcome.advice.wantsOtherScore, run.dataset?.labelCount ?? 0 > 0 {
      return [("choose by what channels do on pictures", again(["--score", "taylor"]))]
    }
    if outcome.plan.removesNothing {
      return [("read how more is removed", NextCommand("prune", run.recipe.method.name, "--help"))]
    }
    let tuning = tuning(output, outcome, options)
    if let remedy {
      return [remedy.before("pruned"), ("train the small one as it is", tuning.command)]
    }
    if data.data == nil {
      return [
        ("measure it", NextCommand("test", "--model", output) + data.words + size), tuning,
      ]
    }
    switch outcome.measured.loss?.judgement {
    case .gain, .noDifference, .smallLoss:
      if outcome.shortfall != nil {
        return [tuning, comparison(run, output, options)].compactMap(\.self)
      }
      let use = NextCommand(
        "detect", "--model", output, "--source", NextCommand.Placeholder.picture.rawValue)
      return [comparison(run, output, options), ("use it", use), tuning].compactMap(\.self)
    case .unclear: return [tuning, comparison(run, output, options)].compactMap(\.self)
    case nil, .nothingToLose, .loss: return [tuning]
    }
  }

  /// What was typed, with more options, into another folder.
  static func again(_ options: [String]) -> NextCommand {
    var typed = Array(CommandLine.arguments.dropFirst())
    var output: [String] = []
    if let place = typed.firstIndex(of: "--output"), place + 1 < typed.count {
      output = ["--output", NextCommand.unused(typed[place + 1])]
      typed.removeSubrange(place...place + 1)
    }
    typed.removeAll { ["--overwrite", "--curve"].contains($0) }
    return NextCommand() + typed + options + output
  }

  /// The comparison with the networks that it comes from; nil where nothing names them.
  private static func comparison(
    _ run: PruningRun, _ output: String, _ options: PruneOptions
  ) -> NextStep? {
    guard let pair = run.operand?.path else { return nil }
    let origins = comparedOrigins(denseOrigin(of: pair), pair)
    return (
      NextCommand.comparison(with: origins),
      NextCommand("compare") + origins.map(displayed) + [output] + options.pictures.words
        + NextCommand.finalSplit(of: options.pictures.data)
        + options.inputSize.words + ["--bootstrap", "1000"]
    )
  }

  /// The fine-tuning of what was pruned.
  private static func tuning(
    _ output: String, _ outcome: PruningOutcome, _ options: PruneOptions
  ) -> NextStep {
    let purpose =
      switch (outcome.measured.loss?.judgement, outcome.shortfall?.isBehind) {
      case (.loss, _), (_, true): "win back what was lost"
      case (_, false): "train it before use"
      case (.gain, nil), (.noDifference, nil), (.smallLoss, nil): "fine-tune it, if you like"
      case (nil, nil), (.unclear, nil), (.nothingToLose, nil): "fine-tune it"
      }
    return (
      purpose,
      NextCommand("train", "--model", output) + options.pictures.words + options.inputSize.words
        + ["--epochs", "100"] + NextCommand.name("tuned", of: ["--model", output])
    )
  }

  /// For people.
  private var lines: Lines {
    let plan = outcome.plan
    var lines = Lines()
    lines.add(headline)
    lines.add("advice: \(advice)")
    lines.add()
    lines.add(outcome.measured.table)
    // Tables end with a blank line.
    for line in outcome.measured.timesInWords { lines.add(line) }
    lines.add()
    lines.add(outcome.measured.lost)
    if outcome.measured.loss != nil { lines.add() }
    if let curve = outcome.curve { lines.add(curve.lines) }
    if options.judgement.explain {
      lines.add(scalesInWords)
      if let emptyingInWords { lines.add(emptyingInWords) }
      lines.add(differenceInWords)
      if !plan.removesNothing { lines.add(widths(plan)) }
    }
    if let targetInWords { lines.add(targetInWords) }
    lines.add(removalInWords)
    lines.add("proof: \(proofInWords)")
    let folder = RunFolder(path: output)
    lines.add(folder.cfgPath)
    lines.add(folder.weightsPath)
    lines.add(
      "report: \(folder.reportPath)"
        + (options.judgement.explain ? "" : " (widths, scales, proof; in words with --explain)"))
    return lines
  }

  /// What was compared, how close it is, and on which pictures.
  var proofInWords: String {
    let proof = outcome.check.proof
    return
      "the small network computes what the large one does with the same channels silent; outputs "
      + "differ by at most \(Figures.significant(proof.relativeDifference)) of their scale (limit "
      + "\(Figures.significant(PruningProof.tolerance, 1))), "
      + (outcome.isReal
        ? "on real pictures"
        : "on drawn pictures: there \(run.dataset == nil ? "is no --data" : "are none to be read")")
      + (outcome.pair.certificate.statisticsReestimatedAfterProof
        ? "; statistics were re-estimated after the proof, which is of those before" : "")
  }

  /// How far the outputs are from the original's, and what that means.
  var differenceInWords: String {
    let check = outcome.check
    let everywhere = Figures.significant(100 * check.fromOriginal)
    let inside = Figures.significant(100 * check.interiorFromOriginal)
    return "until it is fine-tuned, outputs differ from the original network's by up to "
      + "\(everywhere) % of their scale"
      + (inside == everywhere ? "" : " (\(inside) % away from the pictures' edges)")
      + ": the more, the less it finds the same objects"
  }

  /// How large the scales are, and where those near zero are.
  var scalesInWords: [String] {
    let verdict = outcome.verdict
    guard !verdict.quantiles.isEmpty else { return [] }
    let quantiles = zip(PruningVerdict.shares, verdict.quantiles).enumerated().map { place, each in
      "\(Figures.percent(each.0, 0)) \(place == 0 ? "of them are " : "")below "
        + Figures.significant(Double(each.1))
    }
    // The largest first; layers of equal shares as in the cfg.
    let silent = verdict.silentShares.filter { $0.share > 0 }
      .sorted { ($1.share, $0.layer) < ($0.share, $1.layer) }
      .map { "\(Figures.percent($0.share, 0)) of layer \($0.layer)" }
    return ["scales: " + quantiles.joined(separator: ", ")]
      + (silent.isEmpty ? [] : ["scales near zero: " + silent.joined(separator: ", ")])
  }

  /// Which layers would lose all their channels; nil for methods whose request is not one share.
  private var emptyingInWords: String? {
    guard recipe.method.judgement.takesOneShare else { return nil }
    let layers = run.pruner.emptyingPercents.sorted { $0.percent < $1.percent }.map {
      "layer \($0.layer) at \(Figures.percent($0.percent))"
    }
    return layers.isEmpty
      ? nil
      : "would lose all channels, beyond a share of all: " + layers.joined(separator: ", ")
  }

  private func widths(_ plan: PruningPlan) -> Table {
    var widths = Table("layer", "channels", "kept", "share")
    for layer in plan.layers where layer.before != layer.after {
      widths.append([
        "\(layer.layer)", "\(layer.before)", "\(layer.after)",
        Figures.percent(Double(layer.after) / Double(layer.before)),
      ])
    }
    return widths
  }

  /// What a target asked for, and what remains.
  var targetInWords: String? {
    outcome.plan.removesNothing ? nil : outcome.targetInWords.map { "target: \($0)" }
  }

  /// What went: layers as a whole, and how much of the channels.
  var removalInWords: [String] {
    let (plan, request, pruner) = (outcome.plan, outcome.request, run.pruner)
    let blocks = plan.removedBlocks.map {
      "\($0.block.layers.lowerBound) to \($0.block.shortcut)"
    }
    let layers = blocks.isEmpty ? [] : ["layers \(blocks.joined(separator: ", ")) are gone"]
    guard recipe.method.judgement != .nothing else { return layers }
    // Where channels go together, as in depthwise convolutions, one below the threshold takes others
    // with it; where they are added, one above it keeps others.
    let differs =
      recipe.method.judgement.takesOneShare && abs(plan.removedShare - request.percent) > 0.02
    let removed =
      "\(Figures.percent(plan.removedShare)) of the channels that may go are gone"
      + (differs
        ? " (\(Figures.percent(request.percent)) of them score below the threshold; others go or stay "
          + "with them)"
        : "")
    guard let emptying = emptyingPercentInWords else { return layers + [removed] }
    let forced =
      request.percent > pruner.emptyingPercent
      ? ", and at \(Figures.percent(request.percent)) of them some kept their best one alone"
      : ""
    return layers + ["\(removed); beyond \(emptying) of them a layer would have none left\(forced)"]
  }

  /// The share up to which no layer is emptied, rounded down; nil for methods whose request is not one
  /// share of channels.
  private var emptyingPercentInWords: String? {
    let pruner = run.pruner
    guard pruner.emptyingPercent > 0, recipe.method.judgement.takesOneShare else { return nil }
    return Figures.percent((1000 * pruner.emptyingPercent).rounded(.down) / 1000)
  }
}
