/// Reads an event file as TFRecord and Protocol Buffers say, knowing nothing of the writer.
struct EventFile {
  /// A HistogramProto and what it is about.
  struct Histogram {
    var tag: String
    var step: Int
    var minimum = 0.0
    var maximum = 0.0
    var number = 0.0
    var sum = 0.0
    var limits: [Double] = []
    var counts: [Double] = []
  }

  private enum Problem: Error { case malformed }

  /// In the order of the file.
  private(set) var histograms: [Histogram] = []

  init(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Length (8 bytes), its checksum (4), the event, its checksum (4).
      guard rest.count >= 12 else { throw Problem.malformed }
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(12)
      guard rest.count >= length + 4 else { throw Problem.malformed }
      try read(rest.prefix(length))
      rest = rest.dropFirst(length + 4)
    }
  }

  private mutating func read(_ event: ArraySlice<UInt8>) throws {
    let fields = try Self.fields(event)
    // Event: step 2, summary 5; Summary: value 1; Value: tag 1, histo 5.
    let step = fields.first { $0.number == 2 }.map(\.integer) ?? 0
    for summary in fields where summary.number == 5 {
      for value in try Self.fields(summary.bytes) where value.number == 1 {
        let parts = try Self.fields(value.bytes)
        guard let tag = parts.first(where: { $0.number == 1 }),
          let proto = parts.first(where: { $0.number == 5 })
        else { continue }
        var histogram = Histogram(tag: String(decoding: tag.bytes, as: UTF8.self), step: step)
        for field in try Self.fields(proto.bytes) {
          let numbers = Self.doubles(field.bytes)
          switch field.number {
          case 1: histogram.minimum = numbers[0]
          case 2: histogram.maximum = numbers[0]
          case 3: histogram.number = numbers[0]
          case 4: histogram.sum = numbers[0]
          case 6: histogram.limits = numbers
          case 7: histogram.counts = numbers
          default: break
          }
        }
        histograms.append(histogram)
      }
    }
  }

  private struct Field {
    var number: Int
    var integer = 0
    var bytes: ArraySlice<UInt8> = []
  }

  private static func fields(_ message: ArraySlice<UInt8>) throws -> [Field] {
    var rest = message
    var fields: [Field] = []
    func varint() throws -> Int {
      var (value, shift) = (0, 0)
      while let byte = rest.popFirst() {
        value |= Int(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw Problem.malformed
    }
    func take(_ count: Int) throws -> ArraySlice<UInt8> {
      guard rest.count >= count else { throw Problem.malformed }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    while !rest.isEmpty {
      let key = try varint()
      switch key & 7 {
      case 0: fields.append(Field(number: key >> 3, integer: try varint()))
      case 1: fields.append(Field(number: key >> 3, bytes: try take(8)))
      case 2: fields.append(Field(number: key >> 3, bytes: try take(try varint())))
      case 5: fields.append(Field(number: key >> 3, bytes: try take(4)))
      default: throw Problem.malformed
      }
    }
    return fields
  }

  private static func doubles(_ bytes: ArraySlice<UInt8>) -> [Double] {
    stride(from: bytes.startIndex, to: bytes.endIndex - 7, by: 8).map { start in
      Double(
        bitPattern: bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}
