import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Networks
import Reports
import Terminal
import Torch
import Training

extension TestCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let model = try Model(model, scale: scale.inputScale)
    let device = try openDevice(machine)
    let dataFile = try DataFile(contentsOf: data)
    let dataset = try openDataset(dataFile, split, names: names, isSingleClass: singleCls)
    if singleCls { try requireSingleClass(model.spec) }
    let input = try inputSize.size(for: model.spec)
    try setThreads(
      machine.threads, for: [(model.spec, input.width, input.height)], batchSize: batchSize,
      on: device)
    let network = try model.network(on: device)
    switch task {
    case .benchmark: try benchmark(network, dataset, json)
    case .test:
      if report.json != nil || savePredictions != nil {
        try protectedFiles(dataset).refuse([report.json, savePredictions].compactMap { $0 })
      }
      // Before the measurement, which would be lost on a folder that is refused.
      let files = try detectionFiles(dataset)
      try measure(network, model, dataset, files, json)
    }
  }

  /// One measurement.
  private func measure(
    _ network: Network, _ model: Model, _ dataset: DetectionDataset, _ files: DetectionFiles?,
    _ json: JSONOutput
  ) throws {
    let size = try inputSize.size(for: model.spec)
    let evaluation = try evaluation(
      dataset, spec: model.spec, size: size, overlap: suppressionThreshold)
    let outcome = try run(evaluation, network)
    let result = outcome.result
    if report.printsTables {
      try Console.print(evaluationTable(outcome, dataset).text)
      try Console.print(workingPoint(result))
      let times = outcome.milliseconds
      try Console.print(
        "\(Figures.fixed(times.preprocess, 2)) ms preprocessing, \(Figures.fixed(times.inference, 2)) ms "
          + "inference, \(Figures.fixed(times.postprocess, 2)) ms suppression per picture "
          + "at \(size.width)×\(size.height), batch \(batchSize), \(network.device)")
    }
    if let savePredictions {
      try writeAtomically(outcome.predictions.json(), to: savePredictions)
    }
    let written = try files.map { try save(outcome, dataset, to: $0) }
    try json.write(evaluationJSON(outcome, dataset, files: written))
    if report.printsTables {
      try Console.suggest(
        "see what it finds",
        ["detect"] + modelWords(self.model)
          + ["--source", outcome.predictions.images.first?.path ?? "PICTURES", "--data", data])
    }
  }

  /// Sizes and overlaps side by side (docs/formulas.md 8.7).
  private func benchmark(
    _ network: Network, _ dataset: DetectionDataset, _ json: JSONOutput
  ) throws {
    var table = Table("size", "NMS overlap", "precision", "recall", "mAP@0.5", "mAP@0.5:0.95", "ms")
    var rows: [JSONValue] = []
    for size in [256, 384, 512] {
      for overlap: Float in [0.6, 0.7] {
        let evaluation = try evaluation(
          dataset, spec: network.spec, size: (size, size), overlap: overlap)
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
  }

  private func evaluation(
    _ dataset: DetectionDataset, spec: NetworkSpec, size: (width: Int, height: Int),
    overlap: Float
  ) throws -> Evaluation {
    var loading = EvaluationLoader.Settings()
    loading.batchSize = batchSize
    loading.width = size.width
    loading.height = size.height
    loading.channels = spec.net.channels
    loading.rectangularStride = rect ? spec.greatestStride : nil
    loading.fit = postprocessing.resize == .letterbox ? .letterbox : .stretch
    loading.workers = ProcessInfo.processInfo.activeProcessorCount
    var evaluation = Evaluation(
      dataset, loading: loading,
      detection: try postprocessing.settings(
        confidence: confThres, overlap: overlap, precision: precision))
    evaluation.style = ap.style
    return evaluation
  }

  private func run(_ evaluation: Evaluation, _ network: Network) throws -> Evaluation.Outcome {
    let progress = ConsoleProgress(
      "test", total: evaluation.dataset.pictures.count, isQuiet: report.quiet)
    let outcome = try evaluation(network) { progress.update($0) }
    progress.vanish()
    Console.list(
      outcome.problems, what: "pictures cannot be read and do not count",
      one: "picture cannot be read and does not count")
    guard outcome.result.images > 0 else {
      throw DatasetError.noPictures(path: data, first: outcome.problems.first)
    }
    return outcome
  }

  /// Where detections go, when they are to be saved.
  private func detectionFiles(_ dataset: DetectionDataset) throws -> DetectionFiles? {
    guard saveJson || saveTxt else { return nil }
    if let output = folder.output, fileExists(output) {
      try protectedFiles(dataset).refuse(
        [output + "/results.json"]
          + OutputNames(dataset.pictures.map(\.path)).names.map {
            DetectionFiles.labels(of: $0, in: output)
          })
    }
    let output = try OutputFolder.make(folder.output, overwrite: folder.overwrite, kind: "test")
    return try DetectionFiles(
      output: output, names: dataset.names, savesText: saveTxt, savesJSON: saveJson)
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
    _ outcome: Evaluation.Outcome, _ dataset: DetectionDataset, to files: DetectionFiles
  ) throws -> [(picture: String, labels: String?)] {
    var files = files
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
    Console.note("wrote detections to \(files.output)")
    return written
  }
}

/// A split of a data set, with what was skipped on stderr.
func openDataset(
  _ data: DataFile, _ split: DataSplitChoice, names: String? = nil, isSingleClass: Bool = false,
  allowsNoLabels: Bool = false
) throws -> DetectionDataset {
  let list: String? =
    switch split {
    case .train: data.train
    case .valid: data.valid
    case .test: data.test
    }
  guard let list else { throw EngineError.noSplit(split.rawValue, data: data.path) }
  let classes = try names.map { try NamesFile(contentsOf: $0).names } ?? data.classNames()
  let dataset = try DetectionDataset(
    list: list, names: classes, isSingleClass: isSingleClass, allowsNoLabels: allowsNoLabels)
  Console.list(dataset.problems, what: "entries of \(list) skipped")
  return dataset
}

/// A data set of one class needs a network of one.
func requireSingleClass(_ spec: NetworkSpec) throws {
  let classes = spec.classes ?? 0
  guard classes == 1 else {
    throw EngineError.notSingleClass(cfg: spec.configuration.path, classes: classes)
  }
}

/// The table of `test`: all classes first, then each.
func evaluationTable(_ outcome: Evaluation.Outcome, _ dataset: DetectionDataset) -> Table {
  let result = outcome.result
  var table = Table("class", "instances", "precision", "recall", "F1", "mAP@0.5", "mAP@0.5:0.95")
  let listed = dataset.pictures.count + dataset.missingPictures
  let pictures =
    result.images == listed
    ? counted(listed, "picture") : "\(result.images) of \(counted(listed, "picture"))"
  table.append([
    "all (\(pictures))", "\(result.instances)", Figures.fixed(result.precision.ifMeasured, 3),
    Figures.fixed(result.recall.ifMeasured, 3), Figures.fixed(result.f1.ifMeasured, 3),
    Figures.fixed(result.map50.ifMeasured, 4), Figures.fixed(result.map.ifMeasured, 4),
  ])
  guard dataset.names.count > 1 else { return table }
  for (name, each) in zip(dataset.names, result.perClass) {
    table.append([
      name, "\(each.instances)", Figures.fixed(each.precision.ifMeasured, 3),
      Figures.fixed(each.recall.ifMeasured, 3), Figures.fixed(each.f1.ifMeasured, 3),
      Figures.fixed(each.ap50.ifMeasured, 4), Figures.fixed(each.ap.ifMeasured, 4),
    ])
  }
  return table
}

/// Where on their curves precision, recall and F1 are read.
func workingPoint(_ result: EvaluationResult) -> String {
  guard result.instances > 0 else {
    return "no figures: not one box is labelled in these pictures"
  }
  let confidence = Figures.fixed(result.confidence, 3)
  return result.style == .legacy
    ? "precision, recall and F1 are those at confidence \(confidence)"
    : "precision, recall and F1 are those at confidence \(confidence), where the mean F1 of the "
      + "classes is highest"
}

/// The object of `test --json`.
func evaluationJSON(
  _ outcome: Evaluation.Outcome, _ dataset: DetectionDataset,
  files: [(picture: String, labels: String?)]?
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
  ])
}
