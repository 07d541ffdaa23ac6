import Commands
import Datasets
import Pruning
import Reports
import Runs
import Training

/// What is said of a pruning first.
struct PruneWords {
  /// What it cost and what to do, without the command.
  let headline: String
  /// The commands to type next, and what for, the most useful first.
  let next: [(purpose: String, command: NextCommand)]
}

extension PruningMeasurement {
  var table: Table { MeasuredNetwork.table(rows, names: ["before", "after"]) }
  /// What the table cannot say.
  var lines: [String] {
    let spread = spreadOfTimes(zip(["before", "after"], rows).map { ($0, $1.middleHalf) })
    return [spread].compactMap(\.self) + differences.map { $0.line("after", minus: "before") }
  }
}

/// What is printed: the loss first, then what it stands on, and the next command last, all on one
/// screen; `--explain` and the page say more.
extension PruneRun {

  /// What the pruning cost and what to do about it; where nothing was measured, why not, and how far
  /// the outputs are from the original's.
  func headline(_ outcome: PruningOutcome, _ dataset: DetectionDataset?) -> String {
    let plan = outcome.plan
    guard let loss = outcome.measured.loss else {
      let reason =
        dataset == nil
        ? "there is no --data"
        : dataset?.labelCount == 0
          ? "the pictures have no labels" : "no picture with labels can be read"
      guard !plan.removesNothing else {
        return "nothing was removed; mAP is not known, \(reason)"
      }
      return "mAP after pruning is not known, \(reason); outputs are up to "
        + "\(Figures.significant(100 * outcome.check.fromOriginal)) % of their scale from the original's on "
        + "\(outcome.isReal ? "real" : "drawn") pictures: "
        + (dataset == nil ? "measure it before use" : "fine-tune before use")
    }
    let cost = "mAP@0.5:0.95 \(loss)"
    if plan.removesNothing { return "nothing was removed: \(cost)" }
    let verdict = "\(cost): \(loss.change.verdict)"
    return switch loss.judgement {
    case .gain, .noDifference, .smallLoss: verdict
    case .unclear: "\(verdict); fine-tune to be sure"
    case .loss: "\(verdict); fine-tune before use"
    case .nothingToLose: "\(verdict); look at the network first"
    }
  }

  /// What to type next: train what was pruned, where that is called for; else look at it, and at the
  /// network that finds nothing.
  func next(
    _ outcome: PruningOutcome, of run: PruningRun, to output: String
  ) -> [(purpose: String, command: NextCommand)] {
    let data = options.pictures
    let size = options.inputSize.words
    if outcome.measured.loss?.judgement == .nothingToLose {
      return [
        (
          "see what the network finds",
          NextCommand("test") + options.model.words + data.words + size
            + options.scale.words + options.feeding.words
        )
      ]
    }
    if outcome.plan.removesNothing {
      return [("read how more is removed", NextCommand("prune", recipe.method.name, "--help"))]
    }
    let tuning = tuning(output, outcome.measured.loss)
    if data.data == nil {
      return [
        ("measure it", NextCommand("test", "--model", output) + data.words + size), tuning,
      ]
    }
    switch outcome.measured.loss?.judgement {
    case .gain, .noDifference, .smallLoss:
      let use = NextCommand(
        "detect", "--model", output, "--source", NextCommand.Placeholder.picture.rawValue)
      return [comparison(run, output), ("use it", use), tuning].compactMap(\.self)
    case .unclear: return [tuning, comparison(run, output)].compactMap(\.self)
    case nil, .nothingToLose, .loss: return [tuning]
    }
  }

  /// The comparison with the dense network that it comes from; nil where nothing names that.
  private func comparison(
    _ run: PruningRun, _ output: String
  ) -> (purpose: String, command: NextCommand)? {
    guard let pair = run.operand?.path else { return nil }
    return (
      "compare it with the network that it comes from",
      NextCommand("compare", displayed(denseOrigin(of: pair) ?? pair), output)
        + options.pictures.words + NextCommand.finalSplit(of: options.pictures.data)
        + options.inputSize.words + ["--bootstrap", "1000"]
    )
  }

  /// The fine-tuning of what was pruned.
  private func tuning(
    _ output: String, _ loss: PruningLoss?
  ) -> (purpose: String, command: NextCommand) {
    let purpose =
      switch loss?.judgement {
      case .loss: "win back what was lost"
      case .gain, .noDifference, .smallLoss: "fine-tune it, if you like"
      case nil, .unclear, .nothingToLose: "fine-tune it"
      }
    return (
      purpose,
      NextCommand("train", "--model", output) + options.pictures.words + options.inputSize.words
        + ["--epochs", "100", "--name", "tuned"]
    )
  }

  /// Prints the outcome.
  func report(
    _ outcome: PruningOutcome, _ words: PruneWords, of run: PruningRun, in output: String,
    _ json: JSONOutput
  ) throws {
    guard options.report.printsTables else { return try json.tell() }
    let plan = outcome.plan
    try Console.print(words.headline)
    try Console.print("advice: \(outcome.advice)")
    try Console.print()
    try Console.print(outcome.measured.table)
    // The table ends with a blank line.
    for line in outcome.measured.lines { try Console.print(line) }
    if !outcome.measured.lines.isEmpty { try Console.print() }
    if let curve = outcome.curve { try printCurve(curve) }
    if options.judgement.explain {
      for line in scalesInWords(outcome.verdict) { try Console.print(line) }
      if let line = emptyingInWords(run.pruner) { try Console.print(line) }
      try Console.print(differenceInWords(outcome.check))
      if !plan.removesNothing { try Console.print(widths(plan)) }
    }
    for line in removalInWords(outcome, run.pruner) { try Console.print(line) }
    try Console.print("proof: \(proofInWords(outcome, run))")
    let folder = RunFolder(path: output)
    try Console.print(folder.cfgPath)
    try Console.print(folder.weightsPath)
    try Console.print(
      "report: \(folder.reportPath)"
        + (options.judgement.explain ? "" : " (widths, scales, proof; in words with --explain)"))
    try json.tell()
    for next in words.next { try options.report.next(next.purpose, next.command) }
  }

  /// The curve, and where it breaks off.
  func printCurve(_ curve: MeasuredCurve) throws {
    guard options.report.printsTables else { return }
    let empties = curve.points.contains { $0.empties && !$0.removesNothing }
    try Console.print(
      "mAP at rising shares of channels; * with statistics re-estimated, as --recalibrate does"
        + (empties ? "; with --force, because a layer would lose all its channels" : ""))
    try Console.print(curve.table)
    try Console.print(curve.summary)
    try Console.print()
  }

  /// What was compared, how close it is, and on which pictures.
  func proofInWords(_ outcome: PruningOutcome, _ run: PruningRun) -> String {
    let proof = outcome.check.proof
    return
      "the small network computes what the large one does with the same channels silent; outputs "
      + "differ by at most \(Figures.significant(proof.relativeDifference)) of their scale (limit "
      + "\(Figures.significant(PruningProof.tolerance, 1))), "
      + (outcome.isReal
        ? "on real pictures"
        : "on drawn pictures: there \(run.dataset == nil ? "is no --data" : "are none to be read")")
  }

  /// How far the outputs are from the original's, and what that means.
  func differenceInWords(_ check: PruningCheck) -> String {
    let everywhere = Figures.significant(100 * check.fromOriginal)
    let inside = Figures.significant(100 * check.interiorFromOriginal)
    return "until it is fine-tuned, outputs differ from the original network's by up to "
      + "\(everywhere) % of their scale"
      + (inside == everywhere ? "" : " (\(inside) % away from the pictures' edges)")
      + ": the more, the less it finds the same objects"
  }

  /// How large the scales are, and where those near zero are.
  func scalesInWords(_ verdict: PruningVerdict) -> [String] {
    guard !verdict.quantiles.isEmpty else { return [] }
    let quantiles = zip(PruningVerdict.shares, verdict.quantiles).map { share, value in
      "\(Figures.percent(share, 0)) below \(Figures.significant(Double(value)))"
    }
    // The largest first; layers of equal shares as in the cfg.
    let silent = verdict.silentShares.filter { $0.share > 0 }
      .sorted { ($1.share, $0.layer) < ($0.share, $1.layer) }
      .map { "\(Figures.percent($0.share, 0)) of layer \($0.layer)" }
    return ["of the scales are " + quantiles.joined(separator: ", ")]
      + (silent.isEmpty ? [] : ["scales near zero: " + silent.joined(separator: ", ")])
  }

  /// Which layers would lose all their channels; nil for methods whose request is not one share.
  private func emptyingInWords(_ pruner: Pruner) -> String? {
    guard recipe.method.judgement.takesOneShare else { return nil }
    let layers = pruner.emptyingPercents.sorted { $0.percent < $1.percent }.map {
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

  /// What went: layers as a whole, and how much of the channels.
  func removalInWords(_ outcome: PruningOutcome, _ pruner: Pruner) -> [String] {
    let (plan, request) = (outcome.plan, outcome.request)
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
        ? " (\(Figures.percent(request.percent)) score below the threshold; others go or stay with them)"
        : "")
    guard let emptying = emptyingPercentInWords(pruner) else { return layers + [removed] }
    let forced =
      request.percent > pruner.emptyingPercent
      ? ", and at \(Figures.percent(request.percent)) some kept their best one alone"
      : ""
    return layers + ["\(removed); beyond \(emptying) a layer would have none left\(forced)"]
  }

  /// The share up to which no layer is emptied, rounded down; nil for methods whose request is not one
  /// share of channels.
  private func emptyingPercentInWords(_ pruner: Pruner) -> String? {
    guard pruner.emptyingPercent > 0, recipe.method.judgement.takesOneShare else { return nil }
    return Figures.percent((1000 * pruner.emptyingPercent).rounded(.down) / 1000)
  }
}
