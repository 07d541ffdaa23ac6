import Darknet
import Inference
import Integers
import Networks
import Torch

/// Runs a quantized network with whole numbers, on the CPU: the same codes in every layer as the
/// network has in libtorch (docs/formulas.md 10.15).
public final class IntegerEngine: InferenceEngine {
  /// What it runs.
  public let runner: IntegerRunner
  /// The heads of the network.
  public let heads: [any DetectionHead]

  /// An engine over a quantized network.
  ///
  /// - Parameter threads: that share the work of a layer; as many as libtorch has unless given.
  /// - Throws: as ``IntegerProgram/init(_:)``.
  public init(_ network: Network, threads: Int? = nil) throws {
    runner = IntegerRunner(
      try IntegerProgram(network), threads: threads ?? TorchRuntime.threadCount)
    heads = network.heads
  }

  /// What it is.
  public var description: EngineDescription {
    EngineDescription(
      name: "integer", precision: "int32", device: "cpu", threads: runner.threads)
  }
  /// The cfg of the network.
  public var spec: NetworkSpec { runner.program.spec }
  /// The CPU.
  public var device: Device { .cpu }

  /// The bytes as they are.
  public func prepared(_ pictures: Tensor) throws -> Tensor { try pictures.contiguous() }

  /// Runs the pictures one by one.
  public func outputs(of prepared: Tensor) throws -> [Tensor] {
    let shape = prepared.shape
    let bytes = try prepared.toUInt8s()
    let count = shape[1] * shape[2] * shape[3]
    let found = try (0..<shape[0]).map { picture in
      try runner.run(
        bytes[picture * count..<(picture + 1) * count], width: shape[3], height: shape[2])
    }
    let isOwn = (shape[3], shape[2]) == (spec.net.width, spec.net.height)
    let shapes = isOwn ? spec.shapes : try spec.shapes(width: shape[3], height: shape[2])
    let sources = runner.program.heads.map(\.source)
    let raw = try sources.indices.map { head in
      let grid = shapes[sources[head]]
      return try Tensor(
        found.flatMap { $0[head] }, shape: [shape[0], grid.channels, grid.height, grid.width])
    }
    return try raw.indices.map { head in
      guard case .yolo(let yolo) = spec.layers[heads[head].layerIndex],
        let fusion = FeatureFusion(yolo)
      else { return raw[head] }
      return try fusion(
        fusion.sources.compactMap { source in sources.firstIndex(of: source).map { raw[$0] } })
    }
  }

  /// The time of every layer, one entry a layer of the cfg in its order; none for those that do not run.
  ///
  /// - Parameter passes: timed passes of a gray picture, after one that is not.
  public func layerLatencies(width: Int, height: Int, passes: Int) throws -> [Latency] {
    let picture = [UInt8](repeating: 127, count: spec.net.channels * width * height)
    var samples = spec.layers.map { _ in [Double]() }
    for pass in -1..<max(passes, 1) {
      for index in samples.indices where pass >= 0 { samples[index].append(0) }
      var start = ContinuousClock.now
      _ = try runner.run(picture, width: width, height: height) { layer, _ in
        let end = ContinuousClock.now
        if pass >= 0 { samples[layer.index][pass] = (end - start).seconds * 1000 }
        start = end
      }
    }
    return samples.map { Latency(samples: $0.sorted()) }
  }

  /// Nothing is begun that is not done.
  public func synchronize() {}
}
