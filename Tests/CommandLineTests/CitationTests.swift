import Foundation
import Testing

/// What code and documents refer to inside the repository.
@Suite struct CitationTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Files below some folders, as paths from the root.
  private static func files(in folders: [String], suffixes: [String]) -> [String] {
    folders.flatMap { folder -> [String] in
      let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
      return (all?.compactMap { $0 as? String } ?? []).map { folder + "/" + $0 }
    }.filter { path in suffixes.contains(where: path.hasSuffix) && !path.contains("/.build/") }
  }

  private static let documents =
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Fuzz/README.md"]
    + files(in: ["docs"], suffixes: [".md"])

  // `docs/formulas.md 5.2` in a comment: there is a heading that begins with 5.2.
  @Test func `every section that a comment names exists`() throws {
    let code = Self.files(
      in: ["Sources", "Tests", "Benchmarks", "Fuzz", "Scripts"],
      suffixes: [".swift", ".cpp", ".h", ".py"])
    var cited = 0
    for path in code {
      let text = try #require(Self.text(path))
      for match in text.matches(of: /docs\/([\w\/-]+\.md)(?: (\d+\.\d+)|, \*([^*]+)\*)?/) {
        let document = Self.text("docs/" + match.1) ?? ""
        #expect(!document.isEmpty, "\(path): docs/\(match.1)")
        guard let section = match.2 ?? match.3 else { continue }
        let exists = document.split(separator: "\n").contains {
          $0.hasPrefix("#") && $0.drop { $0 == "#" || $0 == " " }.hasPrefix(section)
        }
        #expect(exists, "\(path): docs/\(match.1) \(section)")
        cited += 1
      }
    }
    #expect(cited > 50)
  }

  // GitHub's anchors: lower case, spaces as hyphens, most other signs left out.
  private static func anchors(_ text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
        String(
          line.drop { $0 == "#" || $0 == " " }.lowercased().replacing(" ", with: "-")
            .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
      })
  }

  @Test(arguments: documents) func `links of a document lead somewhere`(path: String) throws {
    let text = try #require(Self.text(path))
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    for match in text.matches(of: /\]\(([^)\s]+)\)/) where !match.1.contains("://") {
      let parts = match.1.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
      let target = parts[0].isEmpty ? path : (folder.isEmpty ? "" : folder + "/") + parts[0]
      let file = Self.root.appending(path: target).standardizedFileURL
      #expect(FileManager.default.fileExists(atPath: file.path), "\(path): \(match.1)")
      guard parts.count > 1, let other = try? String(contentsOf: file, encoding: .utf8) else {
        continue
      }
      #expect(Self.anchors(other).contains(parts[1]), "\(path): \(match.1)")
    }
  }
}
