import Commands
import Pruning
import Reports

/// All that is known once a pruning is written.
struct PruneOutcome {
  let request: PruningRequest
  let plan: PruningPlan
  let measured: PruneRun.Measured
  let check: PruningCheck
  let verdict: PruningVerdict
  let curve: MeasuredCurve?
  let advice: PruningAdvice
  /// What it cost and what to do, without the command.
  let headline: String
  /// The command to type next, and what for.
  let next: NextCommand
  let purpose: String
  /// Whether the proof ran on real pictures.
  let isReal: Bool
}

/// What is printed: the loss and the next command first, then what they stand on.
extension PruneRun {
  /// Layers that are listed by when they are emptied, at most; the page has all.
  private static let listedLayers = 12

  /// What to do, from all that is known.
  func advice(
    _ verdict: PruningVerdict, _ curve: MeasuredCurve?, _ measured: Measured, _ plan: PruningPlan
  ) -> PruningAdvice {
    let pictures: PruningAdvice.Pictures =
      (dataset?.labelCount).map { $0 > 0 ? .labelled : .unlabelled } ?? .none
    var advice = PruningAdvice(verdict, method, pictures: pictures)
    advice.removesNothing = plan.removesNothing
    advice.loss = measured.loss
    advice.recalibrates = recalibrates
    advice.reach = curve?.points(recalibrated: recalibrates).reach
    return advice
  }

  /// What the pruning cost and what to do about it; where nothing was measured, why not, and how far
  /// the outputs are from the original's.
  func headline(
    _ plan: PruningPlan, _ measured: Measured, _ check: PruningCheck, isReal: Bool
  ) -> String {
    guard let loss = measured.loss else {
      let reason =
        dataset == nil
        ? "there is no --data"
        : dataset?.labelCount == 0
          ? "the pictures have no labels" : "no picture with labels can be read"
      guard !plan.removesNothing else {
        return "nothing was removed; mAP is not known, \(reason)"
      }
      return "mAP after pruning is not known, \(reason); outputs are up to "
        + "\(Figures.significant(100 * check.fromOriginal)) % of their scale from the original's on "
        + "\(isReal ? "real" : "drawn") pictures: fine-tune before use, or measure it first"
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
    _ plan: PruningPlan, _ measured: Measured, to output: String
  ) -> (purpose: String, command: NextCommand) {
    let data = options.pictures
    let size = options.inputSize.words
    if measured.loss?.size == .unknowable {
      return (
        "see what the network finds",
        NextCommand("test") + options.model.words + data.words + size
          + options.scale.words + options.feeding.words
      )
    }
    if plan.removesNothing {
      return ("read how more is removed", NextCommand("prune", method.name, "--help"))
    }
    return (
      "win back what was lost",
      NextCommand("train", "--model", output) + data.words + size
        + ["--epochs", "100", "--name", "tuned"]
    )
  }

  /// Prints the outcome.
  func report(_ outcome: PruneOutcome, in output: String) throws {
    guard options.report.printsTables else { return }
    let plan = outcome.plan
    try Console.print("\(outcome.headline): \(outcome.next)")
    try Console.print("advice: \(outcome.advice)")
    try Console.print()
    try Console.print(outcome.measured.table.text)
    for line in outcome.measured.lines { try Console.print(line) }
    try Console.print()
    if let curve = outcome.curve { try printCurve(curve) }
    try printScales(outcome.verdict)
    try printWidths(plan)
    if let line = shareInWords(outcome.request, plan) { try Console.print(line) }
    let proof = outcome.check.proof
    try Console.print(
      "proof: the small network and the large one with the same channels silent differ by at most "
        + Figures.significant(proof.maxAbsDifference) + " on outputs of scale "
        + Figures.significant(proof.outputScale) + ", relative "
        + Figures.significant(proof.relativeDifference) + " (limit 0.0001), "
        + (outcome.isReal
          ? "on real pictures"
          : "on drawn pictures: there \(dataset == nil ? "is no --data" : "are none to be read")"))
    try Console.print(
      "outputs differ from the original's by up to "
        + Figures.significant(100 * outcome.check.fromOriginal) + " % of their scale ("
        + Figures.significant(100 * outcome.check.interiorFromOriginal)
        + " % away from the pictures' edges)")
    try Console.print()
    try Console.print("report: \(output)/report.html")
    try options.report.next(outcome.purpose, outcome.next)
  }

  /// The curve, and where it breaks off.
  func printCurve(_ curve: MeasuredCurve) throws {
    guard options.report.printsTables else { return }
    try Console.print("at rising shares, as pruned and with re-estimated statistics:")
    try Console.print(curve.table.text)
    try Console.print(curve.summary)
    try Console.print()
  }

  private func printScales(_ verdict: PruningVerdict) throws {
    guard !verdict.quantiles.isEmpty else { return }
    let quantiles = zip(PruningVerdict.shares, verdict.quantiles).map { share, value in
      "\(Figures.percent(share, 0)) below \(Figures.significant(Double(value)))"
    }
    try Console.print("of the scales are " + quantiles.joined(separator: ", "))
    let list = verdict.silentShares.filter { $0.share > 0 }.map {
      "\(Figures.percent($0.share, 0)) of layer \($0.layer)"
    }
    if !list.isEmpty {
      try Console.print("scales near zero: " + list.joined(separator: ", "))
    }
    guard method.judgement.takesOneShare else { return }
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
  private func shareInWords(_ request: PruningRequest, _ plan: PruningPlan) -> String? {
    guard method.judgement != .nothing else { return nil }
    let removed =
      "\(Figures.percent(plan.removedShare)) of the channels in scope removed"
    guard let emptying = emptyingPercentInWords else { return removed }
    let forced =
      request.percent > pruner.emptyingPercent
      ? "; at \(Figures.percent(request.percent)) layers were emptied but for their best channel"
      : ""
    return
      "threshold \(Figures.significant(Double(plan.threshold), 6)), \(removed); up to \(emptying) no layer is "
      + "emptied\(forced)"
  }
}
