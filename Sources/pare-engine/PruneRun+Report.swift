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
  /// The command to type next.
  let next: NextCommand
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
        return "mAP is not known, \(reason): nothing is removed"
      }
      return "mAP after pruning is not known, \(reason); outputs are up to "
        + "\(Figures.significant(100 * check.fromOriginal)) % of their scale from the original's on "
        + "\(isReal ? "real" : "drawn") pictures: fine-tune before use, or measure it first"
    }
    let cost = "mAP@0.5:0.95 \(loss)"
    if plan.removesNothing { return "\(cost): nothing is removed" }
    return switch loss.size {
    case .much: "\(cost): fine-tune before use"
    case .little: "\(cost): little is lost, fine-tuning is optional"
    case .nothing: "\(cost): nothing is lost, fine-tuning is optional"
    case .unknowable:
      "\(cost): the network finds next to nothing on these pictures, look at it first"
    }
  }

  /// What to type next: train what was pruned, or look at the network that finds nothing.
  func next(_ plan: PruningPlan, _ measured: Measured, to output: String) -> NextCommand {
    let data = options.pictures.data
    let size = options.inputSize.imgSize.map(String.init)
    if measured.loss?.size == .unknowable {
      return NextCommand("test", "--cfg", model.cfgPath, "--weights", model.weightsPath)
        .with("--data", data)
    }
    if plan.removesNothing { return NextCommand("profile", "--cfg", "\(output)/model.cfg") }
    var next = NextCommand(
      "train", "--cfg", "\(output)/model.cfg", "--weights", "\(output)/model.weights"
    ).with("--data", data ?? "FILE.data")
    if !size.isEmpty { next.words += ["--img-size"] + size }
    return next
  }

  /// Prints the outcome.
  func report(_ outcome: PruneOutcome) throws {
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
      "proof: masked and compact differ by at most "
        + Figures.significant(proof.maxAbsDifference) + " on outputs of scale "
        + Figures.significant(proof.outputScale) + ", relative "
        + Figures.significant(proof.relativeDifference) + " (limit 0.0001), "
        + (outcome.isReal
          ? "on real pictures"
          : "on drawn pictures: there \(dataset == nil ? "is no --data" : "are none to be read")"))
    try Console.print(
      "outputs from the original's, relative: "
        + Figures.significant(outcome.check.interiorFromOriginal) + " inside, "
        + Figures.significant(outcome.check.fromOriginal) + " with the border")
    try Console.print()
    try Console.print(outcome.next.line)
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
      "\(Int(100 * share)) %: \(Figures.significant(Double(value)))"
    }
    try Console.print("scales: " + quantiles.joined(separator: ", "))
    let list = verdict.silentShares.filter { $0.share > 0 }.map {
      "\($0.layer): \(Int(100 * $0.share)) %"
    }
    if !list.isEmpty {
      try Console.print("scales near zero, by layer: " + list.joined(separator: ", "))
    }
    guard method.judgement.takesOneShare else { return }
    let emptied = pruner.emptyingPercents.sorted { $0.percent < $1.percent }
    let first = emptied.prefix(Self.listedLayers).map {
      "\($0.layer): \(Figures.fixed(100 * $0.percent, 1)) %"
    }
    if !first.isEmpty {
      try Console.print(
        "a layer is emptied beyond this share of all, least first: " + first.joined(separator: ", ")
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
        "\(Figures.fixed(100 * Double(layer.after) / Double(layer.before), 1)) %",
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
      "\(Figures.fixed(100 * plan.removedShare, 1)) % of the channels in scope removed"
    guard let emptying = emptyingPercentInWords else { return removed }
    let forced =
      request.percent > pruner.emptyingPercent
      ? "; at \(Figures.fixed(100 * request.percent, 1)) % layers were emptied but for their best channel"
      : ""
    return
      "threshold \(plan.threshold), \(removed); up to \(emptying) no layer is "
      + "emptied\(forced)"
  }
}
