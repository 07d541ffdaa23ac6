import Glibc
import Storage

/// Writes figures over time as TensorBoard reads them: an `events.out.tfevents.…` file.
///
/// The file is a sequence of records (TensorFlow's TFRecord format: length, masked CRC-32C, data,
/// masked CRC-32C), each an `Event` of tensorflow/core/util/event.proto. Records are added whole; a
/// process that is killed leaves those before, and TensorBoard skips a last one that is cut short.
public final class EventWriter {
  /// Where the events go.
  public let path: String
  private let descriptor: Int32
  private let wallTime: () -> Double

  /// Creates a file in a folder, named after time, machine and process as TensorBoard expects.
  ///
  /// - Parameter firstStep: when a run is continued, the first step to come: TensorBoard then
  ///   forgets what older files of the folder say about this step and later ones.
  /// - Throws: ``ReportsError/unwritable(path:reason:)``.
  public convenience init(folder: String, firstStep: Int? = nil) throws(ReportsError) {
    let time = Self.secondsSince1970()
    let path = "\(folder)/events.out.tfevents.\(Int(time)).\(Self.hostName).\(getpid())"
    try self.init(path: path, firstStep: firstStep, wallTime: Self.secondsSince1970)
  }

  init(
    path: String, firstStep: Int?, wallTime: @escaping () -> Double
  ) throws(ReportsError) {
    (self.path, self.wallTime) = (path, wallTime)
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: "\(SystemError())") }
    // file_version: field 3.
    try write(event(step: 0) { $0.bytes(3, Array("brain.Event:2".utf8)) })
    if let firstStep {
      // session_log: field 7, a SessionLog of status (field 1) START = 1.
      try write(event(step: firstStep) { $0.message(7) { $0.integer(1, 1) } })
    }
  }

  deinit { close(descriptor) }

  /// Adds the values of one step.
  public func scalars(_ values: [(tag: String, value: Double)], step: Int) throws(ReportsError) {
    try write(
      summary(step: step) { summary in
        for (tag, value) in values {
          // Summary.value: field 1; tag 1, simple_value 2.
          summary.message(1) { entry in
            entry.bytes(1, Array(tag.utf8))
            entry.float(2, Float(value))
          }
        }
      })
  }

  /// Adds a value of one step.
  public func scalar(_ tag: String, _ value: Double, step: Int) throws(ReportsError) {
    try scalars([(tag, value)], step: step)
  }

  /// Adds a distribution of one step.
  public func histogram(_ tag: String, _ histogram: Histogram, step: Int) throws(ReportsError) {
    try write(
      summary(step: step) { summary in
        summary.message(1) { entry in
          entry.bytes(1, Array(tag.utf8))
          // HistogramProto, field 5: min, max, num, sum, sum_squares, bucket_limit, bucket.
          entry.message(5) { proto in
            proto.double(1, histogram.minimum)
            proto.double(2, histogram.maximum)
            proto.double(3, Double(histogram.counts.reduce(0, +)))
            proto.double(4, histogram.sum)
            proto.double(5, histogram.sumOfSquares)
            // Bins are known by their right edges; an empty first one gives the left end.
            proto.doubles(6, histogram.edges)
            proto.doubles(7, [0] + histogram.counts.map(Double.init))
          }
        }
      })
  }

  /// Brings what was written to the disk.
  public func flush() throws(ReportsError) {
    // EINVAL: the file is a pipe, or something else without a disk.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .unwritable(path: path, reason: "\(SystemError())")
    }
  }

  private func summary(step: Int, _ fill: (inout ProtocolBuffer) -> Void) -> [UInt8] {
    // summary: field 5.
    event(step: step) { $0.message(5, fill) }
  }

  private func event(step: Int, _ fill: (inout ProtocolBuffer) -> Void) -> [UInt8] {
    var event = ProtocolBuffer()
    event.double(1, wallTime())
    if step != 0 { event.integer(2, step) }
    fill(&event)
    return event.encoded
  }

  private func write(_ data: [UInt8]) throws(ReportsError) {
    let length = littleEndian(UInt64(data.count))
    let record =
      length + littleEndian(maskedCRC32C(length)) + data + littleEndian(maskedCRC32C(data))
    do { try writeAll(record, to: descriptor) } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count) == 0 else { return "host" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func secondsSince1970() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The few kinds of fields of Protocol Buffers that events need.
private struct ProtocolBuffer {
  private(set) var encoded: [UInt8] = []

  mutating func integer(_ field: Int, _ value: Int) {
    key(field, 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func double(_ field: Int, _ value: Double) {
    key(field, 1)
    encoded += littleEndian(value.bitPattern)
  }

  mutating func float(_ field: Int, _ value: Float) {
    key(field, 5)
    encoded += littleEndian(value.bitPattern)
  }

  mutating func bytes(_ field: Int, _ value: [UInt8]) {
    key(field, 2)
    varint(UInt64(value.count))
    encoded += value
  }

  mutating func doubles(_ field: Int, _ values: [Double]) {
    bytes(field, values.flatMap { littleEndian($0.bitPattern) })
  }

  mutating func message(_ field: Int, _ fill: (inout ProtocolBuffer) -> Void) {
    var inner = ProtocolBuffer()
    fill(&inner)
    bytes(field, inner.encoded)
  }

  private mutating func key(_ field: Int, _ wireType: Int) { varint(UInt64(field << 3 | wireType)) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      encoded.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    encoded.append(UInt8(rest))
  }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

private let crcTable: [UInt32] = (0..<256).map { index in
  (0..<8).reduce(UInt32(index)) { value, _ in
    value & 1 == 1 ? 0x82F6_3B78 ^ (value >> 1) : value >> 1
  }
}

/// Castagnoli's checksum (RFC 3720, appendix B.4).
func crc32C(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(UInt32.max) { crcTable[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
}

/// As TFRecord stores it: rotated right by 15 bits, plus a constant.
private func maskedCRC32C(_ bytes: [UInt8]) -> UInt32 {
  let crc = crc32C(bytes)
  return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
}
