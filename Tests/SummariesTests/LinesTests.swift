import Reports
import Testing

@testable import Summaries

@Suite struct LinesTests {
  @Test func `lines and tables come in order, a table with an empty line after it`() {
    var table = Table("network", "mAP@0.5")
    table.append(["float", "0.5000"])
    var others = Lines()
    others.add(["c", "d"])
    var lines = Lines()
    lines.add("a")
    lines.add(table)
    lines.add()
    lines.add(others)
    #expect(
      lines.text == """
        a
        network  mAP@0.5
        ───────  ───────
        float     0.5000


        c
        d

        """)
  }
}
