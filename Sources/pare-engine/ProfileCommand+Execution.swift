import Commands
import Darknet
import Foundation
import Inference
import Networks
import Reports
import Runs
import Torch
import Training

extension ProfileCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    try requireRunFolder(network.model)
    let spec = try NetworkSpec(contentsOf: network.cfg)
    for warning in spec.warnings.merged { Console.warn("\(warning)") }
    let size = inputSize.size ?? (spec.net.width, spec.net.height)
    try spec.checkInput(width: size.width, height: size.height)
    let profile = try spec.profile(width: size.width, height: size.height)
    let times = latency ? try LayerTimes(self, spec, width: size.width, height: size.height) : nil
    if report.printsTables {
      try Console.print(table(profile, times))
      if let times { try Console.print(times.tableByType(profile)) }
      try Console.print(summary(profile))
      if let times { try Console.print(times.summary) }
    }
    try json.write(
      .members([
        "cfg": absolute(network.cfg), "width": profile.width, "height": profile.height,
        "parameters": profile.parameters, "weightsBytes": profile.weightsByteCount,
        "macs": profile.macs, "activationBytes": profile.activationBytes,
        "activationSumBytes": profile.activationSumBytes, "milliseconds": times?.whole.median,
        "device": times.map { "\($0.device)" }, "threads": times?.threads,
        "layers": JSONValue.array(profile.layers.map { jsonRow($0, times) }),
      ]))
    let next = next(spec)
    try report.next(next.purpose, next.command + inputSize.words)
  }

  /// Time the layers; then make the network smaller, or train it where it has no weights yet.
  private func next(_ spec: NetworkSpec) -> (purpose: String, command: NextCommand) {
    let cfg = network.cfg
    if !latency {
      let same = network.model.map { ["--model", $0] } ?? ["--cfg", cfg]
      return ("time it", NextCommand("profile") + same + ["--latency"])
    }
    let weights = (cfg.hasSuffix(".cfg") ? String(cfg.dropLast(4)) : cfg) + ".weights"
    guard fileExists(weights) else {
      return (
        "train it",
        .train(["--cfg", cfg], on: NextCommand.data(beside: cfg, classes: spec.classes))
      )
    }
    return (
      "make it smaller",
      NextCommand("prune", "normal") + NextCommand.model(cfg: cfg, weights: weights)
        + ["--percent", "50%", "--force"]
    )
  }

  private func jsonRow(_ layer: NetworkProfile.Layer, _ times: LayerTimes?) -> JSONValue {
    let counts = JSONValue.members([
      "index": layer.index, "type": layer.type, "inChannels": layer.inChannels,
      "outChannels": layer.shape.channels, "height": layer.shape.height,
      "width": layer.shape.width, "parameters": layer.parameters, "macs": layer.macs,
    ])
    guard let times, case .object(let members) = counts else { return counts }
    return .object(
      members + [
        JSONValue.Member("milliseconds", .number(times.milliseconds(ofLayers: [layer.index]))),
        JSONValue.Member("share", .number(times.share(ofLayers: [layer.index]))),
      ])
  }

  private func table(_ profile: NetworkProfile, _ times: LayerTimes?) -> Table {
    var table = Table(
      [Table.Column("layer", .left), Table.Column("type", .left)]
        + ["in", "out", "size", "parameters", "MACs"].map { Table.Column($0) }
        + (times == nil ? [] : ["ms", "share"]).map { Table.Column($0) })
    // Beside times there is no room for all digits.
    let figure = times == nil ? Figures.grouped : Figures.count
    for layer in profile.layers {
      table.append(
        [
          "\(layer.index)", layer.type, "\(layer.inChannels)", "\(layer.shape.channels)",
          "\(layer.shape.width)×\(layer.shape.height)", figure(layer.parameters),
          figure(layer.macs),
        ] + (times?.cells(ofLayers: [layer.index]) ?? []))
    }
    table.append(
      ["total", "", "", "", "", figure(profile.parameters), figure(profile.macs)]
        + (times?.cells(ofLayers: Array(profile.layers.indices)) ?? []), isSeparated: true)
    return table
  }

  private func summary(_ profile: NetworkProfile) -> String {
    """
    \(Figures.grouped(profile.parameters)) parameters, \
    weights \(Figures.bytes(profile.weightsByteCount)), \(Figures.count(profile.macs)) MACs \
    (\(Figures.fixed(profile.billionOperations, 3)) BFLOPs) at \(profile.width)×\(profile.height), \
    activations \(Figures.bytes(profile.activationBytes)) at the peak, \
    \(Figures.bytes(profile.activationSumBytes)) in sum
    """
  }
}

/// What each layer of a network takes.
private struct LayerTimes {
  let device: Device
  let threads: Int
  let repeats: Int
  /// Passes that only the end of the network waits for.
  let whole: Latency
  let layers: [Latency]

  init(_ command: ProfileCommand, _ spec: NetworkSpec, width: Int, height: Int) throws {
    device = try openDevice(command.machine)
    try setThreadsForTiming(
      command.machine.threads, for: [(spec, width, height)], on: device,
      ConsoleObserver(isQuiet: command.report.quiet))
    threads = TorchRuntime.threadCount
    repeats = command.repeats
    let network = try Network(spec.configuration)
    try network.load(Self.steadied(network.parameters()))
    try network.move(to: device, memoryFormat: .channelsLast)
    whole = try Latency.alternating(
      [TorchEngine(network)], width: width, height: height, passes: repeats)[0]
    layers = try Latency.layers(of: network, width: width, height: height, passes: repeats)
  }

  /// Fresh weights under which values neither fade to subnormal numbers, which are slow, nor grow:
  /// their variance, 1/(3·fan in), times γ² = 6 is that of He et al., 2015.
  private static func steadied(_ fresh: NetworkParameters) -> NetworkParameters {
    var parameters = fresh
    for index in parameters.layers.indices {
      guard let gamma = parameters.layers[index][.gamma] else { continue }
      parameters.layers[index][.gamma] = ParameterArray(
        shape: gamma.shape, values: gamma.values.map { $0 * Float(6).squareRoot() })
    }
    return parameters
  }

  private var sum: Double { layers.reduce(0) { $0 + $1.median } }

  /// Their medians, added up.
  func milliseconds(ofLayers indices: [Int]) -> Double {
    indices.reduce(0) { $0 + layers[$1].median }
  }

  /// Their share of the sum over all layers.
  func share(ofLayers indices: [Int]) -> Double { milliseconds(ofLayers: indices) / sum }

  func cells(ofLayers indices: [Int]) -> [String] {
    [
      Figures.fixed(milliseconds(ofLayers: indices), 3),
      Figures.percent(share(ofLayers: indices)),
    ]
  }

  /// The kinds of layers, slowest first.
  func tableByType(_ profile: NetworkProfile) -> Table {
    var table = Table("type", "layers", "MACs", "ms", "share")
    let kinds = Dictionary(grouping: profile.layers, by: \.type).sorted {
      (milliseconds(ofLayers: $1.value.map(\.index)), $0.key)
        < (milliseconds(ofLayers: $0.value.map(\.index)), $1.key)
    }
    for (type, layers) in kinds {
      table.append(
        [
          type, "\(layers.count)", Figures.grouped(layers.reduce(0) { $0 + $1.macs }),
        ] + cells(ofLayers: layers.map(\.index)))
    }
    return table
  }

  var summary: String {
    """
    \(Figures.fixed(whole.median, 3)) ms a picture on \(device) with \(threads) \
    thread\(threads == 1 ? "" : "s"), median of \(repeats) passes; the layers' medians add up to \
    \(Figures.fixed(sum, 3)) ms
    """
  }
}
