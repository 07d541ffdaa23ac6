import Darknet

/// The named tensors of a checkpoint that `torch.save` wrote (PyTorch 1.6 and later), without
/// running any of its code.
///
/// The state dict is the value of `model` or `state_dict`, or the whole file; a prefix `module.` of
/// its names is left out. Shapes and places are read and checked at once, numbers when they are
/// asked for.
///
/// Format: a zip archive of stored entries below one folder; `data.pkl` is a pickle whose tensors
/// name blocks of numbers by persistent ids, which are the entries `data/0`, `data/1` … in
/// little-endian.
public final class PyTorchFile: NamedArrays {
  /// Where the file is.
  public let path: String
  /// The tensors' names, in the order of the state dict.
  public let names: [String]

  private let archive: ZipArchive
  private let folder: String
  private let tensors: [String: PickledTensor]
  private let storages: [PickledStorage]

  /// The longest pickle that is read, in bytes; a state dict with its optimizer has well below one
  /// million.
  static let pickleByteLimit = 64 << 20

  /// Opens a file and reads what its state dict says of every tensor.
  ///
  /// - Throws: ``CheckpointError`` in one line: what is no checkpoint, is damaged, or asks for
  ///   anything but tensors, containers, numbers and text.
  public init(contentsOf path: String) throws(CheckpointError) {
    self.path = path
    try Self.checkStart(of: path)
    archive = try ZipArchive(contentsOf: path)
    folder = try Self.folder(of: archive)
    if let order = archive.entry(folder + "byteorder"), order.byteCount < 16,
      try archive.bytes(of: order) != Array("little".utf8)
    {
      throw .notCheckpoint(path: path, reason: "its numbers are big-endian; save it anew")
    }

    guard let pickle = archive.entry(folder + "data.pkl"),
      pickle.byteCount <= Self.pickleByteLimit
    else { throw .notCheckpoint(path: path, reason: "its pickle is larger than any state dict") }
    var machine = PickleMachine(try archive.bytes(of: pickle))
    let root: PickleValue
    do {
      root = try machine.run()
    } catch {
      switch error {
      case .refused(let name): throw .refused(path: path, name: name)
      case .broken(let position, let reason):
        throw .damaged(path: path, reason: "byte \(position) of its pickle: \(reason)")
      }
    }
    guard let dictionary = Self.stateDictionary(root, in: machine) else {
      throw .noStateDictionary(path: path)
    }
    var tensors: [String: PickledTensor] = [:]
    var names: [String] = []
    for (key, value) in dictionary {
      guard case .text(let text) = key, case .tensor(let place) = value else { continue }
      let name = text.hasPrefix("module.") ? String(text.dropFirst(7)) : text
      if tensors.updateValue(machine.tensors[place], forKey: name) == nil { names.append(name) }
    }
    (self.tensors, self.names, storages) = (tensors, names, machine.storages)
  }

  /// The shape of a tensor.
  public func shape(of name: String) throws(CheckpointError) -> [Int] {
    try tensor(name).shape
  }

  /// The type of a tensor's elements.
  public func type(of name: String) throws(CheckpointError) -> ElementType {
    storages[try tensor(name).storage].type
  }

  /// The elements of a tensor in the order of its shape, in single precision.
  ///
  /// A tensor that repeats elements may be larger than the file: compare its shape first.
  ///
  /// - Throws: ``CheckpointError`` when the file does not hold it, or its numbers are missing or
  ///   damaged.
  public func floats(_ name: String) throws(CheckpointError) -> [Float] {
    let tensor = try tensor(name)
    let storage = storages[tensor.storage]
    let entryName = "\(folder)data/\(storage.key)"
    guard let entry = archive.entry(entryName) else {
      throw .damaged(path: path, reason: "it has no '\(entryName.excerpt)'")
    }
    let (byteCount, overflow) = storage.count.multipliedReportingOverflow(
      by: storage.type.byteCount)
    guard !overflow, entry.byteCount == byteCount else {
      throw .damaged(
        path: path,
        reason: "'\(entryName.excerpt)' has \(entry.byteCount) bytes, its pickle says "
          + "\(storage.count) elements of \(storage.type.byteCount)")
    }
    guard let last = tensor.last, !tensor.shape.contains(0) else { return [] }
    let span = tensor.offset...last
    func read<Number: BitwiseCopyable>(
      _ convert: (Number) -> Float
    ) throws(CheckpointError) -> [Float] {
      let numbers: [Number] = try archive.numbers(
        of: entry, from: span.lowerBound * storage.type.byteCount, count: span.count)
      return tensor.isContiguous ? numbers.map(convert) : tensor.gather(numbers, convert)
    }
    switch storage.type {
    case .float32: return try read { (value: Float) in value }
    case .float64: return try read { (value: Double) in Float(value) }
    case .float16: return try read { (value: UInt16) in Float(half: value) }
    case .bfloat16:
      return try read { (value: UInt16) in Float(bitPattern: UInt32(value) << 16) }
    case .int64: return try read { (value: Int64) in Float(value) }
    case .int32: return try read { (value: Int32) in Float(value) }
    case .int16: return try read { (value: Int16) in Float(value) }
    case .int8: return try read { (value: Int8) in Float(value) }
    case .uint8: return try read { (value: UInt8) in Float(value) }
    case .bool: return try read { (value: UInt8) in value == 0 ? 0 : 1 }
    }
  }

  private func tensor(_ name: String) throws(CheckpointError) -> PickledTensor {
    guard let tensor = tensors[name] else { throw .missingTensor(name, path: path) }
    return tensor
  }
}

// MARK: - Opening

extension PyTorchFile {
  /// Tells the old forms, which start like a pickle, from archives and from anything else.
  private static func checkStart(of path: String) throws(CheckpointError) {
    let start: [UInt8]
    do {
      let file = try ReadOnlyFile(opening: path)
      start = try file.numbers(min(file.byteCount, 4), at: 0)
    } catch {
      throw .file(error)
    }
    if start == [0x50, 0x4B, 0x03, 0x04] || start == [0x50, 0x4B, 0x05, 0x06] { return }
    // PROTO of a protocol from 2 on; protocols 0 and 1 start with a container or a class.
    if start.count >= 2, start[0] == 0x80, (2...5).contains(start[1]) { throw .oldForm(path: path) }
    throw .notCheckpoint(path: path, reason: "it is no zip archive, which torch.save writes")
  }

  /// The folder of the archive that `data.pkl` lies in, with its slash.
  private static func folder(of archive: ZipArchive) throws(CheckpointError) -> String {
    let pickles = archive.entries.map(\.name).filter {
      $0 == "data.pkl" || $0.hasSuffix("/data.pkl")
    }
    guard let name = pickles.min(by: { $0.utf8.count < $1.utf8.count }) else {
      throw .notCheckpoint(path: archive.path, reason: "the archive holds no data.pkl")
    }
    let folder = String(name.dropLast("data.pkl".count))
    guard archive.entry(folder + "constants.pkl") == nil else {
      throw .notCheckpoint(
        path: archive.path,
        reason: "it is a TorchScript program; save the model's state_dict() instead")
    }
    return folder
  }

  /// The entries of the state dict: of the first dictionary with a tensor under `model`,
  /// `state_dict` or at the top.
  private static func stateDictionary(
    _ root: PickleValue, in machine: PickleMachine
  ) -> [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let place) = root else { return nil }
    let top = machine.dictionaries[place]
    for key in ["model", "state_dict"] {
      // As in Python, the last of several values counts.
      let value = top.last { $0.key == .text(key) }?.value
      if case .dictionary(let place)? = value { return machine.dictionaries[place] }
    }
    return top.contains { if case .tensor = $0.value { true } else { false } } ? top : nil
  }
}

extension Float {
  /// The value of a half-precision number (IEEE 754 binary16).
  fileprivate init(half bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF)
    switch magnitude {
    case 0x7C00...: self.init(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13)
    case 0x0400...: self.init(bitPattern: sign | (magnitude << 13) + (112 << 23))
    default:
      // Subnormal: a multiple of 2⁻²⁴.
      let value = Float(magnitude) * 0x1p-24
      self = sign == 0 ? value : -value
    }
  }
}
