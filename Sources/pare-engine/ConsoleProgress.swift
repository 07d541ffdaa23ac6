import ArgumentParsing
import Commands
import Distillation
import Datasets
import Foundation
import Pruning
import Reports
import Runs
import Summaries
import Terminal
import Training

/// A progress bar that is told how many steps are done.
final class ConsoleProgress {
  private let bar: ProgressBar

  /// - Parameter done: steps that were done before the bar, which say nothing of the speed.
  init(
    _ title: String, total: Int?, unit: String? = "pictures", done: Int = 0, isQuiet: Bool
  ) {
    bar = ProgressBar(
      title, total: total, unit: unit, done: done, mode: isQuiet ? .quiet : .automatic)
  }

  func update(_ done: Int, figures: [(String, String)]? = nil) {
    bar.advance(by: done - bar.completed, figures: figures)
  }

  /// Leaves the last state standing.
  func finish() { bar.finish() }

  /// Leaves nothing: the result says it all.
  func vanish() { bar.vanish() }
}

/// Shows on stderr what a run says, and bars for how far it is; stops it on Ctrl-C.
final class ConsoleObserver: RunObserver {
  /// Figures of the techniques that fit a line; results.csv has all.
  private static let metricCount = 3
  /// Columns that an epoch's line takes with all terms of the loss, at most.
  private static let wholeEpoch = 140

  private let isQuiet: Bool
  /// Whether the bars of tasks stay when these have ended.
  private let leavesBars: Bool
  /// Of the tasks that run, the innermost last.
  private var tasks: [ConsoleProgress] = []
  private var bar: ConsoleProgress?
  private var validationBar: ConsoleProgress?
  private var lastFigures = ContinuousClock.now
  private var runTime: RunTime?
  private let start = ContinuousClock.now
  /// What the loss is the sum of.
  private var parts: [LossPart] = []

  init(isQuiet: Bool, leavesBars: Bool = true) {
    (self.isQuiet, self.leavesBars) = (isQuiet, leavesBars)
  }

  var shouldStop: Bool { Interruption.isRequested }

  func note(_ line: String) { Console.note(line) }
  func remark(_ line: String) { if !isQuiet { Console.note(line) } }
  func warn(_ line: String) { Console.warn(line) }

  func list(_ entries: [any CustomStringConvertible], what: String, one: String?) {
    Console.list(entries.map { "\($0)" }, what: what, one: one)
  }

  func judgesOnTrainingPictures(of data: String, parts: DatasetParts) {
    let division = parts.division.map { "; set some aside: \(NextCommand.split(data, $0))" }
    Console.warn(
      "\(data): 'train' and 'valid' are one list, so the figures are of pictures that the "
        + "network has seen\(division ?? "")")
  }

  func begin(_ task: String, pictures: Int) {
    tasks.append(ConsoleProgress(task, total: pictures, isQuiet: isQuiet))
  }

  func begin(_ video: String, frames: Int?) {
    tasks.append(ConsoleProgress(video, total: frames, unit: "frames", isQuiet: isQuiet))
  }

  func advance(to done: Int) { tasks.last?.update(done) }

  func end() {
    let bar = tasks.popLast()
    if leavesBars { bar?.finish() } else { bar?.vanish() }
  }

  // MARK: Training

  /// Twice a second at most: reading the loss waits for the device.
  var wantsFigures: Bool {
    let now = ContinuousClock.now
    guard now - lastFigures > .milliseconds(500) else { return false }
    lastFigures = now
    return true
  }

  /// Whether the terms of the detection loss are shown. Where they do not always fit, no line has
  /// them, so that all lines are alike.
  private var showsTerms: Bool {
    StandardStream.error.columns.map { $0 >= Self.wholeEpoch } ?? true
  }

  /// Explains what the lines of epochs show of the loss, and nothing else.
  func begin(loss parts: [LossPart]) {
    self.parts = parts
    let shown = showsTerms ? parts : parts.filter { !$0.figures.isEmpty }
    let words = shown.map { "\($0.name) (\($0.meaning))" }
    let sum = words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
    if showsTerms { return remark("loss: the sum of \(sum); less is better") }
    remark(
      "loss: less is better; "
        + words.map { "\($0) is a part of it; " }.joined()
        + "results.csv and report.html have \(words.isEmpty ? "its terms" : "the other terms")")
  }

  func began(with figures: ValidationFigures?) {
    validationBar?.vanish()
    validationBar = nil
    if let figures { remark("before training: \(figures.mapInWords)") }
  }

  func progress(_ progress: TrainingProgress) {
    let bar =
      bar
      ?? ConsoleProgress(
        "epoch \(progress.epoch + 1)/\(progress.epochs)", total: progress.images,
        done: progress.imagesDone, isQuiet: isQuiet)
    self.bar = bar
    let share = Double(progress.imagesDone) / Double(max(progress.images, 1))
    let done = Double(progress.epoch) + share
    let seconds = secondsSinceStart
    var runTime = runTime ?? RunTime(epochs: progress.epochs, done: done, at: seconds)
    runTime.progressed(done: done, at: seconds)
    self.runTime = runTime
    var figures: [(String, String)] = []
    if progress.epochs > 1, let left = runTime.secondsLeft(done: done, at: seconds) {
      figures.append(("run", Figures.clock(seconds: left) + " left"))
    }
    // The total first: what does not fit the line is left out from its end.
    figures += progress.losses.suffix(1).map { ("loss", Figures.fixed($0, 3)) }
    let metrics = Dictionary(progress.metrics.map { ($0.name, $0.value) }) { $1 }
    let terms = terms(progress.losses, metrics)
    figures += terms.filter(\.isAdded).map { ($0.name, $0.value) }
    figures += progress.metrics.filter { !isTerm($0.name) }.prefix(Self.metricCount)
      .map { Self.words($0.name, $0.value) }
    if showsTerms { figures += terms.filter { !$0.isAdded }.map { ($0.name, $0.value) } }
    if let memory = progress.memory, memory > 0 {
      figures.append(("memory", Figures.bytes(memory)))
    }
    bar.update(progress.imagesDone, figures: figures)
  }

  /// The parts of the loss with their values, and whether a technique adds them.
  private func terms(
    _ losses: [Double], _ techniques: [String: Double]
  ) -> [(name: String, value: String, isAdded: Bool)] {
    parts.compactMap { part in
      part.value(losses: losses, techniques: techniques).map {
        (part.name, Figures.fixed($0, 3), !part.figures.isEmpty)
      }
    }
  }

  /// Whether a figure of a technique is one of the terms that a part of the loss sums up.
  private func isTerm(_ name: String) -> Bool { parts.contains { $0.figures.contains(name) } }

  /// What techniques add to the loss, each with the terms that it is the sum of, where they fit; else
  /// with where these are.
  private func added(_ figures: EpochFigures, columns: Int?) -> [LinePart] {
    parts.filter { !$0.figures.isEmpty }.compactMap { part in
      let terms = part.figures.compactMap { name in
        figures.techniques[name].map { (name: name, value: $0) }
      }
      guard let sum = part.value(losses: figures.losses, techniques: figures.techniques) else {
        return nil
      }
      let head = "\(part.name) \(Figures.fixed(sum, 3))"
      let detail = DistillationTechnique.words(ofTerms: terms)
      guard terms.count > 1, !detail.isEmpty else { return LinePart(head) }
      let whole = "\(head): \(detail)"
      guard let columns, whole.displayWidth > columns - 2 else { return LinePart(whole) }
      return LinePart("\(head): the sum of \(terms.count) terms, which are in results.csv")
    }
  }

  private var secondsSinceStart: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// A technique's figure as readers know it.
  private static func words(_ name: String, _ value: Double) -> (String, String) {
    SparsityTechnique.words(of: name, value) ?? DistillationTechnique.words(of: name, value) ?? (
      name, Figures.significant(value, 3)
    )
  }

  /// What the rest of the run takes after an epoch, where that is known.
  private func timeLeft(after epochs: Int) -> String? {
    guard var runTime else { return nil }
    let (done, seconds) = (Double(epochs), secondsSinceStart)
    runTime.endedEpoch(done: done, at: seconds)
    self.runTime = runTime
    guard let left = runTime.secondsLeft(done: done, at: seconds), left > 0 else { return nil }
    return "\(Figures.clock(seconds: left)) left"
  }

  func validated(_ images: Int, of total: Int) {
    bar?.vanish()
    bar = nil
    let bar =
      validationBar
      ?? ConsoleProgress("validation", total: total, done: images, isQuiet: isQuiet)
    validationBar = bar
    bar.update(images)
  }

  func finished(_ figures: EpochFigures, telling: [String], isBest: Bool) {
    bar?.vanish()
    validationBar?.vanish()
    (bar, validationBar) = (nil, nil)
    let left = timeLeft(after: figures.epoch + 1)
    guard !isQuiet else { return }
    var parts = [LinePart("epoch \(figures.epoch + 1)")]
    parts += figures.losses.suffix(1).map { LinePart("loss \(Figures.fixed($0, 3))") }
    let columns = StandardStream.error.columns
    if showsTerms {
      let terms = terms(figures.losses, figures.techniques).map { "\($0.name) \($0.value)" }
      parts.append(LinePart("(\(terms.joined(separator: ", ")))"))
      parts.append(LinePart("\(Figures.fixed(figures.imagesPerSecond, 1)) pictures/s"))
    }
    if let map50 = figures.map50, let map = figures.map {
      parts.append(LinePart("mAP@0.5 \(Figures.fixed(map50, 4))"))
      parts.append(LinePart("mAP@0.5:0.95 \(Figures.fixed(map, 4))", rank: 1))
    }
    let own =
      added(figures, columns: columns)
      + telling.filter { !isTerm($0) }.prefix(Self.metricCount).compactMap { name in
        figures.techniques[name].map { Self.words(name, $0) }.map { LinePart("\($0) \($1)") }
      }
    var end: [LinePart] = []
    // Without validation every epoch is.
    if isBest, figures.map50 != nil { end.append(LinePart("kept")) }
    if let left { end.append(LinePart(left, rank: 1)) }
    Console.note(Self.line(parts, own, end, columns: columns))
  }

  /// All in one line where that fits; else the figures of techniques in a second one.
  private static func line(
    _ parts: [LinePart], _ own: [LinePart], _ end: [LinePart], columns: Int?
  ) -> String {
    let whole = (parts + own + end).map(\.text).joined(separator: "  ")
    guard let columns, whole.displayWidth > columns else { return whole }
    let first = fittedLine(parts + end, to: columns)
    guard !own.isEmpty else { return first }
    let ranked = own.enumerated().map { LinePart($1.text, rank: $0) }
    return first + "\n  " + fittedLine(ranked, to: columns - 2)
  }
}
