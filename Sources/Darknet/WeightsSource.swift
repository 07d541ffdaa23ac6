#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a `.weights` file behind its header, read once from front to back.
///
/// Arrays are filled straight from the file, so memory holds each number once, and none before the
/// file's size was compared with what is to be read.
struct WeightsSource {
  let path: String
  let header: WeightsHeader
  /// Bytes of the whole file.
  let byteCount: Int
  private let storage: Storage
  private var position: Int

  private enum Storage {
    case descriptor(OwnedDescriptor)
    case bytes([UInt8])
  }

  init(opening path: String) throws(WeightsError) {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw .file(.cannotRead(path: path, reason: systemErrorText())) }
    let descriptor = OwnedDescriptor(number)
    var status = stat()
    guard fstat(number, &status) == 0 else {
      throw .file(.cannotRead(path: path, reason: systemErrorText()))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .file(.cannotRead(path: path, reason: "it is not a file"))
    }
    try self.init(.descriptor(descriptor), byteCount: Int(status.st_size), path: path)
  }

  init(bytes: [UInt8], path: String) throws(WeightsError) {
    try self.init(.bytes(bytes), byteCount: bytes.count, path: path)
  }

  private init(_ storage: Storage, byteCount: Int, path: String) throws(WeightsError) {
    self.path = path
    self.byteCount = byteCount
    self.storage = storage
    let start = try Self.readBytes(min(byteCount, 20), from: storage, at: 0, path: path)
    header = try WeightsHeader(decoding: start, path: path)
    position = header.byteCount
  }

  /// Whole numbers behind the header, nil when a part of one is left over.
  var floatCount: Int? {
    (byteCount - header.byteCount) % 4 == 0 ? (byteCount - header.byteCount) / 4 : nil
  }

  /// Reads the next arrays.
  mutating func readLayer(
    _ slots: [ParameterSlot]
  ) throws(WeightsError) -> [ParameterRole: ParameterArray] {
    var layer: [ParameterRole: ParameterArray] = [:]
    for slot in slots {
      let values: [Float] = try Self.readNumbers(
        slot.count, from: storage, at: position, path: path)
      position += 4 * slot.count
      layer[slot.role] = ParameterArray(shape: slot.shape, values: values)
    }
    return layer
  }

  /// Passes over the next `count` numbers.
  mutating func skip(_ count: Int) { position += 4 * count }

  // MARK: - Bytes

  private static func readBytes(
    _ count: Int, from storage: Storage, at position: Int, path: String
  ) throws(WeightsError) -> [UInt8] {
    try readNumbers(count, from: storage, at: position, path: path)
  }

  /// `count` numbers as they lie in the file, which has the byte order of every machine that Swift
  /// runs on.
  private static func readNumbers<Number: BitwiseCopyable>(
    _ count: Int, from storage: Storage, at position: Int, path: String
  ) throws(WeightsError) -> [Number] {
    var reason: String?
    let numbers = [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      let raw = UnsafeMutableRawBufferPointer(
        start: buffer.baseAddress, count: count * MemoryLayout<Number>.size)
      reason = fill(raw, from: storage, at: position)
      initialized = reason == nil ? count : 0
    }
    if let reason { throw .file(.cannotRead(path: path, reason: reason)) }
    return numbers
  }

  /// Fills `buffer`, and gives the reason when that fails.
  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from storage: Storage, at position: Int
  ) -> String? {
    switch storage {
    case .bytes(let bytes):
      guard position + buffer.count <= bytes.count else { return "it is too short" }
      bytes.withUnsafeBytes { all in
        buffer.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: all[position..<(position + buffer.count)]))
      }
    case .descriptor(let descriptor):
      var done = 0
      while done < buffer.count {
        let got = pread(
          descriptor.number, buffer.baseAddress.map { $0 + done }, buffer.count - done,
          off_t(position + done))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { return systemErrorText() }
        if got == 0 { return "it became shorter while it was read" }
        done += got
      }
    }
    return nil
  }
}

/// An open file, closed with its last user.
private final class OwnedDescriptor: Sendable {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { close(number) }
}
