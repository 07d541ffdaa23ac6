import Checkpoints
import Darknet
import Foundation
import Storage
import Testing
import _TestSupport

func network(_ text: String = networkWithEveryKindOfParameter()) throws -> NetworkSpec {
  try NetworkSpec(Configuration(parsing: text, path: "net.cfg"))
}

/// The path of a file that PyTorch wrote.
func fixture(_ name: String) throws -> String {
  let url = try #require(Bundle.module.url(forResource: "Resources/" + name, withExtension: nil))
  return url.path(percentEncoded: false)
}

func bytes(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(filePath: path)))
}

/// A file that exists while `body` runs.
func withFile<Result>(
  _ bytes: [UInt8], _ body: (String) throws -> Result
) throws -> Result {
  let path = NSTemporaryDirectory() + "pare-\(UUID().uuidString).pt"
  try Data(bytes).write(to: URL(filePath: path))
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// The message for a file that must be refused, without its folder.
func refusal(of bytes: [UInt8]) throws -> String {
  try withFile(bytes) { path in
    let error = #expect(throws: CheckpointError.self) {
      let file = try PyTorchFile(contentsOf: path)
      for name in file.names { _ = try file.floats(name) }
    }
    let message = error.map { "\($0)" } ?? ""
    expectOneLine(message)
    return message.replacingOccurrences(of: path, with: "x.pt")
  }
}

func expectOneLine(_ message: String) {
  #expect(!message.isEmpty && message.utf8.count < 600)
  #expect(!message.utf8.contains { $0 < 0x20 || $0 == 0x7F })
}

/// A zip archive, written independently of what reads it; each part can be made wrong.
struct ZipWriter {
  struct Entry {
    var name: String
    var contents: [UInt8]
    var method = 0
    var flags = 0
    var checksum: UInt32?
    /// Sizes and place stand in a zip64 field.
    var isWide = false
    /// What the directory says of the size, if not the truth.
    var claimedSize: Int?
    /// What the directory says of the place, if not the truth.
    var claimedPosition: Int?
  }

  var entries: [Entry] = []
  var comment: [UInt8] = []
  /// Whether the directory's place stands in a zip64 record.
  var isWide = false
  var claimedCount: Int?
  var claimedDirectorySize: Int?

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let position = file.count
      let checksum = entry.checksum ?? CRC32.checksum(entry.contents)
      let size = entry.claimedSize ?? entry.contents.count
      let place = entry.claimedPosition ?? position
      file += little(0x0403_4B50, 4) + little(20, 2) + little(entry.flags, 2)
      file += little(entry.method, 2) + little(0, 4) + little(Int(checksum), 4)
      file += little(entry.contents.count, 4) + little(entry.contents.count, 4)
      file += little(entry.name.utf8.count, 2) + little(5, 2)
      // A field of padding, as PyTorch aligns its numbers.
      file += Array(entry.name.utf8) + little(0x4246, 2) + little(1, 2) + [0x5A] + entry.contents

      let extra =
        entry.isWide
        ? little(9, 2) + little(1, 2) + [0] + little(1, 2) + little(24, 2) + little(size, 8)
          + little(size, 8) + little(place, 8) : []
      directory += little(0x0201_4B50, 4) + little(20, 2) + little(20, 2)
      directory += little(entry.flags, 2) + little(entry.method, 2) + little(0, 4)
      directory += little(Int(checksum), 4)
      directory += little(entry.isWide ? 0xFFFF_FFFF : size, 4)
      directory += little(entry.isWide ? 0xFFFF_FFFF : size, 4)
      directory += little(entry.name.utf8.count, 2) + little(extra.count, 2)
      directory += little(0, 2) + little(0, 8) + little(entry.isWide ? 0xFFFF_FFFF : place, 4)
      directory += Array(entry.name.utf8) + extra
    }
    let start = file.count
    let count = claimedCount ?? entries.count
    let size = claimedDirectorySize ?? directory.count
    file += directory
    if isWide {
      let end = file.count
      file += little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2)
      file += little(0, 8) + little(count, 8) + little(count, 8) + little(size, 8)
      file += little(start, 8)
      file += little(0x0706_4B50, 4) + little(0, 4) + little(end, 8) + little(1, 4)
    }
    file += little(0x0605_4B50, 4) + little(0, 4)
    file += little(isWide ? 0xFFFF : count, 2) + little(isWide ? 0xFFFF : count, 2)
    file += little(isWide ? 0xFFFF_FFFF : size, 4) + little(isWide ? 0xFFFF_FFFF : start, 4)
    return file + little(comment.count, 2) + comment
  }

  /// A checkpoint of that pickle, whose storage `0` has `storage` bytes.
  static func checkpoint(_ pickle: [UInt8], storage: [UInt8] = [0, 0, 128, 63]) -> ZipWriter {
    ZipWriter(entries: [
      Entry(name: "x/data.pkl", contents: pickle), Entry(name: "x/data/0", contents: storage),
    ])
  }
}

func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Pieces of pickles, by Python's `pickletools`.
enum Pickle {
  static func text(_ text: String) -> [UInt8] {
    [UInt8(ascii: "X")] + little(text.utf8.count, 4) + Array(text.utf8)
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + little(value, 8) }

  static func tuple(_ values: [Int]) -> [UInt8] {
    Array("(".utf8) + values.flatMap(integer) + Array("t".utf8)
  }

  /// `_rebuild_tensor_v2` of storage `key`.
  static func tensor(
    type: String = "FloatStorage", key: String = "0", count: Int = 1, offset: Int = 0,
    sizes: [Int] = [1], strides: [Int] = [1]
  ) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2") + Array("((".utf8) + text("storage")
      + global("torch", type) + text(key) + text("cpu") + integer(count) + Array("tQ".utf8)
      + integer(offset) + tuple(sizes) + tuple(strides) + Array("NNtR".utf8)
  }

  /// `{name: value}`, with the protocol before and the end behind.
  static func dictionary(_ value: [UInt8], name: String = "a") -> [UInt8] {
    [0x80, 2] + Array("}".utf8) + text(name) + value + Array("s.".utf8)
  }
}
