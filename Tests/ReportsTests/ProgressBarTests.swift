import Terminal
import Testing

@testable import Reports

@Suite struct ProgressBarTests {
  /// What a bar would have written, under a clock that is set by hand.
  fileprivate final class Screen {
    var time = 0.0
    var text = ""

    func bar(
      _ mode: ProgressBar.Mode, total: Int? = 400, unit: String? = "pictures", done: Int = 0,
      isUnicode: Bool = true
    ) -> ProgressBar {
      ProgressBar(
        "epoch 3/50", total: total, unit: unit, done: done, mode: mode, isUnicode: isUnicode,
        now: { self.time },
        screen: ProgressBar.Screen(
          show: { self.text += "\r\($0)\u{1B}[K" }, leave: { self.text += "\n" },
          clear: { self.text += "\r\u{1B}[K" }, line: { self.text += $0 + "\n" }))
    }
  }

  // 168 of 400 in 12 s: 14/s, 232 left take 16.6 s. 77 columns leave 11 for the bar.
  @Test func `a terminal shows share, bar, times, rate and figures`() {
    let screen = Screen()
    let bar = screen.bar(.terminal(columns: 80))
    screen.time = 12
    bar.advance(by: 168, figures: [("loss", "1.23")])
    #expect(
      screen.text
        == "\repoch 3/50  42 % ━━━━───────  168/400  0:12<0:17  14.0 pictures/s  loss 1.23\u{1B}[K"
    )
  }

  // Of 77 columns the title and the percentage take 20, which leaves 57. All figures and the rate
  // take 72, without the third figure and the rate 44: a bar of 13, of which 42 % are 5.
  @Test func `what does not fit is left out whole, the least important first`() {
    let screen = Screen()
    let bar = screen.bar(.terminal(columns: 80))
    screen.time = 12
    bar.advance(by: 168, figures: [("run", "1:45 left"), ("loss", "1.23"), ("scale", "0.9")])
    #expect(
      screen.text
        == "\repoch 3/50  42 % ━━━━━────────  168/400  0:12<0:17  run 1:45 left  loss 1.23\u{1B}[K")
    #expect(!screen.text.contains("…"))
    for columns in 48...120 {
      screen.text = ""
      screen.time += 1
      let narrow = screen.bar(.terminal(columns: columns))
      screen.time += 12
      narrow.advance(by: 168, figures: [("run", "1:45 left"), ("loss", "1.23"), ("scale", "0.9")])
      #expect(!screen.text.contains("…"), "\(columns): \(screen.text)")
      #expect(columns < 70 || screen.text.contains("run 1:45 left"), "\(columns): \(screen.text)")
    }
  }

  // Nothing is known of the time left before anything is done.
  @Test func `a time that is not known is not shown`() {
    let screen = Screen()
    let bar = screen.bar(.terminal(columns: 80))
    screen.time = 1
    bar.advance(by: 0)
    #expect(screen.text.contains("0/400  0:01\u{1B}"), "\(screen.text)")
  }

  // 10, 20 and 30 s; then a third of the time so far has to go by: 45, 68 (from 67.5), 102, 153 ...
  @Test func `a log hears less often of long work`() {
    let screen = Screen()
    let bar = screen.bar(.lines(every: 10), total: 1000, unit: nil)
    for step in 1...600 {
      screen.time = Double(step)
      bar.advance()
    }
    let times = screen.text.matches(of: /: (\d+)\/1,000/).compactMap { Int($0.1) }
    #expect(times == [10, 20, 30, 45, 68, 102, 153, 230, 345, 518])
  }

  // 100 were done before; 20 more in 2 s are 10 a second, and the other 280 take 28 s.
  @Test func `what was done before the bar says nothing of the speed`() {
    let screen = Screen()
    let bar = screen.bar(.lines(every: 1), done: 100)
    screen.time = 2
    bar.advance(by: 20)
    #expect(screen.text == "epoch 3/50: 120/400 (30 %), 2.0 s, 28.0 s left, 10.0 pictures/s\n")
    screen.text = ""
    let none = screen.bar(.lines(every: 1), done: 100)
    screen.time = 3.5
    none.advance(by: 0)
    #expect(screen.text == "epoch 3/50: 100/400 (25 %), 1.5 s\n")
  }

  @Test func `without Unicode the bar is plain`() {
    let screen = Screen()
    let bar = screen.bar(.terminal(columns: 60), unit: nil, isUnicode: false)
    screen.time = 1
    bar.advance(by: 400)
    #expect(screen.text.contains("100 % ##################"))
    #expect(screen.text.allSatisfy { $0.isASCII })
  }

  @Test func `a terminal is redrawn ten times a second at most`() {
    let screen = Screen()
    let bar = screen.bar(.terminal(columns: 80))
    for step in 0..<400 {
      screen.time = Double(step) * 0.01
      bar.advance()
    }
    let drawn = screen.text.count { $0 == "\r" }
    #expect((39...41).contains(drawn))
    bar.finish()
    #expect(screen.text.hasSuffix("\n"))
    #expect(screen.text.contains("400/400"))
    let after = screen.text
    bar.finish()
    #expect(screen.text == after)
  }

  @Test func `lines never grow beyond the terminal`() {
    for columns in [1, 5, 20, 40, 79, 200] {
      let screen = Screen()
      let bar = screen.bar(.terminal(columns: columns))
      screen.time = 3
      bar.advance(by: 3, figures: [("box", "0.123"), ("objectness", "4.56"), ("class", "7.89")])
      let line = screen.text.dropFirst().prefix { $0 != "\u{1B}" }
      // "^C" has its two columns beside it.
      #expect(String(line).displayWidth <= max(columns - 3, 0))
    }
  }

  // 10 steps a second: lines after 10, 20, 30 and 40 s, the last of which is the end.
  @Test func `a log gets a line every ten seconds`() {
    let screen = Screen()
    let bar = screen.bar(.lines(every: 10))
    for step in 1...400 {
      screen.time = Double(step) * 0.1
      bar.advance(figures: [("loss", "\(step)")])
    }
    bar.finish()
    let lines = screen.text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(
      lines.first == "epoch 3/50: 100/400 (25 %), 10.0 s, 30.0 s left, 10.0 pictures/s, loss 100")
    #expect(lines.last == "epoch 3/50: 400/400 (100 %), 40.0 s, 10.0 pictures/s, loss 400")
    #expect(!screen.text.contains("\u{1B}"))
  }

  @Test func `a log hears of the end once`() {
    let screen = Screen()
    let bar = screen.bar(.lines(every: 10))
    screen.time = 11
    bar.advance(by: 400)
    bar.finish()
    #expect(screen.text == "epoch 3/50: 400/400 (100 %), 11.0 s, 36.4 pictures/s\n")
  }

  @Test func `a bar that vanishes leaves nothing`() {
    let screen = Screen()
    let bar = screen.bar(.terminal(columns: 80))
    bar.advance(by: 4)
    bar.vanish()
    bar.finish()
    #expect(screen.text.hasSuffix("\u{1B}[K\r\u{1B}[K"))
    screen.text = ""
    let log = screen.bar(.lines(every: 10))
    log.advance(by: 4)
    log.vanish()
    #expect(screen.text.isEmpty)
  }

  @Test func `quiet is quiet`() {
    let screen = Screen()
    let bar = screen.bar(.quiet)
    screen.time = 100
    bar.advance(by: 4)
    bar.note("hello")
    bar.finish()
    #expect(screen.text.isEmpty)
    #expect(bar.completed == 4)
  }

  @Test func `a note is a line of its own`() {
    let screen = Screen()
    let bar = screen.bar(.terminal(columns: 80))
    bar.note("before")
    #expect(screen.text == "before\n")
    bar.advance()
    screen.text = ""
    bar.note("skipped: x.jpg")
    #expect(screen.text == "skipped: x.jpg\n")
  }

  @Test func `work of unknown or no size has no share to show`() {
    let screen = Screen()
    let unknown = screen.bar(.terminal(columns: 80), total: nil)
    screen.time = 2
    unknown.advance(by: 50)
    #expect(screen.text == "\repoch 3/50  50  0:02  25.0 pictures/s\u{1B}[K")
    screen.text = ""
    let none = screen.bar(.lines(every: 1), total: 0)
    none.finish()
    #expect(screen.text == "epoch 3/50: 0/0 (100 %), 0 ms\n")
  }

  // 100 steps in the first second, then one a second: after a minute, the estimate follows.
  @Test func `the rate follows the last half minute`() {
    let screen = Screen()
    let bar = screen.bar(.lines(every: 1000), total: 1000)
    screen.time = 1
    bar.advance(by: 100)
    for step in 1...60 {
      screen.time = 1 + Double(step)
      bar.advance()
    }
    screen.time = 2000
    screen.text = ""
    bar.advance(by: 0)
    let rate = screen.text.split(separator: ", ").first { $0.contains("pictures/s") } ?? ""
    #expect(rate.hasPrefix("0.0"))
  }
}
