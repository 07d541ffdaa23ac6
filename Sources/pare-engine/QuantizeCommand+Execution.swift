import Commands
import Darknet
import Datasets
import Quantization
import Reports
import Runs
import Terminal
import Training

extension QuantizeCommand: Executable {
  package func execute() throws {
    if isCheck { return try check() }
    try requireRunFolder(model.folder, weights: model.weights)
    var command = self
    try command.quantize(by: command.takeData())
  }

  /// The data set: that of the run where none is named.
  private mutating func takeData() throws -> String {
    if let data { return data }
    let known = try RunDataset.required(ofRun: model.folder ?? "", isQuiet: report.quiet)
    if known.isSingleClass { singleCls = true }
    return known.data
  }

  private func quantize(by data: String) throws {
    let json = try JSONOutput(report, in: folder.output)
    let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: "quantize")
    let run = try QuantizationRun(
      recipe(data), output: output, observer: ConsoleObserver(isQuiet: report.quiet))
    let outcome = try run()
    try output.fill { folder in
      try run.write(outcome, to: folder)
      if explain { try outcome.writePage(to: folder) }
    }
    let path = "\(output.path)/\(QuantizationFile.name)"
    // Before anything is printed: a reader that has gone must not cost the file.
    try json.write(self.json(outcome, of: run, in: output.path, path), tells: false)
    if report.printsTables { try print(outcome, path, RunFolder(path: output.path)) }
    try json.tell()
    try report.next(
      outcome.results.isEmpty ? "see what it finds" : "measure both on other pictures",
      outcome.results.isEmpty
        ? NextCommand("detect", "--model", output.path, "--source")
          + [NextCommand.Placeholder.picture.rawValue] + inputSize.words
        : NextCommand("test", "--model", output.path, "--data", data)
          + NextCommand.finalSplit(of: data) + inputSize.words)
  }

  private func recipe(_ data: String) -> QuantizationRecipe {
    var recipe = QuantizationRecipe(
      PairRecipe(model, scale, FeedingRecipe(feeding, inputSize)), data: data)
    recipe.options = options
    recipe.calibrationPictures = calibrationPictures
    (recipe.split, recipe.pictures) = (DatasetSplit(split), pictures)
    (recipe.isSingleClass, recipe.batchSize, recipe.seed) = (singleCls, batchSize, seed)
    recipe.averagePrecision = ap.style
    recipe.explainedPictures = explain ? Self.explainedPictures : 0
    recipe.machine = MachineRecipe(machine, .fp32)
    (recipe.maximumDrop, recipe.allowsSharedPictures) = (maxDrop, force)
    recipe.budget =
      switch budget {
      case .share(let share): .share(share)
      case .amount(let amount): .bytes(Int(amount))
      case nil: nil
      }
    return recipe
  }

  /// Calibration pictures that `--explain` measures layers on.
  private static let explainedPictures = 16

  private var options: QuantizationOptions {
    var options = QuantizationOptions(scheme: QuantizationScheme(scheme))
    (options.weightBits, options.activationBits) = (weightBits, activationBits)
    options.activationRange =
      switch calibration {
      case .minMax: .minMax
      case .percentile: .percentile(percentile / 100)
      case .mse: .squaredError
      case .entropy: .entropy
      case .unilateral: .unilateral
      case .cosine: .cosineVote
      }
    switch ends {
    case .same: options.ends = .same
    case .float: options.ends = .float
    case .eightBits: options.ends = .eightBits
    case nil: break
    }
    options.isEqualized = equalize ?? options.scheme.hasUniformWeights
    options.correctsBiases = correctBias
    options.rounding =
      switch rounding {
      case .nearest: .nearest
      case .layers: .layers
      case .blocks: .blocks
      case nil: options.scheme.hasUniformWeights ? .layers : .nearest
      }
    if perTensor { options.isPerChannel = false }
    if weightMse || weightBits < 8 || budget != nil { options.weightRange = .squaredError }
    if sharedShortcuts { options.shortcuts = .shared }
    return options
  }
}

// MARK: - What is said

extension QuantizeCommand {
  private func print(
    _ outcome: QuantizationOutcome, _ path: String, _ folder: RunFolder
  ) throws {
    try Console.print(outcome.headline)
    try Console.print()
    if !outcome.results.isEmpty {
      var table = Table("network", "weights", "mAP@0.5", "mAP@0.5:0.95")
      let bytes = [outcome.state.floatBytes, outcome.state.bytes]
      for (index, name) in ["float", "quantized"].enumerated() {
        let result = outcome.results[index]
        table.append([
          name, Figures.bytes(bytes[index]), Figures.fixed(result.map50.ifMeasured, 4),
          Figures.fixed(result.map.ifMeasured, 4),
        ])
      }
      try Console.print(table)
      for difference in outcome.differences {
        try Console.print(difference.line("quantized", minus: "float"))
      }
      try Console.print()
    }
    if explain { try Console.print(outcome.layerTable) }
    for line in outcome.choices { try Console.print(line) }
    let pictures = counted(outcome.calibrationPictures, "training picture")
    try Console.print("calibrated with \(pictures) by \(calibration.rawValue)")
    try Console.print(path)
    if explain { try Console.print("report: \(folder.reportPath)") }
  }

  private func json(
    _ outcome: QuantizationOutcome, of run: QuantizationRun, in folder: String, _ path: String
  ) -> JSONValue {
    func figures(_ index: Int, bytes: Int) -> JSONValue {
      let result = outcome.results.indices.contains(index) ? outcome.results[index] : nil
      return .members([
        "weightsBytes": bytes, "map50": result?.map50.ifMeasured, "map": result?.map.ifMeasured,
      ])
    }
    let options = outcome.state.options
    return .members([
      "before": figures(0, bytes: outcome.state.floatBytes),
      "after": figures(1, bytes: outcome.state.bytes),
      "differences": JSONValue.array(outcome.differences.map(\.json)),
      "scheme": options.scheme.rawValue, "weightBits": options.weightBits,
      "activationBits": options.activationBits, "calibration": calibration.rawValue,
      "calibrationPictures": outcome.calibrationPictures,
      "calibrationAudit": outcome.audit.json,
      "raisedLayers": JSONValue.array(outcome.raised.map { .integer($0) }),
      "images": outcome.results.first?.images,
      "layers": JSONValue.array(
        outcome.layers.map { layer in
          .members([
            "index": layer.index, "bits": layer.weightBits, "outputBits": layer.outputBits,
            "scale": layer.step, "zero": layer.zero, "minimum": layer.range?.lowerBound,
            "maximum": layer.range?.upperBound,
            "clipped": layer.count > 0 && layer.outputBits != nil ? layer.clippedShare : nil,
            "mapCost": outcome.costs[layer.index],
            "decibels": layer.decibels.flatMap { $0.isFinite ? $0 : nil },
          ])
        }),
      "feeding": run.feeding.json,
      "cfg": absolute(RunFolder(path: folder).cfgPath),
      "weights": absolute(RunFolder(path: folder).weightsPath),
      "quantization": absolute(path),
    ])
  }
}

extension QuantizationScheme {
  init(_ choice: QuantizationSchemeChoice) {
    switch choice {
    case .google: self = .google
    case .dorefa: self = .dorefa
    case .pow2: self = .pow2
    case .ternary: self = .ternary
    case .binary: self = .binary
    }
  }
}
