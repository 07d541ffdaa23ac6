import Boxes
import Commands
import Darknet
import Datasets
import Inference
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
    try json.write(
      .members([
        "rows": JSONValue.array(values),
        "choice": outcome.choice.map {
          JSONValue.members(["name": outcome.rows[$0.index].name, "reason": $0.words])
        },
      ]))
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
    recipe.machine = MachineRecipe(machine, engine: engine)
    return recipe
  }

  /// Measure what was not, with intervals; then look at what the network finds that the figures speak
  /// for, or train one that is too poor to be used.
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
    guard let choice = outcome.choice else {
      return ("see whether differences are shown", again + ["--bootstrap", "1000"])
    }
    let row = rows[choice.index]
    // Stored predictions do not say whose they are.
    let network =
      row.pair.map { NextCommand.model(cfg: $0.cfg, weights: $0.weights) }
      ?? ["--model", NextCommand.Placeholder.run.rawValue]
    if case .leastPoor = choice.reason {
      return (
        "train longer, for all are too poor to be used",
        .more(training: network, on: data, isSingleClass: singleCls)
      )
    }
    let picture = dataset.flatMap { row.predictions?.surest?.path ?? $0.pictures.first?.path }
    let best = confidence(of: row, on: part)
    return (
      "see what \(row.name) finds (\(choice.words))",
      NextCommand("detect") + network
        + ["--source", picture.map(displayed) ?? NextCommand.Placeholder.picture.rawValue]
        + NextCommand.confidence(best: best) + inputSize.words + feeding.words
    )
  }

  /// The confidence at which a network is best on validation pictures: never chosen on those of the
  /// test, which are for final figures. Nil where it is not known.
  private func confidence(of row: ComparedNetwork, on split: DataSplitChoice) -> Double? {
    if data != nil, split == .valid { return row.result?.bestConfidence }
    return row.pair.flatMap {
      ModelDescription.validation(cfg: $0.cfg, weights: $0.weights)?.confidence
    }
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
    if let line = spreadOfTimes(rows.map { ($0.name, $0.latency?.middleHalf) }) {
      try Console.print(line)
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

extension ComparedChoice {
  /// Why the network is the one: "the smallest that is not shown to be behind the best, runs/dense".
  fileprivate var words: String {
    switch reason {
    case .best(let hasSmaller):
      "no other has a higher mAP@0.5:0.95"
        + (hasSmaller ? ", and what is smaller falls behind" : "")
    case .untold(let smaller):
      "it has the highest mAP@0.5:0.95; the pictures are too few to tell whether \(smaller), which is "
        + "smaller, falls behind"
    case .notBehind(let best): "the smallest that is not shown to be behind the best, \(best)"
    case .withinPoint(let best):
      "the smallest within a point of the best, \(best); the pictures are too few to tell more"
    case .leastPoor: "the best, but too poor to be used"
    }
  }
}

extension ComparedNetwork {
  fileprivate func json(_ intervals: [BootstrapResult]?) -> JSONValue {
    .members([
      "name": name, "weights": (pair?.weights).map(absolute), "parameters": profile?.parameters,
      "weightsBytes": profile?.weightsByteCount, "macs": profile?.macs,
      "milliseconds": latency?.median,
      "millisecondsMiddle": (latency?.middleHalf).map { [$0.lowerBound, $0.upperBound].json },
      "images": result?.images,
      "map50": result?.map50.ifMeasured,
      "map": result?.map.ifMeasured,
      "feeding": result == nil ? nil : feeding?.json,
      "differences": intervals.map { JSONValue.array($0.map(\.json)) },
    ])
  }
}
