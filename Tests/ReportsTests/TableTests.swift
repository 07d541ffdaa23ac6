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

  @Test func `Markdown escapes what divides cells`() {
    #expect(
      sample().markdown == """
        | model | parameters | mAP |
        | --- | ---: | ---: |
        | dense | 6,056,606 | 0.912 |
        | pruned \\| tuned | 812 | 0.9 |
        | all |  |  |

        """)
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
