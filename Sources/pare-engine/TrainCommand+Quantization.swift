import Commands
import Quantization
import Runs

extension TrainingRecipe {
  /// Takes up what the command line says of codes.
  mutating func quantize(_ asked: QuantizedTrainingOptions) throws {
    guard let scheme = asked.quantize else { return }
    var options = QuantizationOptions(scheme: QuantizationScheme(scheme))
    options.weightBits = asked.weightBits ?? options.weightBits
    options.activationBits = asked.activationBits ?? options.activationBits
    options.chooseEnds(asked.ends)
    if let path = asked.layerBits { options.layerBits = try LayerBitsFile.read(path) }
    if asked.perTensor { options.isPerChannel = false }
    if asked.perChannel { options.isPerChannel = true }
    if asked.symmetric { options.isSymmetric = true }
    if asked.sharedShortcuts { options.shortcuts = .shared }
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

extension QuantizationOptions {
  /// First and last layers as a command line says it; with 8 bits where others have fewer, unless it
  /// says so or the scheme has them otherwise.
  mutating func chooseEnds(_ choice: EndsChoice?) {
    if min(weightBits, activationBits) < 8, ends == .same { ends = .eightBits }
    if let choice { ends = .init(choice) }
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
