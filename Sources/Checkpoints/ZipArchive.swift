import Darknet
import Storage
import Synchronization

/// A zip archive of stored entries, opened for reading: what `torch.save` writes.
///
/// The central directory is read and checked at once, zip64 included; an entry's bytes are read
/// from the file when they are asked for, and their checksum is compared then. Nothing is allocated
/// that the file does not hold.
public final class ZipArchive: Sendable {
  /// One file of the archive.
  public struct Entry: Hashable, Sendable {
    /// Path within the archive.
    public var name: String
    /// Bytes of the contents.
    public var byteCount: Int
    /// Checksum of the contents, 0 where none was computed.
    public var checksum: UInt32
    /// Bytes that they take in the archive.
    var storedByteCount: Int
    /// 0 where the contents are stored as they are.
    var method: Int
    /// Whether the contents are encrypted.
    var isEncrypted: Bool
    /// Where the entry's local header begins.
    var headerPosition: Int
  }

  /// Where the archive is.
  public let path: String
  /// The entries, in the directory's order.
  public let entries: [Entry]
  /// Bytes of the whole archive.
  public var byteCount: Int { file.byteCount }

  private let file: ReadOnlyFile
  private let byName: [String: Entry]
  /// Names of the entries whose checksum was found right.
  private let verified = Mutex<Set<String>>([])

  /// Opens an archive and reads its directory.
  ///
  /// - Throws: ``CheckpointError`` when the file cannot be read, is no archive, or its directory
  ///   does not lie in the file.
  public init(contentsOf path: String) throws(CheckpointError) {
    self.path = path
    do { file = try ReadOnlyFile(opening: path) } catch { throw .file(error) }
    var directory = try ZipDirectory(of: file)
    entries = try directory.entries()
    var byName: [String: Entry] = [:]
    for entry in entries {
      guard byName.updateValue(entry, forKey: entry.name) == nil else {
        throw .damaged(path: path, reason: "two entries are named '\(entry.name.excerpt)'")
      }
    }
    self.byName = byName
  }

  /// The entry of that name, if there is one.
  public func entry(_ name: String) -> Entry? { byName[name] }

  /// All bytes of an entry.
  public func bytes(of entry: Entry) throws(CheckpointError) -> [UInt8] {
    try numbers(of: entry, from: 0, count: entry.byteCount)
  }

  /// `count` numbers of an entry, from its byte `offset` on, which lie inside it.
  ///
  /// - Throws: ``CheckpointError/damaged(path:reason:)`` when the entry does not lie in the file or
  ///   its checksum differs; the whole entry is read for that, once.
  func numbers<Number: BitwiseCopyable>(
    of entry: Entry, from offset: Int, count: Int
  ) throws(CheckpointError) -> [Number] {
    let start = try contents(of: entry)
    let numbers: [Number]
    do {
      numbers = try file.numbers(count, at: start + offset)
    } catch {
      throw .file(error)
    }
    // PyTorch writes 0 where it was told to compute none (set_crc32_options).
    guard entry.checksum != 0, !verified.withLock({ $0.contains(entry.name) }) else {
      return numbers
    }
    var sum = CRC32()
    if count * MemoryLayout<Number>.size == entry.byteCount {
      numbers.withUnsafeBytes { sum.update($0) }
    } else {
      try update(&sum, from: start, count: entry.byteCount)
    }
    guard sum.value == entry.checksum else {
      throw .damaged(path: path, reason: "the checksum of '\(entry.name.excerpt)' is wrong")
    }
    verified.withLock { _ = $0.insert(entry.name) }
    return numbers
  }

  /// Adds a part of the file to a checksum, a mebibyte at a time.
  private func update(
    _ sum: inout CRC32, from start: Int, count: Int
  ) throws(CheckpointError) {
    var done = 0
    while done < count {
      do {
        let piece: [UInt8] = try file.numbers(min(count - done, 1 << 20), at: start + done)
        piece.withUnsafeBytes { sum.update($0) }
        done += piece.count
      } catch {
        throw .file(error)
      }
    }
  }

  /// Where an entry's contents begin: after its local header, whose length the directory does not
  /// say.
  private func contents(of entry: Entry) throws(CheckpointError) -> Int {
    let name = entry.name.excerpt
    guard entry.method == 0, !entry.isEncrypted else {
      throw .notCheckpoint(
        path: path, reason: "'\(name)' is compressed or encrypted, which torch.save never does")
    }
    guard entry.storedByteCount == entry.byteCount else {
      throw .damaged(path: path, reason: "'\(name)' is stored, but in another size than its own")
    }
    let left = file.byteCount - entry.headerPosition
    guard left >= ZipDirectory.localHeaderByteCount else {
      throw .damaged(path: path, reason: "'\(name)' lies beyond the end of the file")
    }
    var header: ByteReader
    do {
      header = ByteReader(
        try file.numbers(ZipDirectory.localHeaderByteCount, at: entry.headerPosition))
    } catch {
      throw .file(error)
    }
    guard header.integer(4) == ZipDirectory.localHeaderSignature else {
      throw .damaged(path: path, reason: "'\(name)' has no header where the directory says")
    }
    header.skip(22)
    let behind = (header.integer(2) ?? 0) + (header.integer(2) ?? 0)
    let start = ZipDirectory.localHeaderByteCount + behind
    guard start <= left, entry.byteCount <= left - start else {
      throw .damaged(path: path, reason: "'\(name)' reaches beyond the end of the file")
    }
    return entry.headerPosition + start
  }
}
