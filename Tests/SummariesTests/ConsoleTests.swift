import Runs
import Testing

@testable import Summaries

/// What the terminal is told, without one.
@Suite struct ConsoleTests {
  @Test func `ten entries of a list are told, then how many more there are`() {
    let entries = (1...12).map { "p\($0)" }
    let lines = Console.listed(entries, what: "pictures skipped", one: nil, count: 1_234)
    #expect(lines.first == "1,234 pictures skipped:")
    #expect(lines[1...10].map { $0 } == entries.prefix(10).map { "  " + $0 })
    #expect(lines.last == "  and 1,224 more" && lines.count == 12)
    #expect(Console.listed([String](), what: "pictures", one: nil, count: 0).isEmpty)
  }

  @Test(arguments: [
    ("pictures skipped", nil, "1 picture skipped:"), ("entries", nil, "1 entry:"),
    ("pictures have copies", "picture has a copy", "1 picture has a copy:"),
  ])
  func `one entry is told in the singular`(what: String, one: String?, first: String) {
    #expect(Console.listed(["a"], what: what, one: one, count: nil) == [first, "  a"])
  }

  /// A file's name cannot write to the terminal.
  @Test func `what a terminal would obey is written out`() {
    let lines = Console.listed(["a\u{1B}[2J"], what: "files", one: nil, count: nil)
    #expect(lines.count == 2 && !lines[1].contains("\u{1B}"))
  }

  @Test func `a run is stopped when it is asked to`() {
    var isAsked = false
    let observer = ConsoleObserver(isQuiet: true) { isAsked }
    #expect(!observer.shouldStop)
    isAsked = true
    #expect(observer.shouldStop && !ConsoleObserver(isQuiet: true).shouldStop)
  }
}
