import Foundation
import Testing

/// Pages that commands leave in their folders.
@Suite(.enabled(if: Workspace.isBuilt)) struct PageTests {
  /// A page without what keeps words of commands in one line.
  private static func words(of page: Data) -> String {
    String(decoding: page, as: UTF8.self).replacing(/<\/?span>/, with: "")
  }

  @Test func `a run and a test leave a page that says what they were`() throws {
    try Workspace.with { work in
      try work.train()
      try work.succeed(
        "test --cfg n.cfg --weights r/model.weights --data d/d.data --split test --device cpu "
          + "--output t --json t.json --quiet")
      #expect(try work.json("t.json")["report"] as? String == work.path("t/report.html"))
      #expect(try Set(work.names("t")) == [".pare.files", "report.html"])
      let run = Self.words(of: try work.bytes("r/report.html"))
      let test = Self.words(of: try work.bytes("t/report.html"))
      for page in [run, test] {
        for words in [
          "Confusion matrix", "Curves", "Settings", "Machine", "Labels and predictions",
        ] {
          #expect(page.contains(">\(words)</h2>"))
        }
        // Nothing is fetched: the one address is the name of SVG.
        let addresses = page.components(separatedBy: "http").dropFirst()
        #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") })
        #expect(page.utf8.count < 3_000_000)
      }
      #expect(run.contains("<code>pare train --cfg n.cfg --data d/d.data"))
      // Labels that are found under another name are not missed ones, here as in the matrix.
      for page in [run, test] {
        #expect(page.contains(">misnamed</th>") && page.contains("counts in the same way"))
      }
      #expect(run.contains(">Pictures of training</h2>"))
      #expect(test.contains("<code>pare test --cfg n.cfg"))
    }
  }

  @Test func `a run that was made longer shows both commands, and counts from one everywhere`()
    throws
  {
    try Workspace.with { work in
      try work.train()
      let first = String(decoding: try work.bytes("r/report.html"), as: UTF8.self)
      let started = try #require(first.firstMatch(of: /<dt>started<\/dt><dd>([^<]*)</)).1
      #expect(!first.contains("<dt>resumed</dt>"))
      // Typed twice, it stands there once.
      for _ in 0..<2 {
        try work.succeed("train --resume --output r --epochs 3 --json r.json --quiet")
      }
      let page = Self.words(of: try work.bytes("r/report.html"))
      #expect(
        page.contains(
          "<code>pare train --cfg n.cfg --data d/d.data --batch-size 4 --device cpu --output r "
            + "--json r.json --quiet --epochs 2\n"
            + "pare train --resume --output r --epochs 3 --json r.json --quiet</code>"), "\(page)")
      #expect(page.contains("<dt>epochs</dt><dd>3</dd>") && page.contains("<dt>resumed</dt>"))
      #expect(page.contains("<dt>started</dt><dd>\(started)<"))
      let lines = String(decoding: try work.bytes("r/history.jsonl"), as: UTF8.self)
      #expect(lines.matches(of: /"epoch":(\d+)/).map { String($0.1) } == ["1", "2", "3"])
      let (record, told) = (try work.json("r/run.json"), try work.json("r.json"))
      for key in ["best", "last"] {
        let epoch = (record[key] as? [String: Any])?["epoch"] as? Int
        #expect(epoch != nil && epoch == (told[key] as? [String: Any])?["epoch"] as? Int)
      }
      #expect((record["last"] as? [String: Any])?["epoch"] as? Int == 3)
      // The files are named as prune and test name theirs.
      for (key, file) in [
        ("cfg", "model.cfg"), ("weights", "model.weights"), ("lastWeights", "last.weights"),
        ("report", "report.html"),
      ] { #expect(told[key] as? String == work.path("r/\(file)")) }
    }
  }
}
