import Terminal
import Testing

@Suite struct WrappingTests {
  @Test func `lines break at words`() {
    #expect(
      wrappedLine("Warning: the quick brown fox jumps", to: 20)
        == "Warning: the quick\n  brown fox jumps")
    #expect(wrappedLine("short enough for it", to: 20) == "short enough for it")
  }

  @Test func `a number stays beside its percent sign`() {
    #expect(
      wrappedLine("no layer is emptied up to 82.5 %", to: 30)
        == "no layer is emptied up to\n  82.5 %")
    #expect(wrappedLine("it keeps 5 % of 100 % here", to: 12) == "it keeps 5 %\n  of 100 %\n  here")
  }

  @Test func `a word that is too long stays whole`() {
    #expect(
      wrappedLine("see /a/very/long/path/name.jpg now", to: 12)
        == "see\n  /a/very/long/path/name.jpg\n  now")
  }

  // With a line break in it a command could not be typed.
  @Test func `a command in quotes stays whole`() {
    #expect(
      wrappedLine("too few ('pare train --resume', then again), it's so", to: 20)
        == "too few\n  ('pare train --resume',\n  then again), it's\n  so")
    #expect(
      wrappedLine("see \"pare test 'a b'\" now", to: 12) == "see\n  \"pare test 'a b'\"\n  now")
    // What does not end is no command.
    #expect(wrappedLine("the 'pare of old times", to: 10) == "the 'pare\n  of old\n  times")
  }

  // The indentation of the first line is kept, and two more mark what continues it.
  @Test func `indented lines keep their indentation`() {
    #expect(wrappedLine("  a.jpg: cannot be read", to: 16) == "  a.jpg: cannot\n    be read")
  }

  @Test func `gaps of two spaces stay gaps, and do not end a line`() {
    #expect(wrappedLine("epoch 1  box 0.5  best", to: 18) == "epoch 1  box 0.5\n  best")
  }

  // Wide characters take two columns: five of them and "ab" are 12 wide, with the space 13.
  @Test func `wide characters count twice`() {
    #expect(wrappedLine("犬犬犬犬犬 ab", to: 13) == "犬犬犬犬犬 ab")
    #expect(wrappedLine("犬犬犬犬犬 ab", to: 12) == "犬犬犬犬犬\n  ab")
  }

  // 7 + 2 + 8 + 2 + 4 + 2 + 6 = 31 columns.
  @Test func `the least important part of a line goes first`() {
    let parts = [
      LinePart("epoch 1"), LinePart("loss 0.5", rank: 1), LinePart("best", rank: 2),
      LinePart("2 left", rank: 2),
    ]
    #expect(fittedLine(parts, to: 31) == "epoch 1  loss 0.5  best  2 left")
    #expect(fittedLine(parts, to: 30) == "epoch 1  loss 0.5  best")
    #expect(fittedLine(parts, to: 22) == "epoch 1  loss 0.5")
    #expect(fittedLine(parts, to: 3) == "epoch 1")
  }

  @Test func `one is singular`() {
    #expect(counted(1, "picture") == "1 picture")
    #expect(counted(0, "picture") == "0 pictures")
    #expect(counted(2, "class", "classes") == "2 classes")
  }

  @Test func `a command can be pasted into a shell`() {
    #expect(
      shellCommand(["pare", "test", "--cfg", "my nets/it's.cfg", "-n", ""])
        == "pare test --cfg 'my nets/it'\\''s.cfg' -n ''")
    #expect(shellCommand(["a$b", "c*", "d;e", "é/f_1.jpg"]) == "'a$b' 'c*' 'd;e' é/f_1.jpg")
    #expect(quotedCommand(["pare", "test"]) == "'pare test'")
    #expect(quotedCommand(["pare", "test", "my run"]) == "\"pare test 'my run'\"")
  }
}
