import Darknet
import Parsing

/// One Pascal VOC annotation file: a picture's name and size, and its objects.
///
/// `object/part` elements (heads, hands) are left out: they are no objects of their own.
public struct VOCAnnotation: Equatable, Sendable {
  /// One object in the picture, with a name and a box that has an area.
  public struct Object: Equatable, Sendable {
    /// The class's name, white space in it as single blanks.
    public var name: String
    /// `xmin ymin xmax ymax`: pixels counted from 1, both ends included.
    public var corners: [Double]
    /// The line that it begins at.
    public var line: Int
  }

  /// The picture's file name.
  public var fileName = ""
  /// The picture's width in pixels, where it is said.
  public var width: Int?
  /// The picture's height in pixels, where it is said.
  public var height: Int?
  /// In the order of the file.
  public private(set) var objects: [Object] = []
  /// Objects that were left out because something is wrong with them, the first ``listedFaults``.
  public private(set) var faults: [AnnotationFault] = []
  /// How many these were.
  public private(set) var faultCount = 0
  /// Objects that were left out because VOC's own evaluation ignores them.
  public private(set) var difficultCount = 0
  /// Objects with several boxes, each of which is taken for an object of its own.
  public private(set) var objectsOfSeveralBoxes = 0
  /// The encoding that the file was taken to be in, when it declares none and is not UTF-8.
  public private(set) var guessedEncoding: String?
  /// The largest file that is read, in bytes.
  public static let maximumBytes = 1 << 29
  /// Faults that are kept one by one.
  public static let listedFaults = 1000

  /// An object as far as it has been read.
  private struct Draft: Equatable {
    var names: [String] = []
    /// Of each box, as written.
    var boxes: [[String?]] = []
    /// A key that a box has twice.
    var repeatedCorner: String?
    var isDifficult = false
    var line: Int
  }
  private var draft: Draft?

  /// The keys of a box.
  static let cornerNames = ["xmin", "ymin", "xmax", "ymax"]

  /// More boxes in one object are left out.
  private static let maximumBoxes = Label.maximumPerPicture

  /// The picture's size as stated; nil unless both sides are.
  var size: (width: Int, height: Int)? {
    guard let width, let height else { return nil }
    return (width, height)
  }

  /// What was taken, but looks odd.
  var remarks: [String] {
    var remarks: [String] = []
    if objectsOfSeveralBoxes > 0 {
      let what =
        objectsOfSeveralBoxes == 1 ? "an object has" : "\(objectsOfSeveralBoxes) objects have"
      remarks.append("\(what) several boxes; each is taken as an object")
    }
    if let guessedEncoding {
      remarks.append("is not UTF-8, whatever it says; read as \(guessedEncoding)")
    }
    return remarks
  }

  /// The longest text of an element that is of use, in bytes.
  static let maximumText = 4096

  /// Parses the bytes of an annotation file.
  ///
  /// - Parameter keepsDifficult: whether objects marked difficult are taken.
  public init(
    parsing bytes: [UInt8], keepsDifficult: Bool = false
  ) throws(AnnotationFault) {
    let text = XMLText(bytes)
    if let fault = text.fault { throw AnnotationFault(line: 1, reason: fault) }
    guessedEncoding = text.guessedEncoding
    // Elements from the root down, and the text collected for the innermost one.
    var path: [String] = []
    var content = ""
    try XMLReader.read(text.bytes) { event, line throws(AnnotationFault) in
      switch event {
      case .start(let name):
        path.append(name)
        content = ""
        if path.count == 1, name != "annotation" {
          throw AnnotationFault(
            line: line, reason: "the root is <\(name.excerpt)>; expected <annotation>")
        }
        if path.count == 2, name == "object" { draft = Draft(line: line) }
        if path.count == 3, name == "bndbox",
          draft.map({ $0.boxes.count <= Self.maximumBoxes }) ?? false
        {
          draft?.boxes.append([nil, nil, nil, nil])
        }
      case .text(let text):
        if content.utf8.count <= Self.maximumText { content += text }
      case .end:
        take(content, at: path.dropFirst(), keepsDifficult: keepsDifficult)
        path.removeLast()
        content = ""
      }
    }
  }

  private mutating func take(
    _ content: String, at path: ArraySlice<String>, keepsDifficult: Bool
  ) {
    let (first, last) = (path.first, path.last)
    switch (first, path.count) {
    case ("filename", 1): fileName = content.trimmedOfBlanks
    case ("size", 2):
      let value = decimalValue(ArraySlice(content.utf8).trimmed)
        .flatMap { Int(exactly: $0.rounded()) }
      if last == "width" { width = value }
      if last == "height" { height = value }
    case ("object", 1): endObject(keepsDifficult: keepsDifficult)
    case ("object", 2):
      // A line break inside of a name would break the file of names; a text that is cut is none.
      if last == "name", content.utf8.count <= Self.maximumText {
        draft?.names.append(content.asClassName)
      }
      if last == "difficult" { draft?.isDifficult = content.trimmedOfBlanks == "1" }
    case ("object", 3) where path[path.startIndex + 1] == "bndbox":
      if let corner = Self.cornerNames.firstIndex(where: { $0 == last }) {
        take(content.trimmedOfBlanks, ofCorner: corner)
      }
    default: break
    }
  }

  private mutating func take(_ content: String, ofCorner corner: Int) {
    guard let box = draft?.boxes.indices.last else { return }
    if draft?.boxes[box][corner] != nil { draft?.repeatedCorner = Self.cornerNames[corner] }
    draft?.boxes[box][corner] = content
  }

  /// Keeps the object that has been read, if it can be used: one for each of its boxes.
  private mutating func endObject(keepsDifficult: Bool) {
    guard let draft else { return }
    self.draft = nil
    guard keepsDifficult || !draft.isDifficult else {
      difficultCount += 1
      return
    }
    if draft.boxes.count > 1 { objectsOfSeveralBoxes += 1 }
    for box in draft.boxes.isEmpty ? [[nil, nil, nil, nil]] : draft.boxes {
      do {
        objects.append(
          try Self.object(
            draft, box, number: objects.count, explains: faultCount < Self.listedFaults))
      } catch {
        faultCount += 1
        if faultCount <= Self.listedFaults {
          faults.append(AnnotationFault(line: draft.line, reason: error.reason))
        }
      }
    }
  }

  /// - Parameter explains: whether a refusal has its reason; there may be many that are only
  ///   counted.
  private static func object(
    _ draft: Draft, _ box: [String?], number: Int, explains: Bool
  ) throws(BadRecord) -> Object {
    func refusal(_ reason: @autoclosure () -> String) -> BadRecord {
      BadRecord(reason: explains ? reason() : "")
    }
    guard number < Label.maximumPerPicture else { throw refusal(Label.excessReason) }
    guard let name = draft.names.first, !name.isEmpty else {
      throw refusal("an object without a name")
    }
    guard draft.names.count == 1 else {
      throw refusal(
        "an object of several names: "
          + draft.names.map { "'\($0.excerpt)'" }.joined(separator: " and ").excerpt)
    }
    guard !name.unicodeScalars.contains("\u{FFFD}") else {
      throw refusal("the name '\(name.excerpt)' is not in the file's encoding")
    }
    if let repeated = draft.repeatedCorner {
      throw refusal("\(name.excerpt) with two \(repeated) in a box")
    }
    var corners: [Double] = []
    for (key, text) in zip(cornerNames, box) {
      guard let text else { throw refusal("\(name.excerpt) without \(key)") }
      guard let value = decimalValue(ArraySlice(text.utf8)) else {
        throw refusal("\(name.excerpt): \(key) '\(text.excerpt)' is not a number")
      }
      corners.append(value)
    }
    // Both ends are included, so equal numbers are one pixel; equal corners are a slip of the
    // mouse.
    let (width, height) = (corners[2] - corners[0], corners[3] - corners[1])
    guard width >= 0, height >= 0, width + height > 0 else {
      throw refusal(
        "\(name.excerpt) at \(box.map { ($0 ?? "").excerpt }.joined(separator: " ")) has no area")
    }
    return Object(name: name, corners: corners, line: draft.line)
  }
}

extension String {
  /// Without blanks and line ends at both ends.
  var trimmedOfBlanks: String {
    let start = firstIndex { !$0.isWhitespace } ?? endIndex
    let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
    return String(self[start..<end])
  }
}
