import Diagnosis
import Inference
import Networks
import Reports
import Torch
import Training

/// Times of networks that were measured in turn, and how busy the machine was meanwhile.
public struct Timing {
  /// Of each network.
  public let latencies: [Latency]
  /// Programs that wanted the cores; nil where the system does not tell.
  package let load: MachineLoad?

  /// Times that were measured.
  package init(latencies: [Latency], load: MachineLoad?) {
    (self.latencies, self.load) = (latencies, load)
  }

  /// Measures networks in turn, on no more threads than other programs leave cores for.
  ///
  /// - Parameters:
  ///   - networks: with the size of the input that they are timed at.
  ///   - threads: what was asked for; set by the work unless given.
  ///   - engine: what runs each.
  init(
    _ networks: [Network], size: (width: Int, height: Int), threads: Int?, on device: Device,
    _ observer: any RunObserver, engine: (Network) throws -> any InferenceEngine
  ) throws {
    // What comes after is to have the bits that the usual number of threads gives.
    let before = TorchRuntime.threadCount
    try setThreadsForTiming(
      threads, for: networks.map { ($0.spec, size.width, size.height) }, on: device, observer)
    var watch = LoadWatch()
    let latencies = try Latency.alternating(
      networks.map(engine), width: size.width, height: size.height
    ) { watch.look() }
    if TorchRuntime.threadCount != before { try TorchRuntime.setThreadCount(before) }
    self.init(latencies: latencies, load: watch.load())
  }

  /// What the times are, and how far they may be trusted: "times: fastest of 20 passes in turn, in ms;
  /// half of them took 3.10 to 3.92 (before), 2.21 to 2.87 (after)". Empty without any.
  package func words(_ names: [String]) -> [String] {
    guard !latencies.isEmpty else { return [] }
    let spreads = zip(names, latencies).map { name, latency in
      let middle = latency.middleHalf
      return
        "\(Figures.fixed(middle.lowerBound, 2)) to \(Figures.fixed(middle.upperBound, 2)) (\(name))"
    }
    return [
      "times: fastest of \(latencies[0].samples.count) passes in turn, in ms; half of them took "
        + spreads.joined(separator: ", ")
    ] + [load?.warning].compactMap(\.self)
  }
}

extension MachineLoad {
  /// That times are not to be trusted, why, and what to do; nil where they are.
  package var warning: String? {
    spoilsTimes
      ? "these times are not to be trusted: \(words); \(Self.remedy), and measure again" : nil
  }
}
