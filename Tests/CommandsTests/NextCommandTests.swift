import Commands
import Foundation
import Testing
import _TestSupport

@Suite struct NextCommandTests {
  @Test func `a command can be pasted into a shell whatever its paths are called`() {
    let plain = NextCommand("train", "--cfg", "runs/prune/model.cfg").with("--data", "d/d.data")
    #expect("\(plain)" == "pare train --cfg runs/prune/model.cfg --data d/d.data")
    #expect(plain.text("train it") == "next, train it:\n  \(plain)")
    #expect("\(plain.with("--img-size", nil))" == "\(plain)")
    #expect("\(NextCommand("test") + ["my data/a.data"])" == "pare test 'my data/a.data'")
    // A quote ends the quoted part, stands escaped, and begins it again.
    #expect("\(NextCommand("test", "it's;$HOME"))" == #"pare test 'it'\''s;$HOME'"#)
    #expect(
      "\(NextCommand("test", "ärger/数.data", "~x", "*"))" == "pare test ärger/数.data '~x' '*'")
  }

  @Test func `what is left open is explained`() {
    #expect(
      NextCommand("train", "--data", "DATA.data").text("train it")
        == "next, train it (DATA.data: your data set's .data file, as 'pare dataset import' writes "
        + "it):\n  pare train --data DATA.data")
  }

  @Test func `one command is the next, and others may be typed in its place`() {
    let command = NextCommand("test", "--model", "r")
    #expect(command.text("measure it") == "next, measure it:\n  pare test --model r")
    #expect(command.text("measure it", isFirst: false) == "or, measure it:\n  pare test --model r")
    let other = NextCommand(afterwards: "c/net", ["c/net.bin"])
    #expect(other.text("run it", isFirst: false) == "then, run it:\n  c/net c/net.bin")
  }

  @Test(arguments: [
    (["--model", "runs/pruned"], "pruned-tuned"), (["--model", "runs/pruned-2"], "pruned-2-tuned"),
    // A third training is not named after the second one's name: '--name' numbers it.
    (["--model", "runs/pruned-tuned"], "pruned-tuned"),
    (["--model", "runs/pruned-tuned-2", "--weights", "last"], "pruned-tuned"),
    (["--model", "tuned"], "tuned"), (["--model", "runs/.x"], "x-tuned"),
    (["--cfg", "a/n.cfg", "--weights", "b.weights"], "n-tuned"), (["--model", "/"], "tuned"),
  ])
  func `a training is called after the network that it begins with`(
    network: [String], name: String
  ) {
    #expect(NextCommand.name("tuned", of: network) == ["--name", name])
  }

  @Test(arguments: [
    ("r/model.cfg", "r/model.weights", "--model r"),
    ("r/model.cfg", "r/last.weights", "--model r --weights last"),
    ("r/model.cfg", "s/model.weights", "--cfg r/model.cfg --weights s/model.weights"),
    ("model.cfg", "model.weights", "--cfg model.cfg --weights model.weights"),
    ("n.cfg", "n.weights", "--cfg n.cfg --weights n.weights"),
  ])
  func `a pair is its folder where that means the same`(
    cfg: String, weights: String, expected: String
  ) {
    #expect(NextCommand.model(cfg: cfg, weights: weights).joined(separator: " ") == expected)
  }

  // What a reader of the README has: the imported set, and the same divided.
  @Test func `a new cfg is trained on the data set that is plain to see`() throws {
    let folder = try TemporaryFolder()
    func next(_ classes: Int = 3) -> String {
      let next = NextCommand.firstTraining(cfg: folder.file("net.cfg"), classes: classes)
      return next.command.words.joined(separator: " ") + "|" + next.purpose
    }
    func end(_ data: String) -> String { "--data \(data) --epochs 200 --name dense|train it" }
    #expect(next().hasSuffix(end("DATA.data")))
    for name in ["cells", "splits", "more"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
    }
    let cells = try folder.write("classes=3\ntrain=a.txt\nvalid=a.txt\n", to: "cells/cells.data")
    _ = try folder.write("no data file\n", to: "more/broken.data")
    #expect(next().hasSuffix(end(cells)) && next(4).hasSuffix(end("DATA.data")))
    let split = try folder.write("classes=3\ntrain=a.txt\nvalid=b.txt\n", to: "splits/split.data")
    #expect(next().hasSuffix(end(split)))
    let more = try folder.write("classes=3\ntrain=a.txt\nvalid=b.txt\n", to: "more/more.data")
    #expect(
      next().hasSuffix(end("DATA.data") + ", on \(more) or \(split) or \(cells)"), "\(next())")
    // Its name is no reason to train on a set that is not divided, beside some that are.
    _ = try folder.write("classes=3\ntrain=a.txt\n", to: "net.data")
    #expect(next().contains(" --data DATA.data "), "\(next())")
    let own = try folder.write("classes=3\ntrain=a.txt\nvalid=b.txt\n", to: "net.data")
    #expect(next().hasSuffix(end(own)))
  }

  @Test func `a cfg of other classes is not what trains on a data set`() throws {
    let folder = try TemporaryFolder()
    let cfg = try folder.write(
      "[net]\nwidth=32\nheight=32\nchannels=3\n[convolutional]\nfilters=21\nsize=1\nstride=32\n"
        + "activation=linear\n[yolo]\nmask=0,1,2\nanchors=1,1,2,2,3,3\nnum=3\nclasses=2\n",
      to: "two.cfg")
    let data = folder.file("set.data")
    #expect(
      NextCommand.network(for: data, cfg: cfg, classes: 2).command
        == NextCommand.train(["--cfg", cfg], on: data))
    let other = NextCommand.network(for: data, cfg: cfg, classes: 4).command
    #expect("\(other)".hasPrefix("pare config new yolov4-tiny --classes 4 "), "\(other)")
  }

  // As the README has them: the set is imported as `cells`, and divided into `splits`.
  @Test func `the network that is suggested is that of the README, by the machine`() throws {
    func suggestion(_ hasGraphicsProcessor: Bool, size: [Int] = []) -> String {
      let next = NextCommand.network(
        for: "splits/split.data", madeOf: "cells/cells.data", classes: 3, size: size,
        hasGraphicsProcessor: hasGraphicsProcessor)
      return "\(next.purpose): \(next.command)"
    }
    let large = "pare config new yolov4-tiny --classes 3"
    let small = large + " --width-multiple 0.5 --img-size 224"
    #expect(suggestion(true) == "make a network for it: \(large) --output cells.cfg")
    #expect(
      suggestion(false)
        == "make a small network for it, as there is no GPU here: \(small) --output cells.cfg")
    #expect(
      suggestion(false, size: [320, 256]).hasSuffix(
        "--width-multiple 0.5 --img-size 320 256 --output cells.cfg"))
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../README.md")
    let readme = try String(contentsOf: path.standardizedFileURL, encoding: .utf8)
    for line in ["\(large) --output cells.cfg", "\(small) --overwrite --output cells.cfg"] {
      #expect(readme.contains("    \(line)\n"), "\(line)")
    }
    // A set of its own has its own.
    let plain = NextCommand.network(for: "sets/own.data", classes: 3, hasGraphicsProcessor: true)
    #expect("\(plain.command)" == "\(large) --output own.cfg")
    let words = NextCommand.train([], on: "splits/split.data").words
    #expect(readme.contains(words[1...4].joined(separator: " ")), "\(words)")
  }
}
