import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Runs
import Terminal

/// What is told of a detection: a line for each source as it is done, the rest at the end.
package struct DetectSummary {
  private let run: DetectRun
  private let command: DetectCommand
  /// What the network was worth on its validation pictures, where that is known.
  private let worth: DetectionQuality?

  /// - Parameter command: what was asked for.
  package init(of run: DetectRun, _ command: DetectCommand) {
    (self.run, self.command) = (run, command)
    worth = ModelDescription.validation(cfg: command.model.cfg, weights: command.model.weights)
  }

  /// That the network is too poor to be used, where it is known to be.
  package var warning: String? {
    guard !command.report.quiet else { return nil }
    return worth?.warning(
      of: command.model.folder ?? command.model.weights, "on its validation pictures "
    ).map { "\($0); train it longer" }
  }

  /// One source.
  package func line(_ found: SourceDetections) -> Lines {
    var lines = Lines()
    lines.add(found.line(run.detector.names))
    return lines
  }

  /// Where everything is.
  package func lines(_ outcome: DetectionOutcome) -> Lines {
    var lines = Lines()
    lines.add("drawn in \(run.output.path)")
    if command.saveTxt { lines.add("label files: \(run.output.path)/labels") }
    if command.saveJson { lines.add("COCO results: \(run.output.path)/results.json") }
    return lines
  }

  /// At which confidence more would be found, where many sources come to nothing.
  package func remark(_ outcome: DetectionOutcome) -> String? {
    let (empty, limit) = (outcome.sources.count(where: \.found.isEmpty), command.confThres)
    guard 2 * empty > outcome.sources.count, !command.report.quiet, command.report.printsTables
    else { return nil }
    let place = empty == outcome.sources.count ? "" : " in \(empty) of \(outcome.sources.count)"
    let best = NextCommand.confidence(best: worth?.confidence).joined(separator: " ")
    return "nothing\(place) has a confidence of \(limit) or more; "
      + (best.isEmpty || limit < Detection.usualConfidence
        ? "--conf-thres takes another limit, 'pare test' prints the one at which the network is "
          + "best" : "on its validation pictures the network is best with \(best)")
  }

  /// Measuring, on the data set of the network's run where that is known. Who names a data set, or
  /// looks at a picture of one, comes from measuring; what is left then is what else can be written.
  package var next: [NextStep] {
    let run = TrainingRecipe.findAll(cfg: command.model.cfg).first { fileExists($0.data) }
    let data = (run?.data).map(displayed)
    guard command.data == nil, !isPicture(of: data) else {
      return [
        ("read what else it writes: lists, label files", NextCommand("detect", "--help"))
      ]
    }
    let test =
      NextCommand("test") + command.model.words
      + ["--data", data ?? NextCommand.Placeholder.data.rawValue]
    return [
      (
        data == nil ? "measure it on labelled pictures" : "measure it on the data set of its run",
        test + (run?.isSingleClass == true ? ["--single-cls"] : [])
          + NextCommand.finalSplit(of: data) + command.inputSize.words + command.scale.words
          + command.feeding.words
      )
    ]
  }

  /// Whether a picture of a data set was looked at and no other, as `test` and `compare` suggest.
  private func isPicture(of data: String?) -> Bool {
    guard let data, command.source.count == 1, let file = try? DataFile(contentsOf: data) else {
      return false
    }
    let path = absolute(command.source[0])
    return DatasetSplit.allCases.contains { split in
      file.list(split).flatMap { try? DataFile.pictures(inList: $0) }?.contains(path) ?? false
    }
  }

  /// For programs.
  package func json(_ outcome: DetectionOutcome) -> JSONValue {
    func list(_ entries: [DetectionOutcome.Failure]) -> JSONValue {
      .array(entries.map { .members(["path": $0.path, "reason": $0.reason]) })
    }
    return .members([
      "complete": outcome.isComplete,
      "output": outcome.isUsed ? absolute(run.output.path) : nil,
      "images": JSONValue.array(outcome.sources.map { $0.json(run.detector.names) }),
      "skipped": list(outcome.skipped), "broken": list(outcome.broken),
      "unwritten": list(outcome.unwritten), "feeding": run.detector.feeding.json,
    ])
  }
}
