import Foundation
import Glibc
import Testing

@testable import Storage

@Suite struct ResolvedPathsTests {
  @Test("files and links are what realpath says, each folder followed once")
  func sameAsRealpath() throws {
    let made = FileManager.default.temporaryDirectory.appendingPathComponent(
      "pare-paths-\(UUID().uuidString)"
    ).path
    defer { removeTree(made) }
    for folder in ["a/b", "c"] { try makeFolders("\(made)/\(folder)") }
    for file in ["a/1.jpg", "a/b/2.jpg", "c/ä ö.jpg"] {
      try Data("x".utf8).write(to: URL(filePath: "\(made)/\(file)"))
    }
    let links = [
      ("\(made)/a/1.jpg", "c/absolute.jpg"), ("../a/b/2.jpg", "c/relative.jpg"),
      ("relative.jpg", "c/chain.jpg"), ("nowhere.jpg", "c/dangling.jpg"),
      ("loop2", "c/loop1"), ("loop1", "c/loop2"), ("../a", "c/folder"),
    ]
    for (target, link) in links { #expect(symlink(target, "\(made)/\(link)") == 0) }
    let names =
      ["a/1.jpg", "a/b/2.jpg", "c/ä ö.jpg", "c/folder/1.jpg", "c/folder/b/2.jpg", "c/../a/1.jpg"]
      + ["a/b", "a/b/", "a/.", "a/..", "c/none.jpg", "none/1.jpg"] + links.map(\.1)
    var places = ResolvedPaths()
    for name in names + names {
      let path = "\(made)/\(name)"
      #expect(places.resolved(path) == resolvedPath(path), "\(name)")
    }
    for path in ["", "/", "/tmp", ".", "..", "none.jpg"] {
      #expect(places.resolved(path) == resolvedPath(path), "\(path)")
    }
    // By hand, for two functions that are wrong in one way.
    let real = resolvedPath(made)
    #expect(places.resolved("\(made)/c/chain.jpg") == "\(real)/a/b/2.jpg")
    #expect(places.resolved("\(made)/c/dangling.jpg") == "\(made)/c/dangling.jpg")
  }
}
