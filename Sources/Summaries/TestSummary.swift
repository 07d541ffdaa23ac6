import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Quantization
import Reports
import Runs
import Terminal
import Training

/// What is told of a measurement on a data set.
package struct TestSummary {
  private let outcome: Evaluation.Outcome
  private let run: TestRun
  private let command: TestCommand
  /// The confidence at which the network is best on validation pictures: never chosen on those of the
  /// test, which are for final figures, nor on those that it was trained on. Nil where it is not known,
  /// as at another size.
  private let usedConfidence: Double?

  /// - Parameter command: what was asked for.
  package init(_ outcome: Evaluation.Outcome, of run: TestRun, _ command: TestCommand) {
    (self.outcome, self.run, self.command) = (outcome, run, command)
    let known =
      run.model.seesOtherSize(run.feeding)
      ? nil
      : ModelDescription.validation(
        cfg: run.model.cfgPath, weights: run.model.weightsPath)?.confidence
    let isUnseen = run.recipe.split == .valid && run.trainedPictures == 0
    usedConfidence = isUnseen ? outcome.result.bestConfidence ?? known : known
  }

  /// The figures, for people.
  package var figures: Lines {
    let result = outcome.result
    var lines = Lines()
    lines.add(evaluationTable(outcome, run.dataset))
    lines.add("measured on the \(run.recipe.split.rawValue) split of \(run.recipe.data)")
    if let words = absentClasses(result) { lines.add(words) }
    lines.add(workingPoint(result, used: usedConfidence))
    if !seesOtherSize, let confidence = result.bestConfidence,
      let fault = ConfusionMatrix(outcome.predictions, confidence: Float(confidence))
        .namingFault(outcome.predictions.names, confidence: confidence)
    {
      lines.add(fault)
    }
    if !seesOtherSize,
      let words = result.quality?.warning(of: command.model.folder ?? run.model.weightsPath)
    {
      lines.add(words)
      lines.add(remedy?.lines ?? [])
    }
    let times = outcome.milliseconds
    lines.add(
      "\(Figures.fixed(times.preprocess, 2)) ms preprocessing, \(Figures.fixed(times.inference, 2)) ms "
        + "inference, \(Figures.fixed(times.postprocess, 2)) ms suppression per picture "
        + "at \(run.feeding.width)×\(run.feeding.height), batch \(run.recipe.batchSize), "
        + (run.recipe.machine.engine == .integer ? "whole numbers on the CPU" : "\(run.device)"))
    return lines
  }

  /// What is told after the ``figures``: where they are kept, the object for programs, and what to
  /// type next.
  ///
  /// - Parameters:
  ///   - files: the written label files with their pictures.
  ///   - folder: the output folder, where there is one.
  package func rest(
    _ files: [(picture: String, labels: String?)]?, in folder: String?
  ) throws -> Summary {
    var summary = Summary()
    if let path = command.savePredictions, !command.report.quiet {
      summary.lines.add("predictions: \(path)")
    }
    let page = folder.map { $0 + "/report.html" }
    if let page { summary.lines.add("report: \(page)") }
    summary.json = evaluationJSON(
      outcome, run.dataset, feeding: run.feeding, codes: run.codes,
      engine: run.recipe.machine.engine, isJudged: !seesOtherSize,
      files: files, page: page)
    summary.next = try next
    return summary
  }

  private var next: [NextStep] {
    get throws {
      let model = command.model.words
      let picture = outcome.predictions.surest?.path
      let see =
        NextCommand("detect") + model
        + ["--source", picture.map(displayed) ?? NextCommand.Placeholder.picture.rawValue]
      return (seesOtherSize ? [atOwnSize] : remedy.map { [$0.step] } ?? []) + [
        (
          "see what it finds",
          see + (try namesOfClasses) + NextCommand.confidence(best: usedConfidence)
            + command.inputSize.words + command.scale.words + command.feeding.words
        )
      ] + export
    }
  }

  /// The files of a quantized network that is of use, for other machines; none of others.
  private var export: [NextStep] {
    guard !seesOtherSize, let path = run.model.quantizationPath,
      let options = QuantizationFile.options(of: path)
    else { return [] }
    return NextCommand.export(options, command.model.words, worth: outcome.result.quality?.worth)
  }

  /// Whether pictures are of another size than the network was made for: figures are no verdict on it.
  private var seesOtherSize: Bool { run.model.seesOtherSize(run.feeding) }

  /// The same measurement without another size.
  private var atOwnSize: NextStep {
    (
      "measure it at the size that it was trained for",
      NextCommand("test") + command.model.words + ["--data", run.recipe.data]
        + (run.recipe.split == .valid ? [] : ["--split", run.recipe.split.rawValue])
        + (run.recipe.isSingleClass ? ["--single-cls"] : []) + command.scale.words
        + command.feeding.words
    )
  }

  /// What helps a network that is of little use; nil of one that is of use.
  private var remedy: Remedy? {
    guard !seesOtherSize, let quality = outcome.result.quality, quality.worth != .useful else {
      return nil
    }
    return Remedy(
      training: command.model.words, on: run.recipe.data, isSingleClass: run.recipe.isSingleClass)
  }

  /// The options that name the classes, where the network's own files do not.
  private var namesOfClasses: [String] {
    get throws {
      if let names = run.recipe.names { return ["--names", names] }
      return try run.model.givenNames().names.isEmpty ? ["--data", run.recipe.data] : []
    }
  }
}

extension TestSummary {
  /// What is told of sizes and overlaps side by side.
  package static func summary(
    of points: [TestRun.Point], _ run: TestRun, _ command: TestCommand
  ) -> Summary {
    var summary = Summary()
    var table = Table(
      "size", "NMS overlap", "precision", "recall", "mAP@0.5", "mAP@0.5:0.95", "ms")
    for point in points {
      let result = point.outcome.result
      let size =
        (point.width == point.height ? "\(point.width)" : "\(point.width)×\(point.height)")
        + (!point.isOwn
          ? "" : command.inputSize.imgSize.isEmpty ? " (its own)" : " (as asked)")
      table.append([
        size, "\(point.overlap)", Figures.fixed(result.precision.ifMeasured, 3),
        Figures.fixed(result.recall.ifMeasured, 3),
        Figures.fixed(result.map50.ifMeasured, 4), Figures.fixed(result.map.ifMeasured, 4),
        Figures.fixed(point.outcome.milliseconds.inference, 2),
      ])
    }
    summary.lines.add(table)
    let rows = points.map { point in
      let result = point.outcome.result
      return JSONValue.members([
        "size": point.width, "width": point.width, "height": point.height, "isOwn": point.isOwn,
        "nmsOverlap": point.overlap, "precision": result.precision.ifMeasured,
        "recall": result.recall.ifMeasured, "map50": result.map50.ifMeasured,
        "map": result.map.ifMeasured, "milliseconds": point.outcome.milliseconds.inference,
      ])
    }
    summary.json = .members(["rows": JSONValue.array(rows)])
    let (model, data, split) = (command.model.words, run.recipe.data, run.recipe.split.rawValue)
    summary.next = [
      (
        "measure it at one size",
        NextCommand("test") + model + ["--data", data, "--split", split]
          + (run.recipe.isSingleClass ? ["--single-cls"] : []) + command.scale.words
          + command.feeding.words
      )
    ]
    return summary
  }
}
