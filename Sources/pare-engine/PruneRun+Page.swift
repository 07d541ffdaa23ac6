import Pruning
import Reports

extension PruneRun {
  /// Writes `report.html`: both networks side by side, widths, the curve, and what differs in the
  /// cfg.
  func writePage(
    _ result: PruningResult, _ measured: Measured, verdict: PruningVerdict, curve: PruningCurve?,
    to folder: String
  ) throws {
    var page = HTMLReport(title: "\(method.name): \(spec.configuration.path)")
    page.section("Before and after")
    page.table(measured.table)
    for line in measured.lines { page.paragraph(line) }
    page.paragraph("\(verdict.advice)")
    page.section("Widths")
    let layers = result.plan.layers
    page.plot(
      Plot(
        "Channels of every convolution",
        lines: [
          Plot.Line(
            "before", x: layers.map { Double($0.layer) }, y: layers.map { Double($0.before) }),
          Plot.Line(
            "after", x: layers.map { Double($0.layer) }, y: layers.map { Double($0.after) }),
        ], xLabel: "layer"))
    let safe = pruner.safePercents
    if !safe.isEmpty {
      page.section("Safe shares")
      page.paragraph("The share of all channels at which a layer has none of its own left.")
      page.plot(
        Plot(
          "Safe share of every layer",
          lines: [
            Plot.Line(
              "safe", x: safe.map { Double($0.layer) }, y: safe.map { 100 * $0.percent })
          ], xLabel: "layer"))
    }
    if let curve {
      page.section("mAP before fine-tuning")
      page.plot(
        Plot(
          "mAP@0.5 at rising shares",
          lines: [
            Plot.Line(
              "mAP@0.5", x: [0] + curve.points.map { 100 * $0.percent },
              y: [curve.original] + curve.points.map(\.map50))
          ], xLabel: "% of channels"))
      if let cliff = curve.cliff {
        page.paragraph("cliff at \(Int((100 * cliff).rounded())) %")
      }
    }
    page.section("Changes of the cfg")
    page.code(result.configurationChanges.joined(separator: "\n"))
    try page.write(to: folder + "/report.html")
  }
}
