import Darknet
import Parsing

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

  /// The boxes that reached over the picture's edge and were cut; none unless they are to be.
  var reach = EdgeReach()

  /// Bad lines of one file that are listed one by one.
  public static let listedLines = 100

  /// Reads a label file.
  ///
  /// - Parameters:
  ///   - path: the label file.
  ///   - classCount: classes are `0..<classCount`.
  ///   - cutsBoxes: whether boxes are cut to the picture, as an import does; else they stay as they
  ///     are, and one whose centre or sides lie outside of `0...1` is a bad line.
  public init(
    contentsOf path: String, classCount: Int, cutsBoxes: Bool = false
  ) throws(FileError) {
    var seen: Set<Label> = []
    try LineReader.forEachLine(of: path) { number, content in
      take(content, number, path: path, classCount: classCount, cutsBoxes, &seen)
    }
    endProblems(path)
  }

  /// Parses the bytes of a label file; `path` is for messages.
  public init(parsing bytes: [UInt8], path: String, classCount: Int, cutsBoxes: Bool = false) {
    var seen: Set<Label> = []
    LineReader.forEachLine(in: bytes) { number, content in
      take(content, number, path: path, classCount: classCount, cutsBoxes, &seen)
    }
    endProblems(path)
  }

  private mutating func take(
    _ content: ArraySlice<UInt8>?, _ number: Int, path: String, classCount: Int,
    _ cutsBoxes: Bool, _ seen: inout Set<Label>
  ) {
    do throws(BadLine) {
      let written = try Self.label(
        content, classCount: classCount, range: cutsBoxes ? Self.cuttable : 0...1)
      let label = cutsBoxes ? try Self.cut(written) : written
      if cutsBoxes { reach.add(share: written.reach) }
      if seen.contains(label) {
        duplicateLines.append(number)
        return
      }
      guard labels.count < Label.maximumPerPicture else { throw BadLine.excess }
      seen.insert(label)
      labels.append(label)
    } catch {
      badLines += 1
      if badLines <= Self.listedLines {
        problems.append(
          DatasetProblem(path: path, line: number, reason: error.reason(classCount: classCount)))
      }
    }
  }

  private mutating func endProblems(_ path: String) {
    guard badLines > Self.listedLines else { return }
    let reason = "\(badLines - Self.listedLines) more bad lines"
    problems.append(DatasetProblem(path: path, reason: reason))
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

  private static let columns = ["class", "centre x", "centre y", "width", "height"]

  /// What is wrong with a line; put into words only when it is listed.
  private enum BadLine: Error {
    case tooLong
    case count(Int)
    case noNumber(column: Int, ArraySlice<UInt8>)
    case noClass(ArraySlice<UInt8>)
    case outside(column: Int, ArraySlice<UInt8>)
    case noArea(Label)
    case outsidePicture
    case excess

    func reason(classCount: Int) -> String {
      switch self {
      case .tooLong: return "a line of more than \(LineReader.maximumLine) bytes"
      case .count(let count):
        let found = count > 9 ? "more than 9" : String(count)
        return "\(found) columns; expected 5 (class, centre x, centre y, width, height)"
      case .noNumber(let column, let token):
        return "\(LabelFile.columns[column]) '\(token.excerpt)' is not a finite number"
      case .noClass(let token):
        let expected = classCount == 1 ? "0" : "a whole number from 0 to \(classCount - 1)"
        return "class '\(token.excerpt)' is not \(expected)"
      case .outside(let column, let token):
        return "\(LabelFile.columns[column]) '\(token.excerpt)' is outside of 0...1"
      case .noArea(let label):
        return "a box of \(label.width) x \(label.height) has no area"
      case .outsidePicture: return "the box lies outside of the picture"
      case .excess: return Label.excessReason
      }
    }
  }

  private static func label(
    _ content: ArraySlice<UInt8>?, classCount: Int, range: ClosedRange<Double>
  ) throws(BadLine) -> Label {
    guard let content else { throw .tooLong }
    let tokens = content.tokens
    guard tokens.count == columns.count else { throw .count(tokens.count) }
    var values: [Double] = []
    values.reserveCapacity(columns.count)
    for (column, token) in tokens.enumerated() {
      guard let value = decimalValue(token) else { throw .noNumber(column: column, token) }
      values.append(value)
    }
    guard values[0] >= 0, values[0] < Double(classCount), values[0] == values[0].rounded() else {
      throw .noClass(tokens[0])
    }
    for column in 1..<5 where !range.contains(values[column]) {
      throw .outside(column: column, tokens[column])
    }
    let label = Label(
      classIndex: Int(values[0]), centerX: Float(values[1]), centerY: Float(values[2]),
      width: Float(values[3]), height: Float(values[4]))
    guard label.width > 0, label.height > 0 else { throw .noArea(label) }
    return label
  }

  /// Values of boxes that may be cut: others are pixels, or another format's.
  private static let cuttable = -1.0...2.0
  /// Labels are rounded to six decimals; what they are over the edge by that is no reach.
  private static let edgeTolerance: Float = 1e-6

  /// The part of a box that lies in the picture; the same label when all of it does.
  private static func cut(_ label: Label) throws(BadLine) -> Label {
    func span(_ center: Float, _ size: Float) -> (center: Float, size: Float) {
      let (low, high) = (center - size / 2, center + size / 2)
      guard low < -edgeTolerance || high > 1 + edgeTolerance else { return (center, size) }
      let (from, to) = (max(low, 0), min(high, 1))
      return ((from + to) / 2, to - from)
    }
    let (x, y) = (span(label.centerX, label.width), span(label.centerY, label.height))
    // Eight decimals are written; what is smaller would be read back as no box.
    guard x.size > 1e-8, y.size > 1e-8 else { throw .outsidePicture }
    return Label(
      classIndex: label.classIndex, centerX: x.center, centerY: y.center, width: x.size,
      height: y.size)
  }
}
