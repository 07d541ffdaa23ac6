import Darknet
import Foundation
import Glibc
import Testing
import Vision
import _TestSupport

@testable import Datasets

/// What people's folders look like, and what in them is easily taken wrongly.
@Suite struct FoundAnnotationsTests {
  private func object(_ name: String, _ boxes: [[Int]]) -> String {
    let boxes = boxes.map {
      "<bndbox><xmin>\($0[0])</xmin><ymin>\($0[1])</ymin><xmax>\($0[2])</xmax>"
        + "<ymax>\($0[3])</ymax></bndbox>"
    }
    return "<object><name>\(name)</name>\(boxes.joined())</object>"
  }

  private func xml(_ objects: String, file: String = "x.jpg") -> String {
    "<annotation><filename>\(file)</filename>\(objects)</annotation>"
  }

  private func importing(_ format: DatasetFormat, _ folder: TemporaryFolder) throws -> DatasetImport
  {
    try DatasetImporter(format, source: folder.path + "/set", output: folder.path + "/out").run()
  }

  // Of a picture of 40×20: pixels 1…20 × 1…10 and 21…40 × 11…20.
  @Test func `each box of an object is an object`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/JPEGImages/a.png", width: 40, height: 20)
    try folder.write(
      xml(object("car", [[1, 1, 20, 10], [21, 11, 40, 20]])), to: "set/Annotations/a.xml")
    let report = try importing(.voc, folder)
    #expect(try folder.text("out/labels/a.txt") == "0 0.25 0.25 0.5 0.5\n0 0.75 0.75 0.5 0.5\n")
    #expect(
      report.warnings.first?.reason
        == "an object has several boxes; each is taken as an object")
  }

  @Test func `an object of two names or two left edges is skipped`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/JPEGImages/a.png", width: 40, height: 20)
    let twice = object("car", [[1, 1, 20, 10]])
      .replacingOccurrences(of: "<ymin>", with: "<xmin>3</xmin><ymin>")
    let names = object("car</name><name>bus", [[1, 1, 20, 10]])
    try folder.write(
      xml(object("car", [[1, 1, 9, 9]]) + twice + names), to: "set/Annotations/a.xml")
    let report = try importing(.voc, folder)
    #expect(report.boxes == 1)
    #expect(
      Set(report.skipped.map(\.reason)) == [
        "car with two xmin in a box", "an object of several names: 'car' and 'bus'",
      ])
  }

  // "my" is a picture too: the first word of "my picture 2" must not stand for it.
  @Test func `stems with blanks go into the list that names them`() throws {
    let folder = try TemporaryFolder()
    for stem in ["my", "my picture 2", "c"] {
      try folder.writePicture("set/JPEGImages/\(stem).png", width: 40, height: 20)
      try folder.write(xml(object("car", [[1, 1, 9, 9]])), to: "set/Annotations/\(stem).xml")
    }
    try folder.write("c  1\n", to: "set/ImageSets/Main/train.txt")
    try folder.write("my picture 2\n", to: "set/ImageSets/Main/val.txt")
    try folder.write("my -1\n", to: "set/ImageSets/Main/test.txt")
    _ = try importing(.voc, folder)
    #expect(try folder.text("out/train.txt") == "images/c.png\n")
    #expect(try folder.text("out/val.txt") == "images/my picture 2.png\n")
    #expect(try folder.text("out/test.txt") == "images/my.png\n")
  }

  @Test(arguments: [
    ("annotations", "images"), ("annots", "images"), ("ANNOTATIONS", "JPEGImages"),
    ("Annotations", "Images"), ("xmls", "imgs"), ("Annotation", "jpegimages"),
  ])
  func `folders of any usual name and case are a set`(annotations: String, images: String) throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/\(images)/a.png", width: 40, height: 20)
    try folder.write(xml(object("car", [[1, 1, 20, 20]])), to: "set/\(annotations)/a.xml")
    #expect(try importing(.voc, folder).images == 1)
  }

  @Test func `folders train and val in or beside the two are the splits`() throws {
    for layout in [
      "set/SPLIT/annotations,set/SPLIT/images", "set/annotations/SPLIT,set/images/SPLIT",
    ] {
      let folder = try TemporaryFolder()
      for split in ["train", "val"] {
        let places = layout.replacingOccurrences(of: "SPLIT", with: split).split(separator: ",")
        // The same name in both is two pictures.
        try folder.writePicture("\(places[1])/a.png", width: 40, height: 20)
        try folder.write(xml(object("car", [[1, 1, 20, 20]])), to: "\(places[0])/a.xml")
      }
      let report = try importing(.voc, folder)
      #expect(report.splitCounts == [.train: 1, .valid: 1])
    }
  }

  @Test func `several sets in a folder are not mixed`() throws {
    let folder = try TemporaryFolder()
    for year in ["VOC2007", "VOC2012"] {
      try folder.writePicture("set/\(year)/JPEGImages/a.png", width: 40, height: 20)
      try folder.write(
        xml(object("car", [[1, 1, 20, 20]])), to: "set/\(year)/Annotations/a.xml")
    }
    let error = #expect(throws: DatasetError.self) { try importing(.voc, folder) }
    #expect(
      error?.description.hasSuffix(
        "import each of VOC2007, VOC2012 and put them together with 'pare dataset merge'") == true)
  }

  @Test func `pictures without an annotation and annotations without a picture are counted`() throws
  {
    let folder = try TemporaryFolder()
    for stem in ["a", "b", "c"] {
      try folder.writePicture("set/JPEGImages/\(stem).png", width: 40, height: 20)
    }
    for stem in ["a", "d"] {
      try folder.write(xml(object("car", [[1, 1, 9, 9]])), to: "set/Annotations/\(stem).xml")
    }
    let report = try importing(.voc, folder)
    #expect(report.images == 1 && report.picturesWithoutLabels == 2)
    #expect(
      report.unlabelledPictures.map { ($0 as NSString).lastPathComponent } == ["b.png", "c.png"])
    #expect(report.labelsWithoutPicture == 1 && report.unmatchedLabels[0].hasSuffix("/d.xml"))
  }

  @Test func `of pictures that share an annotation the one it names is taken`() throws {
    let folder = try TemporaryFolder()
    for name in ["a.jpg", "a.png"] {
      try folder.writePicture("set/JPEGImages/\(name)", width: 40, height: 20)
    }
    try folder.write(
      xml(object("car", [[1, 1, 9, 9]]), file: "a.png"), to: "set/Annotations/a.xml")
    let named = try importing(.voc, folder)
    #expect(try folder.text("out/train.txt") == "images/a.png\n")
    #expect(named.picturesWithoutLabels == 1)
  }

  // The box of the first line reaches from 0.8125 to 1.0625: cut to 0.8125…1, its centre is
  // 0.90625, its width 0.1875. That of the second is −0.125…0.125 in x: 0…0.125. The third lies
  // outside.
  @Test func `boxes of YOLO's label files are cut to the picture`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/images/a.png")
    try folder.write("names: [red, blue]\ntrain: images\n", to: "set/data.yaml")
    try folder.write(
      "0 0.9375 0.5 0.25 0.25\n1 0 0.5 0.25 1.25\n1 1.5 0.5 0.2 0.2\n0 120 80 30 30\n0 0.5 0.5 1 1\n",
      to: "set/labels/a.txt")
    let report = try importing(.yolo, folder)
    #expect(
      try folder.text("out/labels/a.txt")
        == "0 0.90625 0.5 0.1875 0.25\n1 0.0625 0.5 0.125 1\n0 0.5 0.5 1 1\n")
    #expect(
      report.skipped.map(\.reason) == [
        "the box lies outside of the picture", "centre x '120' is outside of 0...1",
      ])
    #expect(
      report.warnings.first?.reason == "2 boxes reach over the picture's edge: cut to the picture")
  }

  @Test func `labels beside the pictures are found, counted, and those of no picture too`() throws {
    let folder = try TemporaryFolder()
    for stem in ["a", "b", "c"] { try folder.writePicture("set/images/\(stem).png") }
    try folder.write("names: [red]\ntrain: images\n", to: "set/data.yaml")
    try folder.write("0 0.5 0.5 0.2 0.2\n", to: "set/images/a.txt")
    try folder.write("0 0.5 0.5 0.4 0.4\n", to: "set/labels/b.txt")
    try folder.write("0 0.5 0.5 0.2 0.2\n", to: "set/images/d.txt")
    try folder.write("0 0.5 0.5 0.2 0.2\n", to: "set/labels/e.txt")
    try folder.write("red\n", to: "set/images/classes.txt")
    let report = try importing(.yolo, folder)
    #expect(report.boxes == 2 && report.labelPlaces == [.besidePicture: 1, .labelsFolder: 1])
    #expect(report.picturesWithoutLabels == 1)
    #expect(
      report.unmatchedLabels.map { ($0 as NSString).lastPathComponent } == ["d.txt", "e.txt"])
  }

  @Test func `two classes of one name are one class, and that is said`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/images/a.png")
    try folder.write("names: [red, blue, red]\ntrain: images\n", to: "set/data.yaml")
    try folder.write("0 0.5 0.5 0.2 0.2\n2 0.5 0.5 0.4 0.4\n", to: "set/labels/a.txt")
    let report = try importing(.yolo, folder)
    #expect(report.classes.map(\.name) == ["red", "blue"] && report.classes[0].boxes == 2)
    #expect(
      report.warnings.first?.reason == "classes 0 and 2 are both named 'red'; taken as one class")
  }

  // A quarter turn clockwise brings the box 10…20 × 0…20 of the stored 40×20 to 0…20 × 10…20 of
  // 20×40.
  @Test func `boxes of COCO turn with a picture that EXIF turns`() throws {
    let folder = try TemporaryFolder()
    let jpeg = try Image(width: 40, height: 20).encoded(as: .jpeg)
    let tiff: [UInt8] =
      [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
    let body = Array("Exif\0\0".utf8) + tiff
    var file = Array(jpeg[..<2])
    file += [0xFF, 0xE1, 0, UInt8(body.count + 2)]
    file += body
    file += jpeg[2...]
    try folder.write(file, to: "set/a.jpg")
    try folder.writePicture("set/b.png")
    try folder.write(
      """
      {"images":[{"id":1,"file_name":"a.jpg","width":40,"height":20}],
       "annotations":[{"image_id":1,"category_id":1,"bbox":[10,0,10,20]}],
       "categories":[{"id":1,"name":"red"},{"id":2,"name":"red"}]}
      """, to: "set/_annotations.coco.json")
    let report = try importing(.coco, folder)
    #expect(try folder.text("out/labels/a.txt") == "0 0.5 0.375 1 0.25\n")
    #expect(report.picturesWithoutLabels == 1)
    #expect(
      report.warnings.map(\.reason).prefix(2) == [
        "categories 1 and 2 are both 'red'; taken as one class",
        "_annotations.coco.json says 40x20, the picture is 20x40 by its EXIF orientation 6; boxes are "
          + "turned alike",
      ])
  }

  @Test func `names that lead out of the source are refused unless allowed`() throws {
    let folder = try TemporaryFolder()
    let outside = try folder.writePicture("other/b.png", width: 40, height: 20)
    try folder.writePicture("set/a.png", width: 40, height: 20)
    // The same picture by other ways is no second one, and folders on the way need not be there.
    try folder.writePicture("set/c.png", width: 40, height: 20)
    let names = ["../other/b.png", outside, "a.png", "../set/a.png", "x/../c.png", "./c.png"]
    let images = names.enumerated().map { "{\"id\":\($0),\"file_name\":\"\($1)\"}" }
    let objects = names.indices.map { "{\"image_id\":\($0),\"category_id\":1,\"bbox\":[0,0,9,9]}" }
    try folder.write(
      """
      {"images":[\(images.joined(separator: ","))],"annotations":[\(objects.joined(separator: ","))],
       "categories":[{"id":1,"name":"red"}]}
      """, to: "set/a.json")
    let report = try importing(.coco, folder)
    #expect(report.images == 2)
    #expect(
      report.skipped.first?.reason
        == "'../other/b.png' lies outside of the source; '--allow-outside' takes it")
    #expect(
      report.skipped.suffix(2).map(\.reason)
        == ["a second image of ../set/a.png", "a second image of ./c.png"])
    #expect(try folder.text("out/train.txt") == "images/a.png\nimages/c.png\n")
    var importer = DatasetImporter(
      .coco, source: folder.path + "/set", output: folder.path + "/all")
    importer.allowsOutside = true
    #expect(try importer.run().images == 3)
  }

  @Test func `a set without a usable picture says what is wrong with the first`() throws {
    let folder = try TemporaryFolder()
    try folder.write("names: [red]\ntrain: images\n", to: "set/data.yaml")
    let picture = try folder.write("no picture", to: "set/images/a.png")
    try folder.write("<annotation/>", to: "voc/Annotations/a.xml")
    try folder.writePicture("voc/JPEGImages/b.png")
    let annotation = folder.path + "/voc/Annotations/a.xml"
    let error = #expect(throws: DatasetError.self) {
      try DatasetImporter(.voc, source: folder.path + "/voc", output: folder.path + "/out").run()
    }
    #expect(
      error?.description == "\(folder.path)/voc: not one usable picture; the first: \(annotation): "
        + "no picture 'a' in \(folder.path)/voc/JPEGImages")
    try FileManager.default.removeItem(atPath: picture)
    try FileManager.default.removeItem(atPath: folder.path + "/set/images")
    let missing = #expect(throws: DatasetError.self) {
      try DatasetImporter(.yolo, source: folder.path + "/set", output: folder.path + "/out").run()
    }
    #expect(
      missing?.description == "\(folder.path)/set/images: there is no such folder or list, which "
        + "\(folder.path)/set/data.yaml names as 'images'")
  }

  // "é" in Latin-1 is E9, which is not UTF-8.
  @Test func `folders and pictures whose names are not UTF-8 are listed`() throws {
    let folder = try TemporaryFolder()
    try folder.write("names: [red]\ntrain: images\n", to: "set/data.yaml")
    try folder.writePicture("set/images/a.png")
    try folder.write("0 0.5 0.5 0.2 0.2\n", to: "set/labels/a.txt")
    func move(_ old: String, to name: [UInt8]) throws {
      let new = Array((folder.path + "/set/images/").utf8) + name + [0]
      let isMoved = new.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { new in
        new.baseAddress.map { rename(folder.path + "/set/images/" + old, $0) == 0 } ?? false
      }
      try #require(isMoved)
    }
    try folder.writePicture("set/images/b.png")
    try folder.writePicture("set/images/deep/c.png")
    try move("b.png", to: [0xE9] + ".png".utf8)
    try move("deep", to: [0xE9])
    let report = try importing(.yolo, folder)
    #expect(report.images == 1 && report.skippedCount == 2)
    #expect(
      report.skipped.map(\.description) == [
        "\(folder.path)/set/images: no picture \(folder.path)/set/images/\\xE9.png: its name is not "
          + "UTF-8; rename it",
        "\(folder.path)/set/images/\\xE9: its name is not UTF-8; rename it",
      ])
  }

  @Test func `pipes and devices beside pictures are named, and not waited for`() throws {
    let folder = try TemporaryFolder()
    try folder.write("names: [red]\ntrain: images\n", to: "set/data.yaml")
    try folder.writePicture("set/images/a.png")
    try folder.write("0 0.5 0.5 0.2 0.2\n", to: "set/labels/a.txt")
    #expect(mkfifo(folder.path + "/set/images/b.png", 0o600) == 0)
    #expect(symlink("/dev/zero", folder.path + "/set/images/c.png") == 0)
    let report = try importing(.yolo, folder)
    #expect(report.images == 1)
    #expect(
      report.skipped.map(\.reason)
        == ["b", "c"].map {
          "no picture \(folder.path)/set/images/\($0).png: is a pipe or a device, not a picture"
        })
  }

  @Test func `a folder without a picture is named`() throws {
    let folder = try TemporaryFolder()
    try folder.write("names: [red]\ntrain: images\n", to: "set/data.yaml")
    try folder.write("nothing", to: "set/images/readme.md")
    let error = #expect(throws: DatasetError.self) { try importing(.yolo, folder) }
    #expect(
      error?.description == "\(folder.path)/set: not one usable picture; the first: "
        + "\(folder.path)/set/images: there is no picture in this folder")
  }

  @Test(arguments: ["/", "..", "../.."])
  func `a folder above the description is not looked through`(place: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("names: [red]\ntrain: \(place)\n", to: "set/deep/data.yaml")
    let error = #expect(throws: DatasetError.self) {
      try DatasetImporter(
        .yolo, source: folder.path + "/set/deep", output: folder.path + "/out"
      ).run()
    }
    #expect(error?.description.contains("a folder above this file") == true)
  }

  @Test func `control characters of names and files are never written raw`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/images/a\nb.png")
    try folder.writePicture("set/images/#c.png")
    try folder.write(
      "names: [\"re\\u001B[2Jd\", \"x\\u0085y\"]\ntrain: images\n", to: "set/data.yaml")
    for stem in ["a\nb", "#c"] {
      try folder.write("0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n", to: "set/labels/\(stem).txt")
    }
    let report = try importing(.yolo, folder)
    #expect(report.images == 2)
    #expect(try folder.text("out/out.names") == "re\\x1B[2Jd\nx y\n")
    #expect(try folder.text("out/train.txt") == "images/_c.png\nimages/a_b.png\n")
    let data = try DataFile(contentsOf: report.data)
    #expect(try DetectionDataset(data, split: .train).labelCount == 4)
  }
}
