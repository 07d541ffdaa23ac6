import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Reports
import Runs
import Terminal
import Torch
import Training

extension TestCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    if let savePredictions { try ResultFile.json.require(savePredictions) }
    let model = try Model(model, scale: scale.inputScale)
    let device = try openDevice(machine)
    let dataFile = try DataFile(contentsOf: data)
    if singleCls { try requireSingleClass(model.spec) }
    let dataset = try openDataset(
      dataFile, DatasetSplit(split), for: model.spec, names: names, isSingleClass: singleCls,
      observer: ConsoleObserver(isQuiet: report.quiet))
    let feeding = try model.feeding(self.feeding, inputSize, savesPadding: rect)
    feeding.announce(isQuiet: report.quiet)
    dataset.warnOfTrainedPictures(self.model.folder ?? model.weightsPath, cfg: model.cfgPath)
    try setThreads(
      machine.threads, for: [(model.spec, feeding.width, feeding.height)], batchSize: batchSize,
      on: device)
    let network = try model.network(on: device)
    switch task {
    case .benchmark: try benchmark(network, feeding, dataset, json)
    case .test:
      if report.json != nil || savePredictions != nil {
        try protectedFiles(dataset).refuse([report.json, savePredictions].compactMap { $0 })
      }
      // Before the measurement, which would be lost on a folder that is refused.
      let output = try outputFolder(dataFile, dataset)
      try measure(network, model, feeding, dataset, output, json)
    }
  }

  /// One measurement.
  private func measure(
    _ network: Network, _ pair: Model, _ feeding: Feeding, _ dataset: DetectionDataset,
    _ output: OutputFolder?, _ json: JSONOutput
  ) throws {
    let evaluation = evaluation(
      dataset, spec: network.spec, feeding: feeding, overlap: suppressionThreshold)
    let outcome = try run(evaluation, network)
    let result = outcome.result
    if report.printsTables {
      try Console.print(evaluationTable(outcome, dataset).text)
      try Console.print("measured on the list '\(split.rawValue)' of \(data)")
      try Console.print(workingPoint(result))
      let times = outcome.milliseconds
      try Console.print(
        "\(Figures.fixed(times.preprocess, 2)) ms preprocessing, \(Figures.fixed(times.inference, 2)) ms "
          + "inference, \(Figures.fixed(times.postprocess, 2)) ms suppression per picture "
          + "at \(feeding.width)×\(feeding.height), batch \(batchSize), \(network.device)")
    }
    if let savePredictions {
      try writeAtomically(outcome.predictions.json(), to: savePredictions)
    }
    var written: [(picture: String, labels: String?)]?
    try output?.fill { folder in
      written = try output.map { try save(outcome, dataset, to: $0) }
      try writePage(outcome, pair, evaluation, network.device, to: folder)
    }
    let page = output.map { $0.path + "/report.html" }
    if report.printsTables, let page { try Console.print("report: \(page)") }
    try json.write(evaluationJSON(outcome, dataset, feeding: feeding, files: written, page: page))
    let picture = outcome.predictions.images.first?.path
    try report.next(
      "see what it finds",
      NextCommand("detect") + self.model.words
        + ["--source", picture.map(displayed) ?? NextCommand.Placeholder.picture.rawValue]
        + (names.map { ["--names", $0] } ?? []) + ["--data", data]
        + NextCommand.confidence(best: result.bestConfidence) + inputSize.words + scale.words
        + self.feeding.words)
  }

  /// Sizes and overlaps side by side (docs/formulas.md 8.7).
  private func benchmark(
    _ network: Network, _ feeding: Feeding, _ dataset: DetectionDataset, _ json: JSONOutput
  ) throws {
    var table = Table("size", "NMS overlap", "precision", "recall", "mAP@0.5", "mAP@0.5:0.95", "ms")
    var rows: [JSONValue] = []
    for size in [256, 384, 512] {
      for overlap: Float in [0.6, 0.7] {
        let evaluation = evaluation(
          dataset, spec: network.spec, feeding: feeding.overruled(by: .init(size: (size, size))),
          overlap: overlap)
        let outcome = try run(evaluation, network)
        let result = outcome.result
        table.append([
          "\(size)", "\(overlap)", Figures.fixed(result.precision.ifMeasured, 3),
          Figures.fixed(result.recall.ifMeasured, 3),
          Figures.fixed(result.map50.ifMeasured, 4), Figures.fixed(result.map.ifMeasured, 4),
          Figures.fixed(outcome.milliseconds.inference, 2),
        ])
        rows.append(
          .members([
            "size": size, "nmsOverlap": overlap, "precision": result.precision.ifMeasured,
            "recall": result.recall.ifMeasured, "map50": result.map50.ifMeasured,
            "map": result.map.ifMeasured,
            "milliseconds": outcome.milliseconds.inference,
          ]))
      }
    }
    if report.printsTables { try Console.print(table.text) }
    try json.write(.members(["rows": JSONValue.array(rows)]))
    try report.next(
      "measure it at one size",
      NextCommand("test") + model.words + ["--data", data, "--split", split.rawValue]
        + (singleCls ? ["--single-cls"] : []) + scale.words
        + self.feeding.words)
  }

  private func evaluation(
    _ dataset: DetectionDataset, spec: NetworkSpec, feeding: Feeding, overlap: Float
  ) -> Evaluation {
    var evaluation = Evaluation(
      dataset, of: spec, fed: feeding, batchSize: batchSize, isRectangular: rect, style: ap.style,
      detection: postprocessing.settings(feeding, confidence: confThres, overlap: overlap))
    evaluation.loading.workers = ProcessInfo.processInfo.activeProcessorCount
    return evaluation
  }

  private func run(_ evaluation: Evaluation, _ network: Network) throws -> Evaluation.Outcome {
    let progress = ConsoleProgress(
      "test", total: evaluation.dataset.pictures.count, isQuiet: report.quiet)
    let engine = try TorchEngine(network, precision: precision.dtype)
    let outcome = try evaluation(engine) { progress.update($0) }
    progress.vanish()
    Console.list(
      outcome.problems, what: "pictures cannot be read and do not count",
      one: "picture cannot be read and does not count")
    guard outcome.result.images > 0 else {
      throw DatasetError.noPictures(path: data, first: outcome.problems.first)
    }
    return outcome
  }

  /// Where detections and the page go, when there is to be a folder.
  private func outputFolder(
    _ dataFile: DataFile, _ dataset: DetectionDataset
  ) throws -> OutputFolder? {
    guard saveJson || saveTxt || folder.output != nil else { return nil }
    let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: "test")
    guard output.replacesSomething else { return output }
    try output.refuse(inputs: [model.cfg, model.weights, names])
    try output.refuse(dataFile, dataset)
    let files =
      ["report.html"] + (saveJson ? [DetectionFiles.results] : [])
      + (saveTxt ? OutputNames(dataset.pictures.map(\.path)).names.map(DetectionFiles.labels) : [])
    try protectedFiles(dataset).refuse(files.map { output.path + "/" + $0 })
    try output.requireOwn(files)
    return output
  }

  /// What is read and must not be written.
  private func protectedFiles(_ dataset: DetectionDataset) -> ProtectedFiles {
    var protected = ProtectedFiles()
    for picture in dataset.pictures { protected.protect(picture: picture.path) }
    for path in [model.cfg, model.weights, data, names] { path.map { protected.protect($0) } }
    return protected
  }

  /// Writes the detections of all pictures; returns each picture's label file.
  private func save(
    _ outcome: Evaluation.Outcome, _ dataset: DetectionDataset, to output: OutputFolder
  ) throws -> [(picture: String, labels: String?)] {
    var files = DetectionFiles(
      output: output, names: dataset.names, savesText: saveTxt, savesJSON: saveJson)
    // By the whole list, so that a picture's name does not depend on whether others can be read.
    let paths = dataset.pictures.map(\.path)
    let names = Dictionary(
      zip(paths, OutputNames(paths).names), uniquingKeysWith: { first, _ in first })
    let written = try outcome.predictions.images.map { image in
      let labels = try files.add(
        image.detections, name: names[image.path] ?? fileName(of: image.path), path: image.path,
        width: image.width, height: image.height)
      return (image.path, labels)
    }
    try files.finish()
    if saveJson || saveTxt { Console.note("wrote detections to \(output.path)") }
    return written
  }

  /// Writes `report.html`.
  private func writePage(
    _ outcome: Evaluation.Outcome, _ model: Model, _ evaluation: Evaluation, _ device: Device,
    to folder: String
  ) throws {
    var page = HTMLReport(title: "Test of \(model.weightsPath)")
    let sections = EvaluationPage(outcome)
    let times = outcome.milliseconds
    let milliseconds = times.preprocess + times.inference + times.postprocess
    page.tiles(
      sections.tiles + [
        ("pictures", Figures.grouped(outcome.result.images)),
        ("ms a picture", Figures.fixed(milliseconds, 1)),
      ])
    page.code(RunDescription.commandLine(CommandLine.arguments))
    sections.add(
      to: &page,
      source: "On the \(Figures.grouped(outcome.result.images)) pictures of the "
        + "'\(split.rawValue)' list of \(data).")
    let settings = evaluation.detection
    page.section("Settings")
    page.facts([
      ("network", model.cfgPath), ("weights", model.weightsPath), ("data", data),
      ("list", split.rawValue),
      ("size", "\(evaluation.loading.width)×\(evaluation.loading.height)"),
      ("resize", evaluation.loading.fit.rawValue), ("average precision", ap.rawValue),
      ("lowest confidence", Figures.significant(Double(settings.confidenceThreshold), 3)),
      ("NMS", "\(settings.suppression.method.rawValue), overlap \(suppressionThreshold)"),
      ("arithmetic", precision.rawValue),
    ])
    page.section("Machine")
    page.facts(RunDescription.machine(device: device).map { ($0.name, $0.value) })
    try page.write(to: folder + "/report.html")
  }
}

/// The table of `test`: all classes first, then each.
func evaluationTable(_ outcome: Evaluation.Outcome, _ dataset: DetectionDataset) -> Table {
  let result = outcome.result
  var table = Table("class", "instances", "precision", "recall", "F1", "mAP@0.5", "mAP@0.5:0.95")
  let listed = dataset.pictures.count + dataset.missingPictures
  let pictures =
    result.images == listed
    ? counted(listed, "picture") : "\(grouped(result.images)) of \(counted(listed, "picture"))"
  table.append([
    "all (\(pictures))", grouped(result.instances), Figures.fixed(result.precision.ifMeasured, 3),
    Figures.fixed(result.recall.ifMeasured, 3), Figures.fixed(result.f1.ifMeasured, 3),
    Figures.fixed(result.map50.ifMeasured, 4), Figures.fixed(result.map.ifMeasured, 4),
  ])
  guard dataset.names.count > 1 else { return table }
  for (name, each) in zip(dataset.names, result.perClass) {
    table.append([
      name, grouped(each.instances), Figures.fixed(each.precision.ifMeasured, 3),
      Figures.fixed(each.recall.ifMeasured, 3), Figures.fixed(each.f1.ifMeasured, 3),
      Figures.fixed(each.ap50.ifMeasured, 4), Figures.fixed(each.ap.ifMeasured, 4),
    ])
  }
  return table
}

extension EvaluationResult {
  /// The confidence that precision and recall are read at; nil where nothing is found.
  var bestConfidence: Double? { instances > 0 && f1 > 0 ? confidence : nil }
}

/// Where on their curves precision, recall and F1 are read.
func workingPoint(_ result: EvaluationResult) -> String {
  guard result.instances > 0 else {
    return "no figures: not one box is labelled in these pictures"
  }
  guard result.f1 > 0 else { return "not one labelled object is found, at any confidence" }
  let confidence = Figures.fixed(result.confidence, 3)
  return result.style == .legacy
    ? "precision, recall and F1 are those at confidence \(confidence)"
    : "precision, recall and F1 are those at confidence \(confidence), where the mean F1 of the "
      + "classes is highest"
}

/// The object of `test --json`.
///
/// - Parameter page: the report of the output folder, where there is one.
func evaluationJSON(
  _ outcome: Evaluation.Outcome, _ dataset: DetectionDataset, feeding: Feeding,
  files: [(picture: String, labels: String?)]?, page: String? = nil
) -> JSONValue {
  let result = outcome.result
  let times = outcome.milliseconds
  let confidence: Double? = result.instances > 0 ? result.confidence : nil
  return .members([
    "images": result.images, "listed": dataset.pictures.count + dataset.missingPictures,
    "instances": result.instances,
    "confidence": confidence,
    "precision": result.precision.ifMeasured, "recall": result.recall.ifMeasured,
    "f1": result.f1.ifMeasured, "map50": result.map50.ifMeasured, "map": result.map.ifMeasured,
    "classes": JSONValue.array(
      zip(dataset.names, result.perClass).map { name, each in
        .members([
          "name": name, "instances": each.instances, "precision": each.precision.ifMeasured,
          "recall": each.recall.ifMeasured, "f1": each.f1.ifMeasured,
          "ap50": each.ap50.ifMeasured, "ap": each.ap.ifMeasured,
        ])
      }),
    "milliseconds": JSONValue.members([
      "preprocess": times.preprocess, "inference": times.inference,
      "postprocess": times.postprocess,
    ]),
    "skipped": JSONValue.array(
      (dataset.listProblems + outcome.problems).map {
        .members(["path": absolute($0.path), "reason": $0.reason])
      }),
    "files": files.map { files in
      JSONValue.array(
        files.map {
          .members(["path": absolute($0.picture), "labels": $0.labels.map(absolute)])
        })
    },
    "feeding": feeding.json,
    "report": page.map(absolute),
  ])
}
