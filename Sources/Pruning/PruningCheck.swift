import Darknet
import Networks
import Torch

/// A pruned network, run beside the masked and the original one on the same pictures.
public struct PruningCheck: Sendable, Hashable {
  /// Whether compact and masked are the same, borders included.
  public private(set) var proof = PruningProof()
  /// Largest difference of compact and original away from borders, relative to the original's
  /// scale: what the true γ of dropped channels did.
  public private(set) var interiorFromOriginal = 0.0
  /// The same over all cells, with the border ring where zero padding meets the constants.
  public private(set) var fromOriginal = 0.0

  /// Runs the three networks, one after the other, so that no two are in memory at once.
  ///
  /// - Parameters:
  ///   - original: the parameters before pruning and compensation.
  ///   - pictures: `[N, channels, height, width]` on the device to run on.
  public init(_ result: PruningResult, original: NetworkParameters, pictures: Tensor) throws {
    let masked = result.masked
    let compact = try Self.outputs(
      result.configuration, result.parameters, masked.inputScale, pictures)
    let whole = try Self.outputs(
      masked.configuration, masked.parameters, masked.inputScale, pictures, masks: masked.masks)
    guard whole.count == compact.count else { throw PruningError.nothingToCompare }
    for (expected, found) in zip(whole, compact) {
      proof.compare(masked: try expected.toFloats(), compact: try found.toFloats())
    }
    let originals = try Self.outputs(
      masked.configuration, original, masked.inputScale, pictures)
    try withoutGrad {
      let scale = try originals.map { try $0.abs().amax().item() }.max() ?? 0
      guard scale > 0 else { return }
      for (found, expected) in zip(compact, originals) {
        let distance = try (found - expected).abs()
        fromOriginal = max(fromOriginal, try distance.amax().item() / scale)
        let (height, width) = (distance.shape[2], distance.shape[3])
        guard height > 2, width > 2 else { continue }
        let inner = try distance.narrow(dim: 2, start: 1, count: height - 2)
          .narrow(dim: 3, start: 1, count: width - 2)
        interiorFromOriginal = max(interiorFromOriginal, try inner.amax().item() / scale)
      }
    }
  }

  /// Pixels that go through a network at once, as many as one picture of usual size has: what is
  /// kept between layers grows with them.
  private static let pixelsAtOnce = 416 * 416

  /// What a network's heads make of the pictures, some at a time.
  private static func outputs(
    _ configuration: Configuration, _ parameters: NetworkParameters, _ scale: InputScale,
    _ pictures: Tensor, masks: [[Float]]? = nil
  ) throws -> [Tensor] {
    let network = try Network(configuration, parameters, inputScale: scale)
    try network.move(to: pictures.device)
    let count = pictures.shape[0]
    let step = max(pixelsAtOnce / max(pictures.shape[2] * pictures.shape[3], 1), 1)
    return try withoutGrad {
      try stride(from: 0, to: count, by: step).flatMap { start in
        let some = try pictures.narrow(dim: 0, start: start, count: min(step, count - start))
        return try masks.map { try network(some, masks: $0) } ?? network(some)
      }
    }
  }
}
