import Boxes
import Darknet
import Inference
import Networks
import Quantization
import Torch
import Training

extension Detector {
  /// Reads a pair and runs it with libtorch, fed as it says itself (`Feeding`), and on its codes where a
  /// quantization lies beside its weights. Boxes that overlap by more than 0.6 are thinned out.
  ///
  /// ```swift
  /// let detector = try Detector(cfg: "model.cfg", weights: "model.weights")
  /// for found in try detector.detections(in: Image(contentsOf: "street.jpg")) {
  ///   print(detector.names[found.classIndex], found.confidence, found.box)
  /// }
  /// ```
  ///
  /// On a GPU this turns TF32 off, for the whole process.
  ///
  /// - Parameters:
  ///   - cfg: path of the cfg.
  ///   - weights: path of the weights, in any form that `StoredWeights` reads.
  ///   - device: where it runs.
  ///   - confidence: what the score of a detection is above, `0...1`; 0.3 unless given.
  ///   - warn: takes what does not keep the pair from being used.
  /// - Throws: as `Model.init(cfg:weights:scale:toleratesNotFinite:warn:)`, an error of the file of
  ///   names beside the cfg, or `QuantizationError` of a quantization that is not the pair's.
  public init(
    cfg: String, weights: String, device: Device = .cpu,
    confidence: Float = Detection.usualConfidence,
    warn: (String) -> Void = { _ in }
  ) throws {
    // TF32's 10 bits of mantissa would move boxes.
    if device.isCUDA { try TorchRuntime.setAllowsTF32(false) }
    let model = try Model(cfg: cfg, weights: weights, warn: warn)
    let feeding = try model.feeding(Feeding.Wishes())
    let (network, _) = try model.usedNetwork(on: device, MachineRecipe(), SilentObserver())
    try self.init(
      TorchEngine(network), feeding: feeding, names: model.names(warn: warn),
      settings: feeding.detection(confidence: confidence))
  }
}
