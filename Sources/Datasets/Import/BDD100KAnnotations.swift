import Darknet

/// Labels of BDD100K: a file of all frames of a split, or of one picture.
///
/// A split's file is a list of frames, or an object with such a list under `frames`; a frame has a
/// `name` and `labels`, each with a `category` and, if it is a box, `box2d`. A picture's file is an
/// object with the `name` and one frame, whose list is called `objects`.
public struct BDD100KAnnotations: Sendable {
  /// A picture and what is labelled in it.
  public struct Frame: Sendable {
    /// The picture's file, with or without its extension.
    public var name = ""
    var objects: [Object] = []
  }

  /// A box.
  struct Object {
    var category: String
    var box: PixelBox
  }

  /// In the order of the file.
  public private(set) var frames: [Frame] = []
  /// Records that were left out, the first ``listedFaults`` of them.
  public private(set) var faults: [AnnotationFault] = []
  /// How many records were left out.
  public private(set) var faultCount = 0
  /// Faults that are kept one by one.
  public static let listedFaults = 1000

  /// Reads a file.
  ///
  /// - Throws: `FileError`, or ``AnnotationFault`` when the file is no JSON, or not of this form.
  public init(contentsOf path: String) throws {
    var parser = try JSONPullParser(contentsOf: path)
    try self.init(&parser)
  }

  /// Parses the bytes of a file.
  public init(parsing bytes: [UInt8]) throws {
    var parser = JSONPullParser(bytes)
    try self.init(&parser)
  }

  private init(_ parser: inout JSONPullParser) throws {
    switch try parser.kind() {
    case .array: try parser.forEachElement { try readFrame(&$0, name: nil) }
    case .object: try readObject(&parser)
    default: throw AnnotationFault(line: parser.line, reason: "neither a list nor an object")
    }
    try parser.finish()
  }

  /// A picture's file, or an object around the list of a split.
  private mutating func readObject(_ parser: inout JSONPullParser) throws {
    var name: String?
    var hasFrames = false
    try parser.forEachMember { key, parser in
      switch key {
      case "name": name = try parser.string()
      case "frames":
        hasFrames = true
        try parser.forEachElement { try readFrame(&$0, name: name ?? "") }
      default: break
      }
    }
    guard hasFrames else {
      throw AnnotationFault(reason: "an object without 'frames'")
    }
    // The picture's name may come after its frame.
    for index in frames.indices where frames[index].name.isEmpty {
      frames[index].name = name ?? ""
    }
  }

  /// - Parameter name: what the frame is called when it does not say so itself; nil when it must.
  private mutating func readFrame(_ parser: inout JSONPullParser, name: String?) throws {
    var frame = Frame(name: name ?? "")
    let isObject = try parser.forEachMember { key, parser in
      switch key {
      case "name": frame.name = try parser.string() ?? frame.name
      case "labels", "objects":
        try parser.forEachElement { try readLabel(&$0, &frame) }
      default: break
      }
    }
    guard isObject, !(frame.name.isEmpty && name == nil) else {
      return note("a frame without a name")
    }
    frames.append(frame)
  }

  private mutating func readLabel(_ parser: inout JSONPullParser, _ frame: inout Frame) throws {
    var category: String?
    var corners: [String: Double] = [:]
    var isBox = false
    let isObject = try parser.forEachMember { key, parser in
      switch key {
      case "category": category = try parser.string()?.asClassName
      case "box2d":
        guard try parser.kind() != .null else { return }
        isBox = true
        try parser.forEachMember { key, parser in
          if ["x1", "y1", "x2", "y2"].contains(key) { corners[key] = try parser.number() }
        }
      default: break
      }
    }
    // Lanes and areas have outlines instead of boxes.
    guard isBox || !isObject else { return }
    guard isObject, let category, !category.isEmpty else {
      return note("\(frame.name.excerpt): a label without a category")
    }
    guard let x1 = corners["x1"], let y1 = corners["y1"], let x2 = corners["x2"],
      let y2 = corners["y2"]
    else { return note("\(frame.name.excerpt): \(category.excerpt) without four corners") }
    frame.objects.append(
      Object(category: category, box: PixelBox(x1: x1, y1: y1, x2: x2, y2: y2)))
  }

  /// Counts a record that is left out; only of the first ones the reason is put into words.
  private mutating func note(_ reason: @autoclosure () -> String) {
    faultCount += 1
    if faultCount <= Self.listedFaults { faults.append(AnnotationFault(reason: reason())) }
  }
}
