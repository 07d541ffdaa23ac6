import Foundation
import Testing

/// What commands suggest, typed as it is printed.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct RightOrderTests {
  /// A command of any program, by a shell, in the space.
  private func shell(_ line: String, _ space: Workspace) throws -> (status: Int32, text: String) {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = space.folder
    (process.standardOutput, process.standardError) = (pipe, pipe)
    var environment = ProcessInfo.processInfo.environment
    let folder = URL(filePath: Workspace.program).deletingLastPathComponent().path
    environment["PATH"] = folder + ":" + (environment["PATH"] ?? "")
    process.environment = environment
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  // Figures are of three digits: what is there may differ by half of the last one.
  @Test func `an exported program is built and run by the commands that are printed`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try space.succeed("quantize --model r --data d/d.data --output q --device cpu --quiet")
      let text = try space.output(of: "export c --model q --name net --output c --json c.json")
      let commands = text.matches(of: /(?:next|then), [^\n]*:\n  ([^\n]*)/).map { String($0.1) }
      #expect(commands.count == 3 && commands[0].hasPrefix("pare quantize --model q --dump "))
      let picture = try "d/images/" + #require(space.names("d/images").sorted().first)
      for line in commands {
        let run = try shell(line.replacing("PICTURE.jpg", with: picture), space)
        #expect(run.status == 0, "\(line): \(run.text)")
      }
      let header = String(decoding: try space.bytes("c/net.h"), as: UTF8.self)
      func defined(_ name: String) throws -> Int {
        let line = try #require(
          header.split(separator: "\n").first { $0.contains(" NET_\(name) ") })
        return try #require(Int(line.split(separator: " ").last ?? ""))
      }
      let heads = try (0..<defined("HEADS")).reduce(0) { sum, head in
        let sides = try ["CHANNELS", "HEIGHT", "WIDTH"].map { try defined("HEAD\(head)_\($0)") }
        return sum + sides.reduce(1, *)
      }
      #expect(try space.bytes("c/heads").count == 4 * heads)

      // The bytes that are told are those that are there: the file, and what the compiler sets aside.
      let told = try space.json("c.json")
      #expect(told["weightsBytes"] as? Int == (try space.bytes("c/net.bin").count))
      let compiled = try shell("gcc -std=c99 -c c/net.c -o net.o && nm -S net.o", space)
      func size(_ symbol: String) -> Int {
        let line = compiled.text.split(separator: "\n").first { $0.hasSuffix(" \(symbol)") }
        return line.flatMap { Int($0.split(separator: " ")[1], radix: 16) } ?? 0
      }
      #expect(size("arena") > 0 && told["arenaBytes"] as? Int == size("arena"), "\(compiled.text)")
      #expect(told["scratchBytes"] as? Int == size("channel") + size("gate_values"))

      // By itself it says how it is used.
      let usage = try shell("c/net", space)
      #expect(usage.status == 2 && usage.text.hasPrefix("usage: c/net WEIGHTS PICTURE HEADS\n"))
      #expect(
        usage.text.contains("PICTURE: picture.npy of a dump, or 64x64 raw bytes of each channel,"))
      let less = try shell("c/net c/net.bin c/net.h c/heads", space)
      #expect(less.status == 2 && less.text.contains("c/net.h: cannot be read, or has other than "))
      // A JPEG of more bytes would pass for pixels.
      try space.write("more.jpg", Data(count: 3 * 64 * 64 + 1))
      let more = try shell("c/net c/net.bin more.jpg c/heads", space)
      #expect(
        more.status == 2 && more.text.contains("more.jpg: cannot be read, or has other than "))
      let weights = try shell("c/net no.bin c/net.h c/heads", space)
      #expect(weights.text.hasPrefix("no.bin: cannot be read, or has other than "))
    }
  }

  // Many sets by name before the one that is trained on.
  @Test func `the data set of a run here is the one that is suggested`() throws {
    try Workspace.with { space in
      try space.prepare()
      for name in ["a1", "a2", "a3", "a4", "a5", "a6"] {
        try FileManager.default.copyItem(atPath: space.path("d"), toPath: space.path(name))
      }
      try space.succeed("dataset split --data d/d.data --ratios 0.6 0.2 0.2 --output s")
      let new =
        "config new yolov4-tiny --classes 4 --width-multiple 0.125 --img-size 64 --overwrite "
      #expect(try space.output(of: new + "--output m.cfg").contains("--data DATA.data"))
      try space.succeed(
        "train --cfg n.cfg --data s/split.data --batch-size 4 --device cpu --epochs 1 --name dense "
          + "--quiet")
      #expect(try space.output(of: new + "--output m.cfg").contains("--data s/split.data"))
      // What a network comes from is known even where others are as near.
      let part = try space.output(
        of: "convert --cfg n.cfg --weights runs/dense/model.weights --output b.conv.15")
      #expect(part.contains("--weights b.conv.15 --data s/split.data "), "\(part)")
    }
  }

  @Test func `anchors that are as good lead to no new training`() throws {
    try Workspace.with { space in
      try space.prepare()
      let anchors = "anchors --data d/d.data --cfg"
      _ = try space.output(of: "\(anchors) n.cfg --output n.cfg --overwrite")
      let same = try space.output(of: "\(anchors) n.cfg")
      #expect(!same.contains("next, "), "\(same)")
      #expect(same.contains("verdict: go on with n.cfg, its own anchors are "))
      // As a step before the first training it leads there; after that it does not.
      let written = "\(anchors) n.cfg --output n.cfg --overwrite"
      #expect(try space.output(of: written).contains("\n  pare train --cfg n.cfg "))
      try space.succeed(
        "train --cfg n.cfg --data d/d.data --batch-size 4 --device cpu --epochs 1 --name dense --quiet"
      )
      #expect(try !space.output(of: written).contains("pare train"))
    }
  }

  @Test func `a set without its form is told what it looks like`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed("dataset export voc --data d/d.data --output v")
      let forgotten = try space.run("dataset import v --output b")
      #expect(
        forgotten.errors.contains(
          "v: no form is named before it; it looks like voc: pare dataset import voc v --output b"),
        "\(forgotten.errors)")
      #expect(forgotten.status == 1)
      try space.write("x/y.txt", inNewFolder: "nothing")
      let none = try space.run("dataset import x --output b")
      #expect(none.status == 64 && none.errors.contains("'x' is no form; "), "\(none.errors)")
    }
  }

  @Test func `names beside the weights are taken, and what takes long is announced`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let found = try space.run(
        "detect --cfg n.cfg --weights r/model.weights --source d/images --output f --json f.json")
      #expect(
        found.errors.contains("--names r/model.names: beside the weights\n"), "\(found.errors)")
      #expect(!found.errors.contains("called by their number"))
      let drawn = try space.run(
        "dataset synthetic --size 64 --images 3 --validation 2 --test 0 --output e")
      #expect(drawn.errors.hasPrefix("drawing 5 pictures of 64×64 (train 3, valid 2); --images"))
      // A folder that cannot be made, where none was named.
      try space.write("runs", "no folder")
      let refused = try space.run("test --model r --data d/d.data --save-txt")
      #expect(
        refused.status == 1 && refused.errors.contains("; --output names another place\n"),
        "\(refused.errors)")
    }
  }
}

extension Workspace {
  fileprivate func write(_ name: String, inNewFolder text: String) throws {
    try FileManager.default.createDirectory(
      at: URL(filePath: path(name)).deletingLastPathComponent(), withIntermediateDirectories: true)
    try write(name, text)
  }
}
