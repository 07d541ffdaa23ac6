import Darknet
import Datasets
import Glibc
import Storage
import Vision

/// Scaled pictures in a folder, one file each, so that later epochs and later runs need not decode.
///
/// A file's name is a hash of what its pixels follow from: the picture's path, size in bytes, time
/// of change, the input's size, and how it is fitted in. It holds its own checksum, and appears
/// under its name when it is complete; whatever a killed process or a full disk leaves is never
/// taken for a picture. The folder may be removed at any time.
///
/// Any thread may ask.
final class DiskCache: @unchecked Sendable {
  let folder: String
  private let lock = ConditionLock()
  private var failure: String?

  /// Bytes that a file takes besides its pixels.
  static let headerBytes = 32
  /// A larger file is no scaled picture: inputs have at most 16,384 pixels a side.
  static let maximumBytes = headerBytes + 3 << 28
  /// Opens every file; another number when the way of scaling changes.
  private static let signature: UInt64 = 0x3230_4548_4341_5250  // "PRACHE02"

  /// A cache in a folder, which is made when the first picture is kept.
  init(folder: String) { self.folder = folder }

  /// Why pictures could not be kept; nil when they could.
  var problem: DatasetProblem? {
    lock.withLock { failure }.map {
      DatasetProblem(path: folder, reason: "\($0); pictures are decoded anew instead")
    }
  }

  /// What a picture's pixels follow from.
  struct Key: Hashable, Sendable {
    fileprivate let name: String

    /// Nil when there is no such file.
    init?(
      _ path: String, inputWidth: Int, inputHeight: Int, channels: Int,
      fit: PictureFit = .letterbox
    ) {
      guard let picture = pictureFacts(path) else { return nil }
      let facts =
        picture + ["\(inputWidth)", "\(inputHeight)", "\(channels)"]
        + (fit == .letterbox ? [] : [fit.rawValue])
      name = SHA256.hexadecimal(of: facts.joined(separator: "\n").utf8)
    }
  }

  /// The picture kept for a key; nil when there is none, or not a whole one.
  func picture(_ key: Key, channels: Int) -> ScaledPicture? {
    guard var bytes = try? readFile(path(key), limit: Self.maximumBytes),
      bytes.count >= Self.headerBytes
    else { return nil }
    let header = bytes.withUnsafeBytes { buffer in
      (0..<4).map { UInt64(littleEndian: buffer.load(fromByteOffset: 8 * $0, as: UInt64.self)) }
    }
    let (width, height) = (Int(header[1] >> 32), Int(header[1] & 0xFFFF_FFFF))
    // Any file may lie there: sizes are numbers of 32 bits, whose product need not be one of 64.
    guard header[0] == Self.signature, header[2] == UInt64(channels), width > 0, height > 0,
      case let (area, isTooLarge) = width.multipliedReportingOverflow(by: height), !isTooLarge,
      case let (count, overflows) = area.multipliedReportingOverflow(by: channels), !overflows,
      bytes.count - Self.headerBytes == count
    else { return nil }
    bytes.removeFirst(Self.headerBytes)
    guard checksum(bytes) == header[3] else { return nil }
    return ScaledPicture(width: width, height: height, pixels: bytes)
  }

  /// Keeps a picture. The first failure ends it: a disk that is full stays full.
  func keep(_ picture: ScaledPicture, for key: Key, channels: Int) {
    guard lock.withLock({ failure == nil }) else { return }
    let size = UInt64(picture.width) << 32 | UInt64(picture.height)
    let header = [Self.signature, size, UInt64(channels), checksum(picture.pixels)]
    let path = path(key)
    // No flush to the disk: a checksum tells whole files, and a lost one is made again.
    do {
      try makeFolder(folderPath(of: path))
      let file = try AtomicFile(path, flushes: false)
      try file.write(header.flatMap(littleEndianBytes) + picture.pixels)
      try file.commit()
    } catch {
      let reason = reason(error, at: path)
      lock.withLock { failure = failure ?? reason }
    }
  }

  /// Files of 256 folders.
  private func path(_ key: Key) -> String { "\(folder)/\(key.name.prefix(2))/\(key.name)" }
}

/// What tells a picture's file from others, and from what it was before: path, size in bytes, time of
/// change; nil when there is no such file.
package func pictureFacts(_ path: String) -> [String]? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  let time = status.st_mtim
  return [resolved(path), "\(status.st_size)", "\(time.tv_sec).\(time.tv_nsec)"]
}

private func littleEndianBytes(_ word: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
}

/// FNV-1a over words of eight bytes, then over what is left.
private func checksum(_ bytes: [UInt8]) -> UInt64 {
  let whole = bytes.count / 8 * 8
  let words = bytes.withUnsafeBytes { buffer in
    stride(from: 0, to: whole, by: 8).reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, offset in
      let word = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      return (hash ^ word) &* 0x100_0000_01B3
    }
  }
  return bytes[whole...].reduce(words) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
