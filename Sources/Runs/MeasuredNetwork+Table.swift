import Inference
import Reports

extension MeasuredNetwork {
  /// Networks side by side, one a row.
  package static func table(_ rows: [MeasuredNetwork], names: [String]) -> Table {
    var table = Table(
      "network", "parameters", "multiplications", "weights", "ms", "mAP@0.5", "mAP@0.5:0.95")
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

/// What the milliseconds of a table are, and how far they may be trusted: "times: median of 20 passes
/// in turn, in ms; half of them took 3.10 to 3.92 (before), 2.21 to 2.87 (after)".
package func spreadOfTimes(_ times: [(name: String, middle: ClosedRange<Double>?)]) -> String? {
  let spreads = times.compactMap { name, middle in
    middle.map {
      "\(Figures.fixed($0.lowerBound, 2)) to \(Figures.fixed($0.upperBound, 2)) (\(name))"
    }
  }
  guard !spreads.isEmpty else { return nil }
  return "times: median of \(Latency.usualPasses) passes in turn, in ms; half of them took "
    + spreads.joined(separator: ", ")
}
