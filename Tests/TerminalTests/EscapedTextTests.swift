import Terminal
import Testing

@Suite struct EscapedTextTests {
  // ISO 6429: ESC is 0x1B, and 0x9B begins a command to a terminal without it. U+202E turns the
  // direction of what follows.
  @Test(arguments: [
    ("car", "car"), ("a\u{1B}[2J", "a\\x1B[2J"), ("\u{9B}2Jb", "\\x9B2Jb"),
    ("a\r\nb", "a\\x0D\\x0Ab"),
    ("\u{0}\t\u{7F}", "\\x00\\x09\\x7F"), ("\u{202E}gpj.exe", "\\u{202E}gpj.exe"),
    ("a\u{2028}b", "a\\u{2028}b"), ("é 安全 😀 \u{A0}", "é 安全 😀 \u{A0}"),
  ])
  func `what a terminal would obey is written out, all else stays`(text: String, shown: String) {
    #expect(text.escaped == shown)
  }

  @Test func `lines of a text stay lines`() {
    #expect("one\ntwo\u{1B}c\r\n\n".escapedLines == "one\ntwo\\x1Bc\\x0D\n\n")
  }
}
