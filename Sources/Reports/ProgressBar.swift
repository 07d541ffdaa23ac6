import Glibc
import Terminal

/// Shows on the standard error stream how far a piece of work is.
///
/// On a terminal, one line that is drawn over itself; elsewhere, such as in a log, a line every few
/// seconds. Of one thread at a time.
///
///     let bar = ProgressBar("epoch 3/50", total: batches, unit: "pictures")
///     for batch in loader {
///       …
///       bar.advance(by: batch.count, figures: [("loss", "1.23")])
///     }
///     bar.finish()
public final class ProgressBar {
  /// Where and how it shows.
  public enum Mode: Hashable, Sendable {
    /// A redrawn line on a terminal, lines elsewhere.
    case automatic
    /// Not at all.
    case quiet
    /// A line redrawn in place, cut to so many columns.
    case terminal(columns: Int)
    /// A line of its own every so many seconds at first, then ever less often.
    case lines(every: Double)
  }

  /// What stands first; may change while it runs.
  public var title: String
  /// Steps done.
  public private(set) var completed = 0

  private let total: Int?
  private let unit: String?
  /// Steps that were done before the bar began.
  private let before: Int
  private let mode: Mode
  private let isUnicode: Bool
  private let now: () -> Double
  private let screen: Screen
  private let start: Double
  private var figures: [(String, String)] = []
  private var rate = Rate()
  private var lastShown: (time: Double, completed: Int)?
  private var isFinished = false

  /// - Parameters:
  ///   - total: steps in all; nil when nobody knows, and then there is no bar.
  ///   - unit: what a step is, for the rate: "pictures" shows "210 pictures/s".
  ///   - done: steps that were done before, which say nothing of the rate.
  public convenience init(
    _ title: String, total: Int?, unit: String? = nil, done: Int = 0, mode: Mode = .automatic
  ) {
    self.init(
      title, total: total, unit: unit, done: done, mode: Self.resolved(mode),
      isUnicode: Self.localeIsUnicode, now: Self.monotonicSeconds,
      screen: .standardError(follows: mode == .automatic))
  }

  init(
    _ title: String, total: Int?, unit: String?, done: Int = 0, mode: Mode, isUnicode: Bool,
    now: @escaping () -> Double, screen: Screen
  ) {
    (before, completed) = (done, done)
    (self.title, self.total, self.unit, self.mode) = (title, total, unit, mode)
    (self.isUnicode, self.now, self.screen) = (isUnicode, now, screen)
    start = now()
  }

  /// Where a bar appears.
  struct Screen {
    /// Columns there are now; nil where ``Mode/terminal(columns:)`` said how many.
    var columns: () -> Int? = { nil }
    /// Draws the line at the bottom.
    var show: (String) -> Void
    /// Ends that line, which stays.
    var leave: () -> Void
    /// Takes that line away.
    var clear: () -> Void
    /// Writes a line that stays.
    var line: (String) -> Void

    // A closed stream is no reason to stop the work.
    static func standardError(follows isResized: Bool) -> Screen {
      Screen(
        columns: { isResized ? StandardStream.error.columns : nil }, show: StatusLine.show,
        leave: StatusLine.leave, clear: StatusLine.clear,
        line: { try? StandardStream.error.writeLine($0) })
    }
  }

  /// Steps forward, and shows the new state when the last showing is long enough ago: 0.1 s on a
  /// terminal.
  ///
  /// - Parameter figures: names and values that stand at the end from now on.
  public func advance(by steps: Int = 1, figures: [(String, String)]? = nil) {
    completed += steps
    if let figures { self.figures = figures }
    let time = now()
    rate.add(steps, after: time - start)
    switch mode {
    case .automatic, .quiet: return
    case .terminal:
      if let lastShown, time - lastShown.time < 0.1 { return }
    case .lines(let interval):
      // The first line comes after the interval: short work needs none. Of long work a log needs no
      // line for each interval: they come less often the longer it takes.
      if time - (lastShown?.time ?? start) < max(interval, (time - start) / 3) { return }
    }
    show(time)
  }

  /// Writes a line that stays, above the bar.
  public func note(_ text: String) {
    switch mode {
    case .automatic, .quiet: return
    case .lines, .terminal: screen.line(text)
    }
  }

  /// Shows the last state and leaves it standing; later calls do nothing.
  public func finish(figures: [(String, String)]? = nil) {
    guard !isFinished else { return }
    isFinished = true
    if let figures { self.figures = figures }
    switch mode {
    case .automatic, .quiet: return
    case .terminal:
      show(now())
      screen.leave()
    case .lines:
      // A log that has this line already needs it once.
      if lastShown?.completed != completed { show(now()) }
    }
  }

  /// Ends without a last state, for work whose result says it all; later calls do nothing.
  public func vanish() {
    guard !isFinished else { return }
    isFinished = true
    if case .terminal = mode { screen.clear() }
  }

  private func show(_ time: Double) {
    lastShown = (time, completed)
    switch mode {
    case .terminal(let columns):
      screen.show(terminalLine(time, columns: screen.columns() ?? columns))
    default: screen.line(plainLine(time))
    }
  }

  // epoch 3/50  42 % ━━━━━━━━───────────  168/400  0:12<0:17  210 pictures/s  loss 1.23
  private func terminalLine(_ time: Double, columns: Int) -> String {
    let elapsed = time - start
    // Where it gets narrow the least important go first: figures from the last to the third, the
    // rate, the second figure, the first.
    var tail: [LinePart] = []
    if let total {
      tail.append(LinePart("\(Figures.grouped(completed))/\(Figures.grouped(total))"))
      let left = secondsLeft(elapsed)
      let isKnown = !isFinished && left.isFinite
      tail.append(
        LinePart(
          Figures.clock(seconds: elapsed) + (isKnown ? "<" + Figures.clock(seconds: left) : "")))
    } else {
      tail += [LinePart(Figures.grouped(completed)), LinePart(Figures.clock(seconds: elapsed))]
    }
    if let text = rateText(elapsed) { tail.append(LinePart(text, rank: 3)) }
    tail += figures.enumerated().map { index, figure in
      LinePart("\(figure.0) \(figure.1)", rank: index < 2 ? index + 1 : 4)
    }
    // Room for the "^C" that a terminal shows, so that it stays in this line.
    let columns = columns - 3
    // Such as a path.
    let title = title.escaped.shortened(toWidth: max(columns / 3, 20))
    guard let share else {
      return fittedLine([LinePart(title)] + tail, to: columns).truncated(toWidth: columns)
    }

    let percent = Figures.percent((share * 100).rounded(.down) / 100, 0)
      .padded(toWidth: 5, isRight: true)
    // Beside the percentage and the gaps; the bar takes 8 to 30, whatever the figures leave.
    let room = columns - title.displayWidth - 10
    let end = fittedLine(tail, to: room - 8)
    let width = min(max(room - end.displayWidth, 8), 30)
    let done = Int((share * Double(width)).rounded(.down))
    let (full, empty) = isUnicode ? ("━", "─") : ("#", "-")
    let bar =
      String(repeating: full, count: done) + String(repeating: empty, count: width - done)
    let line = "\(title) \(percent) \(bar)  \(end)"
    return line.truncated(toWidth: columns)
  }

  // epoch 3/50: 168/400 (42 %), 12.0 s, 17.0 s left, 210 pictures/s, loss 1.23
  private func plainLine(_ time: Double) -> String {
    let elapsed = time - start
    var parts: [String] = []
    if let total, let share {
      parts.append(
        "\(Figures.grouped(completed))/\(Figures.grouped(total)) (\(Figures.percent(share, 0)))")
    } else {
      parts.append(Figures.grouped(completed))
    }
    parts.append(Figures.duration(seconds: elapsed))
    let left = secondsLeft(elapsed)
    if !isFinished, left.isFinite, left > 0 {
      parts.append(Figures.duration(seconds: left) + " left")
    }
    if let text = rateText(elapsed) { parts.append(text) }
    parts += figures.map { "\($0) \($1)" }
    return "\(title): " + parts.joined(separator: ", ")
  }

  private var share: Double? {
    total.map { $0 > 0 ? min(max(Double(completed) / Double($0), 0), 1) : 1 }
  }

  private func secondsLeft(_ elapsed: Double) -> Double {
    guard let total, completed > before else { return .infinity }
    return Double(max(total - completed, 0)) / rate.stepsPerSecond
  }

  private func rateText(_ elapsed: Double) -> String? {
    guard let unit, completed > before, elapsed > 0 else { return nil }
    let value = isFinished ? Double(completed - before) / elapsed : rate.stepsPerSecond
    guard value.isFinite else { return nil }
    let text =
      value < 999.5
      ? Figures.fixed(value, value < 9.95 ? 2 : value < 99.5 ? 1 : 0)
      : Figures.grouped(Int(min(value, 1e15).rounded()))
    return "\(text) \(unit)/s"
  }

  private static func resolved(_ mode: Mode) -> Mode {
    guard mode == .automatic else { return mode }
    let terminal = getenv("TERM").map { String(cString: $0) } ?? ""
    guard isatty(2) == 1, terminal != "dumb" else { return .lines(every: 10) }
    return .terminal(columns: StandardStream.error.columns ?? 80)
  }

  private static var localeIsUnicode: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = getenv(name).map({ String(cString: $0).uppercased() }), !value.isEmpty
      else {
        continue
      }
      return value.contains("UTF-8") || value.contains("UTF8")
    }
    return false
  }

  private static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Steps per second, weighted towards the last twenty seconds.
private struct Rate {
  private var steps = 0.0
  private var seconds = 0.0
  private var last = 0.0

  mutating func add(_ count: Int, after elapsed: Double) {
    let span = max(elapsed - last, 0)
    last = elapsed
    let decay = exp(-span / 20)
    steps = steps * decay + Double(count)
    seconds = seconds * decay + span
  }

  var stepsPerSecond: Double { steps / seconds }
}
