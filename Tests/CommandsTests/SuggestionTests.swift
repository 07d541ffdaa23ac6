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
      "The value 'yolov4tiny' is invalid for '<name>'. Did you mean 'yolov4-tiny'? The help lists all "
        + "27."
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
      "train --cfg a --data b --device cdua",
      "The value 'cdua' is invalid for '--device <device>': did you mean 'cuda'? expected auto, cpu, "
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
  }
}
