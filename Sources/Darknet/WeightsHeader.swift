/// The start of a `.weights` file: Darknet's version, and how many pictures the network saw.
///
/// From version 0.2 the pictures are a 64-bit number and the header has 20 bytes; before, 32 bits
/// and 16 bytes. Darknet takes major or minor versions of 1000 and more for the old form too.
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
