import Darknet
import Inference
import Reports

/// The figures of a run for people and their programs: `results.csv`, TensorBoard events, and
/// `report.html`, which needs no network.
///
/// What an epoch costs does not depend on how many there are: rows and events are appended, and the
/// page, which is written as a whole, is written as often as 2 % of the time allow, and at the end.
public final class RunReport {
  /// Where the figures go.
  public let folder: RunFolder
  private let start: ValidationFigures?
  /// The best epoch, from 0.
  private var best: Int?
  private let techniques: [any TrainingTechnique]
  private let description: RunDescription?
  private let advice: ([EpochFigures]) -> [String]
  private let makePictures: () throws -> [HTMLReport.Picture]
  /// Whether an earlier process has written the page.
  private let isContinued: Bool
  /// Of the first batches; nil before the first page.
  private var pictures: [HTMLReport.Picture]?
  /// The best epoch's evaluation, or the last one's where a resumed run does not have that.
  private var evaluation: (epoch: Int, isBest: Bool, outcome: Evaluation.Outcome)?
  /// The sections of ``evaluation``; nil until a page shows it.
  private var evaluationPage: EvaluationPage?
  private let events: EventWriter
  /// Nil before the first epoch: only then the techniques' figures are known.
  private var rows: CSVWriter?
  private var pagePace = Pace(share: 0.02)
  /// What a power cut may cost: a second, or fifty times what bringing it to the disk takes.
  private var diskPace = Pace(share: 0.02)

  /// Begins or continues the files of a folder.
  ///
  /// - Parameters:
  ///   - history: the epochs so far. What an interrupted run told of others is taken back: rows are
  ///     written anew, a line that was cut short among them, and TensorBoard forgets the events.
  ///   - start: what the network was worth before the first epoch; nil where it was not judged.
  ///   - best: the best epoch so far; nil before the first, and where none is better than the start.
  ///   - techniques: whose figures and distributions the report shows.
  ///   - description: what the run was told.
  ///   - advice: what the figures so far mean, in lines.
  ///   - pictures: makes pictures of the first batches; called once, for the first page.
  public init(
    _ folder: RunFolder, after history: [EpochFigures], start: ValidationFigures? = nil,
    best: EpochFigures? = nil, techniques: [any TrainingTechnique],
    description: RunDescription? = nil,
    advice: @escaping ([EpochFigures]) -> [String] = { _ in [] },
    pictures: @escaping () throws -> [HTMLReport.Picture] = { [] }
  ) throws {
    (self.folder, self.techniques, self.description) = (folder, techniques, description)
    (self.start, self.best) = (start, best.flatMap { $0.map50 == nil ? nil : $0.epoch })
    (self.advice, makePictures) = (advice, pictures)
    events = try EventWriter(folder: folder.path, firstStep: history.last.map { $0.epoch + 1 } ?? 0)
    rows = history.isEmpty ? nil : try Self.rows(of: history, in: folder)
    isContinued = !history.isEmpty
  }

  /// Adds the last epoch of `history`.
  ///
  /// - Parameters:
  ///   - outcome: its evaluation, where there was one.
  ///   - isBest: whether that is the best so far.
  ///   - isLast: whether the run ends or stops with it: all is on the disk then.
  ///   - concludes: whether it ends, so that the techniques have a last word on the page.
  public func update(
    _ history: [EpochFigures], outcome: Evaluation.Outcome? = nil, isBest: Bool = false,
    isLast: Bool = false, concludes: Bool = false
  ) throws {
    guard let last = history.last else { return }
    if isBest { best = last.epoch }
    if let rows, let row = last.row(of: rows.columns) {
      try rows.append(row)
    } else {
      // The first epoch, or a technique has a new figure.
      rows = try Self.rows(of: history, in: folder)
    }
    try add(last)
    if let outcome, isBest || evaluation?.isBest != true {
      evaluation = (last.epoch, isBest, outcome)
      evaluationPage = nil
    }
    let distributions = try techniques.distributions()
    for distribution in distributions {
      try events.histogram(distribution.name, Histogram(distribution.values), step: last.epoch)
    }
    try timed(\.diskPace, isLast: isLast) {
      try events.flush()
      try rows?.flush()
    }
    try timed(\.pagePace, isLast: isLast) {
      try writePage(history, distributions, concludes: concludes)
    }
  }

  /// Brings all to the disk, the page too: what a run does that stops within an epoch.
  public func finish(_ history: [EpochFigures]) throws {
    try events.flush()
    try rows?.flush()
    try writePage(history, techniques.distributions())
  }

  /// Writes the page. Where nothing was judged since the run was gone on with, the one that is there
  /// stays: it alone shows what was seen of the validation pictures before.
  private func writePage(
    _ history: [EpochFigures], _ distributions: [TechniqueDistribution], concludes: Bool = false
  ) throws {
    let isEarlier =
      isContinued && self.pictures == nil && fileExists(folder.reportPath)
    guard !isEarlier || evaluation != nil || !history.contains(where: { $0.map50 != nil }) else {
      return
    }
    try page(history, distributions.filter(\.isSummary), concludes: concludes)
      .write(to: folder.reportPath)
  }

  private func page(
    _ history: [EpochFigures], _ distributions: [TechniqueDistribution], concludes: Bool = false
  ) -> HTMLReport {
    // Pictures are an extra: a run does not end for want of them.
    let pictures = self.pictures ?? (try? makePictures()) ?? []
    self.pictures = pictures
    if evaluationPage == nil { evaluationPage = evaluation.map { EvaluationPage($0.outcome) } }
    var page = RunPage(title: folder.path, history, start: start, best: best)
    page.addSummary(
      evaluationPage, of: evaluation?.epoch, description, advice: advice(history))
    page.addPictures(pictures)
    page.addCurves(techniques.lossParts, techniques.charts, distributions)
    if let evaluation, let evaluationPage {
      page.addEvaluation(evaluationPage, of: evaluation.epoch, isBest: evaluation.isBest)
    }
    if concludes, let evaluation {
      for technique in techniques.telling {
        var with = page.report
        // As with pictures.
        if (try? technique.conclude(&with, best: evaluation.outcome)) != nil { page.report = with }
      }
    }
    page.addEpochs()
    if let description { page.addDescription(description) }
    return page.report
  }

  private func timed(
    _ pace: ReferenceWritableKeyPath<RunReport, Pace>, isLast: Bool, _ work: () throws -> Void
  ) rethrows {
    let start = ContinuousClock.now
    guard isLast || self[keyPath: pace].isDue(at: start) else { return }
    try work()
    self[keyPath: pace].worked(from: start, to: .now)
  }

  private func add(_ figures: EpochFigures) throws {
    var scalars = zip(DetectionLoss.termNames, figures.losses)
      .map { (tag: "train/\($0)", value: $1) }
    scalars.append((tag: "train/learning_rate", value: figures.learningRate))
    for (name, value) in [
      ("precision", figures.precision), ("recall", figures.recall), ("mAP_0.5", figures.map50),
      ("mAP_0.5:0.95", figures.map), ("F1", figures.f1),
    ] {
      if let value { scalars.append((tag: "metrics/\(name)", value: value)) }
    }
    scalars += figures.techniques.sorted { $0.key < $1.key }
      .map { (tag: $0, value: $1) }
    try events.scalars(scalars, step: figures.epoch)
  }

  private static func rows(
    of history: [EpochFigures], in folder: RunFolder
  ) throws -> CSVWriter {
    let columns = EpochFigures.columns(techniques: Set(history.flatMap(\.techniques.keys)))
    return try CSVWriter(
      creating: folder.figuresPath, columns: columns,
      rows: history.compactMap { $0.row(of: columns) })
  }
}

extension EpochFigures {
  /// The columns of `results.csv`.
  static func columns(techniques: Set<String>) -> [String] {
    ["epoch"] + DetectionLoss.termNames
      + ["learning rate", "images/s", "precision", "recall", "f1", "map50", "map"]
      + techniques.sorted()
  }

  /// The figures as a row; nil when the columns have no place for all of them.
  func row(of columns: [String]) -> [String]? {
    let own = Self.columns(techniques: []).count
    let names = columns.dropFirst(own)
    guard techniques.isEmpty || Set(names).isSuperset(of: techniques.keys) else { return nil }
    let numbers: [Double?] =
      losses + [learningRate, imagesPerSecond, precision, recall, f1, map50, map]
      + names.map { techniques[$0] }
    return ["\(epoch + 1)"] + numbers.map { $0.map { Figures.significant($0, 6) } ?? "" }
  }
}
