/// One Pascal VOC annotation file: a picture's name and size, and its objects.
///
/// `object/part` elements (heads, hands) are left out: they are no objects of their own.
struct VOCAnnotation: Equatable {
  struct Object: Equatable {
    var name = ""
    /// `xmin ymin xmax ymax` as written: pixels counted from 1, both ends included.
    var corners: [String: String] = [:]
    var isDifficult = false
    var line = 0
  }

  var fileName = ""
  var width: Int?
  var height: Int?
  var objects: [Object] = []

  init(parsing bytes: [UInt8]) throws(XMLPullParser.Fault) {
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
          throw XMLPullParser.Fault(
            line: parser.line(), reason: "the root is <\(name)>; expected <annotation>")
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
