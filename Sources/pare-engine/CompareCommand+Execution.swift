import Boxes
import Commands
import Darknet
import Datasets
import Reports
import Runs
import Storage
import Terminal

extension CompareCommand: Executable {
  package func execute() throws {
    var command = self
    if data == nil { try command.takeDataOfRuns() }
    try command.compare()
  }

  /// Takes the data set of the runs among the operands, where all that know one know the same.
  private mutating func takeDataOfRuns() throws {
    let runs = operands.filter { fileExists("\($0)/\(RunFiles.cfg)") }
    let records = runs.map { (folder: $0, known: RunDataset(ofRun: $0)) }
    var found: [(folder: String, data: String, isSingleClass: Bool)] = []
    for case (let folder, .known(let data, let isSingleClass)) in records
    where !found.contains(where: { resolvedPath($0.data) == resolvedPath(data) }) {
      found.append((folder, data, isSingleClass))
    }
    var problem: String?
    if found.count > 1 {
      let all = found.map { "\($0.data) of \($0.folder)" }.joined(separator: ", ")
      problem = "the runs know different data sets: \(all)"
    } else if let record = records.first(where: { $0.folder == found.first?.folder })
      ?? records.first
    {
      problem = record.known.problem(of: record.folder, without: DatasetSplit(split ?? .valid))
    }
    if let problem {
      if needOfData != nil || bootstrap != nil {
        throw EngineError.unusableOperand(
          runs.first ?? "", reason: "\(problem); name one with --data")
      }
      if !report.quiet { Console.note("\(problem): nothing is measured; --data names one") }
    } else if let known = found.first {
      (data, singleCls) = (known.data, singleCls || known.isSingleClass)
      if !report.quiet { Console.note(RunDataset.note(known.data, of: known.folder)) }
    }
  }

  private func compare() throws {
    let json = try JSONOutput(report)
    let run = try CompareRun(recipe, observer: ConsoleObserver(isQuiet: report.quiet))
    let outcome = try run()
    if report.printsTables { try print(outcome, of: run) }
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

  private func print(_ outcome: CompareOutcome, of run: CompareRun) throws {
    let rows = outcome.rows
    // Where all figures are of as many pictures, a line says so.
    let isAlike = Set(rows.map { $0.result?.images }).count == 1
    let titles =
      ["parameters", "multiplications", "weights", "ms"] + (isAlike ? [] : ["pictures"])
      + ["mAP@0.5", "mAP@0.5:0.95"]
    var table = Table([Table.Column("network", .left)] + titles.map { Table.Column($0) })
    for row in rows {
      table.append(
        [
          row.name, row.profile.map { Figures.count($0.parameters) } ?? "–",
          row.profile.map { Figures.count($0.macs) } ?? "–",
          row.profile.map { Figures.bytes($0.weightsByteCount) } ?? "–",
          row.latency.map { Figures.fixed($0.median, 2) } ?? "–",
        ] + (isAlike ? [] : [row.result.map { Figures.grouped($0.images) } ?? "–"]) + [
          Figures.fixed(row.result?.map50.ifMeasured, 4),
          Figures.fixed(row.result?.map.ifMeasured, 4),
        ])
    }
    try Console.print(table, cutsNames: false)
    if isAlike, let images = rows.first?.result?.images {
      let split = run.recipe.split.rawValue
      let place = run.recipe.data.map { " of the \(split) split of \($0)" } ?? ""
      try Console.print("mAP on \(counted(images, "picture"))\(run.dataset == nil ? "" : place)")
    }
    for row in rows {
      guard let weights = row.pair?.weights else { continue }
      try Console.print(
        "weights of \(row.name): \(displayed(weights))" + (row.reason.map { ", \($0)" } ?? ""))
    }
    guard let intervals = outcome.intervals else { return }
    for (row, results) in zip(rows.dropFirst(), intervals) {
      for result in results { try Console.print(result.line(row.name, minus: rows[0].name)) }
    }
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
