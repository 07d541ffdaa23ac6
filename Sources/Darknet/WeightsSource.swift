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
    case file(ReadOnlyFile)
    case bytes([UInt8])
  }

  /// Opens a file; the error for a missing one of a published name says what it would be to
  /// `layout`.
  init(opening path: String, for layout: WeightsLayout) throws(WeightsError) {
    if let official = OfficialWeights(named: path), !fileExists(path) {
      throw .missingOfficial(
        official, path: path, network: layout.network, fit: official.fit(layout))
    }
    let file: ReadOnlyFile
    do {
      file = try ReadOnlyFile(opening: path)
      try FileError.checkContent(of: path)
    } catch {
      throw .file(error)
    }
    try self.init(.file(file), byteCount: file.byteCount, path: path)
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
    _ entries: [ParameterEntry]
  ) throws(WeightsError) -> [ParameterRole: ParameterArray] {
    var layer: [ParameterRole: ParameterArray] = [:]
    for entry in entries {
      let values: [Float] = try Self.readNumbers(
        entry.count, from: storage, at: position, path: path)
      position += 4 * entry.count
      layer[entry.role] = ParameterArray(shape: entry.shape, values: values)
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

  /// `count` numbers as they lie in the file.
  private static func readNumbers<Number: BitwiseCopyable>(
    _ count: Int, from storage: Storage, at position: Int, path: String
  ) throws(WeightsError) -> [Number] {
    switch storage {
    case .file(let file):
      do { return try file.numbers(count, at: position) } catch { throw .file(error) }
    case .bytes(let bytes):
      let byteCount = count * MemoryLayout<Number>.size
      guard position + byteCount <= bytes.count else {
        throw .file(.cannotRead(path: path, reason: "it is too short"))
      }
      return [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
        bytes.withUnsafeBytes { all in
          UnsafeMutableRawBufferPointer(buffer).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: all[position..<(position + byteCount)]))
        }
        initialized = count
      }
    }
  }
}
