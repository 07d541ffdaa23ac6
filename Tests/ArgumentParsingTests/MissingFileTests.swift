import Foundation
import Testing
import _TestSupport

@testable import ArgumentParsing

/// What is said of paths that lead nowhere.
@Suite struct MissingFileTests {
  private func advice(
    _ name: String, among files: [String], endings: [String] = ["data"], lists: Bool = true
  ) throws -> String? {
    let folder = try TemporaryFolder()
    for file in files { try folder.write("", to: file) }
    let missing = try #require(MissingFile(folder.file(name)))
    return missing.advice(endings: endings, lists: lists)?
      .replacing(folder.path + "/", with: "").replacing(folder.path, with: "HERE")
  }

  @Test func `the weights of the best epoch are pointed at`() throws {
    let files = ["last.weights", "model.weights"]
    #expect(
      try advice("best.weights", among: files, endings: ["weights"])
        == "those of the best epoch are 'model.weights'")
  }

  @Test(arguments: [
    // Another case of letters, another ending, no ending, two letters swapped.
    ("Cells.data", ["cells.data", "more.data"], "did you mean 'cells.data'?"),
    ("cells.txt", ["cells.data", "more.data"], "did you mean 'cells.data'?"),
    ("cells", ["cells.data", "more.data"], "did you mean 'cells.data'?"),
    ("clels.data", ["cells.data", "more.data"], "did you mean 'cells.data'?"),
    // The only one there is, whatever it is called.
    ("cells.data", ["set.data", "set.names"], "did you mean 'set.data'?"),
    ("cells.data", ["one.data", "two.data"], "HERE has one.data, two.data"),
    ("cells.data", ["set.names", ".hidden.data"], "HERE has no .data file"),
    ("a/x/cells.data", ["b/cells.data"], "there is no folder a"),
    ("sett/cells.data", ["set/cells.data"], "there is no folder sett; did you mean 'set'?"),
  ])
  func `what may have been meant is named`(path: String, files: [String], text: String) throws {
    #expect(try advice(path, among: files) == text)
  }

  @Test func `a kind of several endings is named whole, and long lists are cut`() throws {
    #expect(
      try advice("a.weights", among: ["n.cfg"], endings: ["weights", "pt"])
        == "HERE has no .weights or .pt file")
    let many = (1...7).map { "set-number-\($0).data" }
    #expect(
      try advice("cells.data", among: many)
        == "HERE has set-number-1.data, set-number-2.data, set-number-3.data, set-number-4.data, "
        + "set-number-5.data, …")
    // A message that says what to do is not drowned.
    #expect(try advice("cells.data", among: ["set.data"], lists: false) == nil)
  }

  @Test func `where any file would do only what is alike is named`() throws {
    #expect(try advice("image", among: ["images/a.jpg"], endings: []) == "did you mean 'images'?")
    #expect(try advice("a.jpg", among: ["b.data", "photos/b.jpg"], endings: []) == nil)
  }

  @Test func `what is there is not missing`() throws {
    let folder = try TemporaryFolder()
    #expect(MissingFile(folder.path) == nil && MissingFile("") == nil)
    try folder.write("", to: "dense/model.cfg")
    try folder.write("", to: "dens.txt")
    #expect(
      MissingFile(folder.file("danse"))?.folderAdvice()
        == "did you mean '\(folder.file("dense"))'?")
    #expect(MissingFile(folder.file("dense/a.cfg"))?.missingFolder == nil)
  }
}
