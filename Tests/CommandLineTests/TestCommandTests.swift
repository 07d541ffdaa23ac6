import Foundation
import Testing

/// What `test` says beside its table, and its table of sizes.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct TestCommandTests {
  // The labels of two of four classes are taken out of the validation pictures.
  @Test func `classes without an object count as 0 in Darknet's way, which is said`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      for name in try space.names("d/labels") where name.hasPrefix("valid") {
        let lines = String(decoding: try space.bytes("d/labels/\(name)"), as: UTF8.self)
          .split(separator: "\n").filter { $0.hasPrefix("0 ") || $0.hasPrefix("1 ") }
        try space.write(
          "d/labels/\(name)", lines.map { "\($0)\n" }.joined() + "0 .5 .5 .1 .1\n1 .3 .3 .1 .1\n")
      }
      let test = "test --model r --data d/d.data "
      let darknet = try space.output(of: test + "--ap darknet")
      #expect(
        darknet.contains(
          "\nmAP is the mean over all 4 classes, as Darknet's; 2 classes without an object here count "
            + "as 0\n"), "\(darknet)")
      #expect(try !space.output(of: test).contains("count as 0"))
    }
  }

  @Test func `the table of sizes has the network's own`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let test = "test --model r --data d/d.data --task benchmark --json b.json "
      func sizes(_ options: String) throws -> [[Int]] {
        let output = try space.output(of: test + options)
        #expect(
          output.contains(options.contains("img") ? " (as asked) " : "64 (its own) "), "\(output)")
        let rows = try #require(try space.json("b.json")["rows"] as? [[String: Any]])
        #expect(rows.count { $0["isOwn"] as? Bool == true } == 2)
        return rows.compactMap { row in
          (row["width"] as? Int).flatMap { width in (row["height"] as? Int).map { [width, $0] } }
        }
      }
      let usual = [[256, 256], [384, 384], [512, 512]]
      #expect(try sizes("") == ([[64, 64]] + usual).flatMap { [$0, $0] })
      #expect(
        try sizes("--img-size 320 288")
          == [[256, 256], [320, 288], [384, 384], [512, 512]].flatMap { [$0, $0] })
      // One of the usual ones is there once.
      #expect(try sizes("--img-size 256 --conf-thres 0.5") == usual.flatMap { [$0, $0] })
    }
  }
}
