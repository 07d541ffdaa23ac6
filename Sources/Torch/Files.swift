import Storage

/// A regular file opened for reading at any place. Its size is taken once, when it is opened.
struct ReadableFile: Sendable {
  let path: String
  private let file: RegularFile

  var byteCount: Int { file.byteCount }

  init(path: String) throws(TorchError) {
    self.path = path
    do { file = try RegularFile(opening: path) } catch { throw Self.refusal(error, path) }
  }

  private static func refusal(_ error: UnreadableFile, _ path: String) -> TorchError {
    .file(path: path, reason: "cannot be read: \(error)")
  }

  /// Fills all of `bytes` from the place `offset`.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(TorchError) {
    do { try file.fill(bytes, at: offset) } catch { throw Self.refusal(error, path) }
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
