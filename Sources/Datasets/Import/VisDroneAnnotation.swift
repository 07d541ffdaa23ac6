import Darknet
import Parsing

/// A VisDrone-DET annotation file: `left,top,width,height,score,category,truncation,occlusion` a
/// line (VisDrone2018-DET-toolkit, readme).
///
/// Any bytes are taken: a line that says anything else is noted in ``faults``.
public struct VisDroneAnnotation: Sendable {
  /// A line of the file.
  struct Object {
    var box: PixelBox
    /// 0 for what the evaluation ignores.
    var score: Double
    /// 0 for ignored regions, 1 to 10 for the classes, 11 for others.
    var category: Int
    var line: Int
  }

  /// In the order of the file.
  private(set) var objects: [Object] = []
  /// Lines that were left out, the first ``listedFaults`` of them.
  public private(set) var faults: [AnnotationFault] = []
  /// How many lines were left out.
  public private(set) var faultCount = 0
  /// How many objects there are.
  public var objectCount: Int { objects.count }
  /// Faults that are kept one by one.
  public static let listedFaults = 100

  private static let columns = [
    "left", "top", "width", "height", "score", "category", "truncation", "occlusion",
  ]

  /// Reads a file.
  public init(contentsOf path: String) throws(FileError) {
    try LineReader.forEachLine(of: path) { take($1, line: $0) }
  }

  /// Parses the bytes of a file.
  public init(parsing bytes: [UInt8]) {
    LineReader.forEachLine(in: bytes) { take($1, line: $0) }
  }

  private mutating func take(_ content: ArraySlice<UInt8>?, line: Int) {
    do throws(BadLine) {
      let object = try Self.object(content, line: line)
      guard objects.count < Label.maximumPerPicture else { throw BadLine.excess }
      objects.append(object)
    } catch {
      faultCount += 1
      if faultCount <= Self.listedFaults {
        faults.append(AnnotationFault(line: line, reason: error.reason))
      }
    }
  }

  /// What is wrong with a line; put into words only when it is listed.
  private enum BadLine: Error {
    case tooLong
    case count(Int)
    case noNumber(column: Int, ArraySlice<UInt8>)
    case noCategory(ArraySlice<UInt8>)
    case excess

    var reason: String {
      switch self {
      case .tooLong: return "a line of more than \(LineReader.maximumLine) bytes"
      case .count(let count):
        let found = count > 9 ? "more than 9" : String(count)
        return
          "\(found) columns; expected 8 (\(VisDroneAnnotation.columns.joined(separator: ", ")))"
      case .noNumber(let column, let token):
        return "\(VisDroneAnnotation.columns[column]) '\(token.excerpt)' is not a number"
      case .noCategory(let token):
        return "category '\(token.excerpt)' is not a whole number from 0 to 11"
      case .excess: return Label.excessReason
      }
    }
  }

  private static func object(
    _ content: ArraySlice<UInt8>?, line: Int
  ) throws(BadLine) -> Object {
    guard let content else { throw .tooLong }
    let comma = UInt8(ascii: ",")
    var parts = content.split(separator: comma, maxSplits: 9, omittingEmptySubsequences: false)
    // Some files have a comma at the end of each line.
    if let last = parts.last, last.trimmed.isEmpty { parts.removeLast() }
    guard parts.count == columns.count else { throw .count(parts.count) }
    var values: [Double] = []
    values.reserveCapacity(columns.count)
    for (column, part) in parts.enumerated() {
      guard let value = decimalValue(part.trimmed) else {
        throw .noNumber(column: column, part)
      }
      values.append(value)
    }
    guard let category = Int(exactly: values[5]), (0...11).contains(category) else {
      throw .noCategory(parts[5])
    }
    return Object(
      box: PixelBox(
        x1: values[0], y1: values[1], x2: values[0] + values[2], y2: values[1] + values[3]),
      score: values[4], category: category, line: line)
  }
}
