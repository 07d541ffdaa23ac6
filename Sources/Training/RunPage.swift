import Reports

/// The page of a run. Its size does not depend on how many epochs there are.
struct RunPage {
  /// Rows of the table of epochs, about.
  private static let rows = 100

  var report: HTMLReport
  private let history: [EpochFigures]
  /// Before the first epoch.
  private let start: ValidationFigures?
  /// The place of the best epoch; nil where none is better than the start, or none was judged.
  private let best: Int?

  init(title: String, _ history: [EpochFigures], start: ValidationFigures?, best: Int?) {
    report = HTMLReport(title: title)
    (self.history, self.start, self.best) = (history, start, best)
  }

  /// The figures that matter most, what they mean, and the commands.
  ///
  /// - Parameter epoch: whose figures the evaluation has, from 0.
  mutating func addSummary(
    _ evaluation: EvaluationPage?, of epoch: Int? = nil, _ description: RunDescription?,
    advice: [String]
  ) {
    // Figures of another epoch than the best one say whose they are.
    let source = epoch.map { $0 == best ? "" : ", epoch \($0 + 1)" } ?? ""
    var tiles = (evaluation?.tiles ?? []).map {
      (name: $0.name + source, value: $0.value)
    }
    if let start {
      tiles.append(("mAP@0.5 before training", Figures.fixed(start.map50, 4)))
    }
    tiles.append(("epochs", "\(history.count)"))
    if let best {
      let figure = source.isEmpty ? nil : history[best].map50.map { Figures.fixed($0, 3) }
      tiles.append(
        (
          "best epoch, by mAP@0.5" + (figure.map { " (\($0))" } ?? ""),
          "\(history[best].epoch + 1)"
        ))
    } else if isStartBest {
      tiles.append(("best epoch, by mAP@0.5", "none: better before training"))
    }
    if let speed = history.medianSpeed {
      tiles.append(
        ("pictures a second, median of the epochs", Figures.fixed(speed, speed < 100 ? 1 : 0)))
    }
    report.tiles(tiles)
    for line in advice { report.paragraph("Advice: \(line).") }
    if let description {
      report.paragraph("What was typed for this run:")
      report.code(description.command)
    }
  }

  mutating func addPictures(_ pictures: [HTMLReport.Picture]) {
    guard !pictures.isEmpty else { return }
    report.section("Pictures of training")
    report.paragraph(
      "The first pictures as the network saw them, changed at random, with their boxes. Boxes that "
        + "do not fit here are wrong labels.")
    report.pictures(pictures)
  }

  mutating func addEvaluation(_ page: EvaluationPage, of epoch: Int, isBest: Bool) {
    page.add(
      to: &report,
      source: "On the validation pictures, after epoch \(epoch + 1)"
        + (isBest ? ", the best so far: its weights are those of model.weights." : "."))
  }

  /// What the run was told, and where it ran.
  mutating func addDescription(_ description: RunDescription) {
    func facts(_ facts: [RunDescription.Fact]) -> [(String, String)] {
      facts.map { ($0.name, $0.value) }
    }
    if !description.settings.isEmpty {
      report.section("Settings")
      report.facts(facts(description.settings))
    }
    if !description.machine.isEmpty {
      report.section("Machine")
      report.facts(facts(description.machine))
    }
  }

  private var isStartBest: Bool {
    start != nil && best == nil && history.contains { $0.map50 != nil }
  }

  mutating func addCurves(
    _ parts: [LossPart], _ charts: [TechniqueChart], _ distributions: [TechniqueDistribution]
  ) {
    report.section("Course")
    let epochs = history.map { Double($0.epoch + 1) }
    let terms = parts.map { part in
      Plot.Line(
        part.label, x: epochs,
        y: history.map { part.value(losses: $0.losses, techniques: $0.techniques) ?? .nan })
    }
    let total = Plot.Line("total", x: epochs, y: history.map { $0.losses.last ?? .nan })
    report.plot(Plot("Weighted terms of the loss", lines: terms + [total], xLabel: "epoch"))
    let judged = history.filter { $0.map50 != nil }
    if !judged.isEmpty {
      // What training began with stands before the first epoch.
      let x = (start == nil ? [] : [0]) + judged.map { Double($0.epoch + 1) }
      func line(_ name: String, _ start: Double?, _ y: [Double]) -> Plot.Line {
        Plot.Line(name, x: x, y: (start.map { [$0] } ?? []) + y)
      }
      var plot = Plot(
        "Average precision on the validation pictures",
        lines: [
          line("mAP@0.5", start?.map50, judged.compactMap(\.map50)),
          line("mAP@0.5:0.95", start?.map, judged.compactMap(\.map)),
        ], xLabel: start == nil ? "epoch" : "epoch; 0 is before training")
      plot.yRange = 0...1
      report.plot(plot)
    }
    for chart in charts {
      report.plot(
        Plot(
          chart.title,
          lines: zip(chart.metrics, chart.labels).map { name, label in
            let known = history.filter { $0.techniques[name] != nil }
            return Plot.Line(
              label, x: known.map { Double($0.epoch + 1) },
              y: known.compactMap { $0.techniques[name] })
          }, xLabel: "epoch"))
    }
    for distribution in distributions {
      report.plot(
        Plot(
          "\(distribution.title) after epoch \(history.count)",
          Histogram(distribution.values, bins: .count(50)), yLabel: "values"))
    }
  }

  /// All epochs, or of many some at equal distances, the best and the last.
  mutating func addEpochs() {
    report.section("Epochs")
    let step = (history.count + Self.rows - 1) / Self.rows
    let shown = history.indices.filter {
      $0 % max(step, 1) == 0 || $0 == best || $0 == history.count - 1
    }
    var table = Table("epoch", "total loss", "pictures/s", "mAP@0.5", "mAP@0.5:0.95")
    if let start {
      table.append([
        "before training" + (isStartBest ? " (best)" : ""), "–", "–",
        Figures.fixed(start.map50, 4), Figures.fixed(start.map, 4),
      ])
    }
    for index in shown {
      let figures = history[index]
      table.append([
        "\(figures.epoch + 1)\(index == best ? " (best)" : "")",
        figures.losses.last.map { Figures.fixed($0, 3) } ?? "–",
        Figures.fixed(figures.imagesPerSecond, 1),
        figures.map50.map { Figures.fixed($0, 4) } ?? "–",
        figures.map.map { Figures.fixed($0, 4) } ?? "–",
      ])
    }
    if step > 1 { report.paragraph("Every \(step)th epoch; results.csv has all of them.") }
    let add = { (report: inout HTMLReport) in report.table(table) }
    if shown.count > 12 {
      report.folded("\(shown.count) of \(history.count) epochs", add)
    } else {
      add(&report)
    }
  }
}
