import Boxes
import Darknet
import Datasets
import Inference
import Quantization
import Training

extension QuantizationRun {
  /// Writes the pair, its quantization and the recipe.
  ///
  /// - Parameter folder: exists, and is not the one that the pair was read from; see ``OutputFolder`` for
  ///   one that is made, and changes in one step.
  /// - Throws: ``RunError/outputIsInput(_:)``, an error of the files.
  public func write(_ outcome: QuantizationOutcome, to folder: String) throws {
    try OutputFolder.refuse(inputs: [model.cfgPath, model.weightsPath], in: folder)
    let files = RunFolder(path: folder)
    let names = dataset.names.count == model.spec.classes ? dataset.learnedNames : nil
    try files.writeModel(
      model.configuration, model.parameters, feeding: feeding,
      names: names ?? model.names(warn: observer.warn),
      change: outcome.differences.judgement,
      validation: dataset.isValidation(recipe.split, recipe.pictures, of: model)
        ? outcome.results.last?.quality : nil)
    try QuantizationFile.write(
      outcome.state, cfg: files.cfgPath, weights: files.weightsPath,
      to: folder + "/" + QuantizationFile.name)
    try files.writeJSON(recipe.withAbsolutePaths, to: files.recipePath)
  }
}

/// What a quantization came to.
public struct QuantizationOutcome {
  /// What was asked for.
  public let recipe: QuantizationRecipe
  /// Codes and grids.
  public let state: QuantizationState
  /// Bytes of the float pair's `.weights` file.
  public let floatBytes: Int
  /// Bytes of the weights on codes (``QuantizationState/byteCount(_:)``).
  public let bytes: Int
  /// As ``bytes``, with 8 bits for every weight
  /// (``QuantizationState/byteCountOf8Bits(_:planned:)``).
  public let bytesOf8Bits: Int
  /// What whole numbers can compute of it.
  public let wholeNumbers: WholeNumbers
  /// Bytes of the weights in a program in C (``QuantizationState/wholeByteCount(_:)``); nil where it is
  /// not for one: on powers of two, which are for FPGAs, or with layers that stay float.
  public let bytesInC: Int?
  /// What was odd about the calibration pictures.
  public let audit: CalibrationAudit
  /// Pictures that it was calibrated with.
  public let calibrationPictures: Int
  /// Entries of the list that were to calibrate and did not: what is no picture, is not there or cannot
  /// be read.
  public let skipped: [DatasetProblem]
  /// Every layer; its errors where the recipe asks for them.
  public let layers: [LayerErrors.Layer]
  /// The change of mAP@0.5:0.95, as a share, by each layer alone on codes, below zero for a loss;
  /// empty unless the recipe asks for it.
  public let changes: [Int: Double]
  /// Values that were seen of each layer's output; empty unless the recipe asks for it.
  public let histograms: [Int: RangeHistogram]
  /// Layers that were given more bits, or none, so that not more is lost than may be.
  public let choice: DropSearch.Choice
  /// Of the float network and the quantized one; empty without labels.
  public let results: [EvaluationResult]
  /// Quantized minus float; empty without labels.
  public let differences: [BootstrapResult]

  /// Whether whole numbers compute all of its layers.
  public var isWhole: Bool { wholeNumbers != .nothing }
}
