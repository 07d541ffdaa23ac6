import Foundation
import Storage
import Testing
import _TestSupport

@testable import Runs

/// Which results may be replaced by which.
@Suite struct OutputFolderTests {
  private static let pairs = OutputFolder.Kind.allCases.flatMap { writer in
    OutputFolder.Kind.allCases.map { (writer, $0) }
  }

  private func write(
    _ kind: OutputFolder.Kind, to path: String, name: String = "report.html", overwrite: Bool
  ) throws {
    try OutputFolder(path, overwrite: overwrite, kind: kind).fill { folder in
      try Data("\(kind)".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }
  }

  @Test(arguments: pairs)
  func `a result replaces its own kind alone`(
    writer: OutputFolder.Kind, overwriter: OutputFolder.Kind
  ) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("out")
    try write(writer, to: path, overwrite: false)
    let list = try Data(contentsOf: URL(filePath: path + "/.pare.files"))
    // Of results that may lie side by side none replaces a file of the other.
    if writer == overwriter {
      try write(overwriter, to: path, overwrite: true)
    } else {
      for overwrites in [false, true] {
        let error = #expect(throws: StorageError.self) {
          try write(overwriter, to: path, overwrite: overwrites)
        }
        let words = "holds \(writer.stored.words), not \(overwriter.stored.words), and is not "
        let isTold = writer.stored.mayLie(beside: overwriter.stored) && !overwrites
        #expect("\(try #require(error))".contains(isTold ? "is not empty" : words))
      }
      #expect(try Data(contentsOf: URL(filePath: path + "/.pare.files")) == list)
    }
    let text = try String(contentsOfFile: path + "/report.html", encoding: .utf8)
    #expect(text == "\(overwriter == writer ? overwriter : writer)")
  }

  // As earlier versions left it.
  @Test(arguments: [
    ("run.json", "a training"), ("certificate.json", "a pruned network"),
    ("model.quantization.safetensors", "a quantized network"),
    ("x.data", "lists of a divided data set"),
  ])
  func `what a list without kinds is of is read off its files`(name: String, words: String) throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "out/" + name)
    try folder.write(Array("\(name)\n".utf8), to: "out/.pare.files")
    let error = #expect(throws: StorageError.self) {
      try write(.detections, to: folder.file("out"), overwrite: true)
    }
    #expect("\(try #require(error))".contains("holds \(words), not detections"))
    // What is gone does not count.
    try FileManager.default.removeItem(atPath: folder.file("out/" + name))
    try folder.write([], to: "out/mine.txt")
    try write(.detections, to: folder.file("out"), overwrite: true)
  }

  @Test func `a list that was never finished says its kind`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("out")
    do {
      let output = try OutputFolder(path, overwrite: false, kind: .detections, grows: true)
      try Data().write(to: URL(filePath: output.place(for: "a.jpg")))
    }
    #expect(throws: StorageError.self) {
      try write(.training, to: path, name: "a.jpg", overwrite: true)
    }
    try write(.detections, to: path, overwrite: true)
  }
}
