import Darknet
import Networks
import Torch

/// A pruned network, run beside the masked and the original one on the same pictures.
public struct PruningCheck: Sendable, Hashable {
  /// Whether compact and masked are the same, borders included.
  public private(set) var proof = PruningProof()
  /// Largest difference of compact and original away from borders, relative to the original's scale:
  /// what the true γ of dropped channels did.
  public private(set) var interiorFromOriginal = 0.0
  /// The same over all cells, with the border ring where zero padding meets the constants.
  public private(set) var fromOriginal = 0.0

  /// Runs the three networks.
  ///
  /// - Parameters:
  ///   - original: the parameters before pruning and compensation.
  ///   - pictures: `[N, channels, height, width]` on the device to run on.
  public init(_ result: PruningResult, original: NetworkParameters, pictures: Tensor) throws {
    let full = try Network(result.masked, on: pictures.device)
    let scale = result.masked.inputScale
    let compact = try Network(
      result.configuration, result.parameters, scale: scale, on: pictures.device)
    let before = try Network(
      result.masked.configuration, original, scale: scale, on: pictures.device)
    try withoutGrad {
      let masked = try full(pictures, masks: result.masked.masks)
      let pruned = try compact(pictures)
      let originals = try before(pictures)
      for (expected, found) in zip(masked, pruned) {
        proof.compare(masked: try expected.toFloats(), compact: try found.toFloats())
      }
      let scale = try originals.map { try $0.abs().amax().item() }.max() ?? 0
      guard scale > 0 else { return }
      for (found, expected) in zip(pruned, originals) {
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
}

extension Network {
  fileprivate convenience init(
    _ configuration: Configuration, _ parameters: NetworkParameters, scale: InputScale,
    on device: Device
  ) throws {
    try self.init(configuration, inputScale: scale)
    try load(parameters)
    try move(to: device)
  }

  fileprivate convenience init(_ masked: MaskedNetwork, on device: Device) throws {
    try self.init(
      masked.configuration, masked.parameters, scale: masked.inputScale, on: device)
  }
}
