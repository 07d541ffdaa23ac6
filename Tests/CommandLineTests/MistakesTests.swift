import Foundation
import Testing

@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct MistakesTests {
  @Test func `every mistake is one line and overwrites nothing`() throws {
    try Workspace.with { space in
      try space.train()
      let weights = try space.bytes("r/last.weights")
      try space.write("short.weights", weights.prefix(5000))
      try space.write("long.weights", weights + Data("abcd\n".utf8))
      try space.write("empty.weights", Data())
      try space.succeed("config new yolov3-tiny --classes 4 --img-size 64 --output other.cfg")
      try space.write("keys.data", "classes=4\n")
      try space.write("taken", "kept")
      let test = "test --data d/d.data --cfg n.cfg --quiet --weights "
      let good = test + "r/last.weights "
      let detect = "detect --cfg n.cfg --weights r/last.weights --quiet --source "
      let cases: [(line: String, status: Int32, words: String)] = [
        (test + "short.weights", 1, "it ends in layer 2"),
        (test + "long.weights", 1, "5 bytes are left after layer 36"),
        (test + "empty.weights", 1, "is not a Darknet weights file"),
        (test + "absent.weights", 1, "No such file or directory"),
        (test + "d", 1, "d: is a folder, not a file of weights"),
        ("test --cfg other.cfg --weights r/last.weights --data d/d.data", 1, "other.cfg needs"),
        (good + "--json /dev/full", 1, "/dev/full: cannot be written: No space left"),
        (good + "--save-predictions /dev/full", 1, "No space left on device"),
        (good + "--device cuda:99", 1, "CUDA"),
        (good + "--split other", 64, "--split"),
        (good + "--save-json --output r", 1, "holds a training, not the figures of a test"),
        (good + "--output x --task benchmark", 64, "writes no files"),
        ("test --cfg n.cfg --weights r/last.weights --data keys.data", 1, "no 'valid' list"),
        ("train --cfg n.cfg --data keys.data", 1, "no 'train' list"),
        ("train --cfg n.cfg --data d/d.data --output r", 1, "exists and is not empty"),
        ("train --cfg n.cfg --data d/d.data --output taken/x", 1, "cannot be written"),
        ("train --resume --output d", 1, "no run to resume"),
        ("train --resume --output absent", 1, "no run to resume"),
        (detect + "d/images --classes 9 --output z", 1, "classes 0 to 3"),
        (detect + "absent --output z", 1, "No such file or directory"),
        (detect + "d/images --output taken", 1, "a file of that name exists"),
        ("convert --cfg n.cfg --weights r/last.weights --output short.weights", 1, "exists"),
        ("prune normal --cfg n.cfg --weights r/last.weights --percent 30", 64, "--percent"),
      ]
      for (line, status, words) in cases {
        let run = try space.run(line)
        #expect(run.status == status, "pare \(line): \(run.errors)")
        #expect(run.errors.hasPrefix("Error: ") && run.errors.contains(words), "\(run.errors)")
        if status == 1 { #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)") }
      }
      #expect(try space.bytes("r/last.weights") == weights)
      #expect(try space.bytes("taken") == Data("kept".utf8))
      #expect(try space.bytes("short.weights").count == 5000)
    }
  }

  @Test func `a file of another kind is named for what it is`() throws {
    try Workspace.with { space in
      try space.train()
      try FileManager.default.createDirectory(
        atPath: space.path("p"), withIntermediateDirectories: true)
      try space.write("p/model.cfg", try space.bytes("r/model.cfg"))
      try space.write("p/model.weights", try space.bytes("r/last.weights"))
      // One array, of layer 0, of another shape: the length of the header, the header, a number.
      let header = #"{"0.beta":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
      try space.write(
        "other.safetensors",
        Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0]) + Data(header.utf8) + Data(count: 4))
      try space.write("lost.txt", "gone.jpg\nlost.jpg\n")
      try space.write("noise.bin", Data([7, 200, 0, 3, 99, 0, 10, 1]))
      let pretrain = "train --cfg n.cfg --data d/d.data --pretrain --output x --weights "
      let cases: [(line: String, status: Int32, words: String)] = [
        ("config check r/last.weights", 1, "r/last.weights: is a file of weights, not a cfg\n"),
        ("config check other.safetensors", 1, "is a file of weights, not a cfg"),
        ("config check r", 1, "name the .cfg file in it: r/model.cfg\n"),
        ("config check d/images/train-00000.jpg", 1, "train-00000.jpg: is a picture, not a cfg"),
        ("dataset check --data d/images/train-00000.jpg", 1, "is a picture, not a .data file"),
        ("compare r d/d.data", 1, "d/d.data: is a .data file, not a network; --data takes it"),
        (
          "detect --model r --source lost.txt", 1,
          "files that it lists is there; the first is gone.jpg"
        ),
        ("config check noise.bin", 1, "noise.bin: is no text"),
        ("config check d", 1, "d: is a folder without a .cfg file"),
        ("dataset check --data d/d.names", 1, "d/d.names: is a list of class names"),
        ("profile --cfg d/d.names --quiet", 1, "d/d.names: is a list of class names, not a cfg"),
        ("test --cfg n.cfg --weights d/d.names --data d/d.data", 1, "names, not a file of weights"),
        ("test --model p --weights last --data d/d.data", 1, "p has model.weights alone"),
        (pretrain + "other.safetensors", 1, "nothing of these weights fits n.cfg"),
        (pretrain + "yolov4-tiny.conv.29", 1, "belongs to another network than n.cfg"),
        ("dataset check d/d.data", 64, "Did you mean '--data d/d.data'?"),
        ("profile n.cfg", 64, "Did you mean '--cfg n.cfg'?"),
        ("config check --cfg n.cfg", 64, "leave it out: 'n.cfg' stands without one"),
        ("config new yolov4tiny --classes 2 --output y.cfg", 64, "Did you mean 'yolov4-tiny'?"),
        (
          "config new yolo-fastest --classes 2 --output y.cfg", 64,
          "'yolo-fastest-1.1'? 'pare help "
        ),
      ]
      for (line, status, words) in cases {
        let run = try space.run(line)
        #expect(run.status == status, "pare \(line): \(run.errors)")
        #expect(run.errors.contains(words), "pare \(line): \(run.errors)")
      }
      try space.succeed(
        "dataset split --data d/d.data --ratios 50% 30% 20% --output shares --quiet")
    }
  }

  // Every option with every kind of file that is not its own: one short line, and nothing written.
  @Test func `whatever is named in place of another file, one line says what it is`() throws {
    try Workspace.with { space in
      try space.train()
      try space.write("n.weights", try space.bytes("r/last.weights"))
      try space.write("a.zip", Data([0x50, 0x4B, 3, 4, 20, 0, 0, 0, 8, 0]))
      try space.write("a.onnx", Data([8, 7, 18, 7, 0, 0, 1, 2, 9]))
      try space.write("data.yaml", "names: [a]\ntrain: images\n")
      let kinds: [(file: String, words: String)] = [
        ("n.cfg", "a cfg"), ("n.weights", "a file of weights"), ("d/d.data", "a .data file"),
        ("d/d.names", "a list of class names"), ("d/train.txt", "a list of pictures"),
        ("d/images/train-00000.jpg", "a picture"), ("a.zip", "a zip archive"),
        ("a.onnx", "an ONNX file"), ("data.yaml", "a YAML file"), ("r", "a run's folder"),
        ("d/images", "a folder"),
      ]
      let options: [(line: String, wanted: String, takes: Set<String>)] = [
        ("test --cfg X --weights n.weights --data d/d.data", "a cfg", ["n.cfg"]),
        ("test --cfg n.cfg --weights X --data d/d.data", "a file of weights", ["n.weights"]),
        ("train --cfg n.cfg --output z --data X", "a .data file", ["d/d.data"]),
        ("test --model X --data d/d.data", "a run's folder", ["r"]),
        (
          "detect --model r --output z --source X", "a picture",
          ["d/images/train-00000.jpg", "d/train.txt", "d/images"]
        ),
        (
          "detect --model r --output z --source d/images --names X", "a list of class names",
          ["d/d.names", "d/train.txt"]
        ),
        (
          "train --cfg n.cfg --data d/d.data --output z --teacher-cfg X --teacher-weights n.weights",
          "a cfg", ["n.cfg"]
        ),
        (
          "train --cfg n.cfg --data d/d.data --output z --teacher-cfg n.cfg --teacher-weights X",
          "a file of weights", ["n.weights"]
        ),
      ]
      // These say more: which files lie there, which lists to take, or how to import them.
      let others: Set = [
        "a cfg r", "a cfg d/images", "a .data file d/images", "a .data file r",
        "a .data file data.yaml", "a .data file d/d.names", "a run's folder d/images",
        "a picture d/d.data", "a picture r",
      ]
      for option in options {
        for kind in kinds where !option.takes.contains(kind.file) {
          let line = option.line.replacing("X", with: kind.file)
          let run = try space.run(line)
          let error = run.errors.split(separator: "\n").last ?? ""
          #expect(run.status == 1 && error.hasPrefix("Error: "), "\(line): \(run.errors)")
          // Some name the folder that they are in, which has a long name here.
          let short = error.replacing(space.folder.lastPathComponent, with: "set")
          #expect(short.count <= 140, "\(line): \(short)")
          #expect(!space.exists("z"), "\(line)")
          guard !others.contains("\(option.wanted) \(kind.file)") else { continue }
          #expect(
            error.contains("\(kind.file): is \(kind.words), not \(option.wanted)"),
            "\(line): \(run.errors)")
        }
      }
    }
  }

  // What is suggested is an option of the command, and is typed as it stands.
  @Test func `no hint leads to an option that the command lacks`() throws {
    try Workspace.with { space in
      try space.train()
      try space.move("r", to: "my run")
      try space.write("n.weights", try space.bytes("my run/last.weights"))
      let cases: [(words: [String], status: Int32, error: String)] = [
        (["config", "check", "d/d.data"], 1, "d/d.data: is a .data file, not a cfg"),
        (["profile", "--cfg", "n.weights"], 1, "n.weights: is a file of weights, not a cfg"),
        (
          ["test", "--cfg", "d/d.data", "--weights", "n.weights", "--data", "d/d.data"], 1,
          "d/d.data: is a .data file, not a cfg; --data takes it"
        ),
        (["train", "my run"], 64, "Unexpected argument 'my run'. Did you mean '--model my run'?"),
        (
          ["test", "--model", "my run", "--data", "d/d.data", "--weights", "lst"], 64,
          "'--weights lst': did you mean 'last'?"
        ),
        (
          ["test", "--cfg", "n.cfg", "--data", "d/d.data", "--weights", "last"], 64,
          "'--weights last' names weights of a run: it goes with '--model <dir>', in place of '--cfg'"
        ),
        (
          ["compare", "my run,n.weights"], 64,
          "'compare' needs at least two networks, such as 'pare compare my run n.weights': they stand apart"
        ),
        (
          [
            "dataset", "split", "--data", "d/d.data", "--output", "z", "--ratios", "0,7", "0,2",
            "0,1",
          ],
          64,
          "The value '0,7' is invalid for '--ratios <fraction>': expected a number such as 0.5; write 0.7"
        ),
        (
          ["train", "--cfg", "n.cfg", "--data", "d/d.data", "--output", "my run"], 1,
          "my run: exists and is not empty: it holds a run, and "
            + "\"pare train --resume --output 'my run'\" goes on with it; for a new one name another "
            + "--output, or add --overwrite"
        ),
      ]
      for (words, status, error) in cases {
        let run = try space.run(words: words)
        #expect(run.status == status, "\(words): \(run.errors)")
        #expect(
          run.errors.split(separator: "\n").first.map(String.init) == "Error: \(error)",
          "\(words): \(run.errors)")
      }
    }
  }

  // It runs, and what it says is wrong.
  @Test func `names and anchors that are not those of the weights are told of`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let names = String(decoding: try space.bytes("d/d.names"), as: UTF8.self)
        .split(separator: "\n").reversed().joined(separator: "\n")
      try space.write("other.names", names + "\n")
      try space.write("foreign.names", names.replacing("c", with: "k") + "\n")
      let cfg = String(decoding: try space.bytes("r/model.cfg"), as: UTF8.self)
      try space.write(
        "other.cfg",
        cfg.replacing(/anchors *=/, with: "anchors=1,1,").replacing(
          /(anchors=1,1,.*),[^,\n]*,[^,\n]*\n/
        ) { "\($0.1)\n" })
      let test = "test --data d/d.data --device cpu --quiet"
      let own = try space.run("\(test) --model r").errors
      #expect(!own.contains("Warning: "), "\(own)")
      for (options, words) in [
        (
          "--model r --names other.names",
          "other.names calls the classes the same in another order than r/model.names"
        ),
        ("--model r --names foreign.names", "foreign.names calls the classes otherwise than r/"),
        (
          "--cfg other.cfg --weights r/model.weights",
          "other.cfg has other anchors than r/model.cfg, with which these weights were trained"
        ),
      ] {
        let run = try space.run("\(test) \(options)")
        #expect(run.status == 0 && run.errors.contains(words), "\(run.errors)")
      }
    }
  }

  @Test(arguments: [
    ("64", "8", "[route]\nlayers=3", "refers to a later layer"),
    ("64", "8", "[route]\nlayers=1", "refers to the layer itself"),
    ("64", "8", "[yolo]", "[yolo] has no 'classes'"),
    ("0", "8", "", "'width=0' is out of range"),
    ("64", "0", "", "'filters=0' is out of range"),
    ("99999999", "8", "", "'width=99999999' is out of range"),
    ("64", "99999999999999999999", "", "is out of range"),
  ])
  func `a wrong cfg is one line`(side: String, filters: String, end: String, words: String) throws {
    try Workspace.with { space in
      try space.write(
        "q.cfg",
        "[net]\nwidth=\(side)\nheight=64\nchannels=3\n[convolutional]\nfilters=\(filters)\nsize=3\n"
          + "stride=1\npad=1\nactivation=linear\n\(end)\n")
      let run = try space.run("profile --cfg q.cfg")
      #expect(run.status == 1 && run.errors.contains(words), "\(run.errors)")
      #expect(run.errors.hasPrefix("Error: ") && run.errors.filter { $0 == "\n" }.count == 1)
    }
  }

  @Test func `bad labels and pictures are skipped and listed`() throws {
    try Workspace.with { space in
      try space.prepare()
      let labels = ["0 .5 .5", "0 nan .5 .1 .1", "7 .5 .5 .1 .1", "0 3 .5 .1 .1", "0 .5 .5 0 .1"]
      for (index, label) in labels.enumerated() {
        try space.write("d/labels/train-0000\(index).txt", label + "\n")
      }
      try space.write("d/images/train-00005.jpg", Data())
      try space.write(
        "d/images/train-00006.jpg", try space.bytes("d/images/train-00006.jpg").prefix(300))
      try FileManager.default.removeItem(atPath: space.path("d/images/train-00007.jpg"))
      let run = try space.run(
        "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --output r")
      #expect(run.status == 0)
      for words in [
        "Warning: 1 entry of ", "Warning: 5 lines of label files skipped:", "3 columns",
        "'nan' is not a finite number",
        "class '7' is not a whole number from 0 to 3", "is outside of 0...1", "has no area",
        "there is no such picture", "empty file where a picture was expected", "truncated JPEG",
      ] {
        #expect(run.errors.contains(words), "\(run.errors)")
      }
      let found = try space.run(
        "detect --cfg n.cfg --weights r/last.weights --source d/images --output f --json f.json")
      #expect(found.status == 0 && found.errors.contains("Warning: 2 pictures skipped:"))
      #expect((try space.json("f.json")["images"] as? [Any])?.count == 17)
    }
  }
}
