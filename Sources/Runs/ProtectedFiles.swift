import Darknet
import Foundation

/// The user's files that a command reads and must never write, whatever its options say.
///
/// Files are told apart by device and number, so that links and other spellings of a path do not
/// hide them.
package struct ProtectedFiles {
  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64

    /// Of the file that a path leads to; nil when there is none.
    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
  }

  private var identities: Set<Identity> = []

  /// Protects nothing yet.
  package init() {}

  /// Protects a picture, and the label file that belongs to it.
  package mutating func protect(picture: String) {
    protect(picture)
    protect(DataFile.labelPath(forPicture: picture))
  }

  /// Protects a file, if there is one.
  package mutating func protect(_ path: String) {
    if let identity = Identity(path) { identities.insert(identity) }
  }

  /// - Throws: ``RunError/outputIsInput(_:)`` when one of these files would be written over.
  package func refuse(_ outputs: some Sequence<String>) throws {
    guard !identities.isEmpty else { return }
    for path in outputs {
      if let identity = Identity(path), identities.contains(identity) {
        throw RunError.outputIsInput(path)
      }
    }
  }
}
