import Darknet

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
  /// Faults that are kept one by one.
  public static let listedFaults = 1000

  /// An object as far as it has been read.
  private struct Draft: Equatable {
    var name = ""
    /// As written.
    var corners: [String?] = [nil, nil, nil, nil]
    var isDifficult = false
    var line: Int
  }
  private var draft: Draft?

  /// The keys of a box.
  static let cornerNames = ["xmin", "ymin", "xmax", "ymax"]

  /// The longest text of an element that is of use, in bytes.
  static let maximumText = 4096

  /// Parses the bytes of an annotation file.
  ///
  /// - Parameter keepsDifficult: whether objects marked difficult are taken.
  public init(
    parsing bytes: [UInt8], keepsDifficult: Bool = false
  ) throws(AnnotationFault) {
    var parser = XMLPullParser(bytes)
    // Elements from the root down, and the text collected for the innermost one.
    var path: [String] = []
    var content = ""
    while let event = try parser.next() {
      switch event {
      case .start(let name):
        path.append(name)
        content = ""
        if path.count == 1, name != "annotation" {
          throw AnnotationFault(
            line: parser.line(), reason: "the root is <\(name.excerpt)>; expected <annotation>")
        }
        if path.count == 2, name == "object" { draft = Draft(line: parser.line()) }
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
        draft?.name = content.asClassName
      }
      if last == "difficult" { draft?.isDifficult = content.trimmedOfBlanks == "1" }
    case ("object", 3) where path[path.startIndex + 1] == "bndbox":
      if let corner = Self.cornerNames.firstIndex(where: { $0 == last }) {
        draft?.corners[corner] = content.trimmedOfBlanks
      }
    default: break
    }
  }

  /// Keeps the object that has been read, if it can be used.
  private mutating func endObject(keepsDifficult: Bool) {
    guard let draft else { return }
    self.draft = nil
    guard keepsDifficult || !draft.isDifficult else {
      difficultCount += 1
      return
    }
    do {
      objects.append(try Self.object(draft, number: objects.count))
    } catch {
      faultCount += 1
      if faultCount <= Self.listedFaults {
        faults.append(AnnotationFault(line: draft.line, reason: error.reason))
      }
    }
  }

  private static func object(_ draft: Draft, number: Int) throws(BadRecord) -> Object {
    guard number < Label.maximumPerPicture else { throw BadRecord(reason: Label.excessReason) }
    guard !draft.name.isEmpty else { throw BadRecord(reason: "an object without a name") }
    var corners: [Double] = []
    for (key, text) in zip(cornerNames, draft.corners) {
      guard let text else { throw BadRecord(reason: "\(draft.name.excerpt) without \(key)") }
      guard let value = decimalValue(ArraySlice(text.utf8)) else {
        throw BadRecord(reason: "\(draft.name.excerpt): \(key) '\(text.excerpt)' is not a number")
      }
      corners.append(value)
    }
    // Both ends are included, so equal numbers are one pixel; equal corners are a slip of the mouse.
    let (width, height) = (corners[2] - corners[0], corners[3] - corners[1])
    guard width >= 0, height >= 0, width + height > 0 else {
      let place = draft.corners.map { ($0 ?? "").excerpt }.joined(separator: " ")
      throw BadRecord(reason: "\(draft.name.excerpt) at \(place) has no area")
    }
    return Object(name: draft.name, corners: corners, line: draft.line)
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
