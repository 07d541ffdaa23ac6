/// The start of a `.weights` file: Darknet's version, and how many pictures the network saw.
///
/// From version 0.2 the pictures are a 64-bit number and the header has 20 bytes; before, 32 bits
/// and 16 bytes. Darknet takes major or minor versions of 1000 and more for the old form too; they
/// mark files in which `[connected]` layers, which no detector has, are transposed.
public struct WeightsHeader: Hashable, Sendable {
  /// Major version.
  public var major: Int32
  /// Minor version.
  public var minor: Int32
  /// Revision.
  public var revision: Int32
  /// Pictures seen in training.
  public var imagesSeen: Int64

  /// A header; version 0.2.5 is what current Darknet writes.
  public init(
    major: Int32 = 0, minor: Int32 = 2, revision: Int32 = 5, imagesSeen: Int64 = 0
  ) {
    self.major = major
    self.minor = minor
    self.revision = revision
    self.imagesSeen = imagesSeen
  }

  /// Whether ``imagesSeen`` is stored in 64 bits.
  public var isWide: Bool {
    Int64(major) * 10 + Int64(minor) >= 2 && major < 1000 && minor < 1000
  }

  /// Bytes of the header: 20, or 16 in the old form.
  public var byteCount: Int { isWide ? 20 : 16 }
}

extension WeightsHeader {
  /// Decodes the start of a file.
  ///
  /// - Parameter bytes: the first 20 bytes, or all where there are fewer.
  /// - Throws: ``WeightsError/notWeights(path:reason:)`` when they are too few, or name a version
  ///   that no Darknet ever had.
  init(decoding bytes: [UInt8], path: String) throws(WeightsError) {
    guard bytes.count >= 12 else {
      throw .notWeights(
        path: path, reason: "\(bytes.count) bytes are too few for a header of 16 or 20")
    }
    func integer(at offset: Int, bytes count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
    func version(at offset: Int) -> Int32 {
      Int32(truncatingIfNeeded: integer(at: offset, bytes: 4))
    }
    self.init(major: version(at: 0), minor: version(at: 4), revision: version(at: 8))
    guard (0..<100_000).contains(major), (0..<100_000).contains(minor) else {
      let isText = bytes.allSatisfy { (0x20..<0x7F).contains($0) || (9...13).contains($0) }
      throw .notWeights(
        path: path, reason: isText ? "it is text" : "it starts with version \(major).\(minor)")
    }
    guard bytes.count >= byteCount else {
      throw .notWeights(
        path: path, reason: "\(bytes.count) bytes are too few for a header of \(byteCount)")
    }
    imagesSeen = Int64(bitPattern: integer(at: 12, bytes: isWide ? 8 : 4))
  }

  /// Whether a file that starts so may be weights.
  package static func begins(_ bytes: [UInt8]) -> Bool {
    (try? WeightsHeader(decoding: Array(bytes.prefix(20)), path: "")) != nil
  }

  /// The header's bytes, in the form that its version says.
  func encoded() throws(WeightsError) -> [UInt8] {
    guard isWide || UInt32(exactly: imagesSeen) != nil else {
      throw .imagesSeenTooLarge(imagesSeen)
    }
    var bytes: [UInt8] = []
    for version in [major, minor, revision] {
      withUnsafeBytes(of: version.littleEndian) { bytes += $0 }
    }
    if isWide {
      withUnsafeBytes(of: imagesSeen.littleEndian) { bytes += $0 }
    } else {
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: imagesSeen).littleEndian) { bytes += $0 }
    }
    return bytes
  }
}
