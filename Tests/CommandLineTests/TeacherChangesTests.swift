import Foundation
import Testing

/// Teachers that are unfinished, poor, or trained on while others learn from them.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct TeacherChangesTests {
  private let train =
    "train --cfg n.cfg --data d/d.data --epochs 2 --batch-size 4 --device cpu --threads 1 --workers 1 "

  @Test func `a run goes on with the teacher that it began with, whatever becomes of that`() throws
  {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(train + "--output r --quiet")
      let taught = train + "--teacher r --quiet --output "
      try space.succeed(taught.replacing("--epochs 2", with: "--epochs 3") + "whole")
      let begun = try space.everything(of: taught.replacing("--quiet ", with: "") + "part")
      // A poor teacher is said to be, and is not taken again.
      #expect(
        begun.status == 0 && begun.text.contains("Warning: the teacher r is poor: mAP@0.5 is 0."))
      #expect(
        begun.text.contains("\nnext, train it longer, without the teacher:\n"), "\(begun.text)")
      let teacher = try space.bytes("r/model.weights")
      #expect(try space.bytes("part/teacher/model.weights") == teacher)
      #expect(try space.names("part/teacher").contains("model.json"))

      // The teacher goes on, and so does what learned from it.
      try space.succeed("train --resume --output r --epochs 6 --quiet")
      try #require(try space.bytes("r/model.weights") != teacher)
      // They are those of its last epoch then, which are kept, and would be found.
      try FileManager.default.removeItem(atPath: space.path("r/last-2.weights"))
      #expect(try space.bytes("part/teacher/model.weights") == teacher)
      let resumed = try space.everything(of: "train --resume --output part --epochs 3")
      let words =
        "r/model.weights is not any more what the run began with: it goes on with what it kept of that, "
      #expect(resumed.status == 0 && resumed.text.contains(words), "\(resumed.text)")
      // Said once, and no warning of names or scales that the kept files would lack.
      #expect(!resumed.text.contains("Warning"), "\(resumed.text)")
      // The folder may move, and the teacher be gone.
      try space.move("part", to: "moved")
      try FileManager.default.removeItem(atPath: space.path("r"))
      try space.succeed("train --resume --output moved --epochs 4 --quiet")
      // All of it is the run's own.
      try space.succeed(train + "--output moved --overwrite --quiet")
      #expect(!space.exists("moved/teacher"))
      #expect(space.exists("whole/teacher/model.cfg"))
    }
  }

  @Test func `a teacher whose training is not over is told of`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(train + "--output r --quiet")
      let history = String(decoding: try space.bytes("r/history.jsonl"), as: UTF8.self)
      try space.write("r/history.jsonl", history.split(separator: "\n")[0] + "\n")
      let run = try space.run(train + "--epochs 1 --teacher r --output a")
      let words =
        "the training in r was interrupted: 1 of 2 epochs is done, and its weights are those"
      #expect(run.status == 0 && run.errors.contains(words), "\(run.errors)")
      try FileManager.default.removeItem(atPath: space.path("r/model.weights"))
      let none = try space.run(train + "--teacher r --output b")
      #expect(none.status == 1 && none.errors.contains("r/model.weights: was not written, for "))
    }
  }

  @Test func `what cannot go on is refused before anything is said of it`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(train + "--output r --quiet")
      let fewer = try space.everything(of: "train --resume --output r --epochs 1")
      #expect(fewer.status == 1)
      #expect(fewer.text == "Error: r: --epochs 1 is fewer than the 2 that are done or begun\n")
      let list = String(decoding: try space.bytes("d/train.txt"), as: UTF8.self)
      try space.write("d/train.txt", list.split(separator: "\n").dropLast().joined(separator: "\n"))
      let changed = try space.everything(of: "train --resume --output r --epochs 3")
      #expect(
        changed.text
          == "Error: r/last.safetensors: the training data has changed since the checkpoint "
          + "was written\n")
    }
  }
}
