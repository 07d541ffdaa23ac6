import Glibc
import Testing

@testable import Storage

/// What is opened, what is refused, and how much is read.
@Suite struct RegularFileTests {
  private func refusal(_ path: String) -> UnreadableFile? {
    do {
      _ = try RegularFile(opening: path)
      return nil
    } catch { return error }
  }

  @Test func `what is no file is refused by its kind, and nobody is waited for`() throws {
    #expect(refusal("/tmp") == .folder)
    #expect(refusal("/dev/zero") == .device)
    #expect(refusal("/nowhere/at/all") == .system(SystemError(ENOENT)))
    let pipe = "/tmp/pare-pipe-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    #expect(refusal(pipe) == .pipe)
    #expect("\(UnreadableFile.pipe)" == "it is a pipe, not a file")
  }

  // The system makes these as they are read, and says that they have no bytes.
  @Test func `files without a size are read to their end`() throws {
    let file = try RegularFile(opening: "/proc/self/status")
    #expect(file.byteCount == 0)
    let text = String(decoding: try file.bytes(), as: UTF8.self)
    #expect(text.hasPrefix("Name:") && text.contains("VmRSS:"))
    #expect(try file.bytes(limit: 5) == Array("Name:".utf8))
    #expect(try file.bytes(limit: 0).isEmpty)
  }

  @Test func `a file is read at any place, and one that ends too soon is told of`() throws {
    let path = "/tmp/pare-file-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try AtomicFile.write(Array("0123456789".utf8), to: path)
    defer { unlink(path) }
    let file = try RegularFile(opening: path)
    #expect(file.byteCount == 10)
    #expect(try file.bytes() == Array("0123456789".utf8))
    var bytes = [UInt8](repeating: 0, count: 3)
    try bytes.withUnsafeMutableBytes { try file.fill($0, at: 7) }
    #expect(bytes == Array("789".utf8))
    #expect(throws: UnreadableFile.shortened) {
      try bytes.withUnsafeMutableBytes { try file.fill($0, at: 8) }
    }
  }
}
