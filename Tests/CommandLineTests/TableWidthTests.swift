import Foundation
import Terminal
import Testing

/// No line of a table or of an epoch is wider than the terminal.
@Suite(
  .enabled(
    if: Workspace.isBuilt && FileManager.default.isExecutableFile(atPath: "/usr/bin/script"),
    "the programs are not built, or there is no /usr/bin/script"))
struct TableWidthTests {
  /// What a command shows on a terminal, without the commands to type, which are not broken.
  private func lines(_ space: Workspace, _ line: String, columns: Int = 80) throws -> [String] {
    let all = try TerminalScreenTests.screen(space, line, columns: columns)
    #expect(all.contains { !$0.isEmpty }, "pare \(line)")
    #expect(!all.contains { $0.hasPrefix("Error: ") }, "pare \(line): \(all)")
    // A path that is too long is a line of its own.
    return all.filter {
      !$0.hasPrefix("  pare ") && $0.trimmingCharacters(in: .whitespaces).contains(" ")
    }
  }

  @Test func `every table fits 80 columns`() throws {
    try Workspace.with { space in
      try space.train()
      // Class names of any length, as data sets have them.
      let name = "a class of the longest name that anybody ever thought of, and more"
      try space.write("d/d.names", "\(name)\nb\nc\nd\n")
      let folder =
        "runs/a-folder-with-a-long-name/and-another-one-inside-of-it/because-people-do-so"
      try FileManager.default.createDirectory(
        atPath: space.path(folder), withIntermediateDirectories: true)
      for name in try space.names("r") where !name.hasPrefix(".") {
        try space.write("\(folder)/\(name)", space.bytes("r/\(name)"))
      }
      let prune = "prune normal --model r --weights last --data d/d.data --percent 0.5 --force"
      let commands = [
        "profile --cfg n.cfg", "profile --cfg n.cfg --latency --repeats 2",
        "test --model r --data d/d.data", "anchors --data d/d.data --cfg n.cfg",
        "test --model r --data d/d.data --task benchmark",
        "dataset stats --data d/d.data --output s", "\(prune) --explain --output p",
        "compare r p --data d/d.data --bootstrap 100", "\(prune) --curve --output q",
        "compare r \(folder) --data d/d.data --bootstrap 100", "dataset check --data d/d.data",
      ]
      for command in commands {
        for line in try lines(space, command) {
          #expect(line.displayWidth <= 80, "pare \(command): \(line)")
        }
      }
    }
  }

  @Test func `a comparison calls networks by what was typed`() throws {
    try Workspace.with { space in
      try space.train()
      let folder = "runs/a-folder-with-a-long-name/and-another-one-inside"
      try FileManager.default.createDirectory(
        atPath: space.path(folder), withIntermediateDirectories: true)
      for name in try space.names("r") where !name.hasPrefix(".") {
        try space.write("\(folder)/\(name)", space.bytes("r/\(name)"))
      }
      let compare = "compare r \(folder) --data d/d.data --bootstrap 100"
      let narrow = try lines(space, compare)
      let wide = try lines(space, compare, columns: 200)
      let log = try space.output(of: compare).split(separator: "\n").map(String.init)
      for (lines, name) in [(narrow, "runs/a-f…other-one-inside"), (wide, folder), (log, folder)] {
        // Broken lines go on with two columns of indentation.
        let text = lines.joined(separator: " ").replacing(#/ +/#, with: " ")
        #expect(text.contains("\(name) mAP@0.5:0.95 +0.00 +0.00 to +0.00 "), "\(lines)")
        #expect(text.contains("mAP on 4 pictures of the valid split of d/d.data"), "\(lines)")
        #expect(!text.contains("A: ") && !text.contains(" - A"))
      }
      // A name that leaves half of the line to the figures is not cut in the table.
      try FileManager.default.moveItem(
        atPath: space.path(folder), toPath: space.path("runs/with-a-name-of-35-letters-or-more"))
      let parted = try lines(
        space, "compare r runs/with-a-name-of-35-letters-or-more --data d/d.data")
      #expect(
        parted.count { $0.hasPrefix("runs/with-a-name-of-35-letters-or-more  ") } > 1, "\(parted)")
    }
  }

  @Test func `an epoch takes a line, or a second one at a sensible place`() throws {
    try Workspace.with { space in
      try space.prepare()
      let train =
        "train --cfg n.cfg --data d/d.data --epochs 3 --batch-size 4 --threads 1 --output "
      let plain = try lines(space, train + "a")
      let epochs = plain.filter { $0.hasPrefix("epoch ") }
      #expect(epochs.count == 3, "\(plain)")
      for line in epochs {
        #expect(line.displayWidth <= 80 && line.contains("  loss "), "\(line)")
        #expect(!line.contains("pictures/s"), "all lines are alike: \(line)")
        #expect(line.contains("  mAP@0.5 0.") && line.contains("  mAP@0.5:0.95 0."), "\(line)")
      }
      // What is not shown is not explained.
      #expect(
        plain.contains { $0.hasPrefix("loss: less is better; results.csv and report.html have") })
      #expect(!plain.contains { $0.contains("(place and size)") })
      #expect(
        plain.joined(separator: " ").replacing(#/\s+/#, with: " ").contains(
          "; 'kept' marks an epoch whose weights go into model.weights; the last so marked is the best "
            + "epoch: the latest within chance of the highest mAP@0.5"))
      // Each that is marked goes into the file, and nothing else is called the best.
      #expect(epochs[0].hasSuffix("  kept") || epochs[0].contains("  kept  "), "\(epochs)")
      #expect(!epochs.contains { $0.contains("best") })
      let sparse = try lines(space, train + "b --sparsity 0.01")
      let places = sparse.indices.filter { sparse[$0].hasPrefix("epoch ") }
      #expect(places.count == 3, "\(sparse)")
      for place in places {
        #expect(sparse[place].displayWidth <= 80)
        let next = sparse[place + 1]
        #expect(next.hasPrefix("  scales below 0.01: ") && next.displayWidth <= 80, "\(next)")
      }
      // Where there is room all of it is one line.
      let wide = try lines(space, train + "c", columns: 200).filter { $0.hasPrefix("epoch ") }
      #expect(wide.allSatisfy { $0.contains("(box ") && $0.contains(" pictures/s  mAP@0.5 ") })
      // A log is read on a terminal too.
      let log = try space.run(train + "e --sparsity 0.01").errors.split(separator: "\n")
        .filter { $0.hasPrefix("epoch ") || $0.hasPrefix("  ") }
      #expect(log.count == 6 && log.allSatisfy { $0.count <= 80 }, "\(log)")
    }
  }

  // The loss has the teacher's terms in it, so each line shows them, and the head says so.
  @Test func `what a teacher adds to the loss is shown, with all of its terms`() throws {
    try Workspace.with { space in
      try space.train()
      let train =
        "train --cfg n.cfg --data d/d.data --epochs 2 --batch-size 4 --threads 1 --teacher r --output "
      let narrow = try lines(space, train + "a")
      for line in narrow { #expect(line.displayWidth <= 80, "\(line)") }
      #expect(
        narrow.joined(separator: " ").contains("teacher (how far from it) is a part of it"),
        "\(narrow)")
      let terms = narrow.filter { $0.hasPrefix("  teacher ") }
      #expect(terms.count == 2, "\(narrow)")
      let names = ["objectness", "classes", "boxes"]
      for line in terms { #expect(names.allSatisfy(line.contains), "\(line)") }
      // Where they do not fit, the line says where they are.
      let many = try lines(
        space, train.replacing("--output", with: "--distill binary,box-class-feature --output b"))
      #expect(
        many.contains {
          $0.hasPrefix("  teacher ") && $0.hasSuffix(" 6 terms, which are in results.csv")
        },
        "\(many)")
      let wide = try lines(space, train + "c", columns: 200)
      #expect(
        wide.contains { $0.hasPrefix("loss: the sum of box") && $0.contains(" and teacher (how") })
      // The figures in brackets add up to the loss, but for their rounding.
      let epoch = try #require(wide.first { $0.hasPrefix("epoch 1  loss ") })
      let found = try #require(
        epoch.firstMatch(
          of: /loss ([\d.]+)  \(box ([\d.]+), obj ([\d.]+), cls ([\d.]+), teacher ([\d.]+)\)/))
      let numbers = [found.1, found.2, found.3, found.4, found.5].compactMap { Double($0) }
      #expect(abs(numbers[0] - numbers.dropFirst().reduce(0, +)) < 0.004, "\(epoch)")
    }
  }
}
