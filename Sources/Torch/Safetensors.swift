import Storage

/// A safetensors file, opened for reading: named tensors and a map of strings, without any code.
///
/// The header is read and checked at once, the tensors when they are asked for, straight into their
/// memory. The format is described at <https://huggingface.co/docs/safetensors>.
public final class SafetensorsFile: Sendable {
  /// Where the file is.
  public let path: String
  /// The header's `__metadata__`.
  public let metadata: [String: String]
  /// The tensors' names, in the order of their bytes.
  public let names: [String]

  private let file: ReadableFile
  private let entries: [String: SafetensorsHeader.Entry]
  private let dataStart: Int
  private let checksums: SafetensorsChecksums?

  /// Whether the file tells damage: its writer added ``SafetensorsChecksums``.
  public var hasChecksums: Bool { checksums != nil }

  /// Opens a file and checks its header: every tensor has a known type and lies inside the file,
  /// and together they fill it without overlap. Where there are checksums, the header's is
  /// compared.
  public init(contentsOf path: String) throws(TorchError) {
    self.path = path
    file = try ReadableFile(path: path)

    guard file.byteCount >= 8 else {
      throw .malformedFile(path: path, reason: "\(file.byteCount) bytes, expected at least 8")
    }
    let length = UInt64(littleEndian: try file.value(at: 0))
    guard length <= UInt64(SafetensorsHeader.byteLimit), Int(length) <= file.byteCount - 8 else {
      throw .malformedFile(
        path: path,
        reason: "a header of \(length) bytes does not fit in a file of \(file.byteCount)")
    }
    dataStart = 8 + Int(length)

    let bytes = try file.bytes(at: 8, count: Int(length))
    let header = try SafetensorsHeader(parsing: bytes, path: path)
    try header.check(dataByteCount: file.byteCount - dataStart, path: path)
    metadata = header.metadata
    let ordered = header.entries.sorted { $0.range.lowerBound < $1.range.lowerBound }
    if let table = ordered.last, table.name == SafetensorsChecksums.name {
      names = ordered.dropLast().map(\.name)
      checksums = try SafetensorsChecksums(
        try file.bytes(at: dataStart + table.range.lowerBound, count: table.range.count),
        names: names, header: bytes, path: path)
    } else {
      names = ordered.map(\.name)
      checksums = nil
    }
    entries = Dictionary(header.entries.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Whether the file holds a tensor of this name.
  public func contains(_ name: String) -> Bool { entries[name] != nil }

  /// The shape of a tensor, without reading it.
  public func shape(of name: String) throws(TorchError) -> [Int] { try entry(name).shape }

  /// The element type of a tensor, without reading it.
  public func dtype(of name: String) throws(TorchError) -> DType { try entry(name).dtype }

  /// Reads one tensor.
  ///
  /// - Throws: ``TorchError/missingTensor(_:path:)`` when the file does not hold it.
  public func tensor(_ name: String, device: Device = .cpu) throws(TorchError) -> Tensor {
    let entry = try entry(name)
    let tensor = try Tensor.empty(entry.shape, dtype: entry.dtype)
    try tensor.withUnsafeMutableBytes { bytes throws(TorchError) in
      try file.read(into: bytes, at: dataStart + entry.range.lowerBound)
      try checksums?.check(UnsafeRawBufferPointer(bytes), of: name, path: path)
      guard entry.dtype != .bool || bytes.allSatisfy({ $0 <= 1 }) else {
        throw .malformedFile(path: path, reason: "tensor '\(name)' has a bool that is not 0 or 1")
      }
    }
    return try tensor.to(device)
  }

  /// Reads all tensors.
  public func tensors(device: Device = .cpu) throws(TorchError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for name in names { tensors[name] = try tensor(name, device: device) }
    return tensors
  }

  private func entry(_ name: String) throws(TorchError) -> SafetensorsHeader.Entry {
    guard let entry = entries[name] else { throw .missingTensor(name, path: path) }
    return entry
  }
}

/// Writes named tensors as a safetensors file. The file appears whole or not at all.
///
/// Tensors of wider types come first, so that all of them lie aligned; otherwise they keep their
/// order.
///
/// - Parameter checksums: whether readers are to notice damage, see ``SafetensorsChecksums``.
/// - Throws: ``TorchError/file(path:reason:)`` when two tensors have one name, or the file cannot
///   be written.
public func writeSafetensors(
  _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:],
  checksums: Bool = false, to path: String
) throws(TorchError) {
  var names: Set<String> = ["__metadata__", SafetensorsChecksums.name]
  for (name, _) in tensors where !names.insert(name).inserted {
    throw .file(path: path, reason: "cannot name two tensors '\(name)'")
  }
  let ordered = [8, 4, 2, 1].flatMap { width in
    tensors.filter { $0.tensor.dtype.byteCount == width }
  }

  var offset = 0
  var entries: [SafetensorsHeader.Entry] = []
  func add(_ name: String, _ dtype: DType, _ shape: [Int], byteCount: Int) {
    entries.append(
      SafetensorsHeader.Entry(
        name: name, dtype: dtype, shape: shape, range: offset..<offset + byteCount))
    offset += byteCount
  }
  for (name, tensor) in ordered {
    add(
      name, tensor.dtype, tensor.shape, byteCount: tensor.count * tensor.dtype.byteCount)
  }
  if checksums {
    let count = SafetensorsChecksums.byteCount(tensors: ordered.count)
    add(SafetensorsChecksums.name, .uint8, [count], byteCount: count)
  }
  let header = SafetensorsHeader(metadata: metadata, entries: entries).encoded()

  do {
    let file = try AtomicFile(path)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes throws(SystemError) in
      try file.write(bytes)
    }
    try file.write(header)
    var sums = SafetensorsChecksums(header: header)
    for (name, tensor) in ordered {
      let host = try tensor.detach().to(.cpu).contiguous()
      var failure: SystemError?
      try host.withUnsafeMutableBytes { bytes throws(TorchError) in
        let bytes = UnsafeRawBufferPointer(bytes)
        if checksums { sums.add(bytes, of: name) }
        do throws(SystemError) { try file.write(bytes) } catch { failure = error }
      }
      if let failure { throw failure }
    }
    if checksums { try file.write(sums.encoded) }
    try file.commit()
  } catch let error as TorchError {
    throw error
  } catch let error as SystemError {
    throw .file(path: path, reason: error.description.lowercased())
  } catch {
    throw .file(path: path, reason: "\(error)")
  }
}

/// Writes named tensors as a safetensors file, sorted by name; otherwise as
/// ``writeSafetensors(_:metadata:to:)``.
public func writeSafetensors(
  _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String
) throws(TorchError) {
  let sorted = tensors.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
  try writeSafetensors(sorted, metadata: metadata, to: path)
}
