import Darknet
import Foundation
import Testing
import Vision
import _TestSupport

@testable import Datasets

@Suite struct DatasetImporterTests {
  private func importer(_ format: DatasetFormat, _ folder: TemporaryFolder) -> DatasetImporter {
    DatasetImporter(format, source: folder.path + "/set", output: folder.path + "/out")
  }

  private func labels(_ folder: TemporaryFolder, _ name: String, classes: Int) throws -> [Label] {
    try LabelFile(contentsOf: "\(folder.path)/out/labels/\(name).txt", classCount: classes).labels
  }

  // The box is 10…20 × 0…20 of 40×20; the hand's is cut to 19 rows: centre 9.5/20, height 19/20.
  @Test(arguments: DatasetFormat.allCases)
  func `every form becomes the same label`(format: DatasetFormat) throws {
    let folder = try TemporaryFolder()
    let annotation = try SampleSets.write(format, to: folder)
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + annotation))
    let report = try importer(format, folder).run()
    #expect(report.skipped.isEmpty)
    let stem = try folder.text("out/train.txt").split(separator: "\n").map { fileStem(String($0)) }
    #expect(stem.count == 1)
    let labels = try labels(folder, stem[0], classes: report.classes.count)
    let isHand = format == .oxfordhand
    let number = report.classes.firstIndex { $0.name == SampleSets.className(format) }
    #expect(
      labels == [
        Label(
          classIndex: try #require(number), centerX: 0.375, centerY: isHand ? 0.475 : 0.5,
          width: 0.25, height: isHand ? 0.95 : 1)
      ])
    #expect(try folder.text("out/out.data").hasPrefix("classes=\(report.classes.count)\n"))
    let after = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + annotation))
    #expect(before == after)
  }

  @Test func `the classes of a form keep its own order`() throws {
    let expected: [DatasetFormat: (Int, String, String)] = [
      .bdd100k: (10, "pedestrian", "traffic sign"), .visdrone: (10, "pedestrian", "motor"),
      .dior: (20, "airplane", "windmill"),
    ]
    for (format, (count, first, last)) in expected {
      let folder = try TemporaryFolder()
      _ = try SampleSets.write(format, to: folder)
      let names = try importer(format, folder).run().classes.map(\.name)
      #expect((names.count, names.first, names.last) == (count, first, last))
    }
  }

  @Test func `lists can be put elsewhere`() throws {
    let folder = try TemporaryFolder()
    for (place, split) in [
      ("training", "training"), ("validation", "validation"), ("test", "test"),
    ] {
      let base = "set/\(place)_dataset/\(split)_data"
      try folder.writePicture("\(base)/images/\(place).png", width: 40, height: 20)
      try folder.write(
        SampleSets.hand(MATBytes(), packed: true), to: "\(base)/annotations/\(place).mat")
    }
    var importer = importer(.oxfordhand, folder)
    #expect(try importer.run().splitCounts == [.train: 1, .valid: 1, .test: 1])
    importer.overwrites = true
    importer.splits = [.valid: .train, .test: .valid]
    importer.output += "-2"
    #expect(try importer.run().splitCounts == [.train: 2, .valid: 1])
    #expect(try folder.text("out-2/train.txt") == "images/training.png\nimages/validation.png\n")
    #expect(try folder.text("out-2/val.txt") == "images/test.png\n")
  }

  @Test func `a list that is not there to be put elsewhere is told`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/images/a.png")
    try folder.write("0 .5 .5 .5 .5\n", to: "set/labels/a.txt")
    try folder.write("images/a.png\n", to: "set/train.txt")
    try folder.write("x\n", to: "set/x.names")
    try folder.write("classes=1\ntrain=train.txt\nnames=x.names\n", to: "set/x.data")
    var importer = importer(.darknet, folder)
    importer.splits = [.test: .valid, .train: .train]
    let reasons = try importer.run().warnings.map(\.reason).filter { $0.contains("--splits") }
    let words = "moves nothing: the set has no test pictures, only train"
    #expect(reasons == ["--splits test=valid \(words)"])
  }

  // MARK: Oxford Hand

  @Test(arguments: [false, true], [false, true])
  func `hands are read in either byte order, packed or not`(
    isBigEndian: Bool, isPacked: Bool
  ) throws {
    for small in [false, true] {
      let writer = MATBytes(isBigEndian: isBigEndian, usesSmallElements: small)
      let file = try MATFile(parsing: SampleSets.hand(writer, packed: isPacked))
      #expect(
        try HandCorners.all(in: file) == [
          HandCorners(points: [[0, 12], [3, 20], [25, 18], [-4, 10]])
        ])
    }
  }

  @Test func `hands are also read from an array of structures`() throws {
    let writer = MATBytes()
    let point = writer.doubles([1, 2])
    let bytes = writer.file(
      writer.structures(
        ["a", "b", "c", "d"],
        [
          [point, writer.cells([point]), point, point],
          [point, point, point, writer.doubles([1, 2, 3])],
        ], name: "boxes"))
    #expect(
      try HandCorners.all(in: MATFile(parsing: bytes)) == [
        HandCorners(points: [[1, 2], [1, 2], [1, 2], [1, 2]]),
        HandCorners(points: [[1, 2], [1, 2], [1, 2], nil]),
      ])
  }

  @Test func `numbers of every type are read`() throws {
    let writer = MATBytes()
    let types: [(UInt64, Int, UInt64)] = [
      (1, 1, 0xFE), (2, 1, 0xFE), (3, 2, 0xFFFE), (4, 2, 7), (5, 4, 0xFFFF_FFFE), (6, 4, 7),
      (7, 4, UInt64(Float(1.5).bitPattern)), (9, 8, (2.5).bitPattern), (12, 8, UInt64.max),
      (13, 8, 9),
    ]
    let expected = [-2.0, 254, -2, 7, -2, 7, 1.5, 2.5, -1, 9]
    for ((type, size, bits), value) in zip(types, expected) {
      let data = writer.element(type, writer.number(bits, size))
      let file = try MATFile(parsing: writer.file(writer.matrix(6, [1, 1], "x", data)))
      guard case .numbers(let numbers) = file.variables["x"] else {
        Issue.record("type \(type) is no array of numbers")
        continue
      }
      #expect(numbers.count == 1 && numbers[0] == value)
    }
  }

  @Test func `a MATLAB file that is broken says why`() throws {
    let writer = MATBytes()
    func fault(_ bytes: [UInt8]) -> String? {
      do {
        _ = try HandCorners.all(in: MATFile(parsing: bytes))
        return nil
      } catch { return error.reason }
    }
    let good = SampleSets.hand(writer)
    #expect(fault([]) == "0 bytes are no MATLAB file of version 5")
    #expect(fault(Array(good.dropLast(40)))?.hasPrefix("an element of ") == true)
    #expect(fault([UInt8](repeating: 0, count: 200)) == "no MATLAB file of version 5")
    let hdf = Array("MATLAB 7.3 MAT-file".utf8) + [UInt8](repeating: 0, count: 200)
    #expect(fault(hdf) == "a MATLAB file of version 7.3; save it with '-v7'")
    #expect(fault(writer.file(writer.doubles([1], name: "x"))) == "no variable 'boxes'")
    let huge = writer.matrix(1, [1 << 30, 1 << 30], "boxes", [])
    #expect(fault(writer.file(huge)) == "1152921504606846976 cells in 0 bytes")
    let packed = SampleSets.hand(writer, packed: true)
    #expect(fault(Array(packed[..<180]))?.hasPrefix("an element of ") == true)
    var damaged = packed
    for index in 150..<170 { damaged[index] ^= 0x55 }
    #expect(fault(damaged) == "packed data is broken")
    // 100 MB of zeros in 100 kB.
    let bomb = writer.file([UInt8](repeating: 0, count: 100_000_000), packed: true)
    #expect(bomb.count < 200_000 && fault(bomb) == "unpacks to more than 2097152 bytes")
    var nested = writer.cells([])
    for _ in 0..<40 { nested = writer.cells([nested]) }
    #expect(fault(writer.file(nested)) == "arrays more than 32 deep")
  }

  @Test(arguments: DatasetFormat.allCases)
  func `a source that is not there is named`(format: DatasetFormat) throws {
    let folder = try TemporaryFolder()
    let source = folder.path + "/nowhere"
    #expect(
      throws: FileError.cannotRead(path: source, reason: "No such file or directory")
    ) { try DatasetImporter(format, source: source, output: folder.path + "/out").run() }
    #expect(!folder.exists("out"))
  }

  // MARK: BDD100K

  @Test func `a frame a file is read too, and old names are taken`() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try folder.writePicture("set/images/100k/val/\(name).png", width: 40, height: 20)
    }
    // The layout of labels/100k: one object a picture, the name without its extension.
    try folder.write(
      """
      {"name":"a","frames":[{"timestamp":10000,"objects":[
        {"category":"person","id":0,"attributes":{},"box2d":{"x1":0,"y1":0,"x2":40,"y2":20}},
        {"category":"bike","id":1,"box2d":{"x1":5,"y1":5,"x2":5,"y2":9}},
        {"category":"trailer","id":2,"box2d":{"x1":5,"y1":5,"x2":7,"y2":9}},
        {"category":"motor","id":3,"box2d":{"x1":5,"y1":"x","x2":7,"y2":9}},
        {"category":"area/drivable","id":4,"poly2d":[[1,2,"L"]]}]}],
       "attributes":{"weather":"clear"}}
      """, to: "set/labels/100k/val/a.json")
    try folder.write("{\"name\":\"b\",\"frames\":[{}]}", to: "set/labels/100k/val/b.json")
    try folder.write("[", to: "set/labels/100k/val/c.json")
    let report = try importer(.bdd100k, folder).run()
    #expect(report.splitCounts == [.valid: 2])
    #expect(report.leftOut == [.otherCategory: 1])
    #expect(
      report.skipped.map(\.reason) == [
        "a: motor without four corners", "a: bike has no area", "ends inside of a value",
      ])
    #expect(try folder.text("out/labels/a.txt") == "0 0.5 0.5 1 1\n")
    #expect(try folder.text("out/labels/b.txt") == "")
  }

  @Test func `frames without labels and around a list are taken`() throws {
    var names: [String] = []
    let frames = try BDD100KAnnotations(
      parsing: Array(
        #"{"config":{},"frames":[{"name":"a.jpg","labels":null},{"name":"b.jpg"},{"x":1},7]}"#.utf8)
    ) { names.append($0.name) }
    #expect(names == ["a.jpg", "b.jpg", ""])
    #expect((frames.frameCount, frames.faultCount) == (4, 1))
    #expect(throws: AnnotationFault(reason: "an object without 'frames'")) {
      try BDD100KAnnotations(parsing: Array("{}".utf8)) { _ in }
    }
  }

  @Test func `a split that ends early is an error`() throws {
    let folder = try TemporaryFolder()
    let annotation = try SampleSets.write(.bdd100k, to: folder)
    let text = try folder.text(annotation)
    try folder.write(String(text.dropLast(9)), to: annotation)
    #expect(
      throws: DatasetError.brokenAnnotations(
        path: folder.path + "/" + annotation, line: 8, reason: "ends inside of a value")
    ) { try importer(.bdd100k, folder).run() }
  }

  // MARK: VisDrone

  @Test func `lines of VisDrone are read, counted and refused`() {
    let text = """
      684,8,273,116,0,0,0,0
      406,119,265,70,1,4,0,1,

      1,2,3
      1,2,3,4,1,12,0,0
      1,x,3,4,1,1,0,0
      1,2,3,4,1,1.5,0,0
      """
    let annotation = VisDroneAnnotation(parsing: Array(text.utf8))
    #expect(annotation.objects.map(\.category) == [0, 4])
    #expect(annotation.objects[1].box == PixelBox(x1: 406, y1: 119, x2: 671, y2: 189))
    #expect(
      annotation.faults.map(\.description) == [
        "line 4: 3 columns; expected 8 (left, top, width, height, score, category, truncation, "
          + "occlusion)",
        "line 5: category '12' is not a whole number from 0 to 11",
        "line 6: top 'x' is not a number",
        "line 7: category '1.5' is not a whole number from 0 to 11",
      ])
  }

  @Test func `what VisDrone does not evaluate is left out`() throws {
    let folder = try TemporaryFolder()
    _ = try SampleSets.write(.visdrone, to: folder)
    for split in ["val", "test-dev"] {
      try folder.writePicture("set/VisDrone2019-DET-\(split)/images/\(split).png")
      try folder.write(
        "0,0,8,6,1,10,0,0\n", to: "set/VisDrone2019-DET-\(split)/annotations/\(split).txt")
    }
    let report = try importer(.visdrone, folder).run()
    #expect(report.leftOut == [.ignored: 1, .otherCategory: 1])
    #expect(report.splitCounts == [.train: 1, .valid: 1, .test: 1])
    // 0…8 × 0…6 of 32×24.
    #expect(try folder.text("out/labels/val.txt") == "9 0.125 0.125 0.25 0.25\n")
  }

  // MARK: DIOR

  @Test func `DIOR's folders of pictures are both taken`() throws {
    let folder = try TemporaryFolder()
    let annotation = try SampleSets.write(.dior, to: folder)
    try folder.writePicture("set/JPEGImages-test/11726.png", width: 40, height: 20)
    try folder.write(
      try folder.text(annotation), to: "set/Annotations/Horizontal Bounding Boxes/11726.xml")
    try folder.write("11726\n", to: "set/ImageSets/Main/test.txt")
    #expect(try importer(.dior, folder).run().splitCounts == [.train: 1, .test: 1])
    // Without lists the folders' names say it.
    try FileManager.default.removeItem(atPath: folder.path + "/set/ImageSets")
    var again = importer(.dior, folder)
    again.output += "-2"
    #expect(try again.run().splitCounts == [.train: 1, .test: 1])
  }

  // MARK: YOLO and Darknet

  @Test func `places of a data yaml may be lists, files and as seen from inside`() throws {
    let folder = try TemporaryFolder()
    for name in ["train/images/a", "valid/images/b", "more/images/c"] {
      try folder.writePicture("set/\(name).png", width: 40, height: 20)
    }
    try folder.write("1 0.375 0.5 0.25 1\n0 2 2 2 2\n", to: "set/train/labels/a.txt")
    try folder.write("../more/images/c.png\n./gone.png\n", to: "set/lists/c.txt")
    try folder.write(
      """
      train: [../train/images, "lists/c.txt"]
      val: ../valid/images
      test:
      nc: 2
      names: ['red cell', white]
      roboflow:
        license: CC BY 4.0
      """, to: "set/data.yaml")
    let report = try importer(.yolo, folder).run()
    #expect(report.splitCounts == [.train: 2, .valid: 1])
    #expect(report.classes.map(\.name) == ["red cell", "white"])
    #expect(try folder.text("out/labels/a.txt") == "1 0.375 0.5 0.25 1\n")
    #expect(report.skippedCount == 2)
  }

  @Test(arguments: [
    ("train: a\n", "no 'names'"), ("names: [a]\n", "no 'train', 'val' or 'test'"),
    ("train: a\nnc: 2\nnames: [a]\n", "nc is 2, but there are 1 names"),
    ("train: a\nnames: {0: a, 2: b}\n", "class number '2' is not one of 0 to 1"),
    ("train: a\nnames: ['']\n", "an empty class name"),
    ("train\n", "not 'key: value'"), ("- train\n", "not 'key: value'"), ("", "no 'names'"),
    (
      "names: [a\n",
      "no YAML: while parsing a flow sequence: did not find expected ',' or ']'"
    ),
    (
      "names: \"a\n",
      "no YAML: while scanning a quoted scalar: found unexpected end of stream"
    ),
    (
      "names: [[a]]\n",
      "'names' is neither a list of names nor of numbers with names; write them out where it is an "
        + "alias"
    ),
    (
      "n: &n [a, b]\nnames: *n\n",
      "'names' is neither a list of names nor of numbers with names; write them out where it is an "
        + "alias"
    ),
  ])
  func `a data yaml that cannot be used says why`(text: String, reason: String) {
    do {
      _ = try YOLODescription(parsing: Array(text.utf8))
      Issue.record("was taken")
    } catch { #expect(error.reason == reason) }
  }

  @Test func `YAML is read as far as it is needed`() throws {
    let text = """
      %YAML 1.2
      ---
      path: "../x # y"   # a comment
      it's: don't # cut
      'quoted key': 'it''s'
      list:
      - a
      - "b: c"   # d
      flow: [a, 'b, c',
        d]   # e
      map: {0: a, "1": b}
      block:
        0: a b
        1: 'c'
      deep:
        a:
          b: c
      anchor: &x
        y: z
      text: >
        more: 1
      last: \u{E9}
      """
    let mapping = try YAMLMapping(parsing: Array(text.utf8))
    #expect(mapping.scalar("path") == "../x # y")
    #expect(mapping.scalar("it's") == "don't")
    #expect(mapping.scalar("quoted key") == "it's")
    #expect(mapping.values["list"] == .list(["a", "b: c"]))
    #expect(mapping.values["flow"] == .list(["a", "b, c", "d"]))
    #expect(
      mapping.values["map"] == .mapping([.init(key: "0", value: "a"), .init(key: "1", value: "b")]))
    #expect(
      mapping.values["block"]
        == .mapping([.init(key: "0", value: "a b"), .init(key: "1", value: "c")]))
    #expect(mapping.values["deep"] == .other)
    #expect(mapping.values["anchor"] == .mapping([.init(key: "y", value: "z")]))
    #expect(mapping.scalar("text") == "more: 1\n")
    #expect(mapping.scalar("last") == "é")
  }

  @Test func `a plain list is read with names beside it`() throws {
    let folder = try TemporaryFolder()
    _ = try SampleSets.write(.darknet, to: folder)
    try FileManager.default.removeItem(atPath: folder.path + "/set/set.data")
    try folder.writePicture("set/images/b.png")
    try folder.write("images/b.png\n", to: "set/valid.txt")
    #expect(try importer(.darknet, folder).run().splitCounts == [.train: 1, .valid: 1])
    var alone = importer(.darknet, folder)
    (alone.source, alone.output) = (folder.path + "/set/train.txt", folder.path + "/alone")
    #expect(try alone.run().splitCounts == [.train: 1])
    try FileManager.default.removeItem(atPath: folder.path + "/set/set.names")
    alone.output += "-2"
    #expect(throws: DatasetError.self) { try alone.run() }
    alone.names = ["hound"]
    #expect(try alone.run().classes.map(\.name) == ["hound"])
  }
}
