import Foundation
import Testing

/// The examples of documents and of help screens, on drawn pictures, smaller and shorter.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct ReadmeTests {
  // From the import to the comparison and on: each example needs what those before it made.
  @Test func `the README's examples, one after the other`() throws {
    let commands = try Examples.commands(ofDocument: "README.md")
      .filter { !$0.contains("COMMAND") && !$0.hasPrefix("help") }
    #expect(commands.count > 15)
    try Workspace.with { space in
      try space.prepareExamples()
      for command in commands { try space.tryOut(command) }
      #expect(space.exists("runs/tuned/last.weights"))
    }
  }

  // Those of published data sets, which a reader brings along, are at least commands that exist.
  @Test(arguments: ["docs/datasets.md", "docs/formats.md"])
  func `examples of the documents are understood`(document: String) throws {
    try Workspace.with { space in
      for command in try Examples.commands(ofDocument: document) where !command.contains("FORMAT") {
        let run = try space.run(command.replacing("voc|coco|yolo", with: "voc"))
        #expect(run.status == 1 && !run.errors.contains("Usage:"), "\(command): \(run.errors)")
      }
    }
  }
}
