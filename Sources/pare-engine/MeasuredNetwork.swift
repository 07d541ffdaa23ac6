import Commands
import Darknet
import Inference
import Reports

/// Figures of one network in a comparison.
struct MeasuredNetwork {
  let parameters: Int
  let weightsBytes: Int
  let macs: Int
  let map50: Double?
  let map: Double?
  let milliseconds: Double?

  /// Measures a network by its cfg.
  ///
  /// - Parameter size: of the input, in pixels; the cfg's own unless given.
  init(
    _ spec: NetworkSpec, size: (width: Int, height: Int)? = nil, latency: Latency?,
    outcome: Evaluation.Outcome?
  ) throws {
    let profile = try spec.profile(
      width: size?.width ?? spec.net.width, height: size?.height ?? spec.net.height)
    parameters = profile.parameters
    weightsBytes = profile.weightsByteCount
    macs = profile.macs
    map50 = outcome?.result.map50.ifMeasured
    map = outcome?.result.map.ifMeasured
    milliseconds = latency?.median
  }

  var json: JSONValue {
    .members([
      "parameters": parameters, "weightsBytes": weightsBytes, "macs": macs, "map50": map50,
      "map": map, "milliseconds": milliseconds,
    ])
  }

  /// Networks side by side, one a row.
  static func table(_ rows: [MeasuredNetwork], names: [String]) -> Table {
    var table = Table("network", "parameters", "MACs", "weights", "ms", "mAP@0.5", "mAP@0.5:0.95")
    for (name, row) in zip(names, rows) {
      table.append([
        name, Figures.count(row.parameters), Figures.count(row.macs),
        Figures.bytes(row.weightsBytes),
        row.milliseconds.map { Figures.fixed($0, 2) } ?? "–",
        row.map50.map { Figures.fixed($0, 4) } ?? "–",
        row.map.map { Figures.fixed($0, 4) } ?? "–",
      ])
    }
    return table
  }
}
