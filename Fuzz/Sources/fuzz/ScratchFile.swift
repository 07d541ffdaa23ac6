#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file that a parser reads: filled anew for each execution, removed at the end.
final class ScratchFile: @unchecked Sendable {
  let path: String
  private(set) var bytes: [UInt8] = []
  private let folder: String
  private let descriptor: Int32

  /// A file in memory where the system has such a folder.
  init(_ name: String) throws {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    folder = "\(parent)/pare-fuzz-\(getpid())"
    path = "\(folder)/x.\(name)"
    mkdir(folder, 0o700)
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw BrokenPromise(description: "\(path): cannot be written")
    }
  }

  deinit {
    close(descriptor)
    unlink(path)
    unlink(path + ".copy")
    rmdir(folder)
  }

  /// Replaces what the file holds.
  func fill(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard written == bytes.count, ftruncate(descriptor, off_t(bytes.count)) == 0 else {
      throw BrokenPromise(description: "\(path): cannot be written")
    }
  }

  /// What another file holds, up to 1 MiB of it.
  static func bytes(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw BrokenPromise(description: "\(path): is not there") }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
  }
}
