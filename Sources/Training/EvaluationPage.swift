import Boxes
import Darknet
import Foundation
import Inference
import Reports

/// What an evaluation found, as sections of a page: figures by class, curves, who is taken for
/// whom, and pictures.
///
/// All is worked out at once, pictures included, so that a page can be written again at little
/// cost.
public struct EvaluationPage: Sendable {
  /// Pictures with the truth beside the prediction, and pictures with the most errors.
  private static let (pairs, failed) = (8, 8)
  /// Classes that bars and lines can be told apart for.
  private static let (mostBars, mostLines, mostMatrix, mostRows) = (40, 6, 16, 200)

  private let names: [String]
  private let result: EvaluationResult
  private let curves: ConfidenceCurves
  private let matrix: ConfusionMatrix
  /// From which on detections count in the matrix and in the pictures.
  private let confidence: Float
  private var comparisons: [(pictures: [HTMLReport.Picture], caption: String)] = []
  private var failures: [HTMLReport.Picture] = []

  /// Works out the sections; pictures that cannot be read any more are left out.
  public init(_ outcome: Evaluation.Outcome) {
    let predictions = outcome.predictions
    names = predictions.names
    result = outcome.result
    curves = predictions.evaluator(style: result.style).curves()
    confidence = Float(result.confidence)
    matrix = ConfusionMatrix(predictions, confidence: confidence)
    let matchings = predictions.images.map {
      PictureMatching($0.detections, $0.groundTruths, confidence: confidence)
    }
    let painter = VerdictPainter(names: names, confidence: confidence)
    let byErrors = matchings.indices.filter { matchings[$0].errors > 0 }
      .sorted { (-matchings[$0].errors, $0) < (-matchings[$1].errors, $1) }
    for index in byErrors.prefix(Self.failed) {
      let image = predictions.images[index]
      guard let bytes = try? painter.errors(of: image, matchings[index]) else { continue }
      failures.append((bytes, "\(name(of: image)): \(Self.words(for: matchings[index]))"))
    }
    // Evenly over the set, which is often sorted by place or time.
    let labelled = predictions.images.indices.filter {
      !predictions.images[$0].groundTruths.isEmpty
    }
    let count = min(Self.pairs, labelled.count)
    for number in 0..<count {
      let image = predictions.images[labelled[number * labelled.count / count]]
      guard let truth = try? painter.truth(of: image),
        let prediction = try? painter.prediction(of: image)
      else { continue }
      let detections = image.detections.count { $0.confidence >= confidence }
      comparisons.append(
        (
          [
            (truth, Self.counted(image.groundTruths.count, "label")),
            (prediction, Self.counted(detections, "detection")),
          ], name(of: image)
        ))
    }
  }

  /// The figures that matter most.
  public var tiles: [(name: String, value: String)] {
    [
      ("mAP@0.5", Self.figure(result.map50, 3)), ("mAP@0.5:0.95", Self.figure(result.map, 3)),
      ("precision", Self.figure(result.precision, 3)), ("recall", Self.figure(result.recall, 3)),
    ]
  }

  /// Adds the sections.
  ///
  /// - Parameter source: which network and pictures they are of, a sentence.
  public func add(to report: inout HTMLReport, source: String) {
    addClasses(to: &report, source)
    addCurves(to: &report)
    addMatrix(to: &report)
    if !comparisons.isEmpty {
      report.section("Labels and predictions")
      report.paragraph(
        "Left what is labelled, right what is found with a confidence of at least "
          + "\(confidenceText).")
      for (pictures, caption) in comparisons { report.sideBySide(pictures, caption: caption) }
    }
    report.section("Pictures with the most errors")
    if failures.isEmpty {
      report.paragraph("No picture has an error at a confidence of \(confidenceText).")
    } else {
      report.paragraph(
        "Green is right, red is wrong (no such object, or another class), yellow was missed. "
          + "Many errors in one picture can also mean that its labels are wrong.")
      report.pictures(failures, isDetailed: true)
    }
  }

  // MARK: Classes

  private func addClasses(to report: inout HTMLReport, _ source: String) {
    report.section("Classes")
    report.paragraph(source)
    report.paragraph(
      "Precision, recall and F1 hold from a confidence of \(confidenceText) on"
        + (result.style == .legacy ? "" : ", where the mean F1 is best")
        + ", at an overlap (IoU) of 0.5; so do the counts of found, misnamed, missed and wrong objects."
    )
    var table = Table(
      "class", "labels", "found", "misnamed", "missed", "wrong", "precision", "recall", "F1",
      "AP@0.5", "AP@0.5:0.95")
    let classes = names.indices
    func sum(_ value: (Int) -> Int) -> String {
      Figures.grouped(classes.reduce(0) { $0 + value($1) })
    }
    for index in classes.count > Self.mostRows ? Array(worst.prefix(Self.mostRows)) : Array(classes)
    {
      let each = result.perClass[index]
      table.append(
        [
          names[index], Figures.grouped(each.instances),
          Figures.grouped(matrix.truePositives(index)), Figures.grouped(matrix.misnamed(index)),
          Figures.grouped(matrix.missed[index]), Figures.grouped(matrix.falsePositives(index)),
        ]
          + [each.precision, each.recall, each.f1, each.ap50, each.ap].map { Self.figure($0, 3) })
    }
    if classes.count > 1 {
      table.append(
        [
          "all", Figures.grouped(result.instances), sum(matrix.truePositives),
          sum(matrix.misnamed), sum { matrix.missed[$0] }, sum(matrix.falsePositives),
        ]
          + [result.precision, result.recall, result.f1, result.map50, result.map]
          .map { Self.figure($0, 3) }, isSeparated: true)
    }
    report.table(table)
    report.paragraph(
      "Found, misnamed and missed are the labels of the class: found under its name (true positives), "
        + "found under another name, and not found (both are false negatives). Wrong: detections of the "
        + "class where there is nothing, or something else (false positives). The confusion matrix counts "
        + "in the same way. The other figures of 'all' are means over the classes.")
    if classes.count > Self.mostRows {
      report.paragraph("The table has the \(Self.mostRows) classes with the lowest AP@0.5.")
    }
    let ranked = worst
    guard ranked.count > 1 else { return }
    report.plot(
      Plot(
        ranked.count > Self.mostBars
          ? "AP@0.5 of the \(Self.mostBars) worst classes" : "AP@0.5 by class",
        bars: ranked.prefix(Self.mostBars).map { Plot.Bar(names[$0], result.perClass[$0].ap50) }))
  }

  // MARK: Curves

  private func addCurves(to report: inout HTMLReport) {
    guard let mean = curves.mean else { return }
    report.section("Curves")
    let known = curves.classes.indices.filter { curves.classes[$0] != nil }
    let shown =
      known.count == 1
      ? [] : known.count <= Self.mostLines ? known : Array(worst.prefix(Self.mostLines))
    if known.count > Self.mostLines {
      report.paragraph("All classes together, and the \(Self.mostLines) with the lowest AP@0.5.")
    }
    func lines(_ x: [Double], _ y: KeyPath<ConfidenceCurves.Curve, [Double]>) -> [Plot.Line] {
      var all = Plot.Line(
        known.count == 1 ? names[known[0]] : "all classes", x: x, y: mean[keyPath: y])
      all.isMain = true
      return [all]
        + shown.compactMap { index in
          curves.classes[index].map { Plot.Line(names[index], x: x, y: $0[keyPath: y]) }
        }
    }
    let confidences = ConfidenceCurves.confidences
    for (title, path) in [
      ("F1 over confidence", \ConfidenceCurves.Curve.f1),
      ("Precision over confidence", \.precision),
      ("Recall over confidence", \.recall),
    ] {
      var plot = Plot(title, lines: lines(confidences, path), xLabel: "confidence")
      plot.yRange = 0...1
      if path == \.f1, result.style != .legacy {
        plot.mark = (Double(confidence), "\(Self.figure(result.f1, 3)) at \(confidenceText)")
      }
      report.plot(plot)
    }
    var plot = Plot(
      "Precision over recall", lines: lines(ConfidenceCurves.recalls, \.envelope),
      xLabel: "recall")
    plot.yRange = 0...1
    report.plot(plot)
  }

  // MARK: Confusion

  private func addMatrix(to report: inout HTMLReport) {
    report.section("Confusion matrix")
    report.paragraph(
      "Every label (row) and what was found there (column), from a confidence of \(confidenceText) "
        + "on and at an overlap of 0.5.")
    let all = Array(names.indices)
    let shown =
      all.count <= Self.mostMatrix
      ? all
      : all.sorted { (-errors(of: $0), $0) < (-errors(of: $1), $1) }
        .prefix(Self.mostMatrix).sorted()
    let isWhole = shown.count == all.count
    let others = all.filter { !shown.contains($0) }
    var rows = shown.map { row -> [Int?] in
      let counts = shown.map { matrix[truth: row, detection: $0] }
      let rest = matrix.found[row] - counts.reduce(0, +)
      return counts + (isWhole ? [] : [rest]) + [matrix.missed[row]]
    }
    if !isWhole {
      let counts = shown.map { column in
        matrix.placed[column] - shown.reduce(0) { $0 + matrix[truth: $1, detection: column] }
      }
      let total = others.reduce(0) { $0 + matrix.found[$1] }
      rows.append(
        counts + [total - counts.reduce(0, +)] + [others.reduce(0) { $0 + matrix.missed[$1] }])
    }
    rows.append(
      shown.map { matrix.invented[$0] }
        + (isWhole ? [] : [others.reduce(0) { $0 + matrix.invented[$1] }]) + [nil])
    let labels = shown.map { names[$0] } + (isWhole ? [] : ["other classes"])
    report.matrix(
      CountMatrix(
        rowTitle: "label", columnTitle: "found as", rows: labels + ["no label"],
        columns: labels + ["missed"], counts: rows))
    let confusions = matrix.confusions.prefix(10)
    guard !confusions.isEmpty else { return }
    var table = Table([
      Table.Column("label", .left), Table.Column("found as", .left), Table.Column("times"),
    ])
    for pair in confusions {
      table.append([names[pair.truth], names[pair.detection], Figures.grouped(pair.count)])
    }
    report.folded("Classes that are taken for one another most often") { $0.table(table) }
  }

  /// Classes that have labels, those with the lowest average precision first.
  private var worst: [Int] {
    names.indices.filter { result.perClass[$0].ap50 >= 0 }
      .sorted { (result.perClass[$0].ap50, $0) < (result.perClass[$1].ap50, $1) }
  }

  private func errors(of index: Int) -> Int {
    matrix.falsePositives(index) + matrix.falseNegatives(index)
  }

  // MARK: Words

  private var confidenceText: String { Figures.fixed(result.confidence, 3) }

  private func name(of image: StoredPredictions.Image) -> String {
    URL(filePath: image.path).lastPathComponent.escaped
  }

  /// A share, or a dash where there is nothing to measure.
  private static func figure(_ value: Double, _ decimals: Int) -> String {
    value < 0 ? "–" : Figures.fixed(value, decimals)
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func words(for matching: PictureMatching) -> String {
    [
      (matching.missed.count, "missed"), (matching.confused.count, "of another class"),
      (matching.invented.count, "too many"), (matching.found.count, "right"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}
