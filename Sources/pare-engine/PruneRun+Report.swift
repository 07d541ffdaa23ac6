import Commands
import Datasets
import Pruning
import Reports
import Runs

/// What is said of a pruning first.
struct PruneWords {
  /// What it cost and what to do, without the command.
  let headline: String
  /// The command to type next, and what for.
  let next: NextCommand
  let purpose: String
}

extension PruningMeasurement {
  var table: Table { MeasuredNetwork.table(rows, names: ["before", "after"]) }
  /// What the table cannot say.
  var lines: [String] { differences.map { $0.line("after", minus: "before") } }
}

/// What is printed: the loss and the next command first, then what they stand on.
extension PruneRun {
  /// Layers that are listed by when they are emptied, at most; the page has all.
  private static let listedLayers = 12
  /// Layers that are listed by their share of scales near zero, at most; `--explain` lists all.
  private static let listedShares = 10

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
    return switch loss.size {
    case .much: "\(cost): fine-tune before use"
    case .little: "\(cost): little is lost, fine-tuning is optional"
    case .nothing: "\(cost): nothing is lost, fine-tuning is optional"
    case .unknowable:
      "\(cost): the network finds next to nothing on these pictures, look at it first"
    }
  }

  /// What to type next: train what was pruned, or look at the network that finds nothing.
  func next(
    _ outcome: PruningOutcome, to output: String
  ) -> (purpose: String, command: NextCommand) {
    let data = options.pictures
    let size = options.inputSize.words
    if outcome.measured.loss?.size == .unknowable {
      return (
        "see what the network finds",
        NextCommand("test") + options.model.words + data.words + size
          + options.scale.words + options.feeding.words
      )
    }
    if outcome.plan.removesNothing {
      return ("read how more is removed", NextCommand("prune", recipe.method.name, "--help"))
    }
    if data.data == nil {
      return ("measure it", NextCommand("test", "--model", output) + data.words + size)
    }
    return tuning(output)
  }

  /// The fine-tuning of what was pruned.
  private func tuning(_ output: String) -> (purpose: String, command: NextCommand) {
    (
      "win back what was lost",
      NextCommand("train", "--model", output) + options.pictures.words + options.inputSize.words
        + ["--epochs", "100", "--name", "tuned"]
    )
  }

  /// Prints the outcome.
  func report(
    _ outcome: PruningOutcome, _ words: PruneWords, of run: PruningRun, in output: String
  ) throws {
    guard options.report.printsTables else { return }
    let plan = outcome.plan
    try Console.print("\(words.headline): \(words.next)")
    try Console.print("advice: \(outcome.advice)")
    try Console.print()
    try Console.print(outcome.measured.table.text)
    for line in outcome.measured.lines { try Console.print(line) }
    try Console.print()
    if let curve = outcome.curve { try printCurve(curve) }
    try printScales(outcome.verdict, run.pruner)
    try printWidths(plan)
    if let line = shareInWords(outcome.request, plan, run.pruner) { try Console.print(line) }
    let proof = outcome.check.proof
    try Console.print(
      "proof: the small network and the large one with the same channels silent differ by at most "
        + Figures.significant(proof.maxAbsDifference) + " on outputs of scale "
        + Figures.significant(proof.outputScale) + ", relative "
        + Figures.significant(proof.relativeDifference) + " (limit 0.0001), "
        + (outcome.isReal
          ? "on real pictures"
          : "on drawn pictures: there \(run.dataset == nil ? "is no --data" : "are none to be read")")
    )
    try Console.print(differenceInWords(outcome.check))
    try Console.print()
    try Console.print("report: \(output)/report.html")
    try options.report.next(words.purpose, words.next)
    guard run.dataset == nil, !plan.removesNothing else { return }
    let tuning = tuning(output)
    try options.report.next(tuning.purpose, tuning.command)
  }

  /// The curve, and where it breaks off.
  func printCurve(_ curve: MeasuredCurve) throws {
    guard options.report.printsTables else { return }
    try Console.print("at rising shares, as pruned and with re-estimated statistics:")
    try Console.print(curve.table.text)
    try Console.print(curve.summary)
    try Console.print()
  }

  /// How far the outputs are from the original's, and what that means.
  private func differenceInWords(_ check: PruningCheck) -> String {
    let everywhere = Figures.significant(100 * check.fromOriginal)
    let inside = Figures.significant(100 * check.interiorFromOriginal)
    return "until it is fine-tuned, outputs differ from the original network's by up to "
      + "\(everywhere) % of their scale"
      + (inside == everywhere ? "" : " (\(inside) % away from the pictures' edges)")
      + ": the more, the less it finds the same objects"
  }

  private func printScales(_ verdict: PruningVerdict, _ pruner: Pruner) throws {
    guard !verdict.quantiles.isEmpty else { return }
    let quantiles = zip(PruningVerdict.shares, verdict.quantiles).map { share, value in
      "\(Figures.percent(share, 0)) below \(Figures.significant(Double(value)))"
    }
    try Console.print("of the scales are " + quantiles.joined(separator: ", "))
    // The largest first; layers of equal shares as in the cfg.
    let silent = verdict.silentShares.filter { $0.share > 0 }
      .sorted { ($1.share, $0.layer) < ($0.share, $1.layer) }
    let list = silent.prefix(options.judgement.explain ? silent.count : Self.listedShares).map {
      "\(Figures.percent($0.share, 0)) of layer \($0.layer)"
    }
    let more = silent.count - list.count
    if !list.isEmpty {
      try Console.print(
        "scales near zero: " + list.joined(separator: ", ")
          + (more > 0 ? " and of \(more) more (--explain lists all)" : ""))
    }
    guard recipe.method.judgement.takesOneShare else { return }
    let emptied = pruner.emptyingPercents.sorted { $0.percent < $1.percent }
    let first = emptied.prefix(Self.listedLayers).map {
      "layer \($0.layer) at \(Figures.percent($0.percent))"
    }
    if !first.isEmpty {
      try Console.print(
        "would lose all channels, beyond a share of all: " + first.joined(separator: ", ")
      )
    }
  }

  private func printWidths(_ plan: PruningPlan) throws {
    let changed = plan.layers.filter { $0.before != $0.after }
    guard !plan.removesNothing else { return }
    var widths = Table("layer", "channels", "kept", "share")
    for layer in changed {
      widths.append([
        "\(layer.layer)", "\(layer.before)", "\(layer.after)",
        Figures.percent(Double(layer.after) / Double(layer.before)),
      ])
    }
    try Console.print(widths.text)
    for removed in plan.removedBlocks {
      try Console.print(
        "layers \(removed.block.layers.lowerBound) to \(removed.block.shortcut) removed, mean score "
          + Figures.significant(Double(removed.worth)))
    }
  }

  /// How much of what could go went; nil for methods that judge no channel.
  private func shareInWords(
    _ request: PruningRequest, _ plan: PruningPlan, _ pruner: Pruner
  ) -> String? {
    guard recipe.method.judgement != .nothing else { return nil }
    // Where channels go together, as in depthwise convolutions, one below the threshold takes others
    // with it; where they are added, one above it keeps others.
    let differs =
      recipe.method.judgement.takesOneShare && abs(plan.removedShare - request.percent) > 0.02
    let removed =
      "\(Figures.percent(plan.removedShare)) of the channels in scope removed"
      + (differs
        ? " (\(Figures.percent(request.percent)) are below the threshold; others go or stay with them)"
        : "")
    guard let emptying = emptyingPercentInWords(pruner) else { return removed }
    let forced =
      request.percent > pruner.emptyingPercent
      ? "; at \(Figures.percent(request.percent)) layers were emptied but for their best channel"
      : ""
    return
      "threshold \(Figures.significant(Double(plan.threshold), 6)), \(removed); up to \(emptying) no layer is "
      + "emptied\(forced)"
  }

  /// The share up to which no layer is emptied, rounded down; nil for methods whose request is not one
  /// share of channels.
  private func emptyingPercentInWords(_ pruner: Pruner) -> String? {
    guard pruner.emptyingPercent > 0, recipe.method.judgement.takesOneShare else { return nil }
    return Figures.percent((1000 * pruner.emptyingPercent).rounded(.down) / 1000)
  }
}
