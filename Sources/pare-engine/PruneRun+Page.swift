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
    let emptying = pruner.emptyingPercents
    if !emptying.isEmpty {
      page.section("When layers are emptied")
      page.paragraph(
        "Up to this share of all channels a layer keeps one of its own. What is lost of mAP is another matter."
      )
      page.plot(
        Plot(
          "Share of all channels up to which each layer is not emptied",
          lines: [
            Plot.Line(
              "not emptied up to", x: emptying.map { Double($0.layer) },
              y: emptying.map { 100 * $0.percent })
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
