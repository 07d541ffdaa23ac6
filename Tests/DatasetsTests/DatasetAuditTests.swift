import Boxes
import Darknet
import Foundation
import Parsing
import Testing
import Vision
import _TestSupport

@testable import Datasets

@Suite struct DatasetAuditTests {
  /// A set with lists of the given pictures, which are written by the caller.
  private func data(
    _ folder: TemporaryFolder, names: [String] = ["x"], _ lists: [DatasetSplit: [String]]
  ) throws -> DataFile {
    for (split, pictures) in lists {
      try folder.write(pictures.map { $0 + "\n" }.joined(), to: split.listName)
    }
    try folder.write(names.map { $0 + "\n" }.joined(), to: "x.names")
    let text =
      "classes=\(names.count)\nnames=x.names\n"
      + lists.keys.map { "\($0.rawValue)=\($0.listName)\n" }.joined()
    return try DataFile(contentsOf: folder.write(text, to: "x.data"))
  }

  private func drawn(_ index: Int, side: Int = 96) -> Image {
    SyntheticPicture(
      seed: 3, index: index, shapes: SyntheticShape.allCases, side: side, maximumObjects: 6
    ).image
  }

  /// Writes as many boxes of a class as it needs to be learned, side by side.
  private func label(_ folder: TemporaryFolder, _ stem: String, classIndex: Int = 0) throws {
    let lines = (0..<DetectionDataset.fewestBoxes).map {
      "\(classIndex) 0.\($0 % 10)5 0.\($0 / 10)5 0.08 0.08\n"
    }
    try folder.write(lines.joined(), to: "labels/\(stem).txt")
  }

  private func found(_ outcome: DatasetAudit.Outcome) -> [String] {
    outcome.findings.map { "\($0.kind.rawValue) \(fileName(of: $0.path)):\($0.line ?? 0)" }
  }

  @Test func `pictures that cannot be decoded or have another's extension are told`() throws {
    let folder = try TemporaryFolder()
    let bytes = try drawn(0).encoded(as: .jpeg)
    try folder.write(bytes, to: "images/good.jpg")
    try folder.write([], to: "images/empty.jpg")
    try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "images/half.jpg")
    try folder.write("no picture at all", to: "images/text.png")
    try folder.write(drawn(1).encoded(as: .png), to: "images/named.jpg")
    try label(folder, "good")
    let names = ["good.jpg", "empty.jpg", "half.jpg", "text.png", "named.jpg", "gone.jpg"]
    let audit = try DatasetAudit(data(folder, [.train: names.map { "images/" + $0 }]))
    let outcome = audit.run()
    #expect(
      found(outcome) == [
        "list gone.jpg:0", "picture empty.jpg:0", "picture half.jpg:0", "picture text.png:0",
        "extension named.jpg:0",
      ])
    #expect(outcome.findings[4].reason == "is PNG, which its extension does not say")
    #expect(outcome.errorCount == 5)
    #expect(outcome.images == 5)
  }

  @Test func `a set without training pictures is broken`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .png), to: "images/0.png")
    try label(folder, "0")
    let outcome = try DatasetAudit(data(folder, [.valid: ["images/0.png"]])).run()
    #expect(found(outcome) == ["no-training x.data:0"] && outcome.errorCount == 1)
    #expect(
      outcome.findings.first?.reason
        == "names no 'train' list, so nothing can be learned from it")
  }

  @Test func `a label file of far too many bytes is refused at once`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .png), to: "images/0.png")
    try folder.write("0 0.5 0.5 0.2 0.2\n", to: "labels/0.txt")
    // Sparse: it takes no room on the disk.
    #expect(truncate(folder.path + "/labels/0.txt", 50 << 30) == 0)
    let path = folder.path + "/labels/0.txt"
    #expect(throws: FileError.tooLarge(path: path, bytes: 50 << 30, limit: 1 << 26)) {
      try LabelFile(contentsOf: path, classCount: 1)
    }
  }

  @Test func `a class that is not in train, and validation without labels, are told`() throws {
    let folder = try TemporaryFolder()
    for (index, label) in ["0 0.5 0.5 0.5 0.5\n", "", "1 0.5 0.5 0.5 0.5\n"].enumerated() {
      try folder.write(drawn(index).encoded(as: .png), to: "images/\(index).png")
      try folder.write(label, to: "labels/\(index).txt")
    }
    let names = (0...2).map { "images/\($0).png" }
    let audit = try DatasetAudit(
      data(
        folder, names: ["a", "b"],
        [.train: [names[0]], .valid: [names[1]], .test: [names[2]]]))
    let outcome = audit.run()
    #expect(
      outcome.findings.map(\.reason) == [
        "not one box is labelled in the validation pictures, so no epoch can be judged",
        "class 'a' has 1 box in train, and needs 50 or more to be learned",
        "class 'b' has no box in train, where it would be learned, and 1 elsewhere",
        "class 'a' has no box in test, so its AP is not measured there, and 1 in train",
      ])
    #expect(outcome.errorCount == 1)
  }

  @Test func `a class that no epoch is judged by is told, whichever others are`() throws {
    let folder = try TemporaryFolder()
    for index in 0..<3 {
      try folder.write(drawn(index).encoded(as: .png), to: "images/\(index).png")
      try label(folder, "\(index)", classIndex: index % 2)
    }
    let names = (0...2).map { "images/\($0).png" }
    let outcome = try DatasetAudit(
      data(folder, names: ["a", "b"], [.train: Array(names[..<2]), .valid: [names[2]]])
    ).run()
    #expect(
      outcome.findings.map(\.reason)
        == ["class 'b' has no box in valid, so its AP is not measured there, and 50 in train"])
    #expect(outcome.errorCount == 0)
  }

  // Training refuses it.
  @Test func `training pictures without a single label are an error`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .png), to: "images/a.png")
    let outcome = try DatasetAudit(data(folder, [.train: ["images/a.png"]])).run()
    #expect(found(outcome).first == "unlabelled train.txt:0")
    #expect(outcome.errorCount == 1)
  }

  // 1.96 · √(0.125 / 4) = 0.346.
  @Test func `test pictures with few boxes are told of, with what they cannot show`() throws {
    let folder = try TemporaryFolder()
    for index in 0..<12 {
      try folder.write(drawn(index).encoded(as: .png), to: "images/\(index).png")
      try folder.write(
        "0 0.3 0.3 0.2 0.2\n0 0.7 0.7 0.2 0.2\n", to: "labels/\(index).txt")
    }
    let names = (0..<12).map { "images/\($0).png" }
    let lists: [DatasetSplit: [String]] = [
      .train: Array(names[..<8]), .valid: Array(names[8..<10]), .test: Array(names[10...]),
    ]
    let outcome = try DatasetAudit(data(folder, lists)).run()
    let parts = outcome.findings.filter { $0.kind == .parts }
    #expect(
      parts.map(\.reason) == [
        "few boxes to test on, 4 in 2 pictures: two networks that differ by less than about 35 points of "
          + "mAP@0.5 can hardly be told apart (less shows where both find mostly the same); 'pare dataset "
          + "split --data \(folder.path)/x.data --folds 5 --output folds' tests on every picture once"
      ])
    #expect(outcome.errorCount == 0)
    // Where there is nothing to divide, and where there are no labels, nothing is said.
    let few = try DatasetAudit(data(folder, [.train: [names[0]], .test: [names[1]]])).run()
    #expect(!few.findings.contains { $0.reason.hasPrefix("few boxes") })
  }

  // Pictures of 96×96; the network's input is 416, 4.33 times as large. 0.03·96 = 2.88 and
  // 0.015·96 = 1.44 pixels; 0.5 + 0.6/2 = 0.8, 0.9 + 0.3/2 = 1.05: 4.8 pixels over the edge;
  // 0.98·0.98 = 96 %. Of two boxes of 48 pixels, one moved by 2.4: 45.6/50.4 = 0.905.
  @Test func `labels and boxes that can hardly be meant are told`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .png), to: "images/a.png")
    try folder.write(
      """
      0 0.5 0.5 0.03 0.2
      0 0.5 0.5 0.015 0.2
      0 0.9 0.5 0.3 0.2
      1 0.5 0.5 0.98 0.98
      1 0.3 0.3 0.5 0.5
      1 0.325 0.3 0.5 0.5
      0 0.3 0.3 0.5 0.5
      2 0.5 0.5 0.1 0.1
      0 0.5 0.5 0.1
      0 0.9 0.5 0.3 0.2

      """, to: "labels/a.txt")
    let audit = try DatasetAudit(
      data(folder, names: ["x", "y"], [.train: ["images/a.png"]]))
    let outcome = audit.run()
    #expect(
      outcome.findings.map { "\($0.kind.rawValue): \($0.reason)" } == [
        "label: class '2' is not a whole number from 0 to 1",
        "label: 4 columns; expected 5 (class, centre x, centre y, width, height)",
        "duplicate-box: repeats an earlier line",
        "duplicate-box: boxes 5 and 6 of one class overlap by 0.9",
        "tiny-box: box 2 is 1.44x19.2 pixels",
        "outside-box: box 3 reaches 4.8 pixels over the edge",
        "huge-box: box 4 covers 96 % of the picture",
        "few-boxes: class 'x' has 4 boxes in train, and needs 50 or more to be learned",
        "few-boxes: class 'y' has 3 boxes in train, and needs 50 or more to be learned",
      ])
    #expect(outcome.errorCount == 2)
    #expect(outcome.classCounts == [4, 3] && outcome.boxes == 7)
  }

  // 2.88 pixels of a picture twice as large as the input are 1.44 there.
  @Test func `boxes are measured at the network's size too`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .png), to: "images/a.png")
    try folder.write("0 0.5 0.5 0.03 0.2\n", to: "labels/a.txt")
    var settings = DatasetAudit.Settings()
    (settings.inputWidth, settings.inputHeight) = (48, 48)
    let outcome = try DatasetAudit(data(folder, [.train: ["images/a.png"]]), settings: settings)
      .run()
    #expect(
      outcome.findings.filter { $0.kind != .fewBoxes }.map(\.reason)
        == ["box 1 is 2.88x19.2 pixels, 1.44x9.6 in the network's input"])
    #expect(outcome.boxSizes.map { ($0.width * 100).rounded() } == [144])
    #expect(outcome.errorCount == 0)
  }

  @Test func `copies in a split are warnings, equal pictures across splits errors`() throws {
    let folder = try TemporaryFolder()
    for index in 0..<4 {
      try folder.write(drawn(index).encoded(as: .jpeg), to: "images/\(index).jpg")
    }
    try folder.write(drawn(0).encoded(as: .jpeg), to: "images/same.jpg")
    try folder.write(drawn(1).encoded(as: .jpeg, quality: 50), to: "images/near.jpg")
    try folder.write(drawn(2).encoded(as: .jpeg), to: "images/leak.jpg")
    try folder.write(
      Copy.cropAll.made(of: drawn(3)).encoded(as: .jpeg), to: "images/cropped.jpg")
    // A bitmap of the same pixels as the PNG file.
    try folder.write(drawn(4).encoded(as: .png), to: "images/4.png")
    try folder.write(drawn(4).encoded(as: .bmp), to: "images/pixels.bmp")
    try label(folder, "0")
    let train = ["4.png", "0.jpg", "1.jpg", "2.jpg", "3.jpg", "same.jpg", "near.jpg"]
    let outcome = try DatasetAudit(
      data(
        folder,
        [
          .train: train.map { "images/" + $0 },
          .valid: [
            "images/leak.jpg", "images/cropped.jpg", "images/pixels.bmp", "images/0.jpg",
          ],
        ])
    ).run()
    #expect(
      found(outcome) == [
        "leak 0.jpg:0", "leak leak.jpg:0", "leak pixels.bmp:0", "parts x.data:0",
        "likely-leak cropped.jpg:0",
        "duplicate same.jpg:0", "near-duplicate near.jpg:0",
      ])
    #expect(
      outcome.findings.map { fileName(of: $0.other ?? "") }
        == ["0.jpg", "2.jpg", "4.png", "", "3.jpg", "0.jpg", "1.jpg"])
    #expect(
      outcome.findings[0].reason == "is listed in train and in valid"
        && outcome.findings[1].reason == "in valid equals \(folder.path)/images/2.jpg in train")
    #expect(outcome.findings[1].similarity == 1)
    #expect(outcome.errorCount == 3)
    #expect(outcome.images == 10)
    #expect(
      outcome.findings[2].reason
        == "in valid has the pixels of \(folder.path)/images/4.png in train")
    let likeness = try #require(outcome.findings[4].similarity)
    #expect((0.93..<1).contains(likeness))
    #expect(
      outcome.findings[4].reason.hasSuffix("(similarity \(decimal(likeness, places: 3)))"))
  }

  @Test func `one list for two splits is told once`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .png), to: "images/a.png")
    try label(folder, "a")
    try folder.write("images/a.png\n", to: "all.txt")
    try folder.write("x\n", to: "x.names")
    let path = try folder.write(
      "classes=1\nnames=x.names\ntrain=all.txt\nvalid=all.txt\n", to: "x.data")
    let outcome = try DatasetAudit(DataFile(contentsOf: path)).run()
    #expect(found(outcome) == ["shared-list all.txt:0"])
    #expect(outcome.errorCount == 0 && outcome.images == 1)
  }

  // 20 of the first class: a tenth is 2.
  @Test func `a wrong label of a picture in two lists is one error`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .jpeg), to: "images/a.jpg")
    try folder.write("0 0.5 0.5 0.5 0.5\n0 7 0.5 0.5 0.5\n", to: "labels/a.txt")
    let audit = try DatasetAudit(
      data(folder, [.train: ["images/a.jpg"], .valid: ["images/a.jpg"]]))
    let outcome = audit.run()
    #expect(found(outcome) == ["label a.txt:2", "leak a.jpg:0", "few-boxes x.data:0"])
    #expect(outcome.findings.allSatisfy { $0.kind.advice != nil })
  }

  @Test func `classes with few boxes are told`() throws {
    let folder = try TemporaryFolder()
    try folder.write(drawn(0).encoded(as: .png), to: "images/a.png")
    let many = (0..<20).map { "0 0.\($0 + 20) 0.5 0.1 0.3\n" }.joined()
    try folder.write(
      many + "1 0.2 0.2 0.1 0.1\n1 0.7 0.7 0.1 0.1\n2 0.5 0.5 0.2 0.2\n", to: "labels/a.txt")
    let outcome = try DatasetAudit(
      data(folder, names: ["w", "x", "y", "z"], [.train: ["images/a.png"]])
    ).run()
    #expect(
      outcome.findings.filter { $0.kind == .imbalance }.map(\.reason) == [
        "class 'z' has no box, 'w' has 20"
      ])
    #expect(
      outcome.findings.filter { $0.kind == .fewBoxes }.map(\.reason) == [
        "class 'w' has 20 boxes in train, and needs 50 or more to be learned",
        "class 'x' has 2 boxes in train, and needs 50 or more to be learned",
        "class 'y' has 1 box in train, and needs 50 or more to be learned",
      ])
    #expect(outcome.errorCount == 0)
  }

  @Test func `a data file without a list is an error`() throws {
    let folder = try TemporaryFolder()
    let data = try data(folder, [:])
    #expect(throws: DataError.missingKey("train", path: data.path)) { try DatasetAudit(data) }
  }

  // BCCD: 364 pictures of blood smears. One pair shows the same field of view (BloodImage_00037 and
  // _00038, looked at by eye); everything else found among the originals would be a false alarm.
  // Every 9th picture is planted once more in each of eight ways.
  @Test(.enabled(if: realData != nil, "PARE_REALDATA is not set"))
  func `planted copies of real pictures are found, strangers are not`() throws {
    let folder = (realData ?? "") + "/bccd/BCCD/JPEGImages/"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".jpg") }
    #expect(names.count == 364)
    let scratch = try TemporaryFolder()
    var lists: [DatasetSplit: [String]] = [.train: names.map { folder + $0 }]
    var planted: [String: String] = [:]
    for (index, name) in names.enumerated() where index % 9 == 0 {
      let image = try Image(contentsOf: folder + name)
      for copy in Copy.allCases {
        let path = scratch.path + "/\(index)-\(copy).jpg"
        try copy.made(of: image).write(to: path, quality: 90)
        planted[path] = folder + name
        lists[.valid, default: []].append(path)
      }
    }
    let outcome = try DatasetAudit(data(scratch, lists)).run()
    let leaks = outcome.findings.filter { [.leak, .likelyLeak].contains($0.kind) }
    let missed = planted.filter { path, original in
      !leaks.contains { $0.path == path && $0.other == original }
    }
    #expect(planted.count == 41 * 8)
    #expect(missed.isEmpty)
    // Among the originals, and between plants and pictures that they were not made of.
    let among = outcome.findings.filter { [.duplicate, .nearDuplicate].contains($0.kind) }
      .filter { planted[$0.path] == nil }
    #expect(among.map { fileName(of: $0.path) } == ["BloodImage_00038.jpg"])
    // The pair's copies are each other's.
    let pair = ["BloodImage_00037.jpg", "BloodImage_00038.jpg"]
    let strangers = leaks.filter { leak in
      guard let original = planted[leak.path], let other = leak.other else { return true }
      return other != original
        && !(pair.contains(fileName(of: original))
          && pair.contains(fileName(of: other)))
    }
    let falseAlarms = Set(strangers.map(\.path)).count
    #expect(falseAlarms * 100 <= planted.count)
  }
}
