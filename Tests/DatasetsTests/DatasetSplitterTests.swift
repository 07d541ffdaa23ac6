import Darknet
import Foundation
import Testing
import Vision
import _TestSupport

@testable import Datasets

@Suite struct DatasetSplitterTests {
  private let names = ["a", "b", "c"]

  private func pictures(_ count: Int) -> [DetectionDataset.Picture] {
    // Class 0 in every picture, class 1 in each tenth, class 2 in each third.
    (0..<count).map { index in
      let classes = [0] + (index % 10 == 0 ? [1] : []) + (index % 3 == 0 ? [2] : [])
      return .init(
        path: "/set/images/picture-\(index).jpg",
        labels: classes.map {
          Label(classIndex: $0, centerX: 0.5, centerY: 0.5, width: 0.1, height: 0.1)
        })
    }
  }

  // FNV-1a of "foobar" is 0x85944171f73967e8 = 9625390261332436968: 3 modulo 5.
  @Test func `a fold follows from the file name alone`() {
    #expect(DatasetSplitter.fold(of: "/any/where/foobar", folds: 5) == 3)
    #expect(DatasetSplitter.fold(of: "foobar", folds: 5) == 3)
  }

  @Test func `each picture is tested once by a fold that never trained on it`() throws {
    let all = pictures(200)
    let folds = try DatasetSplitter(all, names: names).folds(5)
    #expect(folds.count == 5)
    #expect(folds.flatMap(\.test).sorted() == all.map(\.path).sorted())
    for (k, fold) in folds.enumerated() {
      #expect(fold.test.allSatisfy { DatasetSplitter.fold(of: $0, folds: 5) == k })
      #expect(fold.valid.isEmpty)
      #expect(Set(fold.train).isDisjoint(with: fold.test))
      #expect(fold.train.count + fold.test.count == 200)
      #expect((25...55).contains(fold.test.count))
    }
    let reordered = try DatasetSplitter(all.reversed(), names: names).folds(5)
    #expect(reordered.map { Set($0.test) } == folds.map { Set($0.test) })
  }

  @Test func `a validation share comes out of the other folds`() throws {
    let folds = try DatasetSplitter(pictures(500), names: names).folds(5, validationShare: 0.1)
    for fold in folds {
      #expect(Set(fold.valid).isDisjoint(with: fold.test))
      #expect(Set(fold.valid).isDisjoint(with: fold.train))
      #expect(fold.train.count + fold.valid.count + fold.test.count == 500)
      #expect((20...62).contains(fold.valid.count))
    }
  }

  @Test func `ratios divide every stratum`() throws {
    let all = pictures(300)
    let splitter = DatasetSplitter(all, names: names)
    let lists = try splitter.ratios(train: 0.7, valid: 0.2, test: 0.1, seed: 4)
    #expect((lists.train.count, lists.valid.count, lists.test.count) == (210, 60, 30))
    #expect(Set(lists.train + lists.valid + lists.test).count == 300)
    // 30 pictures hold class 1, the rarest: 21, 6 and 3 of them, one more or less at a border.
    let rare = Set(all.filter { $0.labels.contains { $0.classIndex == 1 } }.map(\.path))
    #expect(abs(lists.train.filter(rare.contains).count - 21) <= 1)
    #expect(abs(lists.valid.filter(rare.contains).count - 6) <= 1)
    #expect(abs(lists.test.filter(rare.contains).count - 3) <= 1)

    let again = try DatasetSplitter(all.reversed(), names: names).ratios(
      train: 0.7, valid: 0.2, test: 0.1, seed: 4)
    #expect(Set(again.test) == Set(lists.test))
    let other = try splitter.ratios(train: 0.7, valid: 0.2, test: 0.1, seed: 5)
    #expect(Set(other.test) != Set(lists.test))
  }

  @Test func `wrong settings are refused`() {
    let splitter = DatasetSplitter(pictures(10), names: names)
    #expect(
      throws: DatasetError.invalidSetting("folds", value: "1", expected: "2 or more")
    ) { try splitter.folds(1) }
    #expect(throws: DatasetError.self) { try splitter.folds(10_000) }
    #expect(throws: DatasetError.self) { try splitter.folds(2, validationShare: 1) }
    #expect(throws: DatasetError.self) {
      try splitter.ratios(train: 0.7, valid: 0.2, test: 0.2, seed: 0)
    }
    #expect(throws: DatasetError.self) {
      try splitter.ratios(train: 0, valid: 0.5, test: 0.5, seed: 0)
    }
  }

  @Test func `written lists are read back from another folder`() throws {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for stem in ["a", "b"] {
      paths.append(try folder.writePicture("set/images/\(stem).png"))
      try folder.write("0 .5 .5 .5 .5", to: "set/labels/\(stem).txt")
    }
    let lists = DatasetSplitter.Lists(train: [paths[0]], test: [paths[1]])
    for output in ["set", "elsewhere"] {
      let data = try DatasetSplitter([], names: ["x"]).write(
        lists, name: "fold-0", to: folder.path + "/" + output)
      #expect(data == "\(folder.path)/\(output)/fold-0.data")
      let set = try DetectionDataset(
        list: "\(folder.path)/\(output)/fold-0-test.txt", names: ["x"])
      #expect(set.labelCount == 1)
    }
    #expect(try folder.text("set/fold-0-train.txt") == "images/a.png\n")
    // Pictures beside the folder: both can be moved together.
    #expect(try folder.text("elsewhere/fold-0-test.txt") == "../set/images/b.png\n")
    for name in ["set", "elsewhere"] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/moved", withIntermediateDirectories: true)
      try FileManager.default.moveItem(
        atPath: "\(folder.path)/\(name)", toPath: "\(folder.path)/moved/\(name)")
    }
    let moved = try DetectionDataset(
      DataFile(contentsOf: folder.path + "/moved/elsewhere/fold-0.data"), split: .test)
    #expect(moved.pictures.map(\.path) == [folder.path + "/moved/set/images/b.png"])
    #expect(moved.labelCount == 1 && moved.problems.isEmpty)
    // What lies further away is named in full.
    _ = try DatasetSplitter([], names: ["x"]).write(
      lists, name: "far", to: folder.path + "/moved/far/below/it")
    #expect(try folder.text("moved/far/below/it/far-test.txt") == "\(paths[1])\n")
    #expect(
      try folder.text("moved/elsewhere/fold-0.data")
        == """
        classes=1
        train=fold-0-train.txt
        valid=fold-0-train.txt
        test=fold-0-test.txt
        names=fold-0.names

        """)
  }

  @Test func `all pictures of a data file are divided`() throws {
    let folder = try TemporaryFolder()
    for stem in ["a", "b", "c"] { try folder.writePicture("images/\(stem).png") }
    try folder.write("0 .5 .5 .5 .5\n1 .5 .5 .5 .5\n", to: "labels/a.txt")
    try folder.write("images/a.png\nimages/b.png\n", to: "train.txt")
    try folder.write("images/c.png\nimages/d.png\n", to: "test.txt")
    try folder.write("x\n", to: "x.names")
    let path = try folder.write(
      "classes=1\ntrain=train.txt\nvalid=train.txt\ntest=test.txt\nnames=x.names\n", to: "x.data")
    let splitter = try DatasetSplitter(DataFile(contentsOf: path))
    #expect(splitter.pictures.map { $0.path.suffix(5) } == ["a.png", "b.png", "c.png"])
    #expect(splitter.names == ["x"])
    #expect(splitter.listProblems.count + splitter.labelProblems.count == 2)
  }

  // 20 pictures, the last 5 for the test: of the other 15, two thirds are 10.
  @Test func `the set's own test pictures stay where that is asked for`() throws {
    let folder = try TemporaryFolder()
    for index in 0..<20 {
      try folder.writePicture("set/\(index).png")
      try folder.write("0 0.5 0.5 0.2 0.2\n", to: "set/\(index).txt")
    }
    try folder.write((0..<15).map { "\($0).png\n" }.joined(), to: "set/train.txt")
    try folder.write((15..<20).map { "\($0).png\n" }.joined(), to: "set/test.txt")
    try folder.write("x\n", to: "set/x.names")
    func splitter(_ lists: String) throws -> DatasetSplitter {
      try DatasetSplitter(
        DataFile(
          parsing: "classes=1\nnames=x.names\n" + lists, path: folder.path + "/set/x.data"))
    }
    let both = try splitter("train=train.txt\nvalid=train.txt\ntest=test.txt\n")
    let lists = try both.ratiosKeepingTest(train: 2.0 / 3, valid: 1.0 / 3, seed: 3)
    #expect(lists.test == (15..<20).map { "\(folder.path)/set/\($0).png" })
    #expect(lists.train.count == 10 && lists.valid.count == 5)
    #expect(Set(lists.train + lists.valid + lists.test).count == 20)
    #expect(throws: DatasetError.self) {
      try splitter("train=train.txt\n").ratiosKeepingTest(train: 0.5, valid: 0.5, seed: 3)
    }
    #expect(throws: DatasetError.self) {
      try splitter("train=test.txt\ntest=test.txt\n")
        .ratiosKeepingTest(train: 0.5, valid: 0.5, seed: 3)
    }
  }

  // Ten looks, each twice: as PNG and as BMP, under names that hashes send to different places.
  @Test func `pictures with the same pixels go into one list`() throws {
    let folder = try TemporaryFolder()
    var pictures: [DetectionDataset.Picture] = []
    for index in 0..<10 {
      let color = Color(red: UInt8(20 * index), green: 0, blue: 0)
      for name in ["a\(index).png", "b\(index).bmp"] {
        pictures.append(.init(path: try folder.writePicture(name, color: color), labels: []))
      }
    }
    // One of another size, and one that cannot be read.
    pictures.append(.init(path: try folder.writePicture("c.png", width: 16), labels: []))
    pictures.append(.init(path: try folder.write("no picture", to: "d.png"), labels: []))
    var splitter = DatasetSplitter(pictures, names: ["x"])
    func parted(_ list: [String]) -> Int {
      let stems = list.map { $0.suffix(6).dropFirst().prefix(1) }
      return Set(stems).count { stem in stems.count { $0 == stem } == 1 }
    }
    func lists() throws -> DatasetSplitter.Lists {
      try splitter.ratios(train: 0.5, valid: 0.5, test: 0, seed: 1)
    }
    // By their names alone some copies are on either side, which this test stands on.
    #expect(try parted(lists().valid) > 2)
    splitter.keepCopiesTogether(workers: 2)
    #expect(splitter.copyCount == 10)
    let together = try lists()
    #expect(together.count == 22 && (10...12).contains(together.valid.count))
    for list in [together.train, together.valid] {
      let names = Set(list.map { String($0.split(separator: "/").last ?? "") })
      for index in 0..<10 {
        #expect(names.contains("a\(index).png") == names.contains("b\(index).bmp"))
      }
    }
    for fold in try splitter.folds(2) {
      let tested = Set(fold.test.map { String($0.split(separator: "/").last ?? "") })
      for index in 0..<10 {
        #expect(tested.contains("a\(index).png") == tested.contains("b\(index).bmp"))
      }
    }
  }

  // Of 12 pictures two are for the test; one of the others is a copy of one of these.
  @Test func `copies of test pictures that stay are in no list`() throws {
    let folder = try TemporaryFolder()
    for index in 0..<12 {
      let color = Color(red: UInt8(20 * (index == 0 ? 11 : index)), green: 0, blue: 0)
      try folder.writePicture("set/\(index).png", color: color)
      try folder.write("0 0.5 0.5 0.2 0.2\n", to: "set/\(index).txt")
    }
    try folder.write((0..<10).map { "\($0).png\n" }.joined(), to: "set/train.txt")
    try folder.write("10.png\n11.png\n", to: "set/test.txt")
    try folder.write("x\n", to: "set/x.names")
    var splitter = try DatasetSplitter(
      DataFile(
        parsing: "classes=1\nnames=x.names\ntrain=train.txt\nvalid=train.txt\ntest=test.txt\n",
        path: folder.path + "/set/x.data"))
    splitter.keepCopiesTogether(workers: 1)
    let lists = try splitter.ratiosKeepingTest(train: 2.0 / 3, valid: 1.0 / 3, seed: 3)
    #expect(lists.test == [10, 11].map { "\(folder.path)/set/\($0).png" })
    #expect((lists.train.count, lists.valid.count) == (6, 3))
    #expect(!(lists.train + lists.valid).contains("\(folder.path)/set/0.png"))
  }
}
