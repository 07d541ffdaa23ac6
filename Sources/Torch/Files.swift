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

/// What the last system call on this thread said.
private func systemError() -> String {
  String(cString: strerror(errno)).lowercased()
}
