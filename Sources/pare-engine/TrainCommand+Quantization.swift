import Commands
import Darknet
import Quantization
import Runs
import Summaries

extension TrainingRecipe {
  /// Takes up what the command line says of codes.
  mutating func quantize(_ asked: QuantizedTrainingOptions, _ spec: NetworkSpec) throws {
    guard let scheme = asked.quantize else { return }
    let usual = QuantizationOptions()
    var options = QuantizationOptions.byTraining(
      QuantizationScheme(scheme), weightBits: asked.weightBits ?? usual.weightBits,
      activationBits: asked.activationBits ?? usual.activationBits,
      layerBits: try asked.layerBits.map { try LayerBitsFile.read($0, for: spec) } ?? [:])
    if let ends = asked.ends { options.ends = .init(ends) }
    if asked.perTensor { options.isPerChannel = false }
    if asked.perChannel { options.isPerChannel = true }
    if asked.symmetric { options.isSymmetric = true }
    if asked.sharedShortcuts { options.shortcuts = .shared }
    if asked.firstSteps != nil, !options.scheme.hasStepsThatLearn {
      Console.warn(
        "'--first-steps' changes nothing with '--quantize \(scheme.rawValue)', whose steps do not "
          + "learn")
    }
    var quantization = Quantization(options)
    quantization.course.firstSteps =
      switch asked.firstSteps {
      case .mse: .squaredError
      case .paper: .paper
      case nil: quantization.course.firstSteps
      }
    quantization.course.lowersOver = asked.lowerBits ?? quantization.course.lowersOver
    quantization.course.freezesAfter = asked.freezeAfter ?? quantization.course.freezesAfter
    quantization.course.damping = asked.damping ?? quantization.course.damping
    quantization.course.reestimates = asked.reestimate ?? quantization.course.reestimates
    quantization.course.correctedEpochs =
      asked.correctionEpochs ?? quantization.course.correctedEpochs
    self.quantization = quantization
  }
}

extension QuantizationOptions.Ends {
  /// As a command line says it.
  init(_ choice: EndsChoice) {
    switch choice {
    case .same: self = .same
    case .float: self = .float
    case .eightBits: self = .eightBits
    }
  }
}

extension QuantizationScheme {
  fileprivate init(_ choice: TrainedSchemeChoice) {
    switch choice {
    case .google: self = .google
    case .dorefa: self = .dorefa
    case .pow2: self = .pow2
    case .tpsq: self = .tpsq
    case .lsq: self = .lsq
    case .lsqPlus: self = .lsqPlus
    case .pact: self = .pact
    case .ternary: self = .ternary
    case .binary: self = .binary
    }
  }
}
