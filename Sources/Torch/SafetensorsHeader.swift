/// The header of a safetensors file: what its JSON says, and how to write it.
struct SafetensorsHeader: Equatable {
  struct Entry: Equatable, Sendable {
    var name: String
    var dtype: DType
    var shape: [Int]
    /// Bytes, counted from the end of the header.
    var range: Range<Int>
  }

  var metadata: [String: String] = [:]
  var entries: [Entry] = []

  /// The longest header that any reader takes.
  static let byteLimit = 100_000_000
  /// The most tensors and the most entries of the metadata; a network has some hundreds.
  static let tensorLimit = 1 << 16
  static let metadataLimit = 1 << 12
  /// The longest name, or text of the metadata, in bytes.
  static let textLimit = 1 << 20

  static let typeNames: [(name: String, dtype: DType)] = [
    ("F64", .float64), ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16),
    ("I64", .int64), ("I32", .int32), ("I16", .int16), ("I8", .int8), ("U8", .uint8),
    ("BOOL", .bool),
  ]
}

// MARK: - Checking

extension SafetensorsHeader {
  /// Makes sure that every tensor has as many bytes as its shape asks for, and that together they
  /// fill the data without overlap.
  func check(dataByteCount: Int, path: String) throws(TorchError) {
    for entry in entries {
      let needed = Self.byteCount(entry.shape, entry.dtype)
      guard let needed, entry.range.count == needed else {
        throw .malformedFile(
          path: path,
          reason: "tensor '\(entry.name)' of shape \(entry.shape) has \(entry.range.count) bytes, "
            + "expected \(needed.map(String.init) ?? "fewer than memory can hold")")
      }
    }
    var end = 0
    let ordered = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for entry in ordered {
      guard entry.range.lowerBound == end else {
        throw .malformedFile(
          path: path,
          reason: "tensor '\(entry.name)' starts at byte \(entry.range.lowerBound), expected \(end)"
        )
      }
      end = entry.range.upperBound
    }
    guard end == dataByteCount else {
      throw .malformedFile(
        path: path, reason: "the tensors take \(end) bytes, the file has \(dataByteCount)")
    }
  }

  /// The bytes of a tensor, or `nil` where its sizes or strides cannot be counted.
  private static func byteCount(_ shape: [Int], _ dtype: DType) -> Int? {
    var count = dtype.byteCount
    for size in shape {
      // A size of 0 may not hide others that overflow when libtorch computes strides.
      let (product, overflow) = count.multipliedReportingOverflow(by: Swift.max(size, 1))
      if overflow { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }
}

// MARK: - Parsing

extension SafetensorsHeader {
  /// Reads the JSON of a header: one object of tensors, each with a type, a shape and a range, and
  /// `__metadata__` of strings. Anything else is an error.
  init(parsing bytes: [UInt8], path: String) throws(TorchError) {
    var parser = Parser(bytes: bytes, path: path)
    var seen: Set<String> = []
    guard bytes.first == UInt8(ascii: "{") else { throw parser.unexpected("'{'") }
    try parser.object { parser, name throws(TorchError) in
      guard seen.insert(name).inserted else {
        throw parser.error("the name '\(name)' appears twice")
      }
      if name == "__metadata__" {
        metadata = try parser.metadata()
      } else {
        guard entries.count < Self.tensorLimit else {
          throw parser.error("more than \(Self.tensorLimit) tensors")
        }
        entries.append(try parser.entry(name))
      }
    }
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.unexpected("the end of the header") }
  }

  /// The part of JSON that a header uses, by hand: no nesting to follow, no number that rounds.
  private struct Parser {
    let bytes: [UInt8]
    let path: String
    var position = 0

    func error(_ reason: String) -> TorchError {
      .malformedFile(path: path, reason: "header byte \(position): \(reason)")
    }

    func unexpected(_ expected: String) -> TorchError { error("expected \(expected)") }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        position += 1
      }
    }

    /// Steps over `symbol` and the space before it, if it comes next.
    mutating func take(_ symbol: Unicode.Scalar) -> Bool {
      skipSpace()
      guard next == UInt8(ascii: symbol) else { return false }
      position += 1
      return true
    }

    mutating func require(_ symbol: Unicode.Scalar) throws(TorchError) {
      guard take(symbol) else { throw unexpected("'\(symbol)'") }
    }

    /// Calls `member` after each key of an object; it reads the value.
    mutating func object(
      _ member: (inout Parser, String) throws(TorchError) -> Void
    ) throws(TorchError) {
      try require("{")
      if take("}") { return }
      repeat {
        let key = try string()
        try require(":")
        try member(&self, key)
      } while take(",")
      try require("}")
    }

    mutating func metadata() throws(TorchError) -> [String: String] {
      var result: [String: String] = [:]
      try object { parser, key throws(TorchError) in
        let value = try parser.string()
        guard result.updateValue(value, forKey: key) == nil else {
          throw parser.error("the key '\(key)' appears twice")
        }
        guard result.count <= SafetensorsHeader.metadataLimit else {
          throw parser.error("more than \(SafetensorsHeader.metadataLimit) entries of metadata")
        }
      }
      return result
    }

    mutating func entry(_ name: String) throws(TorchError) -> Entry {
      var dtype: DType?
      var shape: [Int]?
      var range: Range<Int>?
      try object { parser, key throws(TorchError) in
        switch key {
        case "dtype" where dtype == nil:
          let type = try parser.string()
          dtype = SafetensorsHeader.typeNames.first { $0.name == type }?.dtype
          guard dtype != nil else {
            let known = SafetensorsHeader.typeNames.map(\.name).joined(separator: ", ")
            throw parser.error("tensor '\(name)' has type '\(type)', expected one of \(known)")
          }
        case "shape" where shape == nil:
          // libtorch's loops take at most 64 dimensions.
          shape = try parser.integers(atMost: 64)
        case "data_offsets" where range == nil:
          let ends = try parser.integers(atMost: 2)
          guard ends.count == 2, ends[0] <= ends[1] else {
            throw parser.error("tensor '\(name)' has offsets \(ends), expected begin and end")
          }
          range = ends[0]..<ends[1]
        default: throw parser.error("tensor '\(name)' has '\(key)' where it should not")
        }
      }
      guard let dtype, let shape, let range else {
        throw error("tensor '\(name)' lacks dtype, shape or data_offsets")
      }
      return Entry(name: name, dtype: dtype, shape: shape, range: range)
    }

    mutating func integers(atMost limit: Int) throws(TorchError) -> [Int] {
      try require("[")
      if take("]") { return [] }
      var values: [Int] = []
      repeat {
        guard values.count < limit else { throw error("more than \(limit) numbers") }
        values.append(try integer())
      } while take(",")
      try require("]")
      return values
    }

    mutating func integer() throws(TorchError) -> Int {
      skipSpace()
      let start = position
      var value = 0
      while let byte = next, (0x30...0x39).contains(byte) {
        let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow) = tens.addingReportingOverflow(Int(byte - 0x30))
        guard !tooLarge, !overflow else { throw error("a number that is too large") }
        value = sum
        position += 1
      }
      guard position > start, position == start + 1 || bytes[start] != 0x30 else {
        position = start
        throw unexpected("a whole number")
      }
      return value
    }

    mutating func string() throws(TorchError) -> String {
      try require("\"")
      var content: [UInt8] = []
      while let byte = next {
        position += 1
        switch byte {
        case UInt8(ascii: "\""):
          guard let text = String(validating: content, as: UTF8.self) else {
            throw error("text that is not UTF-8")
          }
          return text
        case UInt8(ascii: "\\"): try escape(into: &content)
        case 0..<0x20: throw error("a control character in text")
        default: content.append(byte)
        }
        guard content.count <= SafetensorsHeader.textLimit else {
          throw error("a text of more than \(SafetensorsHeader.textLimit) bytes")
        }
      }
      throw unexpected("'\"'")
    }

    private mutating func escape(into content: inout [UInt8]) throws(TorchError) {
      guard let byte = next else { throw unexpected("an escape") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
      case UInt8(ascii: "b"): content.append(0x08)
      case UInt8(ascii: "f"): content.append(0x0C)
      case UInt8(ascii: "n"): content.append(0x0A)
      case UInt8(ascii: "r"): content.append(0x0D)
      case UInt8(ascii: "t"): content.append(0x09)
      case UInt8(ascii: "u"):
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), next == UInt8(ascii: "\\") {
          position += 1
          guard next == UInt8(ascii: "u") else { throw unexpected("the second half of a pair") }
          position += 1
          let low = try hexadecimal()
          guard (0xDC00..<0xE000).contains(low) else {
            throw unexpected("the second half of a pair")
          }
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half of a pair") }
        content.append(contentsOf: String(scalar).utf8)
      default: throw error("an unknown escape")
      }
    }

    private mutating func hexadecimal() throws(TorchError) -> UInt32 {
      var value: UInt32 = 0
      for _ in 0..<4 {
        guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
          throw unexpected("four hexadecimal digits")
        }
        value = value << 4 | UInt32(digit)
        position += 1
      }
      return value
    }
  }
}
