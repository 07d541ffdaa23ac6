import Networks
import Torch

/// Milliseconds of single pictures through a detector.
public struct Latency: Sendable, Hashable {
  /// One entry a pass, ascending.
  public let samples: [Double]

  /// Times in milliseconds, ascending.
  package init(samples: [Double]) { self.samples = samples }

  /// The pass that other programs disturbed least: they only add. Networks are compared by it.
  public var fastest: Double { samples[0] }

  /// The middle of the passes.
  public var median: Double { samples[samples.count / 2] }

  /// What the middle half of the passes took: their spread on a machine as busy as it was.
  public var middleHalf: ClosedRange<Double> {
    samples[samples.count / 4]...samples[(3 * samples.count) / 4]
  }

  /// Measures engines in turn, so that a machine's slow moments meet all of them. Every other turn goes
  /// backwards, for such moments may come as regularly as the turns do.
  ///
  /// Each runs on one random picture that is ready for it (``InferenceEngine/prepared(_:)``), after
  /// a warm-up; it has finished before the clock stops.
  ///
  /// - Parameters:
  ///   - width: input width in pixels.
  ///   - height: input height in pixels.
  ///   - passes: timed passes an engine, at least 1.
  ///   - observe: is called between timed passes.
  public static func alternating(
    _ engines: [any InferenceEngine], width: Int, height: Int, passes: Int = usualPasses,
    observe: () -> Void = {}
  ) throws -> [Latency] {
    try withoutGrad {
      let pictures = try engines.map { engine in
        try engine.prepared(
          drawnPicture(engine.spec.net.channels, width, height).to(engine.device))
      }
      var samples = [[Double]](repeating: [], count: engines.count)
      for pass in -warmUpPasses..<max(passes, 1) {
        let turn = Array(engines.enumerated())
        for (index, engine) in pass.isMultiple(of: 2) ? turn : turn.reversed() {
          let start = ContinuousClock.now
          _ = try engine.outputs(of: pictures[index])
          try engine.synchronize()
          guard pass >= 0 else { continue }
          samples[index].append((.now - start).seconds * 1000)
          observe()
        }
      }
      return samples.map { Latency(samples: $0.sorted()) }
    }
  }

  /// Measures every layer of one network, run by libtorch.
  ///
  /// As ``alternating(_:width:height:passes:)``, but the device is synchronised after each layer.
  /// So the layers' times together are more than a whole pass takes, on a GPU above all, where a
  /// pass hands over the next layer while one runs.
  ///
  /// - Returns: one entry a layer, in the order of the cfg.
  public static func layers(
    of network: Network, width: Int, height: Int, passes: Int = 20, observe: () -> Void = {}
  ) throws -> [Latency] {
    try withoutGrad {
      let folded = try network.folded()
      let picture = try TorchEngine(folded).prepared(
        drawnPicture(network.spec.net.channels, width, height).to(network.device))
      var samples = [[Double]](repeating: [], count: network.layers.count)
      for pass in -warmUpPasses..<max(passes, 1) {
        try folded.device.synchronize()
        var start = ContinuousClock.now
        let timed = ForwardPass { index, output in
          try folded.device.synchronize()
          let end = ContinuousClock.now
          if pass >= 0 { samples[index].append((end - start).seconds * 1000) }
          start = end
          return output
        }
        _ = try folded(picture, timed)
        if pass >= 0 { observe() }
      }
      return samples.map { Latency(samples: $0.sorted()) }
    }
  }

  /// Timed passes, unless another number is asked for.
  public static let usualPasses = 20
  /// Passes before the clock counts.
  private static let warmUpPasses = 3

  /// Bytes `[1, channels, height, width]`.
  private static func drawnPicture(
    _ channels: Int, _ width: Int, _ height: Int
  ) throws -> Tensor {
    let values = try Tensor.uniform(
      [1, channels, height, width], low: 0, high: 256, generator: Generator(seed: 0))
    return try values.clamped(max: 255).to(.uint8)
  }
}
