import Glibc

/// A regular file opened for reading at any place. Its size is taken once, when it is opened.
final class ReadableFile: Sendable {
  let path: String
  let byteCount: Int
  private let descriptor: Int32

  init(path: String) throws(TorchError) {
    self.path = path
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .file(path: path, reason: systemError()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = systemError()
      close(descriptor)
      throw .file(path: path, reason: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .file(path: path, reason: "not a regular file")
    }
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills all of `bytes` from the place `offset`.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(TorchError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .file(path: path, reason: systemError()) }
      guard count > 0 else { throw .file(path: path, reason: "became shorter while it was read") }
      done += count
    }
  }

  func bytes(at offset: Int, count: Int) throws(TorchError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try span.withUnsafeMutableBytes { buffer throws(TorchError) in
      try read(into: buffer, at: offset)
    }
    return bytes
  }

  func value(at offset: Int) throws(TorchError) -> UInt64 {
    var value: UInt64 = 0
    try withUnsafeMutableBytes(of: &value) { buffer throws(TorchError) in
      try read(into: buffer, at: offset)
    }
    return value
  }
}

/// A file that appears under its name only when it is complete and on disk. Without ``commit()`` it
/// leaves nothing behind.
final class AtomicFile {
  private let path: String
  private let temporaryPath: String
  private var descriptor: Int32

  init(path: String) throws(TorchError) {
    self.path = path
    temporaryPath = "\(path).\(getpid()).\(String(UInt32.random(in: 0 ... .max), radix: 36)).tmp"
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .file(path: path, reason: systemError()) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporaryPath)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(TorchError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .file(path: path, reason: systemError()) }
      done += count
    }
  }

  /// Flushes the file to disk and gives it its name, in place of a file that had it.
  func commit() throws(TorchError) {
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw .file(path: path, reason: systemError())
    }
    close(descriptor)
    descriptor = -1
    // The name itself is on disk when its directory is.
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    fsync(parent)
    close(parent)
  }
}

/// What the last system call on this thread said.
private func systemError() -> String {
  String(cString: strerror(errno)).lowercased()
}
