import Testing
import _TestSupport

@testable import Datasets

/// A set in another form than the one that was asked for.
@Suite struct FormRecognitionTests {
  private func failure(
    _ format: DatasetFormat, _ source: String, _ folder: TemporaryFolder
  ) -> String? {
    do {
      _ = try DatasetImporter(
        format, source: source, output: folder.path + "/out-\(format.rawValue)"
      ).run()
      return nil
    } catch { return "\(error)" }
  }

  @Test(arguments: DatasetFormat.allCases)
  func `a set is recognized, and every other importer names its form`(format: DatasetFormat) throws
  {
    let folder = try TemporaryFolder()
    _ = try SampleSets.write(format, to: folder)
    let source = folder.path + "/set"
    #expect(DatasetFormat(recognizing: source) == format)
    for asked in DatasetFormat.allCases where asked != format {
      let text = failure(asked, source, folder)
      // DIOR's files are VOC's, so that importer takes them; the other way round as well.
      if [format, asked].allSatisfy({ [.voc, .dior].contains($0) }) && text == nil { continue }
      let command =
        "; it looks like \(format.rawValue): pare dataset import \(format.rawValue) \(source) "
        + "--output \(folder.path)/out-\(asked.rawValue)"
      #expect(text?.hasSuffix(command) == true, "\(asked): \(text ?? "was imported")")
    }
  }

  @Test func `the folder above or below is named where the set begins there`() throws {
    let folder = try TemporaryFolder()
    _ = try SampleSets.write(.coco, to: folder)
    _ = try SampleSets.write(.yolo, to: folder)
    let set = folder.path + "/set"
    #expect(
      failure(.voc, folder.path, folder)?.contains("; \(set) looks like coco: pare ") == true)
    #expect(
      failure(.yolo, set + "/labels", folder)?.contains("; \(set) looks like yolo: pare ") == true)
    #expect(
      failure(.voc, set + "/labels", folder)?.contains("; \(set) looks like coco: pare ") == true)
  }

  // Pictures with their XML beside them, two folders down, as this importer takes them.
  @Test func `an output that is in the way says nothing about the form`() throws {
    let folder = try TemporaryFolder()
    for name in ["set/images/train/a", "set/images/test/b"] {
      try folder.writePicture(name + ".png")
      try folder.write(
        "<annotation><object><name>x</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax>"
          + "<ymax>9</ymax></bndbox></object></annotation>", to: name + ".xml")
    }
    #expect(failure(.voc, folder.path + "/set", folder) == nil)
    #expect(
      failure(.voc, folder.path + "/set", folder)
        == "\(folder.path)/out-voc: exists and is not empty; name another --output, or add --overwrite"
    )
  }

  @Test func `a broken set of the right form keeps its own error`() throws {
    let folder = try TemporaryFolder()
    try folder.write("names: [red]\ntrain: nowhere\n", to: "set/data.yaml")
    let text = failure(.yolo, folder.path + "/set", folder)
    #expect(text?.contains("there is no such folder or list") == true)
    #expect(text?.contains("looks like") == false)
    let empty = failure(.voc, folder.path + "/absent", folder)
    #expect(empty == "\(folder.path)/absent: cannot be read: No such file or directory")
  }

  @Test func `what says nothing is no form, and costs little`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/a.png")
    #expect(DatasetFormat(recognizing: folder.path + "/set") == nil)
    #expect(
      failure(.yolo, folder.path + "/set", folder)
        == "\(folder.path)/set: no annotations; expected a data.yaml, such as two lines "
        + "'names: [cat, dog]' and 'train: images'")
  }

  // The first bytes of each, as the formats' documentation has them.
  @Test(
    arguments: [
      ("zip archive", [0x50, 0x4B, 3, 4, 20, 0]), ("gzip file", [0x1F, 0x8B, 8, 0]),
      ("xz file", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]), ("bzip2 file", [0x42, 0x5A, 0x68, 0x39]),
      ("7z archive", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
      ("rar archive", [0x52, 0x61, 0x72, 0x21, 0x1A, 7]),
      ("tar archive", [UInt8](repeating: 0x61, count: 257) + Array("ustar\0".utf8)),
    ] as [(String, [UInt8])])
  func `packed files are to be unpacked first`(kind: String, bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "set.bin")
    for format in DatasetFormat.allCases {
      #expect(
        failure(format, path, folder)
          == "\(path): is a \(kind); unpack it, and name the folder that comes out")
    }
  }
}
