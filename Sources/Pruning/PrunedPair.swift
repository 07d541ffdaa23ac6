import Boxes
import Darknet
import Inference
import Networks
import Torch
import Training

/// A pruned pair with its proof: it cannot be made, and so not be written, without one.
///
/// ```swift
/// let model = try Model(cfg: "model.cfg", weights: "model.weights", warn: { print($0) })
/// let pair = try PrunedPair(Pruner(model).prune(percent: 0.5), of: model)
/// try pair.write(to: "pruned", names: model.names(warn: { print($0) }))
/// ```
public struct PrunedPair {
  /// What was removed, and the smaller network.
  public private(set) var result: PruningResult
  /// The three networks side by side, on which the proof stands.
  public let check: PruningCheck
  /// What is known of the pair, for its folder.
  public private(set) var certificate: PruningCertificate
  private let feeding: Feeding

  /// Proves a pruning: the smaller network has the outputs of the masked one.
  ///
  /// - Parameters:
  ///   - original: what was pruned.
  ///   - pictures: `[N, channels, height, width]` in `0...1`; eight drawn ones of the pair's own
  ///     input size unless given.
  ///   - areDrawn: whether these are random numbers, not photographs.
  ///   - device: where drawn pictures are compared.
  /// - Throws: ``PruningError/proofFailed(relativeDifference:)`` when outputs differ, `TorchError`
  ///   out of memory.
  public init(
    _ result: PruningResult, of original: Model, pictures: Tensor? = nil, areDrawn: Bool = false,
    on device: Device = .cpu
  ) throws {
    let shown =
      try pictures
      ?? Tensor.uniform(
        [
          8, original.spec.net.channels, original.ownFeeding.height, original.ownFeeding.width,
        ], generator: Generator(seed: 0)
      ).to(device)
    // TF32's 10 bits of mantissa would fail proofs.
    if shown.device.isCUDA { try TorchRuntime.setAllowsTF32(false) }
    check = try PruningCheck(result, original: original.parameters, pictures: shown)
    try check.proof.check()
    self.result = result
    feeding = original.ownFeeding
    certificate = PruningCertificate(
      relativeDifference: check.proof.relativeDifference,
      comparedValues: check.proof.comparedValues, onDrawnPictures: areDrawn || pictures == nil,
      interiorFromOriginal: check.interiorFromOriginal, fromOriginal: check.fromOriginal)
  }

  /// Replaces the running statistics by re-estimated ones. The proof is of those before; the
  /// certificate says so.
  ///
  /// - Parameter layers: all parameters of the smaller network.
  public mutating func takeStatistics(_ layers: [[ParameterRole: ParameterArray]]) {
    for index in layers.indices {
      for role in [ParameterRole.mean, .variance] {
        guard let array = layers[index][role] else { continue }
        result.parameters.layers[index][role] = array
      }
    }
    certificate.statisticsReestimatedAfterProof = true
  }

  /// Writes `model.cfg`, `model.weights`, `model.names`, `model.json` and `certificate.json`.
  ///
  /// - Parameters:
  ///   - folder: exists; see `Storage` for folders that change in one step.
  ///   - names: of the classes, by index.
  ///   - prunedFrom: the original, as `pare compare` takes it.
  ///   - prunedFromWeights: its weights, where `compare` would take others.
  ///   - validation: what the pair is worth on validation pictures, where that was measured.
  public func write(
    to folder: String, names: [String], prunedFrom: String? = nil,
    prunedFromWeights: String? = nil, validation: DetectionQuality? = nil
  ) throws {
    let files = RunFolder(path: folder)
    try files.writeModel(
      result.configuration, result.parameters, feeding: feeding, names: names,
      prunedFrom: prunedFrom, prunedFromWeights: prunedFromWeights, validation: validation)
    try files.writeJSON(certificate, to: folder + "/certificate.json")
  }
}

/// What is known of a pruned pair.
public struct PruningCertificate: Codable, Hashable, Sendable {
  /// Largest difference of the smaller and the masked network's outputs, relative to their scale.
  public var relativeDifference: Double
  /// What it may be at most.
  public var tolerance = PruningProof.tolerance
  /// Values that were compared.
  public var comparedValues: Int
  /// Whether the pictures were random numbers, not photographs.
  public var onDrawnPictures: Bool
  /// Largest difference from the original's outputs away from borders, relative to their scale.
  public var interiorFromOriginal: Double
  /// The same with borders.
  public var fromOriginal: Double
  /// Whether statistics were estimated anew after the proof, so that it is not of the written
  /// numbers.
  public var statisticsReestimatedAfterProof = false
}

extension Pruner {
  /// Finds the channels of a pair, those that go together, and what they are worth.
  ///
  /// - Throws: as ``init(_:_:method:scope:scores:normalization:seed:inputScale:)``.
  public init(
    _ model: Model, method: PruningMethod = .normal, scope: PruningScope = .all
  ) throws {
    try self.init(
      model.configuration, model.parameters, method: method, scope: scope,
      inputScale: model.inputScale)
  }
}
