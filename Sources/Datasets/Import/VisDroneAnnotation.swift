import Darknet

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

  /// Parses the bytes of a file.
  public init(parsing bytes: [UInt8]) {
    for line in TextLines(bytes) where !line.content.isEmpty {
      do {
        objects.append(try Self.object(line.content, line: line.number))
      } catch {
        faultCount += 1
        if faultCount <= Self.listedFaults {
          faults.append(AnnotationFault(line: line.number, reason: error.reason))
        }
      }
    }
  }

  private static func object(
    _ content: ArraySlice<UInt8>, line: Int
  ) throws(BadRecord) -> Object {
    let comma = UInt8(ascii: ",")
    var parts = content.split(separator: comma, maxSplits: 9, omittingEmptySubsequences: false)
    // Some files have a comma at the end of each line.
    if let last = parts.last, last.trimmed.isEmpty { parts.removeLast() }
    guard parts.count == columns.count else {
      let found = parts.count > 9 ? "more than 9" : String(parts.count)
      throw BadRecord(
        reason: "\(found) columns; expected 8 (\(columns.joined(separator: ", ")))")
    }
    var values: [Double] = []
    for (part, column) in zip(parts, columns) {
      guard let value = decimalValue(part.trimmed) else {
        throw BadRecord(reason: "\(column) '\(part.excerpt)' is not a number")
      }
      values.append(value)
    }
    guard let category = Int(exactly: values[5]), (0...11).contains(category) else {
      throw BadRecord(reason: "category '\(parts[5].excerpt)' is not a whole number from 0 to 11")
    }
    return Object(
      box: PixelBox(
        x1: values[0], y1: values[1], x2: values[0] + values[2], y2: values[1] + values[3]),
      score: values[4], category: category, line: line)
  }
}
