import Foundation
import Testing
import _TestSupport

@testable import Darknet

@Suite struct FileOpeningTests {
  private func refusal(_ path: String) -> String {
    let error = #expect(throws: FileError.self) { try readFile(path) }
    return error.map { "\($0)" } ?? ""
  }

  @Test func `a pipe that nobody writes to is refused, not waited for`() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let start = ContinuousClock.now
    #expect(
      refusal(folder.file("pipe"))
        == "\(folder.file("pipe")): cannot be read: it is a pipe that nobody writes to")
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func `what comes through a pipe is read to its end`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let writer = Process()
    writer.executableURL = URL(filePath: "/bin/sh")
    // A blank between: the reader waits for a writer that is there.
    writer.arguments = [
      "-c", "exec > '\(path)'; sleep 0.2; printf 'classes=2\\n'; sleep 0.2; printf 'x'",
    ]
    try writer.run()
    // The writer waits for a reader when it opens the pipe.
    Thread.sleep(forTimeInterval: 0.3)
    #expect(try readFile(path) == Array("classes=2\nx".utf8))
    writer.waitUntilExit()
  }

  @Test func `devices are refused, the empty one is an empty file`() throws {
    #expect(refusal("/dev/zero") == "/dev/zero: cannot be read: it is a device, not a file")
    #expect(try readFile("/dev/null") == [])
  }

  @Test func `a name that is too long is said to be`() {
    let path = "/tmp/" + String(repeating: "x", count: 300)
    #expect(refusal(path).hasSuffix(": cannot be read: File name too long"))
    let error = #expect(throws: FileError.self) { try writeAtomically("x", to: path) }
    #expect(error?.description.hasSuffix(": cannot be written: File name too long") == true)
  }
}

@Suite struct ForeignContentTests {
  // ISO 14496-12: a box "ftyp" of 24 bytes with its brands.
  private static let heic: [UInt8] = [0, 0, 0, 24] + Array("ftypheic\0\0\0\0mif1heic".utf8)

  private static let cases: [([UInt8], String?)] = [
    (
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".utf8),
      "a Git LFS pointer, not the file itself; 'git lfs pull' fetches that"
    ),
    (
      Array("\r\n<!DOCTYPE html>\n<html>".utf8),
      "a web page (HTML), not the file itself; download that anew"
    ),
    (Array("<HTML lang='en'>".utf8), "a web page (HTML), not the file itself; download that anew"),
    ([0xFF, 0xFE, 0x63, 0], "text in UTF-16; save it as UTF-8"),
    ([0xFE, 0xFF, 0, 0x63], "text in UTF-16; save it as UTF-8"),
    ([0xFF, 0xFE, 0, 0, 0x63, 0, 0, 0], "text in UTF-32; save it as UTF-8"),
    (
      Array("images/a.jpg".utf8).flatMap { [$0, 0] }, "text in UTF-16; save it as UTF-8"
    ),
    (Array("images/a.jpg".utf8).flatMap { [0, $0] }, "text in UTF-16; save it as UTF-8"),
    ([0x1F, 0x8B, 8, 0], "a gzip file; unpack it first"),
    (heic, "a HEIC picture, which is not read; save it as JPEG or PNG"),
    (Array("[net]\nwidth=416\n".utf8), nil), ([], nil), ([0xFF, 0xD8, 0xFF], nil),
    // A .weights of version 0.2.5, and one of zeros.
    ([0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0x7D, 0, 0, 0, 0, 0, 0], nil),
    ([UInt8](repeating: 0, count: 64), nil),
  ]

  @Test(arguments: cases) func `a file is named for what it is`(bytes: [UInt8], name: String?) {
    #expect(ForeignContent(bytes)?.description == name)
  }

  @Test func `every reader says it`() throws {
    let folder = try TemporaryFolder()
    try folder.write("version https://git-lfs.github.com/spec/v1\n", to: "p.txt")
    try folder.write(Array("train=t\n".utf8).flatMap { [$0, 0] }, to: "u.txt")
    let (pointer, wide) = (folder.file("p.txt"), folder.file("u.txt"))
    let expected = FileError.foreign(path: pointer, .lfsPointer)
    #expect(throws: ConfigurationError.file(expected)) { try Configuration(contentsOf: pointer) }
    #expect(throws: DataError.file(expected)) { try DataFile.pictures(inList: pointer) }
    #expect(throws: DataError.file(expected)) { try NamesFile(contentsOf: pointer) }
    let spec = try spec("[convolutional]\nfilters=1\nsize=1\nactivation=linear")
    #expect(throws: WeightsError.file(expected)) { try WeightsFile.read(pointer, for: spec) }
    #expect(throws: DataError.file(.foreign(path: wide, .wideText(encoding: "UTF-16")))) {
      try DataFile(contentsOf: wide)
    }
  }
}
