import Darknet

/// The directory at the end of a zip archive (PKWARE's APPNOTE 6.3.9, sections 4.3.12 to 4.3.16).
struct ZipDirectory {
  static let localHeaderSignature = 0x0403_4B50
  static let localHeaderByteCount = 30
  private static let entrySignature = 0x0201_4B50
  private static let entryByteCount = 46
  private static let endSignature = 0x0605_4B50
  private static let endByteCount = 22
  private static let locatorSignature = 0x0706_4B50
  private static let locatorByteCount = 20
  private static let wideEndSignature = 0x0606_4B50
  private static let wideEndByteCount = 56
  /// The most entries that are read; a checkpoint has one for each block of numbers.
  static let entryLimit = 1 << 16

  private let path: String
  private let fileByteCount: Int
  private let count: Int
  private var reader: ByteReader

  /// Finds the directory of a file and reads it.
  init(of file: ReadOnlyFile) throws(CheckpointError) {
    path = file.path
    fileByteCount = file.byteCount
    do {
      let tailCount = min(file.byteCount, Self.endByteCount + 0xFFFF + Self.locatorByteCount)
      let tailStart = file.byteCount - tailCount
      let tail: [UInt8] = try file.numbers(tailCount, at: tailStart)
      guard let place = Self.end(in: tail) else {
        throw CheckpointError.damaged(
          path: file.path, reason: "it has no zip directory, so it is cut short")
      }
      var end = ByteReader(Array(tail[place...]))
      end.skip(10)
      var (count, size, start) = (end.integer(2), end.integer(4), end.integer(4))
      if place >= Self.locatorByteCount {
        var locator = ByteReader(Array(tail[(place - Self.locatorByteCount)..<place]))
        if locator.integer(4) == Self.locatorSignature {
          locator.skip(4)
          let position = locator.integer(8) ?? .max
          guard position <= file.byteCount - Self.wideEndByteCount else {
            throw CheckpointError.damaged(
              path: file.path, reason: "its zip64 directory lies beyond the end of the file")
          }
          var wide = ByteReader(try file.numbers(Self.wideEndByteCount, at: position))
          guard wide.integer(4) == Self.wideEndSignature else {
            throw CheckpointError.damaged(
              path: file.path, reason: "it has no zip64 directory where it says")
          }
          wide.skip(28)
          (count, size, start) = (wide.integer(8), wide.integer(8), wide.integer(8))
        }
      }
      guard let count, let size, let start, start <= file.byteCount,
        size <= file.byteCount - start, count <= size / Self.entryByteCount
      else {
        throw CheckpointError.damaged(
          path: file.path, reason: "its zip directory does not lie in the file")
      }
      guard count <= Self.entryLimit else {
        throw CheckpointError.notCheckpoint(
          path: file.path, reason: "it has \(count) entries, at most \(Self.entryLimit) are read")
      }
      self.count = count
      reader = ByteReader(try file.numbers(size, at: start))
    } catch let error as CheckpointError {
      throw error
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .damaged(path: file.path, reason: "\(error)")
    }
  }

  /// The place of the last end record whose comment reaches exactly to the end of the file.
  private static func end(in tail: [UInt8]) -> Int? {
    guard tail.count >= endByteCount else { return nil }
    return (0...(tail.count - endByteCount)).last { place in
      guard tail[place] == 0x50 else { return false }
      var record = ByteReader(Array(tail[place..<(place + endByteCount)]))
      guard record.integer(4) == endSignature else { return false }
      record.skip(16)
      return place + endByteCount + (record.integer(2) ?? 0) == tail.count
    }
  }

  /// Reads the entries.
  ///
  /// - Throws: ``CheckpointError/damaged(path:reason:)`` when one is broken, or together they have
  ///   more bytes than the file, so that some overlap.
  mutating func entries() throws(CheckpointError) -> [ZipArchive.Entry] {
    var entries: [ZipArchive.Entry] = []
    var left = fileByteCount
    for index in 0..<count {
      guard let entry = entry(), entry.storedByteCount <= left else {
        throw .damaged(path: path, reason: "entry \(index) of its zip directory is broken")
      }
      left -= entry.storedByteCount
      entries.append(entry)
    }
    return entries
  }

  private mutating func entry() -> ZipArchive.Entry? {
    guard reader.integer(4) == Self.entrySignature, reader.slice(4) != nil,
      let flags = reader.integer(2), let method = reader.integer(2), reader.slice(4) != nil,
      let checksum = reader.integer(4), let narrowStored = reader.integer(4),
      let narrowSize = reader.integer(4), let nameCount = reader.integer(2),
      let extraCount = reader.integer(2), let commentCount = reader.integer(2),
      reader.slice(8) != nil, let narrowPosition = reader.integer(4),
      let nameBytes = reader.slice(nameCount),
      let name = String(validating: nameBytes, as: UTF8.self),
      let extra = reader.slice(extraCount), reader.slice(commentCount) != nil
    else { return nil }
    // What does not fit in 32 bits stands in the zip64 field, in this order.
    var wide = Self.wideField(of: ByteReader(Array(extra)))
    func widened(_ value: Int) -> Int? { value == 0xFFFF_FFFF ? wide?.integer(8) : value }
    guard let size = widened(narrowSize), let stored = widened(narrowStored),
      let position = widened(narrowPosition), position <= fileByteCount
    else { return nil }
    return ZipArchive.Entry(
      name: name, byteCount: size, checksum: UInt32(truncatingIfNeeded: checksum),
      storedByteCount: stored, method: method, isEncrypted: flags & 1 != 0,
      headerPosition: position)
  }

  /// The contents of the extra field with the number 1.
  private static func wideField(of extra: ByteReader) -> ByteReader? {
    var extra = extra
    while let number = extra.integer(2), let count = extra.integer(2),
      let field = extra.slice(count)
    {
      if number == 1 { return ByteReader(Array(field)) }
    }
    return nil
  }
}
