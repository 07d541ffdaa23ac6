import Darknet
import Foundation
import Storage
import Terminal
import Testing
import Vision
import _TestSupport

@testable import Datasets

@Suite struct DatasetExporterTests {
  /// A VOC set of three splits with boxes of every size in pictures of odd sizes.
  private func voc() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    var random = SampleRandom(seed: 5)
    for (split, sizes) in [
      ("train", [(37, 53), (500, 333)]), ("val", [(641, 479)]), ("test", [(97, 3)]),
    ] {
      var stems = ""
      for (number, (width, height)) in sizes.enumerated() {
        let stem = "\(split)_\(number)"
        stems += stem + "\n"
        try folder.writePicture("voc/JPEGImages/\(stem).png", width: width, height: height)
        var objects = ""
        for name in ["a & b", "c<d>", "é"] {
          let x = 1 + random.integer(below: width - 1)
          let y = 1 + random.integer(below: height - 1)
          objects += """
            <object><name>\(escapedForXML(name))</name><bndbox><xmin>\(x)</xmin><ymin>\(y)</ymin>
            <xmax>\(x + random.integer(below: min(3, width - x + 1)))</xmax>
            <ymax>\(y + 1 + random.integer(below: height - y))</ymax></bndbox></object>
            """
        }
        try folder.write(
          "<annotation><size><width>\(width)</width><height>\(height)</height></size>"
            + "\(objects)</annotation>", to: "voc/Annotations/\(stem).xml")
      }
      try folder.write(stems, to: "voc/ImageSets/Main/\(split).txt")
    }
    return folder
  }

  private func files(_ folder: TemporaryFolder, _ set: String) throws -> [String: String] {
    let names =
      try folderContents("\(folder.path)/\(set)/labels").map { "labels/" + $0 }
      + ["train.txt", "val.txt", "test.txt"]
    return try Dictionary(uniqueKeysWithValues: names.map { ($0, try folder.text("\(set)/\($0)")) })
  }

  @Test(arguments: DatasetExportFormat.allCases)
  func `what is exported and imported again is the same to the digit`(
    format: DatasetExportFormat
  ) throws {
    let folder = try voc()
    let first = try DatasetImporter(
      .voc, source: folder.path + "/voc", output: folder.path + "/first"
    ).run()
    #expect((first.images, first.boxes, first.skippedCount) == (4, 12, 0))
    let exported = try DatasetExporter(
      format, data: first.data, output: folder.path + "/exported"
    ).run()
    #expect((exported.images, exported.boxes) == (4, 12))
    let importFormat = try #require(DatasetFormat(rawValue: format.rawValue))
    let second = try DatasetImporter(
      importFormat, source: folder.path + "/exported", output: folder.path + "/second"
    ).run()
    #expect(second.skipped.isEmpty && second.warnings.isEmpty)
    #expect(second.classes == first.classes)
    #expect(try files(folder, "second") == files(folder, "first"))
    if format == .voc {
      #expect(
        try corners(folder, "exported/Annotations") == corners(folder, "voc/Annotations"))
    }
  }

  private func corners(_ folder: TemporaryFolder, _ path: String) throws -> [[[Double]]] {
    try folderContents("\(folder.path)/\(path)").map { name in
      try VOCAnnotation(parsing: readFile("\(folder.path)/\(path)/\(name)")).objects.map(\.corners)
    }
  }

  // Corners with two decimals, as COCO has them, in a picture of COCO's size.
  @Test func `COCO's hundredths of a pixel survive`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("coco/images/a.png", width: 640, height: 427)
    let box = "[473.07,395.93,38.65,28.67]"
    try folder.write(
      """
      {"images":[{"id":1,"file_name":"a.png","width":640,"height":427}],
       "categories":[{"id":1,"name":"x"}],
       "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":\(box)}]}
      """, to: "coco/train.json")
    let imported = try DatasetImporter(
      .coco, source: folder.path + "/coco", output: folder.path + "/out"
    ).run()
    let exporter = DatasetExporter(.coco, data: imported.data, output: folder.path + "/back")
    _ = try exporter.run()
    #expect(
      try folder.text("back/annotations/instances_train.json").contains(#""bbox":\#(box),"#))
    #expect(throws: StorageError.notEmpty(path: folder.path + "/back")) { try exporter.run() }
  }

  @Test func `a picture that cannot be read is left out and listed`() throws {
    let folder = try voc()
    let first = try DatasetImporter(
      .voc, source: folder.path + "/voc", output: folder.path + "/first"
    ).run()
    try folder.write("no picture", to: "voc/JPEGImages/val_0.png")
    for format in DatasetExportFormat.allCases {
      let report = try DatasetExporter(
        format, data: first.data, output: "\(folder.path)/\(format)-out"
      ).run()
      #expect((report.images, report.boxes, report.skippedCount) == (3, 9, 1))
      #expect(report.classes.map(\.boxes) == [3, 3, 3])
    }
  }

  @Test(.enabled(if: realData != nil, "set PARE_REALDATA to the folder of real inputs"))
  func `blood cells go out and come back`() throws {
    let folder = try TemporaryFolder()
    let source = try #require(realData) + "/bccd/BCCD"
    let first = try DatasetImporter(.voc, source: source, output: folder.path + "/first").run()
    for format in DatasetExportFormat.allCases {
      _ = try DatasetExporter(
        format, data: first.data, output: "\(folder.path)/\(format)"
      ).run()
      let importFormat = try #require(DatasetFormat(rawValue: format.rawValue))
      let second = try DatasetImporter(
        importFormat, source: "\(folder.path)/\(format)", output: "\(folder.path)/\(format)-2"
      ).run()
      #expect(second.boxes == first.boxes && second.skipped.isEmpty)
      #expect(try files(folder, "\(format)-2") == files(folder, "first"))
    }
  }
}

@Suite struct DatasetMergerTests {
  private func set(
    _ folder: TemporaryFolder, _ name: String, classes: String, lists: [String: [(String, String)]],
    shade: UInt8
  ) throws -> String {
    var data = "classes=\(classes.split(separator: "\n").count)\nnames=x.names\n"
    for (list, pictures) in lists {
      data += "\(list)=\(list).txt\n"
      try folder.write(
        pictures.map { "images/\($0.0).png\n" }.joined(), to: "\(name)/\(list).txt")
      for (stem, label) in pictures {
        let color = Color(red: shade, green: UInt8(stem.utf8.first ?? 0), blue: 0)
        try folder.writePicture("\(name)/images/\(stem).png", color: color)
        try folder.write(label, to: "\(name)/labels/\(stem).txt")
      }
    }
    try folder.write(classes, to: "\(name)/x.names")
    return try folder.write(data, to: "\(name)/\(name).data")
  }

  private func voc0712(_ folder: TemporaryFolder, shade: UInt8 = 2) throws -> [String] {
    [
      try set(
        folder, "voc07", classes: "cat\ndog\n",
        lists: [
          "train": [("a", "0 0.5 0.5 0.25 0.25\n")], "valid": [("b", "1 0.5 0.5 0.25 0.25\n")],
          "test": [("c", "")],
        ], shade: 1),
      try set(
        folder, "voc12", classes: "hound\ncow\ncat\n",
        lists: [
          "train": [("a", "0 0.5 0.5 0.25 0.25\n1 0.5 0.5 0.5 0.5\n")],
          "valid": [("d", "2 0.5 0.5 0.25 0.25\n")],
        ], shade: shade),
    ]
  }

  // cat 0, dog 1, cow 2: 'hound' is 'dog', 'cow' is new, 'cat' is there already.
  @Test func `classes meet by name and file names stay apart`() throws {
    let folder = try TemporaryFolder()
    var merger = DatasetMerger(try voc0712(folder), output: folder.path + "/both")
    merger.renamed = ["hound": "dog"]
    merger.splits = [.valid: .train, .test: .valid]
    let (report, duplicates) = try merger.run()
    #expect(duplicates.isEmpty)
    #expect(report.splitCounts == [.train: 4, .valid: 1])
    #expect(report.classes.map(\.name) == ["cat", "dog", "cow"])
    #expect(report.classes.map(\.boxes) == [2, 2, 1])
    #expect(
      try folder.text("both/train.txt")
        == "images/a.png\nimages/b.png\nimages/a-2.png\nimages/d.png\n")
    #expect(
      try folder.text("both/labels/a-2.txt") == "1 0.5 0.5 0.25 0.25\n2 0.5 0.5 0.5 0.5\n")
    #expect(try folder.text("both/labels/d.txt") == "0 0.5 0.5 0.25 0.25\n")
    #expect(
      try folder.text("both/both.data")
        == "classes=3\ntrain=train.txt\nvalid=val.txt\nnames=both.names\n")
  }

  @Test func `given names leave other classes out`() throws {
    let folder = try TemporaryFolder()
    var merger = DatasetMerger(try voc0712(folder), output: folder.path + "/both")
    merger.names = ["cow", "cat"]
    let report = try merger.run().report
    #expect(report.classes.map(\.boxes) == [1, 2])
    #expect(
      Set(report.skipped.map(\.reason)) == [
        "class 'dog' is not among the given names", "class 'hound' is not among the given names",
      ])
  }

  // With the same shade the pictures called a are equal; both are in train lists.
  @Test func `equal pictures are reported, and whether their lists differ`() throws {
    let folder = try TemporaryFolder()
    var merger = DatasetMerger(try voc0712(folder, shade: 1), output: folder.path + "/both")
    let first = DatasetMerger.Duplicate(
      path: folder.path + "/voc12/images/a.png", original: folder.path + "/voc07/images/a.png",
      isLeak: false)
    #expect(try merger.run().duplicates == [first])
    let copy = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/voc07/images/c.png"))
    try folder.write(Array(copy), to: "voc12/images/d.png")
    merger.output += "-2"
    let duplicates = try merger.run().duplicates
    #expect(duplicates.map(\.isLeak) == [false, true])
    #expect(duplicates.last?.original == folder.path + "/voc07/images/c.png")
    merger.output += "-3"
    #expect(try merger.run().report.picturesInSeveralLists == 1)
  }

  // The second set divides the pictures of the first one anew: b is trained on in one of them.
  @Test func `pictures that two sets have in different lists are counted`() throws {
    let folder = try TemporaryFolder()
    let first = try voc0712(folder)[0]
    try folder.write("images/a.png\nimages/b.png\n", to: "voc07/all.txt")
    let second = try folder.write(
      "classes=2\nnames=x.names\ntrain=all.txt\n", to: "voc07/second.data")
    let report = try DatasetMerger([first, second], output: folder.path + "/both").run().report
    #expect(report.images == 3 && report.splitCounts == [.train: 2, .valid: 1, .test: 1])
    #expect(report.picturesInSeveralLists == 1)
    #expect(report.warnings.map(\.path) == [second])
    #expect(report.warnings.map(\.reason) == ["adds no picture to those of the sets before it"])
    // In one list they are no leak; that nothing came is said all the same.
    let twice = try DatasetMerger([first, first], output: folder.path + "/twice").run().report
    #expect(twice.picturesInSeveralLists == 0 && twice.warnings.count == 1)
  }

  @Test func `a class to rename must be there`() throws {
    let folder = try TemporaryFolder()
    var merger = DatasetMerger(try voc0712(folder), output: folder.path + "/both")
    merger.renamed = ["horse": "cow"]
    #expect(
      throws: DatasetError.invalidSetting(
        "the class to rename", value: "'horse'",
        expected: "one of the sets' classes: cat, cow, dog, hound")
    ) { try merger.run() }
    #expect(!folder.exists("both"))
  }
}
