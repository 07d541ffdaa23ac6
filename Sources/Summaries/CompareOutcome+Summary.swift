import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Reports
import Runs
import Storage
import Terminal
import Training

extension CompareOutcome {
  /// What is told of a comparison.
  ///
  /// - Parameter command: what was asked for.
  package func summary(of run: CompareRun, _ command: CompareCommand) -> Summary {
    var summary = Summary()
    summary.lines = lines(of: run)
    let values = rows.enumerated().map { index, row in
      row.json(intervals.flatMap { index == 0 ? nil : $0[index - 1] })
    }
    summary.json = .members([
      "rows": JSONValue.array(values), "load": timing.load?.json,
      "choice": choice.map {
        JSONValue.members(["name": rows[$0.index].name, "reason": $0.words])
      },
    ])
    summary.next =
      [otherPictures(run, command)].compactMap(\.self) + next(run, command)
      + [quantization(run, command)].compactMap(\.self)
    return summary
  }

  private func lines(of run: CompareRun) -> Lines {
    var lines = Lines()
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
          row.weightsBytes.map(Figures.bytes) ?? "–",
          row.latency.map { Figures.fixed($0.fastest, 2) } ?? "–",
        ] + (isAlike ? [] : [row.result.map { Figures.grouped($0.images) } ?? "–"]) + [
          Figures.fixed(row.result?.map50.ifMeasured, 4),
          Figures.fixed(row.result?.map.ifMeasured, 4),
        ])
    }
    lines.add(table, cutsNames: false)
    if rows.contains(where: { $0.predictions == nil }), let disagreement { lines.add(disagreement) }
    if isAlike, let images = rows.first?.result?.images {
      lines.add("mAP on \(pictures(images, of: run))")
    }
    for line in timing.words(rows.filter { $0.latency != nil }.map(\.name)) { lines.add(line) }
    if rows.contains(where: { $0.codes != nil && $0.latency != nil }) {
      lines.add(
        "a quantized network is calculated exactly here, not faster: its time is not that of a machine for "
          + "whole numbers")
    }
    for row in rows {
      guard let weights = row.pair?.weights else { continue }
      lines.add(
        "weights of \(row.name): \(displayed(weights))"
          + (row.codesInWords.map { ", \($0)" } ?? "") + (row.reason.map { ", \($0)" } ?? ""))
    }
    for row in rows.dropFirst() where row.isSame(as: rows[0]) {
      lines.add(
        "\(row.name) and \(rows[0].name) are the same weights: nothing but times can differ")
    }
    guard let intervals else { return lines }
    lines.add()
    let differences = zip(rows.dropFirst(), intervals).map { ($0.name, $1) }
    lines.add(DifferenceTable(differences, minus: rows[0].name))
    // Of each network that is named below.
    for index in choice.map({ Set([$0.index, shown($0)]).sorted() }) ?? [] {
      let row = rows[index]
      if let words = row.judgedQuality?.warning(of: row.name) { lines.add(words) }
    }
    return lines
  }

  /// "2 of 6 pictures of the valid split of cells.data": those that are not there do not count.
  private func pictures(_ images: Int, of run: CompareRun) -> String {
    guard let dataset = run.dataset, let data = run.recipe.data else {
      return counted(images, "picture")
    }
    let listed = dataset.pictures.count + dataset.missingPictures
    return (images == listed ? "" : "\(grouped(images)) of ") + counted(listed, "picture")
      + " of the \(run.recipe.split.rawValue) split of \(data)"
  }

  /// Measure what was not, with intervals; then train a network that is poor or of little use, and look
  /// at what the one finds that the figures speak for.
  private func next(_ run: CompareRun, _ command: CompareCommand) -> [NextStep] {
    let (data, isSingleClass) = (run.recipe.data, run.recipe.isSingleClass)
    let input = command.inputSize.words + command.feeding.words
    let part = others?.split ?? run.recipe.split
    let own =
      (NextCommand("compare") + command.operands).with("--data", data)
      .with("--split", data == nil || part == .valid ? nil : part.rawValue)
      + (isSingleClass ? ["--single-cls"] : [])
    let again = own + input
    if rows.contains(where: { $0.predictions == nil }) {
      guard disagreement == nil else { return [] }
      return [("measure them", again + ["--data", NextCommand.Placeholder.data.rawValue])]
    }
    if let others {
      guard others.split == nil else { return [("measure them on the same pictures", again)] }
      return [
        (
          "measure the other one on the same pictures",
          NextCommand("test", "--model", NextCommand.Placeholder.run.rawValue)
            + ["--data", data ?? NextCommand.Placeholder.data.rawValue]
            + (part == .valid ? [] : ["--split", part.rawValue])
            + ["--save-predictions", NextCommand.unused("predictions.json")]
        )
      ]
    }
    guard let choice else {
      guard !rows.dropFirst().allSatisfy({ $0.isSame(as: rows[0]) }) else { return [] }
      return [("see whether differences are shown", again + ["--bootstrap", "1000"])]
    }
    let row = rows[shown(choice)]
    // Stored predictions do not say whose they are.
    let network =
      row.pair.map { NextCommand.model(cfg: $0.cfg, weights: $0.weights) }
      ?? ["--model", NextCommand.Placeholder.run.rawValue]
    let worth = row.judgedQuality?.worth
    let remedy: NextStep? =
      worth == nil || worth == .useful
      ? nil
      : Remedy(training: network, on: data, isSingleClass: isSingleClass).map {
        let why =
          worth == .poor ? "all are too poor to be used" : "\(row.name) is of little use yet"
        return ("\($0.purpose), for \(why)", $0.command)
      }
    if case .leastPoor = choice.reason {
      if row.seesOtherSize {
        return [
          (
            "measure \(rows.count == 2 ? "both" : "all") at the size that each was trained for",
            own + ["--bootstrap", "1000"]
          )
        ]
      }
      if let remedy { return [remedy] }
    }
    let picture = run.dataset.flatMap { row.predictions?.surest?.path ?? $0.pictures.first?.path }
    let best = confidence(of: row, on: part, isMeasured: data != nil)
    var reason = choice.words
    if case .untold = choice.reason, shown(choice) != choice.index {
      reason =
        "the pictures are too few to tell whether it falls behind \(rows[choice.index].name)"
    }
    let see: NextStep = (
      "see what \(row.name) finds (\(reason))",
      NextCommand("detect") + network
        + ["--source", picture.map(displayed) ?? NextCommand.Placeholder.picture.rawValue]
        + NextCommand.confidence(best: best) + input
    )
    return [remedy, see].compactMap(\.self)
  }

  /// That the networks tell different numbers of classes apart, so that no data set is for all; nil where
  /// all tell as many.
  private var disagreement: String? {
    let counts = rows.compactMap { row in
      row.pair.flatMap { try? NetworkSpec(contentsOf: $0.cfg).classes }
    }
    return Set(counts).count > 1 ? networksOfDifferentClasses(counts) : nil
  }

  /// The network to look at: the one that the figures speak for; where they are too few to speak, the
  /// smaller one that may be as good, for that is the one in question. One of little use, beside one of
  /// use, is not.
  private func shown(_ choice: ComparedChoice) -> Int {
    func isUseful(_ place: Int) -> Bool { rows[place].result?.quality?.worth == .useful }
    guard case .untold(let smaller) = choice.reason,
      let place = rows.firstIndex(where: { $0.name == smaller }),
      isUseful(place) || !isUseful(choice.index)
    else { return choice.index }
    return place
  }

  /// Whether the figures speak for no network.
  private var isUntold: Bool {
    if case .untold? = choice?.reason { true } else { false }
  }

  /// Where the test pictures are too few to tell, the same on those of validation; nil elsewhere.
  private func otherPictures(_ run: CompareRun, _ command: CompareCommand) -> NextStep? {
    guard isUntold, run.recipe.split == .test, let data = run.recipe.data,
      rows.allSatisfy({ $0.pair != nil }), (try? DataFile(contentsOf: data))?.valid != nil
    else { return nil }
    return (
      "see what the validation pictures say, on which the best epochs of all were chosen",
      NextCommand("compare") + command.operands + ["--data", data]
        + (run.recipe.isSingleClass ? ["--single-cls"] : []) + command.inputSize.words
        + command.feeding.words + ["--bootstrap", "1000"]
    )
  }

  /// Whole numbers for the network that the figures speak for; nil where they speak for none, where it
  /// has them, or is poor or of little use.
  private func quantization(_ run: CompareRun, _ command: CompareCommand) -> NextStep? {
    guard let choice, choice.reason != .leastPoor, !isUntold,
      let data = run.recipe.data, case let row = rows[choice.index], row.codes == nil,
      row.judgedQuality?.worth == .useful, let pair = row.pair
    else { return nil }
    return (
      "put it on whole numbers, for a machine that calculates with them",
      NextCommand("quantize") + NextCommand.model(cfg: pair.cfg, weights: pair.weights)
        + ["--data", data] + (run.recipe.isSingleClass ? ["--single-cls"] : [])
        + command.inputSize.words + command.feeding.words
        + ["--output", NextCommand.unused("runs/quantized")]
    )
  }

  /// The confidence at which a network is best on validation pictures: never chosen on those of the
  /// test, which are for final figures. Nil where it is not known.
  private func confidence(
    of row: ComparedNetwork, on split: DatasetSplit, isMeasured: Bool
  ) -> Double? {
    if isMeasured, split == .valid { return row.result?.bestConfidence }
    return row.pair.flatMap {
      ModelDescription.validation(cfg: $0.cfg, weights: $0.weights)?.confidence
    }
  }
}

extension ComparedChoice {
  /// Why the network is the one: "the smallest that is not shown to be behind the best, runs/dense".
  var words: String {
    switch reason {
    case .best(let hasSmaller):
      "no other has a higher mAP@0.5:0.95"
        + (hasSmaller ? ", and what is smaller falls behind" : "")
    case .untold(let smaller):
      "it has the highest mAP@0.5:0.95; the pictures are too few to tell whether \(smaller), which is "
        + "smaller, falls behind"
    case .notBehind(let best): "the smallest that is not shown to be behind the best, \(best)"
    case .withinPoint(let best):
      "the smallest within a point of the mAP of the best, \(best); the pictures are too few to tell more"
    case .leastPoor: "the best, but too poor to be used"
    }
  }
}

extension ComparedNetwork {
  /// Which weights the table is about, where there are codes and floats.
  fileprivate var codesInWords: String? {
    guard let codes, let profile else { return nil }
    return codes.sizeInWords(floatBytes: profile.weightsByteCount)
  }

  /// What says what it is worth; nil where pictures were of another size than it was made for.
  fileprivate var judgedQuality: DetectionQuality? { seesOtherSize ? nil : result?.quality }

  /// Whether it has the weights of another.
  fileprivate func isSame(as other: ComparedNetwork) -> Bool {
    guard let pair, let others = other.pair else { return name == other.name }
    return resolvedPath(pair.weights) == resolvedPath(others.weights)
  }

  fileprivate func json(_ intervals: [BootstrapResult]?) -> JSONValue {
    .members([
      "name": name, "weights": (pair?.weights).map(absolute), "parameters": profile?.parameters,
      "weightsBytes": weightsBytes,
      "floatWeightsBytes": codes == nil ? nil : profile?.weightsByteCount,
      "quantization": codes?.json, "macs": profile?.macs,
      "milliseconds": latency?.fastest,
      "millisecondsMiddle": (latency?.middleHalf).map { [$0.lowerBound, $0.upperBound].json },
      "images": result?.images,
      "map50": result?.map50.ifMeasured,
      "map": result?.map.ifMeasured,
      "feeding": result == nil ? nil : feeding?.json,
      "differences": intervals.map { JSONValue.array($0.map(\.json)) },
    ])
  }
}
