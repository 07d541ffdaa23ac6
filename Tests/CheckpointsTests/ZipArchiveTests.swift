import Checkpoints
import Testing

@Suite struct ZipArchiveTests {
  private let hello = ZipWriter.Entry(name: "a/hello", contents: Array("hello".utf8))

  @Test(arguments: [false, true], [false, true])
  func `contents come back, by 32 and by 64 bits`(entryIsWide: Bool, archiveIsWide: Bool) throws {
    var entry = hello
    entry.isWide = entryIsWide
    var writer = ZipWriter(entries: [entry, ZipWriter.Entry(name: "b", contents: [])])
    writer.isWide = archiveIsWide
    writer.comment = Array("PK\u{5}\u{6} is no end, since a comment may say anything".utf8)
    try withFile(writer.bytes) { path in
      let archive = try ZipArchive(contentsOf: path)
      #expect(archive.entries.map(\.name) == ["a/hello", "b"])
      let found = try #require(archive.entry("a/hello"))
      #expect(try archive.bytes(of: found) == Array("hello".utf8))
      let empty = try #require(archive.entry("b"))
      #expect(try archive.bytes(of: empty) == [])
      #expect(archive.entry("c") == nil)
    }
  }

  @Test func `what contradicts itself is refused in one line`() throws {
    func entry(_ change: (inout ZipWriter.Entry) -> Void) -> ZipWriter {
      var entry = hello
      change(&entry)
      return ZipWriter(entries: [entry])
    }
    func archive(_ change: (inout ZipWriter) -> Void) -> ZipWriter {
      var writer = ZipWriter(entries: [hello])
      change(&writer)
      return writer
    }
    let cases: [(ZipWriter, String)] = [
      (entry { $0.checksum = 1 }, "is damaged: the checksum of 'a/hello' is wrong"),
      (
        entry { $0.method = 8 },
        "is not a PyTorch checkpoint: 'a/hello' is compressed or encrypted, which torch.save never "
          + "does"
      ),
      (
        entry { $0.flags = 1 },
        "is not a PyTorch checkpoint: 'a/hello' is compressed or encrypted, which torch.save never "
          + "does"
      ),
      (entry { $0.claimedSize = 120 }, "is damaged: 'a/hello' reaches beyond the end of the file"),
      (entry { $0.claimedSize = 1 << 31 }, "is damaged: entry 0 of its zip directory is broken"),
      (
        entry {
          $0.isWide = true
          $0.claimedSize = -1
        }, "is damaged: entry 0 of its zip directory is broken"
      ),
      (
        entry { $0.claimedPosition = 3 },
        "is damaged: 'a/hello' has no header where the directory says"
      ),
      (
        entry { $0.claimedPosition = 1 << 20 }, "is damaged: entry 0 of its zip directory is broken"
      ),
      (archive { $0.entries.append(hello) }, "is damaged: two entries are named 'a/hello'"),
      (archive { $0.claimedCount = 2 }, "is damaged: its zip directory does not lie in the file"),
      (
        archive { $0.claimedDirectorySize = 1 << 30 },
        "is damaged: its zip directory does not lie in the file"
      ),
      (
        archive {
          $0.isWide = true
          $0.claimedCount = .max
        }, "is damaged: its zip directory does not lie in the file"
      ),
    ]
    for (writer, expected) in cases {
      try withFile(writer.bytes) { path in
        let error = #expect(throws: CheckpointError.self) {
          let archive = try ZipArchive(contentsOf: path)
          for entry in archive.entries { _ = try archive.bytes(of: entry) }
        }
        #expect(error.map { "\($0)" } == "\(path): \(expected)")
      }
    }
  }

  // As torch.serialization.set_crc32_options(False) has them.
  @Test func `contents without a checksum are read`() throws {
    var entry = hello
    entry.checksum = 0
    try withFile(ZipWriter(entries: [entry]).bytes) { path in
      let archive = try ZipArchive(contentsOf: path)
      #expect(try archive.bytes(of: archive.entries[0]) == Array("hello".utf8))
    }
  }

  // Forty entries over the same bytes would be read forty times.
  @Test func `entries that overlap are refused`() throws {
    var writer = ZipWriter(entries: [
      ZipWriter.Entry(name: "0", contents: [UInt8](repeating: 1, count: 10_000))
    ])
    for index in 1..<40 {
      writer.entries.append(
        ZipWriter.Entry(
          name: "\(index)", contents: [], claimedSize: 10_000, claimedPosition: 0))
    }
    try withFile(writer.bytes) { path in
      let error = #expect(throws: CheckpointError.self) { try ZipArchive(contentsOf: path) }
      #expect(
        error.map { "\($0)" } == "\(path): is damaged: entry 1 of its zip directory is broken")
    }
  }
}
