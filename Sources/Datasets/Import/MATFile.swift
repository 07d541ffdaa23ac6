/// A MATLAB file of version 5 (MathWorks, "MAT-File Format", chapter 1), packed or not, of either
/// byte order.
///
/// Numeric arrays, characters, cells and structures are read; objects, sparse arrays and functions
/// are passed over. Nothing is allocated for what a header claims but the file does not hold.
public struct MATFile: Sendable {
  /// A value.
  public indirect enum Value: Hashable, Sendable {
    /// Numbers or characters, down the columns.
    case numbers(Numbers)
    /// A cell array, down the columns.
    case cells([Value])
    /// A structure array: the value of each field for each of its elements.
    case structures([String: [Value]])
    /// Something of another class.
    case other
  }

  /// An array of numbers as the file holds it.
  public struct Numbers: Hashable, Sendable {
    fileprivate var bytes: ArraySlice<UInt8>
    fileprivate var type: ElementType
    fileprivate var isBigEndian: Bool

    /// How many there are.
    public var count: Int { bytes.count / type.size }

    /// The number at a place from 0.
    public subscript(index: Int) -> Double {
      let start = bytes.startIndex + index * type.size
      let element = bytes[start..<(start + type.size)]
      // Most significant byte first.
      let bits = (isBigEndian ? Array(element) : element.reversed())
        .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return type.value(bits)
    }
  }

  /// The variables by name, of those that were asked for.
  public private(set) var variables: [String: Value] = [:]

  /// The largest file that is read, in bytes: ten thousand hands in one picture.
  public static let maximumBytes = 4 << 20
  /// The most bytes that a file's packed variables together may unpack to.
  static let maximumUnpacked = 2 << 20
  /// How deep cells and structures may lie in each other.
  static let maximumDepth = 32

  /// Names of the variables that are kept; nil for all.
  private var wanted: Set<String>?
  /// How many bytes may still be unpacked.
  private var unpackable = maximumUnpacked

  /// Parses a file's bytes.
  ///
  /// - Parameter names: the variables to keep; nil for all.
  /// - Throws: ``AnnotationFault`` when it is no such file, or broken.
  public init(
    parsing bytes: [UInt8], variables names: Set<String>? = nil
  ) throws(AnnotationFault) {
    wanted = names
    guard bytes.count >= 128 else {
      throw AnnotationFault(reason: "\(bytes.count) bytes are no MATLAB file of version 5")
    }
    // The version and the letters MI are written as one 16-bit number each.
    let isBigEndian: Bool
    switch (bytes[126], bytes[127]) {
    case (UInt8(ascii: "I"), UInt8(ascii: "M")): isBigEndian = false
    case (UInt8(ascii: "M"), UInt8(ascii: "I")): isBigEndian = true
    default:
      let isHDF = bytes.starts(with: "MATLAB 7.3".utf8)
      throw AnnotationFault(
        reason: isHDF
          ? "a MATLAB file of version 7.3; save it with '-v7'" : "no MATLAB file of version 5")
    }
    var file = MATReader(bytes[128...], isBigEndian: isBigEndian)
    while !file.isAtEnd { try addVariable(file.element(), isBigEndian: isBigEndian) }
  }

  private mutating func addVariable(
    _ element: MATReader.Element, isBigEndian: Bool
  ) throws(AnnotationFault) {
    switch element.type {
    case .compressed:
      let bytes = try Inflater.inflated(element.bytes, limit: unpackable)
      unpackable -= bytes.count
      var inner = MATReader(bytes[...], isBigEndian: isBigEndian)
      let element = try inner.element()
      guard element.type != .compressed else {
        throw AnnotationFault(reason: "packed data in packed data")
      }
      try addVariable(element, isBigEndian: isBigEndian)
    case .matrix:
      var reader = MATReader(element.bytes, isBigEndian: isBigEndian)
      let (name, value) = try reader.matrix(depth: 0)
      if variables[name] == nil, wanted?.contains(name) ?? true { variables[name] = value }
    default: break
    }
  }
}

/// The types of data elements.
private enum ElementType: UInt32, Hashable, Sendable {
  case int8 = 1
  case uint8, int16, uint16, int32, uint32, single
  case double = 9
  case int64 = 12
  case uint64, matrix, compressed, utf8, utf16, utf32

  /// Bytes of one number.
  var size: Int {
    switch self {
    case .int8, .uint8, .utf8, .matrix, .compressed: 1
    case .int16, .uint16, .utf16: 2
    case .int32, .uint32, .single, .utf32: 4
    case .double, .int64, .uint64: 8
    }
  }

  func value(_ bits: UInt64) -> Double {
    switch self {
    case .int8: Double(Int8(truncatingIfNeeded: bits))
    case .int16: Double(Int16(truncatingIfNeeded: bits))
    case .int32: Double(Int32(truncatingIfNeeded: bits))
    case .int64: Double(Int64(bitPattern: bits))
    case .single: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .double: Double(bitPattern: bits)
    default: Double(bits)
    }
  }
}

/// Reads data elements one after the other.
private struct MATReader {
  struct Element {
    /// Nil for a type that the format does not have.
    var type: ElementType?
    var bytes: ArraySlice<UInt8>
  }

  private var rest: ArraySlice<UInt8>
  private let isBigEndian: Bool

  init(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) {
    (rest, self.isBigEndian) = (bytes, isBigEndian)
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next element: a tag of 8 bytes and data padded to 8 bytes, or both in 8 bytes.
  mutating func element() throws(AnnotationFault) -> Element {
    guard rest.count >= 8 else { throw AnnotationFault(reason: "ends inside of a tag") }
    let first = uint32(rest)
    if first >> 16 != 0 {
      let count = Int(first >> 16)
      guard count <= 4 else { throw AnnotationFault(reason: "a small element of \(count) bytes") }
      let bytes = rest.dropFirst(4).prefix(count)
      rest = rest.dropFirst(8)
      return Element(type: ElementType(rawValue: first & 0xFFFF), bytes: bytes)
    }
    let count = Int(uint32(rest.dropFirst(4)))
    guard count <= rest.count - 8 else {
      throw AnnotationFault(reason: "an element of \(count) bytes where \(rest.count - 8) are left")
    }
    let type = ElementType(rawValue: first)
    let bytes = rest.dropFirst(8).prefix(count)
    // Packed elements are not padded; others are, but for the last one in some files.
    rest = rest.dropFirst(8 + (type == .compressed ? count : (count + 7) / 8 * 8))
    return Element(type: type, bytes: bytes)
  }

  /// The parts of an array: flags, dimensions, name, then what its class asks for.
  mutating func matrix(depth: Int) throws(AnnotationFault) -> (name: String, MATFile.Value) {
    // An empty array may have no parts at all.
    guard !isAtEnd else { return ("", .other) }
    guard depth < MATFile.maximumDepth else {
      throw AnnotationFault(reason: "arrays more than \(MATFile.maximumDepth) deep")
    }
    let flags = try element()
    guard flags.type == .uint32, flags.bytes.count == 8 else {
      throw AnnotationFault(reason: "an array without flags")
    }
    let count = try elementCount()
    let name = String(decoding: try element().bytes, as: UTF8.self)
    switch uint32(flags.bytes) & 0xFF {
    case 1: return (name, .cells(try values(count, depth)))
    case 2: return (name, .structures(try fields(count, depth)))
    case 4, 6...15: return (name, .numbers(try numbers(count)))
    default: return (name, .other)
    }
  }

  /// The product of the dimensions; more than the file could hold is an error.
  private mutating func elementCount() throws(AnnotationFault) -> Int {
    let dimensions = try numbers()
    var count = 1
    for index in 0..<dimensions.count {
      let size = dimensions[index]
      guard size >= 0, size <= Double(Int32.max) else {
        throw AnnotationFault(reason: "an array with a dimension of \(size)")
      }
      let (product, overflows) = count.multipliedReportingOverflow(by: Int(size))
      guard !overflows else { throw AnnotationFault(reason: "an array larger than the file") }
      count = product
    }
    return count
  }

  private mutating func numbers(_ expected: Int? = nil) throws(AnnotationFault) -> MATFile.Numbers {
    let element = try element()
    guard let type = element.type, type != .matrix, type != .compressed,
      element.bytes.count % type.size == 0
    else { throw AnnotationFault(reason: "an array without numbers") }
    let numbers = MATFile.Numbers(bytes: element.bytes, type: type, isBigEndian: isBigEndian)
    // Characters may take more than one byte each.
    guard expected == nil || numbers.count == expected || type == .utf8 else {
      throw AnnotationFault(
        reason: "an array of \(expected ?? 0) numbers that holds \(numbers.count)")
    }
    return numbers
  }

  private mutating func values(
    _ count: Int, _ depth: Int
  ) throws(AnnotationFault) -> [MATFile.Value] {
    // Each takes a tag at least.
    guard count <= rest.count / 8 else {
      throw AnnotationFault(reason: "\(count) cells in \(rest.count) bytes")
    }
    var values: [MATFile.Value] = []
    for _ in 0..<count { values.append(try value(depth)) }
    return values
  }

  private mutating func value(_ depth: Int) throws(AnnotationFault) -> MATFile.Value {
    let element = try element()
    guard element.type == .matrix else { throw AnnotationFault(reason: "a cell without an array") }
    var reader = MATReader(element.bytes, isBigEndian: isBigEndian)
    return try reader.matrix(depth: depth + 1).1
  }

  /// Field names of a fixed length, then the fields of each element.
  private mutating func fields(
    _ count: Int, _ depth: Int
  ) throws(AnnotationFault) -> [String: [MATFile.Value]] {
    let lengths = try numbers()
    let bytes = try element().bytes
    guard lengths.count == 1, lengths[0] >= 1, lengths[0] <= 1024 else {
      throw AnnotationFault(reason: "a structure without field names")
    }
    let length = Int(lengths[0])
    var names: [String] = []
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: length) {
      let name = bytes[start...].prefix(length).prefix { $0 != 0 }
      names.append(String(decoding: name, as: UTF8.self))
    }
    let (all, overflows) = count.multipliedReportingOverflow(by: names.count)
    guard !overflows, all <= rest.count / 8 else {
      throw AnnotationFault(reason: "\(count) structures in \(rest.count) bytes")
    }
    guard !names.isEmpty else { return [:] }
    var fields: [String: [MATFile.Value]] = [:]
    for _ in 0..<count {
      for name in names { fields[name, default: []].append(try value(depth)) }
    }
    return fields
  }

  private func uint32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let word = bytes.prefix(4)
    return (isBigEndian ? Array(word) : word.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
  }
}
