import Reports

/// The figures of a run for people: `report.html`, which needs no network, and TensorBoard events.
struct RunReport {
  let folder: RunFolder
  private let techniques: [any TrainingTechnique]
  private let events: EventWriter

  /// - Parameters:
  ///   - epoch: the first epoch that will be reported; TensorBoard forgets what an interrupted run
  ///     told of it and of later ones.
  ///   - techniques: whose figures and distributions the report shows.
  init(_ folder: RunFolder, from epoch: Int, techniques: [any TrainingTechnique]) throws {
    self.folder = folder
    self.techniques = techniques
    events = try EventWriter(folder: folder.path, firstStep: epoch)
  }

  /// Adds the last epoch of `history`.
  func update(_ history: [EpochFigures]) throws {
    guard let last = history.last else { return }
    var scalars = zip(DetectionLoss.termNames, last.losses).map { (tag: "train/\($0)", value: $1) }
    scalars.append((tag: "train/learning_rate", value: last.learningRate))
    for (name, value) in [
      ("precision", last.precision), ("recall", last.recall), ("mAP_0.5", last.map50),
      ("mAP_0.5:0.95", last.map), ("F1", last.f1),
    ] {
      if let value { scalars.append((tag: "metrics/\(name)", value: value)) }
    }
    scalars += last.techniques.sorted { $0.key < $1.key }.map { (tag: "sparsity/\($0)", value: $1) }
    try events.scalars(scalars, step: last.epoch)
    let distributions = try techniques.flatMap { try $0.distributions() }
    for distribution in distributions {
      try events.histogram(distribution.name, Histogram(distribution.values), step: last.epoch)
    }
    try events.flush()
    try page(history, distributions.filter(\.isSummary)).write(to: folder.path + "/report.html")
  }

  private func page(
    _ history: [EpochFigures], _ distributions: [TechniqueDistribution]
  ) -> HTMLReport {
    var page = HTMLReport(title: folder.path)
    let epochs = history.map { Double($0.epoch + 1) }
    page.section("Loss")
    page.plot(
      Plot(
        "Weighted terms of the loss",
        lines: DetectionLoss.termNames.enumerated().map { index, name in
          Plot.Line(name, x: epochs, y: history.map { $0.losses[index] })
        }, xLabel: "epoch"))
    let judged = history.filter { $0.map50 != nil }
    if !judged.isEmpty {
      let x = judged.map { Double($0.epoch + 1) }
      page.section("Validation")
      page.plot(
        Plot(
          "Average precision",
          lines: [
            Plot.Line("mAP@0.5", x: x, y: judged.compactMap(\.map50)),
            Plot.Line("mAP@0.5:0.95", x: x, y: judged.compactMap(\.map)),
          ], xLabel: "epoch"))
    }
    let charts = techniques.flatMap(\.charts)
    if !charts.isEmpty { page.section("Techniques") }
    for chart in charts {
      page.plot(
        Plot(
          chart.title,
          lines: chart.metrics.map { name in
            let known = history.filter { $0.techniques[name] != nil }
            return Plot.Line(
              name, x: known.map { Double($0.epoch + 1) },
              y: known.compactMap { $0.techniques[name] })
          }, xLabel: "epoch"))
    }
    for distribution in distributions {
      page.plot(
        Plot(
          "\(distribution.name) after epoch \(history.count)",
          Histogram(distribution.values, bins: .count(50)), yLabel: "values"))
    }
    var table = Table("epoch", "total loss", "images/s", "mAP@0.5", "mAP@0.5:0.95")
    for figures in history {
      table.append([
        "\(figures.epoch + 1)", figures.losses.last.map { Figures.fixed($0, 3) } ?? "–",
        Figures.fixed(figures.imagesPerSecond, 1),
        figures.map50.map { Figures.fixed($0, 4) } ?? "–",
        figures.map.map { Figures.fixed($0, 4) } ?? "–",
      ])
    }
    page.section("Epochs")
    page.table(table)
    return page
  }
}
