import Darknet
import Inference
import Quantization
import Torch
import Training

extension TrainingRecipe {
  /// A training on codes: what is quantized and how, and what happens when.
  public struct Quantization: Codable, Hashable, Sendable {
    /// What is quantized, and how.
    public var options: QuantizationOptions
    /// What happens when.
    public var course = QuantizationCourse()

    /// A training on codes by options.
    public init(_ options: QuantizationOptions) { self.options = options }
  }

  /// Refuses values that no training on codes can have.
  func checkQuantization() throws(TrainingError) {
    guard let quantization else { return }
    do {
      try quantization.options.check()
      try quantization.course.check(quantization.options.scheme)
    } catch {
      throw .invalidOption("quantization", reason: "\(error)")
    }
  }

  /// What trains on codes; nil where nothing does.
  ///
  /// - Parameter start: what a run begins with; nil of one that goes on.
  /// - Throws: ``QuantizationError`` of options that do not fit the network; ``RunError`` of others
  ///   that codes do not go with.
  func quantizationTechnique(
    _ spec: NetworkSpec, _ start: NetworkParameters?, _ observer: any RunObserver
  ) throws -> QuantizationTechnique? {
    guard let quantization else { return nil }
    guard options.precision == .float32 else {
      throw RunError.unusable(
        "--precision",
        reason: "codes are exact in fp32 alone, and '--quantize' trains on them")
    }
    guard sparsityRescale == nil else {
      throw RunError.unusable(
        "--sparsity-rescale",
        reason: "the ranges that '--quantize' learns would be those of other scales")
    }
    let plan = try QuantizationPlan(spec, quantization.options)
    guard !plan.weightBits.isEmpty else { throw QuantizationError.nothingToQuantize }
    if let obstacle = plan.obstacle(in: spec) {
      observer.note("\(obstacle); '--engine integer' and 'export' will refuse it")
    }
    if start != nil, let line = plan.overruling(quantization.options, in: spec) {
      observer.warn(line)
    }
    if weights == nil {
      observer.warn(
        "'--quantize' starts from random numbers: a network that was trained in float first, and is "
          + "named by --weights, comes to a better one in fewer epochs")
    } else if let start, let line = try quantization.options.bending(spec, start) {
      observer.warn(line)
    }
    return QuantizationTechnique(quantization.options, course: quantization.course)
  }

  /// Says what whole numbers will not compute of the codes that a training on them kept.
  ///
  /// - Returns: what they can compute; nil where that is not known.
  @discardableResult
  func warnOfWholeNumbers(
    in folder: RunFolder, _ observer: any RunObserver
  ) -> WholeNumbers? {
    guard quantization != nil,
      let model = try? Model(cfg: folder.cfgPath, weights: folder.weightsPath, warn: { _ in }),
      let path = model.quantizationPath
    else { return nil }
    // The run is done, whatever became of its files.
    return try? observer.warnOfWholeNumbers(
      QuantizationFile.read(
        path, for: model.spec, cfg: model.cfgPath, weights: model.weightsPath),
      of: model.network(on: .cpu))
  }
}

extension TrainingRun {
  /// What whole numbers can compute of what a training on codes has left; everything where that is not
  /// known.
  package var wholeNumbers: WholeNumbers {
    recipe.warnOfWholeNumbers(in: RunFolder(path: path), SilentObserver()) ?? .allPictures
  }
}
