import Darknet
import Networks
import Torch

/// Something that runs a detector: pictures in, raw outputs of its heads out.
///
/// ``Predictor``, ``Evaluation``, ``Latency`` and ``Detector`` know engines, never a network.
/// Whoever writes one says what the heads are, and the rest follows: thresholds, decoding,
/// suppression, mAP.
public protocol InferenceEngine: AnyObject {
  /// What it is. Errors give its name; nothing else of it is read so far.
  var description: EngineDescription { get }
  /// The cfg of the network that it runs.
  var spec: NetworkSpec { get }
  /// The heads, in the order of the outputs. Those of the cfg unless the engine says otherwise.
  var heads: [any DetectionHead] { get }
  /// Where it wants its pictures, and gives its outputs.
  var device: Device { get }
  /// Whether several threads may run it at once, each with pictures of its own. Not unless it says
  /// so.
  var isShareable: Bool { get }

  /// Brings pictures to the form that ``outputs(of:)`` reads.
  ///
  /// - Parameter pictures: `uint8`, `0...255`, `[N, C, H, W]` in any memory order, on ``device``;
  ///   sides are the cfg's own or multiples of the network's stride, and may differ from batch to
  ///   batch.
  func prepared(_ pictures: Tensor) throws -> Tensor

  /// Runs the network. On a GPU this may return before the work is done.
  ///
  /// - Returns: as many tensors as ``heads``: of each head its raw output before any activation of
  ///   its own, `[N, anchors × values per anchor, H, W]`, where H × W is its grid at this input
  ///   size.
  func outputs(of prepared: Tensor) throws -> [Tensor]

  /// Waits until all work that was begun is done.
  func synchronize() throws
}

extension InferenceEngine {
  /// One thread at a time.
  public var isShareable: Bool { false }
  /// The heads of the cfg.
  public var heads: [any DetectionHead] { spec.detectionHeads }

  /// Raw outputs of the heads for pictures as ``prepared(_:)`` takes them.
  ///
  /// - Throws: ``InferenceError/wrongOutputs(engine:found:expected:)`` when the engine gives others
  ///   than its heads read.
  public func run(_ pictures: Tensor) throws -> [Tensor] {
    let outputs = try withoutGrad { try self.outputs(of: prepared(pictures)) }
    let (found, expected) = (outputs.map(\.shape), try outputShapes(of: pictures.shape))
    guard found == expected else {
      throw InferenceError.wrongOutputs(
        engine: description.name, found: found, expected: expected)
    }
    return outputs
  }

  /// What the heads read of a batch `[N, C, H, W]`.
  private func outputShapes(of pictures: [Int]) throws -> [[Int]] {
    let (width, height) = (pictures[3], pictures[2])
    let isOwn = (width, height) == (spec.net.width, spec.net.height)
    let shapes = isOwn ? spec.shapes : try spec.shapes(width: width, height: height)
    return heads.map { head in
      let grid = shapes[head.layerIndex]
      return [pictures[0], head.anchorCount * head.valuesPerAnchor, grid.height, grid.width]
    }
  }
}

/// What an engine is.
public struct EngineDescription: Hashable, Sendable {
  /// A short name, such as `torch`.
  public var name: String
  /// The arithmetic of its layers, such as `float32`.
  public var precision: String
  /// Where it runs, such as `cpu`.
  public var device: String
  /// Threads that share the work of a layer.
  public var threads: Int

  /// A description.
  public init(name: String, precision: String, device: String, threads: Int) {
    self.name = name
    self.precision = precision
    self.device = device
    self.threads = threads
  }
}
