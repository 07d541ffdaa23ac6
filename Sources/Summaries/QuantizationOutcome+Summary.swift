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

extension QuantizationOutcome {
  /// What is told of a quantization.
  ///
  /// - Parameters:
  ///   - command: what was asked for.
  ///   - folder: where the result is.
  package func summary(
    of run: QuantizationRun, _ command: QuantizeCommand, in folder: String
  ) -> Summary {
    let path = "\(folder)/\(QuantizationFile.name)"
    var summary = Summary()
    summary.lines = lines(command, path, RunFolder(path: folder))
    summary.json = json(command, of: run, RunFolder(path: folder), path)
    let (data, size) = (run.recipe.data, command.inputSize.words)
    summary.next = isPoor && !run.model.seesOtherSize(run.feeding) ? remedies(command) : []
    if let training = training(run, command) {
      summary.next.append(("win back what was lost, by training on codes", training))
    }
    let final = NextCommand.finalSplit(of: data)
    // Measuring on the same pictures would say nothing new, on those that calibrate too much.
    let split = DatasetSplit(rawValue: final.last ?? "") ?? .valid
    let isFinal = split == run.recipe.split || audit.shared[split] != nil
    summary.next.append(
      results.isEmpty || isFinal
        ? (
          "see what it finds",
          NextCommand("detect", "--model", folder, "--source")
            + [NextCommand.Placeholder.picture.rawValue] + size
        )
        : (
          "measure it on other pictures",
          NextCommand("test", "--model", folder, "--data", data)
            + final + size
        ))
    summary.next += NextCommand.export(
      state.options, ["--model", folder], worth: worth, wholeNumbers)
    return summary
  }

  /// What the quantized network is good for; nil where that was not measured.
  private var worth: DetectionQuality.Worth? { results.last?.quality?.worth }

  /// Whether it is too poor to be used.
  private var isPoor: Bool { worth == .poor }

  /// What helps a network that is too poor on its codes: where these are why, more bits, or rounding
  /// that learns; else what the float network needs.
  private func remedies(_ command: QuantizeCommand) -> [NextStep] {
    guard differences.judgement == .loss else {
      return Remedy(of: command.model).map { [$0.before("quantized")] } ?? []
    }
    let options = state.options
    let again =
      NextCommand("quantize") + command.model.words + ["--data", recipe.data]
      + (recipe.isSingleClass ? ["--single-cls"] : []) + command.inputSize.words
    let output = ["--output", NextCommand.unused("runs/quantized")]
    let scheme = options.scheme == .pow2 ? ["--scheme", options.scheme.rawValue] : []
    if options.weightBits < 7 || options.activationBits < 8
      || !options.scheme.hasUniformWeights
    {
      let purpose =
        options.scheme.hasUniformWeights ? "give it more bits: 8" : "give it 8 bits on equal steps"
      return [(purpose, again + scheme + output)]
    }
    guard options.rounding == .nearest else { return [] }
    return [("learn how weights are rounded", again + scheme + ["--rounding", "layers"] + output)]
  }

  /// The training on codes that may win back a loss; nil where none is shown.
  private func training(_ run: QuantizationRun, _ command: QuantizeCommand) -> NextCommand? {
    // Bits that a budget chose are options of no training.
    guard differences.judgement == .loss, command.scheme == .google, recipe.budget == nil else {
      return nil
    }
    return .trainingOnCodes(
      command.model.words,
      ["--data", run.recipe.data] + (run.recipe.isSingleClass ? ["--single-cls"] : [])
        + command.inputSize.words, state.options)
      + (command.layerBits.map { ["--layer-bits", $0] } ?? [])
  }

  private func lines(_ command: QuantizeCommand, _ path: String, _ folder: RunFolder) -> Lines {
    var lines = Lines()
    lines.add(headline)
    lines.add()
    lines.add(table)
    if !differences.isEmpty { lines.add(lost) }
    lines.add()
    if command.explain { lines.add(layerTable) }
    for line in choices { lines.add(line) }
    lines.add(how)
    if let packing { lines.add(packing) }
    lines.add(path)
    if command.explain { lines.add("report: \(folder.reportPath)") }
    return lines
  }

  private func json(
    _ command: QuantizeCommand, of run: QuantizationRun, _ folder: RunFolder, _ path: String
  ) -> JSONValue {
    func figures(_ index: Int, bytes: Int) -> JSONValue {
      let result = results.indices.contains(index) ? results[index] : nil
      return .members([
        "weightsBytes": bytes, "map50": result?.map50.ifMeasured, "map": result?.map.ifMeasured,
      ])
    }
    let options = state.options
    return .members([
      "before": figures(0, bytes: floatBytes), "after": figures(1, bytes: bytes),
      "differences": JSONValue.array(differences.map(\.json)),
      // Bits are of what is on codes: float convolutions do not count in them.
      "scheme": options.scheme.rawValue, "weightBits": options.bits(isEnd: false).weights,
      "averageWeightBits": state.weightBits?.mean,
      "convolutions": state.plan.convolutions,
      "floatConvolutions": state.plan.floatConvolutions,
      "activationBits": options.activationBits,
      "calibration": CalibrationChoice(options.activationRange).rawValue,
      "calibrationPictures": calibrationPictures,
      "calibrationSkipped": JSONValue.array(
        skipped.map { .members(["path": absolute($0.path), "reason": $0.reason]) }),
      "calibrationAudit": audit.json,
      "raisedLayers": JSONValue.array(choice.raised.map { .integer($0) }),
      "freedLayers": JSONValue.array(choice.freed.map { .integer($0) }),
      "images": results.first?.images,
      "layers": JSONValue.array(
        layers.map { layer in
          .members([
            "index": layer.index, "bits": layer.weightBits,
            "weights": state.kernels[layer.index]?.weights.codes.count,
            "outputBits": layer.outputBits,
            "scale": layer.step, "zero": layer.zero, "minimum": layer.range?.lowerBound,
            "maximum": layer.range?.upperBound,
            "clipped": layer.count > 0 && layer.outputBits != nil ? layer.clippedShare : nil,
            "mapDifference": changes[layer.index],
            "decibels": layer.decibels.flatMap { $0.isFinite ? $0 : nil },
          ])
        }),
      "feeding": run.feeding.json,
      "cfg": absolute(folder.cfgPath),
      "weights": absolute(folder.weightsPath),
      "quantization": absolute(path),
    ])
  }
}

extension QuantizationRun {
  /// That the float network is too poor to be used, where its record says so: codes do not mend that.
  package var warning: String? {
    let (cfg, weights) = (model.cfgPath, model.weightsPath)
    guard let quality = floatValidation(cfg: cfg, weights: weights),
      quality.worth == .poor
    else { return nil }
    return quality.reminder(of: RunFolder.name(ofWeights: weights))
  }
}

extension NextCommand {
  /// The files of a quantized network for other machines; none of one that reads float inputs, which is
  /// for no such machine, and of one that is known to be poor or of little use. Where 32 bits may not
  /// hold its sums, a look whether they do.
  ///
  /// - Parameters:
  ///   - network: the options that name it.
  ///   - worth: what it is good for; nil where that is not known.
  ///   - wholeNumbers: what these can compute of it.
  static func export(
    _ options: QuantizationOptions, _ network: [String], worth: DetectionQuality.Worth?,
    _ wholeNumbers: WholeNumbers = .allPictures
  ) -> [NextStep] {
    guard options.ends != .float, worth == nil || worth == .useful else { return [] }
    switch wholeNumbers {
    case .nothing: return []
    case .picturesOfSmallSums:
      return [
        (
          "see whether 32 bits hold the sums of your pictures, before it is exported",
          NextCommand("quantize") + network
            + ["--verify", "--source", Placeholder.picture.rawValue]
        )
      ]
    case .allPictures: break
    }
    let form = options.scheme.hasPowersOfTwo ? "fpga" : "c"
    return [
      (
        "write it for a machine that calculates with whole numbers",
        NextCommand("export", form) + network + ["--output", unused("runs/\(form)")]
      )
    ]
  }

  /// A training on codes, from float weights.
  ///
  /// - Parameters:
  ///   - network: the options that name these.
  ///   - data: those that name the data set.
  ///   - options: what the codes are like.
  static func trainingOnCodes(
    _ network: [String], _ data: [String], _ options: QuantizationOptions
  ) -> NextCommand {
    NextCommand("train") + network + data + ["--epochs", "20"] + options.wordsOfTraining
      + name("quantized", of: network)
  }
}

extension QuantizationOptions {
  /// What asks a training for these codes, but for bits of single layers; with few bits for the scheme
  /// that loses least by them.
  var wordsOfTraining: [String] {
    let hasFewBits = min(weightBits, activationBits) <= 4
    let trained = scheme == .google && hasFewBits && isSymmetric != true ? .lsqPlus : scheme
    let usual = QuantizationOptions.byTraining(
      trained, weightBits: weightBits, activationBits: activationBits)
    var words = ["--quantize", trained.rawValue]
    if weightBits != 8 { words += ["--w-bit", "\(weightBits)"] }
    if activationBits != 8 { words += ["--a-bit", "\(activationBits)"] }
    if ends != usual.ends { words += ["--ends", ends.rawValue] }
    if isPerChannel != usual.isPerChannel {
      words.append(isPerChannel ? "--per-channel" : "--per-tensor")
    }
    if isSymmetric == true { words.append("--symmetric") }
    if shortcuts == .shared { words.append("--shared-shortcuts") }
    return words
  }
}
