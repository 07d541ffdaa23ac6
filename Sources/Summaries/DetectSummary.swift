import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Reports
import Runs
import Terminal

/// What is told of a detection: a line for each source as it is done, the rest at the end.
package struct DetectSummary {
  private let run: DetectRun
  private let command: DetectCommand
  /// What the network was worth on its validation pictures, where that is known.
  private let quality: DetectionQuality?

  /// - Parameter command: what was asked for.
  package init(of run: DetectRun, _ command: DetectCommand) {
    (self.run, self.command) = (run, command)
    quality = ModelDescription.validation(cfg: command.model.cfg, weights: command.model.weights)
  }

  /// That the network is too poor to be used, or of little use, where it is known to be.
  package var warning: String? {
    guard !command.report.quiet else { return nil }
    return quality?.reminder(of: command.model.folder ?? command.model.weights)
  }

  /// One source.
  package func line(_ found: SourceDetections) -> Lines {
    var lines = Lines()
    lines.add(found.line(run.detector.names))
    return lines
  }

  /// Where everything is, what was found in all, and which confidence the network is best with.
  package func lines(_ outcome: DetectionOutcome) -> Lines {
    var lines = Lines()
    lines.add("drawn in \(run.output.path)")
    if command.saveTxt { lines.add("label files: \(run.output.path)/labels") }
    if command.saveJson { lines.add("COCO results: \(run.output.path)/results.json") }
    if !command.report.quiet {
      lines.add(
        outcome.summary(
          objects(outcome), quality: hasOwnSize ? quality : nil, confidence: command.confThres,
          isOfSomeClasses: !command.classes.isEmpty))
      if outcome.isUsed, let unknownConfidence { lines.add(unknownConfidence) }
    }
    return lines
  }

  /// That the best confidence of the last weights is not known, for the record is of the best ones; nil
  /// where another was asked for, and of other weights.
  private var unknownConfidence: String? {
    let model = command.model
    guard quality == nil, command.confThres == Detection.usualConfidence,
      fileName(of: model.weights) == RunFiles.last,
      let best = ModelDescription.validation(
        cfg: model.cfg, weights: "\(folderPath(of: model.weights))/\(RunFiles.best)"),
      best.recall > 0
    else { return nil }
    return
      "which confidence is best for \(RunFiles.last) is not recorded (for \(RunFiles.best) it is "
      + "\(Figures.significant(best.usedConfidence))): boxes of \(command.confThres) or more are taken, as is "
      + "usual; 'pare test' with these weights tells theirs"
  }

  /// Whether it looks at pictures of the size at which the network was judged.
  private var hasOwnSize: Bool {
    let (used, model) = (run.detector.feeding, command.model)
    guard
      let own = (try? ModelDescription.find(cfg: model.cfg, weights: model.weights))?.description,
      let width = own.width, let height = own.height
    else { return true }
    return (width, height) == (used.width, used.height)
  }

  private func objects(_ outcome: DetectionOutcome) -> ObjectCount {
    outcome.objects(overlap: command.iouThres)
  }

  /// One box for each object where many have several, and what comes after looking.
  package func next(_ outcome: DetectionOutcome) -> [NextStep] {
    let isUnclear =
      objects(outcome).hasManyOfSeveralClasses && !command.postprocessing.agnosticNms
    let remedy = quality.flatMap { $0.worth == .useful ? nil : Remedy(of: command.model)?.step }
    return (isUnclear ? [("have one box for each object", clearer)] : [])
      + [remedy, measuring].compactMap(\.self)
  }

  /// The same with one box for each object.
  private var clearer: NextCommand {
    let (confidence, overlap) = (command.confThres, command.iouThres)
    return
      (NextCommand("detect") + command.model.words + ["--source"] + command.source)
      .with("--names", command.names).with("--data", command.data)
      .with("--iou-thres", overlap == DetectCommand.usualOverlap ? nil : "\(overlap)")
      // What was not asked for is the best that is known.
      + (confidence == Detection.usualConfidence
        ? NextCommand.confidence(best: hasOwnSize ? quality?.confidence : nil)
        : ["--conf-thres", "\(confidence)"])
      + (command.classes.isEmpty ? [] : ["--classes"] + command.classes)
      + ["--best-class", "--agnostic-nms"] + command.inputSize.words + command.scale.words
      + command.feeding.words
  }

  /// Measuring, on the data set of the network's run where that is known. Who names a data set, or
  /// looks at a picture of one, comes from measuring, and what is known on validation pictures needs no
  /// measuring there; what is left then is what else can be written.
  private var measuring: NextStep {
    let run = TrainingRecipe.findAll(cfg: command.model.cfg, weights: command.model.weights)
      .first { fileExists($0.data) }
    let data = (run?.data).map(displayed)
    let final = NextCommand.finalSplit(of: data)
    let isKnown = quality != nil && hasOwnSize && data != nil && final.isEmpty
    guard command.data == nil, !isPicture(of: data), !isKnown else {
      return ("read what else it writes: lists, label files", NextCommand("detect", "--help"))
    }
    let test =
      NextCommand("test") + command.model.words
      + ["--data", data ?? NextCommand.Placeholder.data.rawValue]
    return (
      data == nil ? "measure it on labelled pictures" : "measure it on the data set of its run",
      test + (run?.isSingleClass == true ? ["--single-cls"] : [])
        + final + command.inputSize.words + command.scale.words
        + command.feeding.words
    )
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
      "quantization": run.codes?.json, "engine": run.recipe.machine.engine.rawValue,
      "objects": objects(outcome).objects,
      "objectsOfSeveralClasses": objects(outcome).ofSeveralClasses,
    ])
  }
}
