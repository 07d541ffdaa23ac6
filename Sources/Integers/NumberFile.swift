import Darknet

/// A file of whole numbers in NumPy's form, `.npy` 1.0: a header that says type and shape, then the
/// numbers, little-endian, row by row (docs/formats.md). NumPy reads it with `numpy.load`.
public struct NumberFile: Hashable, Sendable {
  /// The type of the numbers.
  public enum Element: String, CaseIterable, Sendable {
    case uint8 = "|u1"
    case int8 = "|i1"
    case uint16 = "<u2"
    case int16 = "<i2"
    case int32 = "<i4"

    /// Bytes of one number.
    public var byteCount: Int {
      switch self {
      case .uint8, .int8: 1
      case .uint16, .int16: 2
      case .int32: 4
      }
    }

    /// The smallest type that holds numbers.
    public init(holding range: ClosedRange<Int>) {
      self =
        switch (range.lowerBound, range.upperBound) {
        case (0..., ...255): .uint8
        case ((-128)..., ...127): .int8
        case (0..., ...65535): .uint16
        case ((-32768)..., ...32767): .int16
        default: .int32
        }
    }
  }

  /// The type of the numbers in the file.
  public var element: Element
  /// Dimensions, outermost first.
  public var shape: [Int]
  /// The numbers, row by row.
  public var numbers: [Int]

  /// Numbers in the smallest type that holds them, unless one is given.
  public init(_ numbers: [Int], shape: [Int], element: Element? = nil) {
    (self.numbers, self.shape) = (numbers, shape)
    let range = (numbers.min() ?? 0)...(numbers.max() ?? 0)
    self.element = element ?? Element(holding: range)
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]

  /// The whole file.
  public var bytes: [UInt8] {
    let sides = shape.map { "\($0)," }.joined(separator: " ")
    var header =
      "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(sides)), }"
    // Numbers begin at a multiple of 64.
    header += String(repeating: " ", count: 63 - (Self.magic.count + 2 + header.utf8.count) % 64)
    header += "\n"
    let length = header.utf8.count
    var bytes = Self.magic + [UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
    bytes.reserveCapacity(bytes.count + numbers.count * element.byteCount)
    for number in numbers { bytes.appendLittleEndian(number, count: element.byteCount) }
    return bytes
  }

  /// Writes the file.
  public func write(to path: String) throws(FileError) { try writeAtomically(bytes, to: path) }

  /// Reads a file.
  ///
  /// - Throws: ``FileError``, ``NumberFileError`` for one of another form.
  public init(contentsOf path: String) throws {
    try self.init(parsing: readFile(path), path: path)
  }

  init(parsing bytes: [UInt8], path: String) throws(NumberFileError) {
    let start = Self.magic.count + 2
    guard bytes.count > start, bytes.starts(with: Self.magic) else { throw .noNumbers(path: path) }
    let end = start + Int(bytes[start - 2]) + Int(bytes[start - 1]) << 8
    guard end <= bytes.count else { throw .noNumbers(path: path) }
    let header = String(decoding: bytes[start..<end], as: UTF8.self)
    func between(_ open: String, _ close: Character) -> Substring? {
      guard let place = header.firstRange(of: open) else { return nil }
      return header[place.upperBound...].prefix { $0 != close }
    }
    guard let type = between("'descr': '", "'").flatMap({ Element(rawValue: String($0)) }),
      header.contains("'fortran_order': False"), let sides = between("'shape': (", ")")
    else { throw .otherNumbers(path: path) }
    var (shape, count) = ([Int](), 1)
    for side in sides.split(whereSeparator: { ", ".contains($0) }) {
      guard let side = Int(side), side >= 0 else { throw .otherNumbers(path: path) }
      let (product, isTooMuch) = count.multipliedReportingOverflow(by: side)
      guard !isTooMuch else { throw .otherNumbers(path: path) }
      (shape, count) = (shape + [side], product)
    }
    guard (bytes.count - end) % type.byteCount == 0,
      (bytes.count - end) / type.byteCount == count
    else { throw .otherNumbers(path: path) }
    (element, self.shape) = (type, shape)
    let isSigned = type.rawValue.contains("i")
    numbers = (0..<count).map { place in
      bytes.littleEndian(at: end + place * type.byteCount, count: type.byteCount, isSigned)
    }
  }
}

/// Why a file of numbers cannot be read.
public enum NumberFileError: Error, Equatable, CustomStringConvertible {
  /// A file of another form.
  case noNumbers(path: String)
  /// Numbers of another type, or not as many as its shape says.
  case otherNumbers(path: String)

  /// One line: what was found.
  public var description: String {
    switch self {
    case .noNumbers(let path): "\(path): no .npy file of version 1.0"
    case .otherNumbers(let path):
      "\(path): expected whole numbers of 8, 16 or 32 bits, row by row, as many as its shape says"
    }
  }
}

extension [UInt8] {
  /// Appends the low bytes of a number, the lowest first.
  mutating func appendLittleEndian(_ number: Int, count: Int) {
    for byte in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }

  /// A number of so many bytes.
  func littleEndian(at place: Int, count: Int, _ isSigned: Bool) -> Int {
    var number = 0
    for byte in (0..<count).reversed() { number = number << 8 | Int(self[place + byte]) }
    let bits = 8 * count
    return isSigned && number >> (bits - 1) == 1 ? number - 1 << bits : number
  }
}
