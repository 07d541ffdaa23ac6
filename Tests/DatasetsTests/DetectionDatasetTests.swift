import Darknet
import Foundation
import Testing
import _TestSupport

@testable import Datasets

@Suite struct DetectionDatasetTests {
  @Test func `a list is read with its labels`() throws {
    let folder = try TemporaryFolder()
    let first = try folder.writePicture("images/a.png")
    try folder.writePicture("images/b.png")
    try folder.write("1 0.5 0.5 0.5 0.5\n1 0.5 0.5 0.5 0.5\n9 0 0 0 0\n", to: "labels/a.txt")
    let list = try folder.write("images/a.png\r\n\n  ./images/b.png\n", to: "train.txt")
    let set = try DetectionDataset(list: list, names: ["x", "y"])
    #expect(set.pictures.map(\.path) == [first, folder.path + "/images/b.png"])
    #expect(set.labelCount == 1)
    #expect(set.backgroundCount == 1)
    #expect(set.classCounts == [0, 1])
    #expect(set.repeatedLabels.map(\.line) == [2])
    #expect(set.badLabelLines == 1)
    #expect(set.problems.map(\.line) == [3])
    #expect(set.problems.map(\.path) == [folder.path + "/labels/a.txt"])
  }

  @Test func `a data file leads to its lists`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("images/a.png")
    try folder.write("1 0.5 0.5 0.5 0.5\n", to: "labels/a.txt")
    try folder.write("images/a.png\n", to: "val.txt")
    try folder.write("cat\ndog\n", to: "a.names")
    let path = try folder.write("classes=2\nvalid=val.txt\nnames=a.names\n", to: "a.data")
    let data = try DataFile(contentsOf: path)
    let set = try DetectionDataset(data, split: .valid)
    #expect(set.names == ["cat", "dog"])
    #expect(set.labelCount == 1)
    #expect(throws: DataError.missingKey("test", path: path)) {
      try DetectionDataset(data, split: .test)
    }
  }

  @Test func `entries without a usable picture are skipped and listed`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("images/a.png")
    try folder.write("0 0.5 0.5 0.5 0.5", to: "labels/a.txt")
    let list = try folder.write(
      "images/a.png\nimages/gone.jpg\nimages/a.txt\nimages/a.png\nimages/.jpg\n", to: "train.txt")
    let set = try DetectionDataset(list: list, names: ["x"])
    #expect(set.pictures.count == 1)
    #expect(set.listProblems.count == 4)
    #expect(
      set.problems.map(\.description) == [
        "\(folder.path)/images/gone.jpg: there is no such picture, listed in \(list)",
        "\(folder.path)/images/a.txt: does not end like a picture (.jpg .jpeg .jpe .jfif .png .bmp "
          + ".dib .webp .tif .tiff .ppm .pgm .pbm .pnm .jp2 .j2k .j2c .avif .ras .sr), listed in \(list)",
        "\(folder.path)/images/a.png: is listed more than once in \(list)",
        "\(folder.path)/images/.jpg: does not end like a picture (.jpg .jpeg .jpe .jfif .png .bmp "
          + ".dib .webp .tif .tiff .ppm .pgm .pbm .pnm .jp2 .j2k .j2c .avif .ras .sr), listed in \(list)",
      ])
  }

  @Test func `a set without pictures or labels is an error`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("images/a.png")
    let empty = try folder.write("\n", to: "empty.txt")
    let list = try folder.write("images/a.png\n", to: "train.txt")
    let lost = try folder.write("images/b.png\n", to: "lost.txt")
    #expect(throws: DataError.emptyList(path: empty)) {
      try DetectionDataset(list: empty, names: ["x"])
    }
    try folder.write("x\n", to: "x.names")
    let data = try DataFile(
      contentsOf: folder.write("classes=1\nvalid=empty.txt\nnames=x.names\n", to: "x.data"))
    let named = #expect(throws: DataError.self) { try DetectionDataset(data, split: .valid) }
    #expect(
      named?.description
        == "\(empty): is empty; write pictures into it, one a line, or leave the line 'valid' out of "
        + data.path)
    let first = DatasetProblem(
      path: "\(folder.path)/images/b.png", reason: "there is no such picture, listed in \(lost)")
    #expect(throws: DatasetError.noPictures(path: lost, first: first)) {
      try DetectionDataset(list: lost, names: ["x"])
    }
    // As a set that links to pictures, which have moved.
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/images/b.png", withDestinationPath: "/gone/b.png")
    let broken = #expect(throws: DatasetError.self) {
      try DetectionDataset(list: lost, names: ["x"])
    }
    #expect(
      broken?.description
        == "\(lost): not one usable picture; the first: \(folder.path)/images/b.png: is a link to "
        + "/gone/b.png, which is not there, listed in \(lost); put the pictures back there, or import "
        + "the set anew from where they are")
    #expect(throws: DatasetError.noLabels(path: list, pictures: 1)) {
      try DetectionDataset(list: list, names: ["x"])
    }
    #expect(try DetectionDataset(list: list, names: ["x"], allowsNoLabels: true).labelCount == 0)
  }

  @Test func `one class takes all labels`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("images/a.png")
    try folder.write("0 .5 .5 .5 .5\n1 .5 .5 .5 .5\n2 .4 .4 .1 .1\n", to: "labels/a.txt")
    let list = try folder.write("images/a.png\n", to: "train.txt")
    let set = try DetectionDataset(list: list, names: ["x", "y", "z"], isSingleClass: true)
    #expect(set.names == ["x"])
    #expect(set.mergedNames == ["x", "y", "z"] && set.learnedNames == ["object"])
    #expect(set.classCounts == [2])
    try folder.write("0 .5 .5 .5 .5\n", to: "labels/a.txt")
    let one = try DetectionDataset(list: list, names: ["x"], isSingleClass: true)
    #expect(one.mergedNames.isEmpty && one.learnedNames == ["x"])
  }

  @Test func `the fingerprint sees labels and order but not the folder`() throws {
    let label = Label(classIndex: 0, centerX: 0.5, centerY: 0.5, width: 0.5, height: 0.5)
    let a = DetectionDataset.Picture(path: "/one/a.png", labels: [label])
    let b = DetectionDataset.Picture(path: "/one/b.png", labels: [])
    let set = DetectionDataset(pictures: [a, b], names: ["x"])
    var moved = set
    moved.pictures[0].path = "/two/a.png"
    #expect(moved.fingerprint == set.fingerprint)
    #expect(set.fingerprint.count == 64)
    var changed = set
    changed.pictures[0].labels[0].width = (0.5 as Float).nextUp
    #expect(changed.fingerprint != set.fingerprint)
    #expect(
      DetectionDataset(pictures: [b, a], names: ["x"]).fingerprint != set.fingerprint)
    #expect(DetectionDataset(pictures: [a, b], names: ["y"]).fingerprint != set.fingerprint)
  }

  // FIPS 180-4's own examples.
  @Test func `hashes are the published ones`() {
    #expect(
      SHA256.hexadecimal(of: "abc".utf8)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hexadecimal(of: "".utf8)
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.hexadecimal(of: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    // A million letters, by blocks and one by one.
    let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(SHA256.hexadecimal(of: letters) == million)
    #expect(SHA256.hexadecimal(of: repeatElement(UInt8(ascii: "a"), count: 1_000_000)) == million)
    var parts = SHA256()
    for part in [3, 61, 64, 200, 999_672] { parts.update(letters.prefix(part)) }
    #expect(parts.hexadecimal() == million)
    // From the FNV reference's test vectors.
    #expect(fnv1a64("".utf8) == 0xCBF2_9CE4_8422_2325)
    #expect(fnv1a64("a".utf8) == 0xAF63_DC4C_8601_EC8C)
    #expect(fnv1a64("foobar".utf8) == 0x8594_4171_F739_67E8)
  }
}

@Suite struct LabelPlacesTests {
  @Test func `labels beside the pictures are used where 'labels' has none`() throws {
    let folder = try TemporaryFolder()
    for name in ["a.png", "a.jpg", "b.png", "c.png"] { try folder.writePicture("images/\(name)") }
    try folder.write("0 0.5 0.5 0.1 0.1\n", to: "labels/a.txt")
    try folder.write("0 0.5 0.5 0.2 0.1\n", to: "images/a.txt")
    try folder.write("0 0.5 0.5 0.3 0.1\n", to: "images/b.txt")
    try folder.write("\"images/a.png\"\nimages/a.jpg\nimages/b.png\nimages/c.png\n", to: "l.txt")
    let set = try DetectionDataset(list: folder.path + "/l.txt", names: ["x"])
    #expect(set.pictures.map { $0.labels.map(\.width) } == [[0.1], [0.1], [0.3], []])
    #expect(set.labelPlaces == [.labelsFolder: 2, .besidePicture: 1])
    #expect(set.labelConflicts.count == 2)
    #expect(
      set.labelConflicts[0].reason == "differs from \(folder.path)/images/a.txt, which is not read")
    #expect(set.sharedLabels.map(\.reason) == ["is the label file of a.png and a.jpg"])
  }

  // A header of a size whose product is no number of 64 bits, in the place of a kept picture.
}
