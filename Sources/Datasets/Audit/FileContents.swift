import Vision

/// What tells whether two files are equal. That two different ones of a million are taken for equal is
/// less likely than 10⁻⁷.
package struct FileContents: Hashable, Sendable {
  private let count: Int
  private let hash: UInt64

  /// Of bytes that were read.
  init(_ bytes: [UInt8]) { (count, hash) = (bytes.count, fnv1a64(bytes)) }

  /// Of a picture; nil where it is empty or cannot be read.
  package init?(ofPicture path: String) {
    guard let (_, bytes) = try? readPicture(path), !bytes.isEmpty else { return nil }
    self.init(bytes)
  }
}
