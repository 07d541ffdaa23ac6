import ArgumentParsing
import Commands
import Darknet
import Foundation
import Testing
import _TestSupport

/// What may have been meant, by one rule for options, subcommands and values of all kinds.
@Suite struct SuggestionTests {
  @Test(arguments: [
    (
      "config new yolov4 --classes 1 --anchors visdorne --output c",
      "'--anchors visdorne' is neither a list of widths and heights nor the name of a data set's. Did "
        + "you mean 'visdrone'? Please provide one of 'oxfordhand', 'bdd100k', 'dior', 'visdrone', "
        + "'uav' or 'screw'."
    ),
    (
      "config new yolov4tiny --classes 1 --output c",
      "The value 'yolov4tiny' is invalid for '<name>'. Did you mean 'yolov4-tiny'? 'pare help "
        + "config new' lists all 27."
    ),
    (
      "config new yolov9 --classes 1 --output c",
      "The value 'yolov9' is invalid for '<name>'. The nearest is 'yolov7-tiny'. 'pare help config "
        + "new' lists all 27."
    ),
    (
      "config new resnet --classes 1 --output c",
      "The value 'resnet' is invalid for '<name>'. 'pare help config new' lists all 27."
    ),
    (
      "dataset import pascal a --output b",
      "The value 'pascal' is invalid for '<format>'. Did you mean 'voc'? Please provide one of 'voc', "
        + "'coco', 'oxfordhand', 'bdd100k', 'visdrone', 'dior', 'yolo' or 'darknet'."
    ),
    ("dataset import voc --output b", "Missing expected argument '<source>'"),
    ("dataset convert --data a", "Unknown subcommand 'convert'. Did you mean 'pare convert'?"),
    (
      "dataset merge --data a.data --data b.data --output c",
      "Unknown option '--data'; leave it out: 'a.data' stands without one"
    ),
    (
      "dataset import voc a --splits valid=val --output c",
      "The value 'valid=val' is invalid for '--splits <from=to>': 'valid' and 'val' are one split, so it "
        + "moves nothing"
    ),
    (
      "train --cfg a --data b --teacher t --distill Binry",
      "'--distill Binry' is no strategy. Did you mean 'binary'? Please provide one of 'auto', "
        + "'binary', 'logits', 'relative-box', 'box-class', 'box-class-feature', 'fine-grained', "
        + "'anchor-cells', 'attention', 'channel-wise', 'pearson', 'focal-global', 'masked' or "
        + "'cross-head'."
    ),
    (
      "detect --cfg a --weights b --source c --class d",
      "Unknown option '--class'. Did you mean '--classes'?"
    ),
    (
      "test --cfg a --weights b --data c --save-pred d",
      "Unknown option '--save-pred'. Did you mean '--save-predictions'?"
    ),
    (
      "dataset import VOCC a --output b",
      "The value 'VOCC' is invalid for '<format>'. Did you mean 'voc'? Please provide one of 'voc', "
        + "'coco', 'oxfordhand', 'bdd100k', 'visdrone', 'dior', 'yolo' or 'darknet'."
    ),
    (
      "dataset merge a b --splits val=tran --output c",
      "The value 'val=tran' is invalid for '--splits <from=to>': 'tran' is no split. Did you mean "
        + "'train'? Please provide one of 'train', 'valid' or 'test'."
    ),
    ("export onnx --model a", "Unknown subcommand 'onnx'; there are 'c', 'fpga'"),
    ("prune eagle --cfg a --weights b", "Unknown subcommand 'eagle'. Did you mean 'eagleeye'?"),
    (
      "train --cfg a --data b --device cup",
      "The value 'cup' is invalid for '--device <device>': did you mean 'cpu'? expected auto, cpu, "
        + "cuda or cuda:N"
    ),
    (
      "test --cfg a --weights b dataset.data",
      "Unexpected argument 'dataset.data'. Did you mean '--data dataset.data'?"
    ),
  ])
  func `a slip of the pen is answered by what was meant`(line: String, text: String) {
    #expect(message(line) == text)
    #expect(complaint(line).status == 64)
  }

  @Test func `a lone folder is answered by what takes such folders, or a file in it`() throws {
    let folder = try TemporaryFolder()
    for name in ["run/model.cfg", "run/model.weights", "set/set.data", "photos/a.jpg"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(folderPath(of: name)), withIntermediateDirectories: true)
      _ = try folder.write("", to: name)
    }
    let run = folder.file("run")
    for (line, option) in [
      ("test \(run)", "--model \(run)"), ("profile \(run)", "--model \(run)"),
      ("prune normal \(run)", "--model \(run)"),
      ("dataset check \(folder.file("set"))", "--data \(folder.file("set/set.data"))"),
      ("anchors \(folder.file("set/"))", "--data \(folder.file("set/set.data"))"),
      ("detect --model r \(folder.file("photos"))", "--source \(folder.file("photos"))"),
    ] {
      #expect(
        message(line)?.hasSuffix("'. Did you mean '\(option)'?") == true, "\(message(line) ?? "")")
    }
    #expect(message("test --model r \(run)") == "Unexpected argument '\(run)'")
    // Where nothing but its place says what a folder is, the option is one too many.
    #expect(
      message("compare --model \(run) --model \(run)")
        == "Unknown option '--model'; leave it out: '\(run)' stands without one")
    #expect(
      message("compare --dta \(folder.file("set/set.data"))")
        == "Unknown option '--dta'. Did you mean '--data'?")
  }

  // An error, what the option is for, the usage, and where the help is.
  @Test(arguments: [
    "dataset check", "export c", "train", "config new", "anchors", "detect", "dataset synthetic",
    "quantize", "compare", "prune normal",
  ])
  func `what is missing is told in a few lines by every command`(line: String) {
    let (text, status) = complaint(line)
    #expect(status == 64 && text.hasPrefix("Error: "), "\(text)")
    #expect(text.split(separator: "\n").count <= 4 && !text.contains("OVERVIEW"), "\(text)")
    #expect(text.hasSuffix("See 'pare \(line) --help' for more information."), "\(text)")
  }
}
