import Commands
import Darknet
import Datasets
import Quantization
import Runs
import Summaries
import Training

extension QuantizeCommand: Executable {
  package func execute() throws {
    if isCheck { return try check() }
    let observer = ConsoleObserver(report)
    let recipe = try recipe(observer)
    let json = try JSONOutput(report, in: folder.output)
    let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: .quantization)
    let run = try QuantizationRun(recipe, output: output, observer: observer)
    if let warning = run.warning { observer.note(warning) }
    if run.dataset.labelCount > 0 {
      run.dataset.warnOfTrainedPictures(
        model.folder ?? run.model.weightsPath, cfg: run.model.cfgPath,
        weights: run.model.weightsPath, observer)
    }
    let outcome = try run()
    try output.fill { folder in
      try run.write(outcome, to: folder)
      if explain {
        try outcome.writePage(
          RunDescription(
            CommandLine.arguments, device: run.device, version: PareCommand.version), to: folder)
      }
    }
    try report.tell(outcome.summary(of: run, self, in: output.path), json)
  }

  private func recipe(_ observer: ConsoleObserver) throws -> QuantizationRecipe {
    let pair = try PairRecipe(model, FeedingRecipe(feeding, inputSize), scale)
    let (data, isSingleClass) = try RunDataset.chosen(
      data, isSingleClass: singleCls, ofRun: model.folder, observer)
    var recipe = QuantizationRecipe(pair, data: data)
    recipe.options = try options()
    (recipe.calibrationPictures, recipe.roundingSteps) = (calibrationPictures, roundingSteps)
    (recipe.split, recipe.pictures) = (split, pictures)
    (recipe.isSingleClass, recipe.batchSize, recipe.seed) = (isSingleClass, batchSize, seed)
    recipe.averagePrecision = ap
    recipe.explainedPictures = explain ? QuantizationRecipe.usualExplainedPictures : 0
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

  private func options() throws -> QuantizationOptions {
    let ofLayers = try layerBits.map {
      try LayerBitsFile.read(
        $0, for: NetworkSpec(contentsOf: model.cfg), mostWeightBits: target?.mostWeightBits)
    }
    var options = QuantizationOptions.byPictures(
      QuantizationScheme(scheme), weightBits: weightBits, activationBits: activationBits,
      layerBits: ofLayers ?? [:],
      // A budget takes bits away.
      of: budget == nil && !perTensor ? try NetworkSpec(contentsOf: model.cfg) : nil)
    options.activationRange =
      switch calibration {
      case .minMax: .minMax
      case .percentile: .percentile(percentile / 100)
      case .mse: .squaredError
      case .entropy: .entropy
      case .unilateral: .unilateral
      case .cosine: .cosineVote
      case nil: options.activationRange
      }
    options.mostWeightBits = target?.mostWeightBits
    if let ends { options.ends = .init(ends) }
    if let equalize { options.isEqualized = equalize }
    options.correctsBiases = correctBias
    options.rounding =
      switch rounding {
      case .nearest: .nearest
      case .layers: .layers
      case .blocks: .blocks
      // Steps are of a rounding that is learned.
      case nil: roundingSteps == nil ? options.rounding : .layers
      }
    if perTensor { options.isPerChannel = false }
    if weightMse { options.weightRange = .squaredError }
    if sharedShortcuts { options.shortcuts = .shared }
    return options
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
