import Foundation
import Testing
import _TestSupport

@testable import Darknet

@Suite struct FileWritingTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `a file appears whole and alone`() throws {
    try writeAtomically("one\n", to: folder.file("a.txt"))
    try writeAtomically("two\n", to: folder.file("a.txt"))
    #expect(try folder.bytes(of: "a.txt") == Array("two\n".utf8))
    #expect(folder.files == ["a.txt"])
  }

  @Test func `pieces follow each other`() throws {
    try writeAtomically(to: folder.file("a.bin")) { writer throws(FileError) in
      try writer.write([1, 2] as [UInt8])
      try writer.write([] as [UInt8])
      try writer.write([0x0403] as [UInt16])
    }
    #expect(try folder.bytes(of: "a.bin") == [1, 2, 3, 4])
  }

  @Test func `a failure half way leaves the old file and nothing else`() throws {
    try folder.write("old", to: "a.txt")
    let failure = FileError.cannotWrite(path: "x", reason: "stopped")
    #expect(throws: failure) {
      try writeAtomically(to: folder.file("a.txt")) { writer throws(FileError) in
        try writer.write([UInt8](repeating: 1, count: 100_000))
        throw failure
      }
    }
    #expect(try folder.bytes(of: "a.txt") == Array("old".utf8))
    #expect(folder.files == ["a.txt"])
  }

  @Test func `places that cannot be written are named with the reason`() throws {
    #expect(
      throws: FileError.cannotWrite(
        path: folder.file("no/a.txt"), reason: "No such file or directory")
    ) { try writeAtomically("x", to: folder.file("no/a.txt")) }
    #expect(throws: FileError.cannotWrite(path: folder.path, reason: "Is a directory")) {
      try writeAtomically("x", to: folder.path)
    }
    try folder.write("", to: "file")
    #expect(
      throws: FileError.cannotWrite(path: folder.file("file/a.txt"), reason: "Not a directory")
    ) { try writeAtomically("x", to: folder.file("file/a.txt")) }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `a full disk is an error, and a device is not replaced by a file`() throws {
    #expect(
      throws: FileError.cannotWrite(path: "/dev/full", reason: "No space left on device")
    ) { try writeAtomically("x", to: "/dev/full") }
    try writeAtomically("x", to: "/dev/null")
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type]
    #expect(type as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test func `a link stays a link, and permissions stay`() throws {
    try folder.write("old", to: "target")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o640], ofItemAtPath: folder.file("target"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: "target")
    try writeAtomically("new", to: folder.file("link"))
    #expect(try folder.bytes(of: "target") == Array("new".utf8))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == "target")
    let mode = try FileManager.default.attributesOfItem(atPath: folder.file("target"))[
      .posixPermissions]
    #expect(mode as? Int == 0o640)
  }

  @Test func `a file without a size is read to its end`() throws {
    let bytes = try readFile("/proc/self/status")
    #expect(bytes.count > 100)
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("Name:"))
  }

  @Test(arguments: [
    ("a", "."), ("/a", "/"), ("/a/b", "/a"), ("a/b/c", "a/b"),
  ])
  func `folders of paths`(path: String, folder: String) {
    #expect(folderPath(of: path) == folder)
    #expect(fileName(of: path).count == 1)
  }

  @Test(arguments: [
    ("b/./c", "/a", "/a/b/c"), ("/b//c", "/a", "/b/c"), ("../c", "/a", "/a/../c"),
    (".", "/a", "/a"), ("/", "/a", "/"), ("é/\u{301}b", "/a", "/a/é/\u{301}b"),
  ])
  func `absolute paths`(path: String, folder: String, expected: String) {
    #expect(absolutePath(path, in: folder) == expected)
    #expect(absolutePath(path, in: "x").hasPrefix("/"))
  }
}
