import Darknet

/// What a Darknet label file says: `class xc yc w h` a line, the last four as fractions in `0...1`.
///
/// A line that says anything else is skipped, counted and listed; the others stand. Any bytes are
/// taken: nothing here can fail but reading the file.
public struct LabelFile: Hashable, Sendable {
  /// The good lines in order, each different one once.
  public var labels: [Label] = []
  /// The bad lines: the first ``listedLines`` of them one by one, the rest as one entry.
  public var problems: [DatasetProblem] = []
  /// How many lines were skipped because something was wrong with them.
  public var badLines = 0
  /// The numbers of the lines that were skipped because an equal one came before.
  public var duplicateLines: [Int] = []

  /// Bad lines of one file that are listed one by one.
  public static let listedLines = 100

  /// Reads a label file.
  ///
  /// - Parameters:
  ///   - path: the label file.
  ///   - classCount: classes are `0..<classCount`.
  public init(contentsOf path: String, classCount: Int) throws(FileError) {
    try self.init(parsing: readFile(path), path: path, classCount: classCount)
  }

  /// Parses the bytes of a label file; `path` is for messages.
  public init(parsing bytes: [UInt8], path: String, classCount: Int) {
    var seen: Set<Label> = []
    for line in TextLines(bytes) where !line.content.isEmpty {
      do {
        let label = try Self.label(line.content.tokens, classCount: classCount)
        if seen.insert(label).inserted {
          labels.append(label)
        } else {
          duplicateLines.append(line.number)
        }
      } catch {
        badLines += 1
        if badLines <= Self.listedLines {
          problems.append(DatasetProblem(path: path, line: line.number, reason: error.reason))
        }
      }
    }
    if badLines > Self.listedLines {
      let reason = "\(badLines - Self.listedLines) more bad lines"
      problems.append(DatasetProblem(path: path, reason: reason))
    }
  }

  /// The text of a label file with these labels, eight decimals at most.
  public static func text(of labels: [Label]) -> String {
    var text = ""
    for label in labels {
      text += String(label.classIndex)
      for value in [label.centerX, label.centerY, label.width, label.height] {
        text += " " + decimal(Double(value), places: 8)
      }
      text += "\n"
    }
    return text
  }

  private struct BadLine: Error { var reason: String }

  private static let columns = ["class", "centre x", "centre y", "width", "height"]

  private static func label(
    _ tokens: [ArraySlice<UInt8>], classCount: Int
  ) throws(BadLine) -> Label {
    guard tokens.count == columns.count else {
      let found = tokens.count > 9 ? "more than 9" : String(tokens.count)
      throw BadLine(
        reason: "\(found) columns; expected 5 (class, centre x, centre y, width, height)")
    }
    var values: [Double] = []
    for (token, column) in zip(tokens, columns) {
      guard let value = decimalValue(token) else {
        throw BadLine(reason: "\(column) '\(token.excerpt)' is not a finite number")
      }
      values.append(value)
    }
    guard values[0] >= 0, values[0] < Double(classCount), values[0] == values[0].rounded() else {
      let expected = classCount == 1 ? "0" : "a whole number from 0 to \(classCount - 1)"
      throw BadLine(reason: "class '\(tokens[0].excerpt)' is not \(expected)")
    }
    for index in 1..<5 where !(0...1).contains(values[index]) {
      throw BadLine(reason: "\(columns[index]) '\(tokens[index].excerpt)' is outside of 0...1")
    }
    let label = Label(
      classIndex: Int(values[0]), centerX: Float(values[1]), centerY: Float(values[2]),
      width: Float(values[3]), height: Float(values[4]))
    guard label.width > 0, label.height > 0 else {
      throw BadLine(reason: "a box of \(label.width) x \(label.height) has no area")
    }
    return label
  }
}
