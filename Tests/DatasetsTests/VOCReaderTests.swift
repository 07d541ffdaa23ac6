import Darknet
import Foundation
import Storage
import Testing
import Vision
import _TestSupport

@testable import Datasets

@Suite struct VOCReaderTests {
  private func object(_ name: String, _ corners: [String], difficult: Int = 0) -> String {
    """
    <object><name>\(name)</name><pose>Left</pose><truncated>0</truncated>
    <difficult>\(difficult)</difficult><bndbox><xmin>\(corners[0])</xmin><ymin>\(corners[1])</ymin>
    <xmax>\(corners[2])</xmax><ymax>\(corners[3])</ymax></bndbox></object>

    """
  }

  private func annotation(_ objects: String, width: Int = 40, height: Int = 20) -> String {
    """
    <annotation><folder>VOC</folder><filename>a.jpg</filename>
    <size><width>\(width)</width><height>\(height)</height><depth>3</depth></size>
    \(objects)</annotation>
    """
  }

  /// A folder in VOC's layout with one picture of 40×20.
  private func voc(_ annotation: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.writePicture("voc/JPEGImages/a.png", width: 40, height: 20)
    try folder.write(annotation, to: "voc/Annotations/a.xml")
    return folder
  }

  private func importer(_ folder: TemporaryFolder) -> DatasetImporter {
    DatasetImporter(.voc, source: folder.path + "/voc", output: folder.path + "/out")
  }

  @Test func `labels of other classes than the given ones are named`() throws {
    let folder = try voc(
      annotation(object("RBC", ["1", "1", "9", "9"]) + object("WBC", ["1", "1", "9", "9"])))
    var importer = importer(folder)
    (importer.names, importer.namesFile) = (["person"], "coco.names")
    let error = #expect(throws: DatasetError.self) { try importer.run() }
    #expect(
      error?.description
        == "\(folder.path)/voc: not even the only picture has a label of a class in "
        + "coco.names; the labels are of 'RBC', 'WBC'; without '--names' these are the classes")
  }

  // Pixels 11…20 of 40 and 1…20 of 20, counted from 1: 10…20 and 0…20 as a box, so the centre is at
  // 15/40 and 10/20, the size 10/40 and 20/20.
  @Test func `pixel numbers become fractions`() throws {
    let folder = try voc(annotation(object("cat", ["11", "1", "20", "20"])))
    let report = try importer(folder).run()
    #expect(try folder.text("out/labels/a.txt") == "0 0.375 0.5 0.25 1\n")
    #expect(try folder.text("out/out.names") == "cat\n")
    #expect(
      try folder.text("out/out.data")
        == "classes=1\ntrain=train.txt\nvalid=train.txt\nnames=out.names\n")
    #expect(try folder.text("out/train.txt") == "images/a.png\n")
    #expect(report.images == 1 && report.boxes == 1 && report.skipped.isEmpty)
    #expect(
      report.warnings.map(\.reason) == [
        "no validation pictures: the best epoch would be chosen on pictures that were trained on, "
          + "where every figure is too good"
      ])
    #expect(report.data == folder.path + "/out/out.data")
    let link = try FileManager.default.destinationOfSymbolicLink(
      atPath: folder.path + "/out/images/a.png")
    #expect(link.hasSuffix("/voc/JPEGImages/a.png") && link.hasPrefix("/"))
  }

  // Pixel 5 of 40 is 4…5, pixels 5 to 9 of 20 are 4…9.
  @Test func `equal numbers are one pixel`() throws {
    let folder = try voc(annotation(object("cat", ["5", "5", "5", "9"])))
    #expect(try importer(folder).run().skipped.isEmpty)
    let label = try #require(
      LabelFile(
        parsing: Array(try folder.text("out/labels/a.txt").utf8), path: "", classCount: 1
      ).labels.first)
    let found = [label.centerX, label.centerY, label.width, label.height]
    for (found, expected) in zip(found, [0.1125, 0.325, 0.025, 0.25]) {
      #expect(abs(Double(found) - expected) < 1e-6)
    }
  }

  @Test func `boxes that cannot be used are skipped with their reasons`() throws {
    let folder = try voc(
      annotation(
        object("cat", ["11", "1", "20", "20"]) + object("cat", ["5", "5", "5", "5"])
          + object("", ["1", "1", "5", "5"]) + object("dog", ["x", "1", "5", "5"])
          + object("dog", ["50", "1", "60", "9"]) + object("dog", ["30", "10", "99", "99"])
          + object("cow", ["1", "1", "9", "9"], difficult: 1)
          + "<object><name>dog</name><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>"
          + "</object>"))
    let report = try importer(folder).run()
    #expect(
      report.skipped.map(\.reason) == [
        "cat at 5 5 5 5 has no area",
        "an object without a name",
        "dog: xmin 'x' is not a number",
        "dog at 50 1 60 9 is outside of the picture of 40x20",
        "dog without xmin",
      ])
    #expect(report.skipped.allSatisfy { $0.path.hasSuffix("/a.xml") && $0.line != nil })
    #expect(report.leftOut == [.difficult: 1])
    #expect(
      report.classes == [
        DatasetImport.ClassCount(name: "cat", boxes: 1),
        DatasetImport.ClassCount(name: "dog", boxes: 1),
      ])
    // The dog is clamped: 29…40, 9…20, so its centre is 34.5/40, 14.5/20, its size 11/40, 11/20.
    let dog = LabelFile(
      parsing: Array(try folder.text("out/labels/a.txt").utf8), path: "", classCount: 2
    ).labels[1]
    #expect(
      dog == Label(classIndex: 1, centerX: 0.8625, centerY: 0.725, width: 0.275, height: 0.55))
  }

  @Test func `lists make the splits`() throws {
    let folder = try TemporaryFolder()
    for stem in ["a", "b", "c", "d"] {
      try folder.writePicture("voc/JPEGImages/\(stem).png", width: 40, height: 20)
      try folder.write(
        annotation(object("x", ["1", "1", "9", "9"])), to: "voc/Annotations/\(stem).xml")
    }
    try folder.write("a 1\r\n", to: "voc/ImageSets/Main/train.txt")
    try folder.write("b -1\ne\n", to: "voc/ImageSets/Main/val.txt")
    try folder.write("c\n", to: "voc/ImageSets/Main/test.txt")
    let report = try importer(folder).run()
    #expect(try folder.text("out/train.txt") == "images/a.png\n")
    #expect(try folder.text("out/val.txt") == "images/b.png\n")
    #expect(try folder.text("out/test.txt") == "images/c.png\n")
    #expect(report.splitCounts == [.train: 1, .valid: 1, .test: 1])
    #expect(
      report.skipped.map(\.reason) == [
        "in no list of ImageSets/Main", "in a list, but there is no such file",
      ])
  }

  @Test func `pictures with annotations beside them are taken too`() throws {
    let folder = try TemporaryFolder()
    for path in ["voc/train/a", "voc/test/a", "voc/train/b"] {
      try folder.writePicture(path + ".png", width: 40, height: 20)
      try folder.write(annotation(object("x", ["1", "1", "9", "9"])), to: path + ".xml")
    }
    try folder.write(annotation(""), to: "voc/train/lost.xml")
    let report = try importer(folder).run()
    #expect(report.splitCounts == [.train: 2, .test: 1])
    let lists = try folder.text("out/train.txt") + folder.text("out/test.txt")
    #expect(
      Set(lists.split(separator: "\n")) == ["images/a.png", "images/a-2.png", "images/b.png"])
    #expect(folder.exists("out/labels/a-2.txt"))
    #expect(report.skipped.map(\.reason) == ["no picture of that name beside it"])
  }

  @Test func `a broken file or picture is skipped whole`() throws {
    let folder = try voc(annotation(object("cat", ["1", "1", "20", "20"])))
    try folder.write("<annotation>\n<object></annotation>", to: "voc/Annotations/b.xml")
    try folder.writePicture("voc/JPEGImages/b.png")
    try folder.write(annotation(""), to: "voc/Annotations/c.xml")
    try folder.write("not a picture", to: "voc/JPEGImages/c.jpg")
    try folder.write(annotation(""), to: "voc/Annotations/d.xml")
    let report = try importer(folder).run()
    #expect(report.images == 1)
    #expect(
      Set(report.skipped.map { "\($0.path.split(separator: "/").last ?? ""): \($0.reason)" }) == [
        "b.xml: an end tag that does not match <object>",
        "c.jpg: not a picture; expected JPEG, PNG, BMP, WebP, TIFF, "
          + "PBM/PGM/PPM, JPEG 2000, AVIF, Sun raster",
        "d.xml: no picture 'd' in \(folder.path)/voc/JPEGImages",
      ])
  }

  @Test func `a resized picture keeps its boxes' fractions`() throws {
    let folder = try voc(annotation(object("cat", ["21", "1", "40", "40"]), width: 80, height: 40))
    let report = try importer(folder).run()
    #expect(try folder.text("out/labels/a.txt") == "0 0.375 0.5 0.25 1\n")
    #expect(
      report.warnings.first?.reason == "says 80x40, the picture is 40x20; taken as resized")
  }

  @Test func `originals stay as they are`() throws {
    let folder = try voc(annotation(object("cat", ["1", "1", "20", "20"])))
    var importer = importer(folder)
    importer.copies = true
    _ = try importer.run()
    let original = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/voc/JPEGImages/a.png"))
    let copy = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/out/images/a.png"))
    #expect(original == copy)
    #expect(throws: StorageError.notEmpty(path: folder.path + "/out")) { try importer.run() }
    importer.overwrites = true
    importer.copies = false
    #expect(throws: DatasetError.self) {
      // The picture beside its annotation in out/images would be replaced by a link to itself.
      try folder.write(annotation(""), to: "out/images/a.xml")
      importer.source = folder.path + "/out"
      _ = try importer.run()
    }
    let after = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/out/images/a.png"))
    #expect(after == original)
  }

  @Test func `a set without a box or a picture is an error`() throws {
    let folder = try voc(annotation(object("cat", ["5", "5", "5", "5"])))
    // Its picture goes with its only label.
    let lost = try #require(throws: DatasetError.self) { try importer(folder).run() }
    #expect("\(lost)".contains("/voc: not one usable picture; the first: "), "\(lost)")
    #expect("\(lost)".hasSuffix("cat at 5 5 5 5 has no area"), "\(lost)")
    #expect(!folder.exists("out"))
    let empty = try TemporaryFolder()
    try empty.write("x", to: "voc/readme.txt")
    #expect(throws: DatasetError.self) { try importer(empty).run() }
    #expect(throws: FileError.self) {
      try DatasetImporter(.voc, source: empty.path + "/gone", output: empty.path + "/out").run()
    }
  }

  @Test func `a name is one line`() throws {
    let folder = try voc(annotation(object(" red \n blood  cell ", ["1", "1", "20", "20"])))
    #expect(try importer(folder).run().classes.map(\.name) == ["red blood cell"])
  }

  @Test func `given names fix the order and leave others out`() throws {
    let folder = try voc(
      annotation(object("cat", ["1", "1", "20", "20"]) + object("dog", ["1", "1", "9", "9"])))
    var importer = importer(folder)
    importer.names = ["horse", "dog"]
    let report = try importer.run()
    #expect(try folder.text("out/labels/a.txt").hasPrefix("1 "))
    #expect(report.boxes == 1)
    #expect(report.skipped.map(\.reason) == ["class 'cat' is not among the given names"])
  }

  @Test func `a given name that is nearly one of the pictures' is pointed at`() throws {
    let folder = try voc(
      annotation(object("Nano", ["1", "1", "20", "20"]) + object("dog", ["1", "1", "9", "9"])))
    var importer = importer(folder)
    importer.names = ["nano", "dog"]
    #expect(
      try importer.run().skipped.map(\.reason)
        == ["class 'Nano' is not among the given names; did you mean it by 'nano'?"])
  }

  @Test(.enabled(if: realData != nil, "set PARE_REALDATA to the folder of real inputs"))
  func `blood cells come out as they are known`() throws {
    let folder = try TemporaryFolder()
    let source = try #require(realData) + "/bccd/BCCD"
    let report = try DatasetImporter(.voc, source: source, output: folder.path + "/bccd").run()
    #expect(report.images == 364)
    #expect(report.boxes == 4886)
    #expect(report.splitCounts == [.train: 205, .valid: 87, .test: 72])
    #expect(report.classes.map(\.name) == ["Platelets", "RBC", "WBC"])
    #expect(report.classes.map(\.boxes) == [361, 4153, 372])
    #expect(report.skipped.count == 2)
    #expect(report.skipped.allSatisfy { $0.reason.hasSuffix("has no area") })
  }

  @Test(.enabled(if: realData != nil, "set PARE_REALDATA to the folder of real inputs"))
  func `microcontrollers come out as they are known`() throws {
    let folder = try TemporaryFolder()
    let source = try #require(realData) + "/microcontrollers"
    let report = try DatasetImporter(.voc, source: source, output: folder.path + "/mc").run()
    #expect(report.images == 149)
    #expect(report.boxes == 177)
    #expect(report.splitCounts == [.train: 142, .test: 7])
    #expect(report.classes.count == 4)
  }
}
