import Commands
import Pruning
import Reports
import Runs
import Training

extension PruneSummary {
  /// Writes `report.html`: both networks side by side, the pictures on which they differ most, widths,
  /// the curve, and what differs in the cfg.
  package func writePage(_ description: RunDescription, to folder: String) throws {
    let measured = outcome.measured
    var page = HTMLReport(
      title: "Pruning of \(recipe.pair.weights), method \(recipe.method.name)")
    page.section("Before and after")
    page.paragraph(headline + ".")
    page.addCommand(description)
    for (number, next) in next.enumerated() {
      page.paragraph("\(number == 0 ? "Next" : "Or"), \(next.purpose):")
      page.code("\(next.command)")
    }
    page.table(measured.table)
    for line in measured.timesInWords { page.sentence(line) }
    page.add(measured.lost)
    page.paragraph("Advice: \(advice).")
    if let targetInWords { page.sentence(targetInWords) }
    for line in removalInWords { page.sentence(line) }
    measured.addDifferences(to: &page)
    addProof(to: &page)
    page.section("Widths")
    page.paragraph(
      "Output channels of every convolution; a layer that went as a whole has none left.")
    page.bars(
      PairedBars(
        "layer",
        outcome.plan.layers.map { .init("\($0.layer)", whole: $0.before, left: $0.after) }))
    let scales = scalesInWords
    if !scales.isEmpty {
      page.section("Scales before pruning")
      for line in scales { page.sentence(line) }
    }
    let emptying = run.pruner.emptyingPercents
    if !emptying.isEmpty {
      page.section("When layers are emptied")
      page.paragraph(
        "Up to this share of all channels a layer keeps one of its own. What is lost of mAP is another matter."
      )
      page.plot(
        Plot(
          "Largest share of all channels, in %",
          lines: [
            Plot.Line(
              "not emptied up to", x: emptying.map { Double($0.layer) },
              y: emptying.map { 100 * $0.percent })
          ], xLabel: "layer"))
    }
    if let curve = outcome.curve {
      page.section("mAP before fine-tuning")
      page.plot(
        Plot(
          "mAP@0.5 at rising shares",
          lines: [("as pruned", false), ("with re-estimated statistics", true)].map { name, kind in
            let points = curve.points(recalibrated: kind).points
            return Plot.Line(name, x: points.map { 100 * $0.percent }, y: points.map(\.map50))
          }, xLabel: "% of channels"))
      page.sentence(curve.summary)
      if let words = curve.recalibrationInWords { page.sentence(words) }
    }
    page.section("Changes of the cfg")
    page.code(outcome.pair.result.configurationChanges.joined(separator: "\n"))
    page.addMachine(description)
    try page.write(to: folder + "/report.html")
  }

  /// What was compared, with the figures of `certificate.json`.
  private func addProof(to page: inout HTMLReport) {
    let proof = outcome.check.proof
    page.section("Proof")
    page.sentence(proofInWords)
    page.facts([
      ("largest difference", Figures.significant(proof.maxAbsDifference)),
      ("scale of the outputs", Figures.significant(proof.outputScale)),
      ("largest difference, of the scale", Figures.significant(proof.relativeDifference)),
      ("limit", Figures.significant(PruningProof.tolerance, 1)),
      ("values compared", Figures.grouped(proof.comparedValues)),
      ("pictures", outcome.isReal ? "real" : "drawn"),
    ])
    if !outcome.plan.removesNothing { page.sentence(differenceInWords) }
  }
}
