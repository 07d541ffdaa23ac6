import Commands
import Darknet
import Reports
import Runs

extension ProfileRun {
  /// What is told of a network's cost.
  ///
  /// - Parameters:
  ///   - times: of its layers, where they were measured.
  ///   - command: what was asked for.
  package func summary(_ times: LayerTimes?, _ command: ProfileCommand) -> Summary {
    var summary = Summary()
    summary.lines.add(table(times))
    if let times { summary.lines.add(times.tableByType(profile)) }
    summary.lines.add(summaryLine)
    if let times { summary.lines.add(times.summary) }
    if let warning = times?.load?.warning { summary.lines.add(warning) }
    summary.json = .members([
      "cfg": absolute(recipe.cfg), "width": profile.width, "height": profile.height,
      "parameters": profile.parameters,
      "weightsBytes": codes?.bytes ?? profile.weightsByteCount,
      "floatWeightsBytes": codes == nil ? nil : profile.weightsByteCount,
      "quantization": codes?.json,
      "macs": profile.macs, "activationBytes": profile.activationBytes,
      "activationSumBytes": profile.activationSumBytes, "milliseconds": times?.whole.fastest,
      "device": times.map { "\($0.device)" }, "threads": times?.threads,
      "load": times?.load?.json,
      "layers": JSONValue.array(profile.layers.map { jsonRow($0, times) }),
    ])
    let next = next(command)
    summary.next = [(next.purpose, next.command + command.inputSize.words)]
    return summary
  }

  /// Time the layers; then make the network smaller, or train it where it has no weights yet.
  private func next(_ command: ProfileCommand) -> NextStep {
    let cfg = recipe.cfg
    if !command.latency {
      let same = command.network.model.map { ["--model", $0] } ?? ["--cfg", cfg]
      return ("time it", NextCommand("profile") + same + ["--latency"])
    }
    let weights = (cfg.hasSuffix(".cfg") ? String(cfg.dropLast(4)) : cfg) + ".weights"
    guard fileExists(weights) else {
      return NextCommand.firstTraining(cfg: cfg, classes: spec.classes)
    }
    let data = RunDataset(ofRun: folderPath(of: cfg))
    var words = ["--data", NextCommand.Placeholder.data.rawValue]
    if case .known(let path, let isSingleClass) = data {
      words = ["--data", path] + (isSingleClass ? ["--single-cls"] : [])
    }
    return (
      "make it smaller, as far as that costs a point of mAP@0.5 and of mAP@0.5:0.95 at most",
      NextCommand("prune", "target") + NextCommand.model(cfg: cfg, weights: weights) + words
        // The scales of a network that was not made sparse tell nothing.
        + (isSparseTraining(folderPath(of: cfg)) ? [] : ["--score", "taylor"]) + [
          "--max-drop", "1",
        ]
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

  private func table(_ times: LayerTimes?) -> Table {
    var table = Table(
      [Table.Column("layer", .left), Table.Column("type", .left)]
        + ["in", "out", "size", "parameters", times == nil ? "multiplications" : "MACs"].map {
          Table.Column($0)
        }
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

  private var summaryLine: String {
    let weights =
      codes?.sizeInWords(floatBytes: profile.weightsByteCount)
      ?? Figures.bytes(profile.weightsByteCount)
    return """
      \(Figures.grouped(profile.parameters)) parameters, \
      weights \(weights), \(Figures.count(profile.macs)) multiplications \
      (MACs; \(Figures.fixed(profile.billionOperations, 3)) BFLOPs) at \(profile.width)×\(profile.height), \
      activations \(Figures.bytes(profile.activationBytes)) at the peak, \
      \(Figures.bytes(profile.activationSumBytes)) in sum
      """
  }
}

extension LayerTimes {
  fileprivate func cells(ofLayers indices: [Int]) -> [String] {
    [
      Figures.fixed(milliseconds(ofLayers: indices), 3),
      Figures.percent(share(ofLayers: indices)),
    ]
  }

  /// The kinds of layers, slowest first.
  fileprivate func tableByType(_ profile: NetworkProfile) -> Table {
    var table = Table("type", "layers", "multiplications", "ms", "share")
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

  fileprivate var summary: String {
    """
    \(Figures.fixed(whole.fastest, 3)) ms a picture on \(device) with \(threads) \
    thread\(threads == 1 ? "" : "s"), fastest of \(repeats) passes; the layers' fastest add up to \
    \(Figures.fixed(sum, 3)) ms
    """
  }
}
