import ArgumentParsing
import Commands
import Distillation
import Datasets
import Foundation
import Pruning
import Reports
import Runs
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
    let losses = zip(DetectionLoss.termNames, progress.losses).map { ($0, Figures.fixed($1, 3)) }
    // The total first: what does not fit the line is left out from its end.
    figures += losses.suffix(1).map { ("loss", $1) }
    figures += progress.metrics.prefix(Self.metricCount).map { Self.words($0.name, $0.value) }
    figures += losses.dropLast()
    if let memory = progress.memory, memory > 0 {
      figures.append(("memory", Figures.bytes(memory)))
    }
    bar.update(progress.imagesDone, figures: figures)
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
    let terms = zip(DetectionLoss.termNames, figures.losses).map { ($0, Figures.fixed($1, 3)) }
    var parts = [LinePart("epoch \(figures.epoch + 1)")]
    parts += terms.suffix(1).map { LinePart("loss \($1)") }
    // Where not all of it fits, no line has them, so that all lines are alike.
    let columns = StandardStream.error.columns
    let isWide = columns.map { $0 >= Self.wholeEpoch } ?? true
    if isWide {
      let own = terms.dropLast().map { "\($0) \($1)" }.joined(separator: ", ")
      parts.append(LinePart("(\(own))"))
      parts.append(LinePart("\(Figures.fixed(figures.imagesPerSecond, 1)) pictures/s"))
    }
    if let map50 = figures.map50, let map = figures.map {
      parts.append(LinePart("mAP@0.5 \(Figures.fixed(map50, 4))"))
      parts.append(LinePart("mAP@0.5:0.95 \(Figures.fixed(map, 4))", rank: 1))
    }
    let own = telling.prefix(Self.metricCount).compactMap { name in
      figures.techniques[name].map { Self.words(name, $0) }.map { LinePart("\($0) \($1)") }
    }
    var end: [LinePart] = []
    // Without validation every epoch is the best so far.
    if isBest, figures.map50 != nil { end.append(LinePart("best")) }
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
