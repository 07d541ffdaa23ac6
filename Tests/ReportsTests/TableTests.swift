import Terminal
import Testing

@testable import Reports

@Suite struct TableTests {
  private func sample() -> Table {
    var table = Table("model", "parameters", "mAP")
    table.append(["dense", "6,056,606", "0.912"])
    table.append(["pruned | tuned", "812", "0.9"])
    table.append(["all"], isSeparated: true)
    return table
  }

  @Test func `columns are aligned`() {
    #expect(
      sample().text == """
        model           parameters    mAP
        ──────────────  ──────────  ─────
        dense            6,056,606  0.912
        pruned | tuned         812    0.9
        ──────────────  ──────────  ─────
        all

        """)
  }

  // Names of 30, a gap of 2, "0.912" of 5: 37 columns; of 27 the names get 20, in front (20 − 1) /
  // 3 = 6 letters and the dots, behind them the other 13.
  @Test func `where it gets narrow, long names lose their middle`() {
    var table = Table("network", "mAP")
    table.append(["runs/microcontrollers/sparse-7", "0.912"])
    table.append(["runs/dense", "0.9"])
    #expect(table.width == 37 && table.text(width: 37) == table.text)
    #expect(
      table.text(width: 27) == """
        network                 mAP
        ────────────────────  ─────
        runs/m…lers/sparse-7  0.912
        runs/dense              0.9

        """)
  }

  @Test func `what is still too wide comes in parts, each with the first column`() {
    #expect(
      sample().text(width: 26) == """
        model           parameters
        ──────────────  ──────────
        dense            6,056,606
        pruned | tuned         812
        ──────────────  ──────────
        all

        model             mAP
        ──────────────  ─────
        dense           0.912
        pruned | tuned    0.9
        ──────────────  ─────
        all

        """)
    for width in [26, 27, 33, 40] {
      let lines = sample().text(width: width).split(separator: "\n")
      #expect(lines.allSatisfy { String($0).displayWidth <= width })
    }
  }

  // "pruned | tuned" takes 14 columns: a half of 28 and more of 26.
  @Test func `names stay whole where they leave half of the line`() {
    let parted = sample().text(width: 29, cutsNames: false)
    #expect(parted.contains("pruned | tuned         812\n"), "\(parted)")
    #expect(parted.contains("pruned | tuned    0.9\n"), "\(parted)")
    var table = Table("network", "parameters")
    table.append(["runs/a-long-name/dense", "5,878,736"])
    #expect(table.text(width: 30, cutsNames: false) == table.text(width: 30))
    #expect(table.text(width: 30).contains("…"))
  }

  @Test(arguments: [
    ("runs/dense", 10, "runs/dense"), ("/a/long/path/model.cfg", 14, "/a/l…model.cfg"),
    ("狗狗狗狗狗", 6, "…狗狗"), ("abcdef", 2, "a…"),
  ])
  func `paths keep their end`(text: String, width: Int, expected: String) {
    #expect(text.shortened(toWidth: width) == expected)
    #expect(expected.displayWidth <= width)
  }

  @Test func `wide letters take two columns and accents none`() {
    #expect("狗".displayWidth == 2)
    #expect("e\u{301}".displayWidth == 1)
    #expect("🐶".displayWidth == 2)
    #expect("─é".displayWidth == 2)
    #expect("a\u{200B}\u{7}".displayWidth == 1)
    var table = Table("name", "n")
    table.append(["狗", "1"])
    table.append(["dog", "22"])
    #expect(table.text == "name   n\n────  ──\n狗     1\ndog   22\n")
  }

  @Test(arguments: [
    ("loss", 9, "loss"), ("a long title", 7, "a long…"), ("狗狗狗", 4, "狗…"), ("abc", 0, ""),
  ])
  func `text is cut to columns`(text: String, width: Int, expected: String) {
    #expect(text.truncated(toWidth: width) == expected)
  }

  @Test func `HTML escapes what opens elements`() {
    var table = Table("<b>", "n")
    table.append(["a & \"b\"", "1"])
    #expect(table.html.contains("<th>&lt;b&gt;</th><th class=\"right\">n</th>"))
    #expect(table.html.contains("<td>a &amp; &quot;b&quot;</td><td class=\"right\">1</td>"))
  }

  @Test func `a table without rows is its headings`() {
    #expect(Table("a", "b").text == "a  b\n─  ─\n")
  }
}
