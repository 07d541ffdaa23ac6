import Darknet

/// One Pascal VOC annotation file: a picture's name and size, and its objects.
///
/// `object/part` elements (heads, hands) are left out: they are no objects of their own.
public struct VOCAnnotation: Equatable, Sendable {
  /// One object in the picture.
  public struct Object: Equatable, Sendable {
    /// The class's name, white space in it as single blanks.
    public var name = ""
    /// `xmin ymin xmax ymax` as written: pixels counted from 1, both ends included.
    public var corners: [String: String] = [:]
    /// Whether VOC's own evaluation ignores it.
    public var isDifficult = false
    /// The line that it begins at.
    public var line = 0
  }

  /// The picture's file name.
  public var fileName = ""
  /// The picture's width in pixels, where it is said.
  public var width: Int?
  /// The picture's height in pixels, where it is said.
  public var height: Int?
  /// In the order of the file.
  public var objects: [Object] = []

  /// The keys of ``Object/corners``.
  static let cornerNames = ["xmin", "ymin", "xmax", "ymax"]

  /// Parses the bytes of an annotation file.
  public init(parsing bytes: [UInt8]) throws(AnnotationFault) {
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
        if path.count == 2, name == "object" { objects.append(Object(line: parser.line())) }
      case .text(let text):
        content += text
      case .end:
        take(content.trimmedOfBlanks, at: path.dropFirst())
        path.removeLast()
        content = ""
      }
    }
  }

  private mutating func take(_ content: String, at path: ArraySlice<String>) {
    let (first, last) = (path.first, path.last)
    switch (first, path.count) {
    case ("filename", 1): fileName = content
    case ("size", 2):
      let value = decimalValue(ArraySlice(content.utf8)).flatMap { Int(exactly: $0.rounded()) }
      if last == "width" { width = value }
      if last == "height" { height = value }
    case ("object", 2):
      if last == "name" {
        // A line break inside of a name would break the file of names.
        objects[objects.count - 1].name = content.split(whereSeparator: \.isWhitespace)
          .joined(separator: " ")
      }
      if last == "difficult" { objects[objects.count - 1].isDifficult = content == "1" }
    case ("object", 3) where path[path.startIndex + 1] == "bndbox":
      if let last { objects[objects.count - 1].corners[last] = content }
    default: break
    }
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
