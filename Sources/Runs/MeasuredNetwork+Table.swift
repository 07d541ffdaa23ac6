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
