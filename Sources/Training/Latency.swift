import Networks
import Torch

/// Milliseconds of single pictures through a network.
public struct Latency: Sendable, Hashable {
  /// One entry a pass, ascending.
  public let samples: [Double]

  /// The middle of the passes.
  public var median: Double { samples[samples.count / 2] }

  /// Measures networks in turn, so that a machine's slow moments meet all of them.
  ///
  /// Each network runs folded, on one random picture, after a warm-up; the device is synchronised
  /// before the clock stops.
  ///
  /// - Parameters:
  ///   - width: input width in pixels.
  ///   - height: input height in pixels.
  ///   - passes: timed passes a network, at least 1.
  public static func alternating(
    _ networks: [Network], width: Int, height: Int, passes: Int = 20
  ) throws -> [Latency] {
    try withoutGrad {
      let folded = try networks.map { try $0.folded() }
      let pictures = try networks.map { try picture(for: $0, width: width, height: height) }
      var samples = [[Double]](repeating: [], count: networks.count)
      for pass in -warmUpPasses..<max(passes, 1) {
        for index in folded.indices {
          let start = ContinuousClock.now
          _ = try folded[index](pictures[index])
          try folded[index].device.synchronize()
          if pass >= 0 { samples[index].append((.now - start).seconds * 1000) }
        }
      }
      return samples.map { Latency(samples: $0.sorted()) }
    }
  }
  /// Measures every layer of one network.
  ///
  /// As ``alternating(_:width:height:passes:)``, but the device is synchronised after each layer. So
  /// the layers' times together are more than a whole pass takes, on a GPU above all, where a pass
  /// hands over the next layer while one runs.
  ///
  /// - Returns: one entry a layer, in the order of the cfg.
  public static func layers(
    of network: Network, width: Int, height: Int, passes: Int = 20
  ) throws -> [Latency] {
    try withoutGrad {
      let folded = try network.folded()
      let picture = try picture(for: network, width: width, height: height)
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
      }
      return samples.map { Latency(samples: $0.sorted()) }
    }
  }

  /// Passes before the clock counts.
  private static let warmUpPasses = 3

  private static func picture(for network: Network, width: Int, height: Int) throws -> Tensor {
    try Tensor.uniform(
      [1, network.spec.net.channels, height, width], generator: Generator(seed: 0)
    ).to(network.device)
  }
}
