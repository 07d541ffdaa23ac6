import Testing
import _TestSupport

@testable import Datasets

@Suite struct EncodingTests {
  private func importer(_ folder: TemporaryFolder) -> DatasetImporter {
    DatasetImporter(.voc, source: folder.path + "/voc", output: folder.path + "/out")
  }

  private func annotation(_ declaration: String, _ name: [UInt8]) -> [UInt8] {
    Array("\(declaration)<annotation><object><name>".utf8) + name
      + Array(
        "</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>"
          .utf8)
  }

  /// A set of a picture for each annotation.
  private func voc(_ annotations: [[UInt8]]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (number, bytes) in annotations.enumerated() {
      try folder.writePicture("voc/JPEGImages/\(number).png")
      try folder.write(bytes, to: "voc/Annotations/\(number).xml")
    }
    return folder
  }

  // GB 2312: 猫 is C3 A8, 狗 is B9 B7. Both are broken UTF-8, and one class of question marks if read
  // so.
  @Test func `names in declared GBK are decoded and stay two classes`() throws {
    let head = "<?xml version=\"1.0\" encoding=\"GBK\"?>\n"
    let folder = try voc([annotation(head, [0xC3, 0xA8]), annotation(head, [0xB9, 0xB7])])
    let report = try importer(folder).run()
    #expect(report.classes.map(\.name) == ["狗", "猫"] && report.skipped.isEmpty)
    #expect(try folder.text("out/out.names") == "狗\n猫\n")
  }

  // ISO 8859-1: é is E9. 镕 (E9 46 in GBK) is not in GB 2312, whose name files of GBK bear.
  @Test(
    arguments: [
      ("<?xml version='1.0' encoding='ISO-8859-1'?>", [0x63, 0x61, 0x66, 0xE9], "café"),
      ("<?xml version=\"1.0\" encoding=\"gb2312\"?>", [0xE9, 0x46], "镕"),
      ("<?xml version=\"1.0\" encoding=\"utf-16\"?>", [0x63, 0x61, 0x74], "cat"),
      ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", [0xE7, 0x8C, 0xAB], "猫"),
    ] as [(String, [UInt8], String)])
  func `the declared encoding counts`(head: String, name: [UInt8], expected: String) throws {
    let folder = try voc([annotation(head, name)])
    #expect(try importer(folder).run().classes.map(\.name) == [expected])
  }

  @Test func `an encoding that is not declared is guessed, and that is said`() throws {
    let folder = try voc([annotation("", [0xC3, 0xA8, 0xB9, 0xB7])])
    let report = try importer(folder).run()
    #expect(report.classes.map(\.name) == ["猫狗"])
    #expect(
      report.warnings.first?.reason == "is not UTF-8, whatever it says; read as GBK")
  }

  @Test func `what cannot be decoded is named`() throws {
    let unknown = annotation("<?xml version=\"1.0\" encoding=\"x-none\"?>", [0xC3, 0xA8])
    let wide = Array("<annotation/>".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let folder = try voc([annotation("", [0x61]), unknown, [0xFF, 0xFE] + wide])
    let report = try importer(folder).run()
    #expect(
      report.skipped.map(\.reason) == [
        "declares the encoding 'x-none', which it is not in or the system does not know; save it "
          + "as UTF-8", "is text in UTF-16; save it as UTF-8",
      ])
  }
}
