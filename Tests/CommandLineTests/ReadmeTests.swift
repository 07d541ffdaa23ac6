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

  @Test func `the examples of every help screen`() throws {
    try Workspace.with { space in
      try space.prepareExamples()
      for command in [
        "dataset import voc pictures --output cells",
        "dataset synthetic --classes 3 --size 64 --images 2 --validation 1 --test 1 --output more",
        "config new yolov4-tiny --classes 3 --output cells.cfg",
        "train --cfg cells.cfg --data cells/cells.data --output runs/dense",
        "train --cfg cells.cfg --data cells/cells.data --output runs/sparse --seed 1",
        "train --cfg cells.cfg --data cells/cells.data --output runs/tuned --seed 2",
        "test --model runs/dense --data cells/cells.data --split test --save-predictions dense.json",
        "test --model runs/tuned --data cells/cells.data --split test --save-predictions tuned.json",
      ] {
        try space.tryOut(command)
      }
      try FileManager.default.createDirectory(
        atPath: space.path("runs/yolov3"), withIntermediateDirectories: true)
      try space.prepareNetwork("yolov3", classes: 3, cfg: "runs/yolov3/model.cfg")
      let screens = try Examples.helpScreens()
      #expect(screens.count == 35)
      for (command, screen) in screens {
        let examples = Examples.commands(ofHelp: screen)
        // Groups of commands have none of their own.
        let isGroup = ["config", "dataset", "export"].contains(command)
        #expect(!examples.isEmpty || isGroup, "\(command)")
        for example in examples {
          #expect(example.hasPrefix(command), "\(command): \(example)")
          try space.tryOut(example)
        }
      }
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
