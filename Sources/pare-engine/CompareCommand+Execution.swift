import Boxes
import Commands
import Darknet
import Datasets
import Reports
import Runs
import Terminal

extension CompareCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let run = try CompareRun(recipe, observer: ConsoleObserver(isQuiet: report.quiet))
    let outcome = try run()
    if report.printsTables { try print(outcome) }
    let values = outcome.rows.enumerated().map { index, row in
      row.json(outcome.intervals.flatMap { index == 0 ? nil : $0[index - 1] })
    }
    try json.write(.members(["rows": JSONValue.array(values)]))
    let next = next(outcome, run.dataset)
    try report.next(next.purpose, next.command)
  }

  private var recipe: CompareRecipe {
    var recipe = CompareRecipe(operands)
    (recipe.data, recipe.split) = (data, DatasetSplit(split ?? .valid))
    recipe.isSingleClass = singleCls
    recipe.feeding = FeedingRecipe(feeding, inputSize)
    recipe.averagePrecision = ap.style
    (recipe.resamples, recipe.level, recipe.seed) = (bootstrap, confidence, seed)
    recipe.machine = MachineRecipe(machine)
    return recipe
  }

  /// Measure what was not, with intervals; then look at what a network finds: the best one, or the
  /// smallest where no difference is shown.
  private func next(
    _ outcome: CompareOutcome, _ dataset: DetectionDataset?
  ) -> (purpose: String, command: NextCommand) {
    let (rows, others) = (outcome.rows, outcome.others)
    let part = others?.split.flatMap { DataSplitChoice(rawValue: $0.rawValue) } ?? split ?? .valid
    let again =
      (NextCommand("compare") + operands).with("--data", data)
      .with("--split", data == nil || part == .valid ? nil : part.rawValue)
      + (singleCls ? ["--single-cls"] : []) + inputSize.words + feeding.words
    if rows.contains(where: { $0.predictions == nil }) {
      return ("measure them", again + ["--data", NextCommand.Placeholder.data.rawValue])
    }
    if let others {
      guard others.split == nil else { return ("measure them on the same pictures", again) }
      return (
        "measure the other one on the same pictures",
        NextCommand("test", "--model", NextCommand.Placeholder.run.rawValue)
          + ["--data", data ?? NextCommand.Placeholder.data.rawValue]
          + (part == .valid ? [] : ["--split", part.rawValue])
          + ["--save-predictions", NextCommand.unused("predictions.json")]
      )
    }
    guard let intervals = outcome.intervals else {
      return ("see what may be chance", again + ["--bootstrap", "1000"])
    }
    let (index, purpose) = choice(rows, intervals)
    let picture = dataset.flatMap {
      rows[index].predictions?.surest?.path ?? $0.pictures.first?.path
    }
    // Stored predictions do not say whose they are.
    let network =
      rows[index].pair.map { NextCommand.model(cfg: $0.cfg, weights: $0.weights) }
      ?? ["--model", NextCommand.Placeholder.run.rawValue]
    return (
      purpose,
      NextCommand("detect") + network
        + ["--source", picture.map(displayed) ?? NextCommand.Placeholder.picture.rawValue]
        + NextCommand.confidence(best: rows[index].result?.bestConfidence)
        + inputSize.words + feeding.words
    )
  }

  /// The network to look at, and what it is among the others.
  private func choice(
    _ rows: [ComparedNetwork], _ intervals: [[BootstrapResult]]
  ) -> (index: Int, purpose: String) {
    let differences = intervals.map { $0.first { $0.metric == .map } }
    if differences.allSatisfy({ $0?.showsDifference == false }) {
      // Sizes are known of networks alone.
      let sizes = rows.map { $0.profile?.parameters }
      let smallest = sizes.indices.min { sizes[$0] ?? .max < sizes[$1] ?? .max } ?? 0
      return (smallest, "no difference is shown; see what \(rows[smallest].name) finds")
    }
    let best = rows.indices.max { rows[$0].result?.map ?? 0 < rows[$1].result?.map ?? 0 } ?? 0
    let isShown = best == 0 || differences[best - 1]?.showsDifference == true
    return (best, isShown ? "see what the best one finds" : "see what \(rows[best].name) finds")
  }

  private func print(_ outcome: CompareOutcome) throws {
    let rows = outcome.rows
    var table = Table(
      "network", "parameters", "MACs", "weights", "ms", "pictures", "mAP@0.5", "mAP@0.5:0.95")
    for row in rows {
      table.append([
        row.name, row.profile.map { Figures.count($0.parameters) } ?? "–",
        row.profile.map { Figures.count($0.macs) } ?? "–",
        row.profile.map { Figures.bytes($0.weightsByteCount) } ?? "–",
        row.latency.map { Figures.fixed($0.median, 2) } ?? "–",
        row.result.map { Figures.grouped($0.images) } ?? "–",
        Figures.fixed(row.result?.map50.ifMeasured, 4),
        Figures.fixed(row.result?.map.ifMeasured, 4),
      ])
    }
    var names = rows.map(\.name)
    if let columns = StandardStream.output.columns, table.width > columns {
      names = rows.indices.map(Self.letter)
      for (letter, row) in zip(names, rows) { try Console.print("\(letter): \(row.name)") }
      try Console.print()
      table.rename(rows: names)
    }
    try Console.print(table)
    for row in rows {
      guard let weights = row.pair?.weights else { continue }
      try Console.print(
        "weights of \(row.name): \(displayed(weights))" + (row.reason.map { ", \($0)" } ?? ""))
    }
    guard let intervals = outcome.intervals else { return }
    for (name, results) in zip(names.dropFirst(), intervals) {
      for result in results { try Console.print(result.line(name, minus: names[0])) }
    }
  }

  /// What stands for a long path: A to Z, then A1, B1 and so on.
  private static func letter(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index % 26)))
    return letter + (index < 26 ? "" : "\(index / 26)")
  }
}

extension ComparedNetwork {
  fileprivate func json(_ intervals: [BootstrapResult]?) -> JSONValue {
    .members([
      "name": name, "weights": (pair?.weights).map(absolute), "parameters": profile?.parameters,
      "weightsBytes": profile?.weightsByteCount, "macs": profile?.macs,
      "milliseconds": latency?.median, "images": result?.images,
      "map50": result?.map50.ifMeasured,
      "map": result?.map.ifMeasured,
      "feeding": result == nil ? nil : feeding?.json,
      "differences": intervals.map { JSONValue.array($0.map(\.json)) },
    ])
  }
}
