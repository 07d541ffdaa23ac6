import Parsing

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
    guard bytes.first == UInt8(ascii: "{") else {
      throw .malformedFile(path: path, reason: "header byte 0: expected '{'")
    }
    let parser = Parser(reader: JSONReader(bytes, checksText: true), path: path)
    do {
      var seen: Set<String> = []
      try parser.object("the header") { name in
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
      try parser.reader.finish()
    } catch let error as TorchError {
      throw error
    } catch let fault as ParsingFault {
      throw .malformedFile(path: path, reason: "header: \(fault.reason)")
    } catch {
      throw .malformedFile(path: path, reason: "header: \(error)")
    }
  }

  private struct Parser {
    let reader: JSONReader
    let path: String

    func error(_ reason: String) -> TorchError {
      .malformedFile(path: path, reason: "header byte \(reader.position): \(reason)")
    }

    /// Calls `member` after each key of an object; it reads the value.
    func object(_ what: String, _ member: (String) throws -> Void) throws {
      guard try reader.forEachMember({ key, _ in try member(key) }) else {
        throw error("expected \(what) to be an object")
      }
    }

    func metadata() throws -> [String: String] {
      var result: [String: String] = [:]
      try object("'__metadata__'") { key in
        guard let value = try reader.string() else {
          throw error("expected the metadata '\(key)' to be text")
        }
        guard result.updateValue(value, forKey: key) == nil else {
          throw error("the key '\(key)' appears twice")
        }
        guard result.count <= SafetensorsHeader.metadataLimit else {
          throw error("more than \(SafetensorsHeader.metadataLimit) entries of metadata")
        }
      }
      return result
    }

    func entry(_ name: String) throws -> Entry {
      var dtype: DType?
      var shape: [Int]?
      var range: Range<Int>?
      try object("tensor '\(name)'") { key in
        switch key {
        case "dtype" where dtype == nil:
          let type = try reader.string() ?? ""
          dtype = SafetensorsHeader.typeNames.first { $0.name == type }?.dtype
          guard dtype != nil else {
            let known = SafetensorsHeader.typeNames.map(\.name).joined(separator: ", ")
            throw error("tensor '\(name)' has type '\(type)', expected one of \(known)")
          }
        case "shape" where shape == nil:
          // libtorch's loops take at most 64 dimensions.
          shape = try integers(atMost: 64)
        case "data_offsets" where range == nil:
          let ends = try integers(atMost: 2)
          guard ends.count == 2, ends[0] <= ends[1] else {
            throw error("tensor '\(name)' has offsets \(ends), expected begin and end")
          }
          range = ends[0]..<ends[1]
        default: throw error("tensor '\(name)' has '\(key)' where it should not")
        }
      }
      guard let dtype, let shape, let range else {
        throw error("tensor '\(name)' lacks dtype, shape or data_offsets")
      }
      return Entry(name: name, dtype: dtype, shape: shape, range: range)
    }

    func integers(atMost limit: Int) throws -> [Int] {
      var values: [Int] = []
      let isList = try reader.forEachElement { reader in
        guard values.count < limit else { throw error("more than \(limit) numbers") }
        guard let value = try reader.integer(), value >= 0 else {
          throw error("expected a whole number below 2⁶³")
        }
        values.append(value)
      }
      guard isList else { throw error("expected a list of numbers") }
      return values
    }
  }
}
