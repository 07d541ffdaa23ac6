import ArgumentParsing
import Commands
import Datasets
import Reports
import Runs
import Terminal
import Training

/// A progress bar that is told how many steps are done.
private final class ConsoleProgress {
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

/// Shows on stderr what a run says, and bars for how far it is; stops it when it is asked to.
package final class ConsoleObserver: RunObserver {
  private let isQuiet: Bool
  /// Whether the bars of tasks stay when these have ended.
  private let leavesBars: Bool
  private let isAskedToStop: () -> Bool
  /// Of the tasks that run, the innermost last.
  private var tasks: [ConsoleProgress] = []
  private var bar: ConsoleProgress?
  private var validationBar: ConsoleProgress?
  private var lastFigures = ContinuousClock.now
  private var runTime: RunTime?
  private let start = ContinuousClock.now
  /// What the loss is the sum of.
  private var parts: [LossPart] = []

  /// - Parameters:
  ///   - isQuiet: whether bars and remarks are left out.
  ///   - leavesBars: whether the bars of tasks stay when these have ended.
  ///   - isAskedToStop: whether the work should save and end, such as after Ctrl-C.
  package init(
    isQuiet: Bool, leavesBars: Bool = true, isAskedToStop: @escaping () -> Bool = { false }
  ) {
    (self.isQuiet, self.leavesBars) = (isQuiet, leavesBars)
    self.isAskedToStop = isAskedToStop
  }

  package var shouldStop: Bool { isAskedToStop() }

  package func note(_ line: String) { Console.note(line) }
  package func remark(_ line: String) { if !isQuiet { Console.note(line) } }
  package func warn(_ line: String) { Console.warn(line) }

  package func list(_ entries: [any CustomStringConvertible], what: String, one: String?) {
    Console.list(entries.map { "\($0)" }, what: what, one: one)
  }

  package func judgesOnTrainingPictures(of data: String, parts: DatasetParts) {
    let division = parts.division.map { "; set some aside: \(NextCommand.split(data, $0))" }
    Console.warn(
      "\(data): 'train' and 'valid' are one list, so the figures are of pictures that the "
        + "network has seen\(division ?? "")")
  }

  package func begin(_ task: String, pictures: Int) {
    tasks.append(ConsoleProgress(task, total: pictures, isQuiet: isQuiet))
  }

  package func begin(_ task: String, layers: Int) {
    tasks.append(ConsoleProgress(task, total: layers, unit: "layers", isQuiet: isQuiet))
  }

  package func begin(_ video: String, frames: Int?) {
    tasks.append(ConsoleProgress(video, total: frames, unit: "frames", isQuiet: isQuiet))
  }

  package func advance(to done: Int) { tasks.last?.update(done) }

  package func end() {
    let bar = tasks.popLast()
    if leavesBars { bar?.finish() } else { bar?.vanish() }
  }

  // MARK: Training

  /// Twice a second at most: reading the loss waits for the device.
  package var wantsFigures: Bool {
    let now = ContinuousClock.now
    guard now - lastFigures > .milliseconds(500) else { return false }
    lastFigures = now
    return true
  }

  /// A log is read on a terminal too, so its lines have the same width.
  private var words: EpochWords {
    EpochWords(parts, columns: StandardStream.error.columns ?? terminalColumns())
  }

  package func begin(loss parts: [LossPart]) {
    self.parts = parts
    remark(words.explanation)
  }

  package func began(with figures: ValidationFigures?) {
    validationBar?.vanish()
    validationBar = nil
    if let figures { remark("before training: \(figures.mapInWords)") }
  }

  package func progress(_ progress: TrainingProgress) {
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
    figures += words.figures(progress)
    bar.update(progress.imagesDone, figures: figures)
  }

  private var secondsSinceStart: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// What the rest of the run takes after an epoch, where that is known.
  private func timeLeft(after epochs: Int) -> String? {
    guard var runTime else { return nil }
    let (done, seconds) = (Double(epochs), secondsSinceStart)
    runTime.endedEpoch(done: done, at: seconds)
    self.runTime = runTime
    guard let left = runTime.secondsLeft(done: done, at: seconds), left > 0 else { return nil }
    return "\(Figures.clock(seconds: left)) left"
  }

  package func validated(_ images: Int, of total: Int) {
    bar?.vanish()
    bar = nil
    let bar =
      validationBar
      ?? ConsoleProgress("validation", total: total, done: images, isQuiet: isQuiet)
    validationBar = bar
    bar.update(images)
  }

  package func finished(_ figures: EpochFigures, telling: [String], isBest: Bool) {
    bar?.vanish()
    validationBar?.vanish()
    (bar, validationBar) = (nil, nil)
    let left = timeLeft(after: figures.epoch + 1)
    remark(words.line(figures, telling: telling, isBest: isBest, left: left))
  }
}
