import Darknet
import Inference
import Networks
import Torch
import Training

extension Pruner {
  /// Measures the latency of every convolution that may lose channels at several widths.
  ///
  /// Layers whose channels go together have one staircase, the sum of theirs. A depthwise
  /// convolution reads as many channels as it makes; any other reads all that it reads now.
  ///
  /// - Parameters:
  ///   - width: input width in pixels.
  ///   - height: input height in pixels.
  ///   - multiple: the least distance of widths, at least 1.
  ///   - device: what runs them.
  ///   - passes: timed passes a width.
  /// - Returns: staircases by layer.
  public func staircases(
    width: Int, height: Int, multiple: Int, on device: Device, passes: Int = 7
  ) throws -> [Int: WidthStaircase] {
    let shapes = try spec.shapes(width: width, height: height)
    let input = FeatureShape(channels: spec.net.channels, height: height, width: width)
    var known: [LoneConvolution: [Double]] = [:]
    var staircases: [Int: WidthStaircase] = [:]
    for layers in groups {
      let widths = WidthStaircase.widths(
        upTo: layers.map { spec.outChannels(ofLayer: $0) }.max() ?? 0, multiple: multiple)
      var sums = [Double](repeating: 0, count: widths.count)
      for layer in layers {
        let convolution = LoneConvolution(
          spec, layer: layer, input: layer == 0 ? input : shapes[layer - 1])
        let times =
          try known[convolution]
          ?? convolution.milliseconds(
            widths, inputScale: inputScale, on: device, passes: passes)
        known[convolution] = times
        for (place, time) in times.enumerated() { sums[place] += time }
      }
      let staircase = WidthStaircase(
        zip(widths, sums).map { .init(width: $0, milliseconds: $1) })
      for layer in layers { staircases[layer] = staircase }
    }
    return staircases
  }

  /// Convolutions whose channels are the same classes, of those that may lose some.
  private var groups: [[Int]] {
    var groups: [[Int]: [Int]] = [:]
    for (layer, each) in spec.layers.enumerated() {
      guard let convolution = each.convolution, convolution.shareIndex == nil else { continue }
      let own = slots.outputs[layer].map { classes.classOfSlot[$0] }
      guard own.contains(where: { exclusions[$0] == nil }) else { continue }
      groups[own, default: []].append(layer)
    }
    return groups.values.sorted { $0[0] < $1[0] }
  }
}

/// A convolution on its own: what it says and what it reads.
private struct LoneConvolution: Hashable {
  let name: String
  let entries: [String: String]
  let input: FeatureShape
  /// Output channels an input channel, of a depthwise convolution.
  let multiplier: Int?
  let groups: Int

  init(_ spec: NetworkSpec, layer: Int, input: FeatureShape) {
    let section = spec.section(ofLayer: layer)
    name = section.name
    entries = Dictionary(section.entries.map { ($0.key, $0.value) }) { first, _ in first }
    self.input = input
    let convolution = spec.layers[layer].convolution
    groups = convolution?.groups ?? 1
    multiplier =
      convolution?.isDepthwise(inputChannels: input.channels) == true
      ? spec.outChannels(ofLayer: layer) / input.channels : nil
  }

  /// The shortest pass of one picture at each width: what disturbs a machine only adds.
  func milliseconds(
    _ widths: [Int], inputScale: InputScale, on device: Device, passes: Int
  ) throws -> [Double] {
    let engines = try widths.map { width in
      let network = try Network(configuration(width), inputScale: inputScale)
      try network.move(to: device, memoryFormat: .channelsLast)
      return try TorchEngine(network)
    }
    return try Latency.alternating(
      engines, width: input.width, height: input.height, passes: passes
    ).map(\.fastest)
  }

  /// A network of this convolution alone.
  private func configuration(_ width: Int) throws -> Configuration {
    var section = Configuration.Section(
      name: name,
      entries: entries.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) })
    var channels = input.channels
    if let multiplier {
      channels = max(width / multiplier, 1)
      section["filters"] = String(channels * multiplier)
      if section["groups"] != nil { section["groups"] = String(channels) }
    } else {
      // Chunks stay equal.
      section["filters"] = String(max(width / groups, 1) * groups)
    }
    let net = Configuration.Section(
      name: "net",
      entries: [("width", input.width), ("height", input.height), ("channels", channels)].map {
        .init(key: $0, value: String($1))
      })
    return Configuration(sections: [net, section], path: "convolution.cfg")
  }
}
