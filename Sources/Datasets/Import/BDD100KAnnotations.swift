import Darknet
import Parsing

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
    /// How many of its records were left out.
    var faultCount = 0
  }

  /// A box.
  struct Object {
    var category: String
    var box: PixelBox
  }

  /// How many frames there were.
  public private(set) var frameCount = 0
  /// Records that were left out, the first ``listedFaults`` of them.
  public private(set) var faults: [AnnotationFault] = []
  /// How many records were left out.
  public private(set) var faultCount = 0
  /// Faults that are kept one by one.
  public static let listedFaults = 1000

  /// Reads a file, whose frames are not kept: `body` is called with each, in the order of the file.
  ///
  /// - Throws: `FileError`, or ``AnnotationFault`` when the file is no JSON, or not of this form.
  public init(contentsOf path: String, _ body: (Frame) throws -> Void) throws {
    let reader = try JSONReader(contentsOf: path)
    try self.init(reader, body)
  }

  /// Parses the bytes of a file.
  public init(parsing bytes: [UInt8], _ body: (Frame) throws -> Void) throws {
    let reader = JSONReader(bytes)
    try self.init(reader, body)
  }

  private init(_ reader: JSONReader, _ body: (Frame) throws -> Void) throws {
    switch try reader.kind() {
    case .array:
      try reader.forEachElement { if let frame = try readFrame($0, name: nil) { try body(frame) } }
    case .object: try readObject(reader, body)
    default: throw AnnotationFault(line: reader.line, reason: "neither a list nor an object")
    }
    try reader.finish()
  }

  /// A picture's file, or an object around the list of a split.
  private mutating func readObject(
    _ reader: JSONReader, _ body: (Frame) throws -> Void
  ) throws {
    var name: String?
    var hasFrames = false
    // The name of a picture may come after its frame.
    var unnamed: Frame?
    try reader.forEachMember { key, reader in
      switch key {
      case "name": name = try reader.string()
      case "frames":
        hasFrames = true
        try reader.forEachElement { reader in
          guard let frame = try readFrame(reader, name: name ?? "") else { return }
          if !frame.name.isEmpty {
            try body(frame)
          } else if unnamed == nil {
            unnamed = frame
          } else {
            note("a second frame without a name")
          }
        }
      default: break
      }
    }
    guard hasFrames else {
      throw AnnotationFault(reason: "an object without 'frames'")
    }
    if var unnamed {
      unnamed.name = name ?? ""
      try body(unnamed)
    }
  }

  /// - Parameter name: what the frame is called when it does not say so itself; nil when it must.
  private mutating func readFrame(_ reader: JSONReader, name: String?) throws -> Frame? {
    var frame = Frame(name: name ?? "")
    let isObject = try reader.forEachMember { key, reader in
      switch key {
      case "name": frame.name = try reader.string() ?? frame.name
      case "labels", "objects":
        try reader.forEachElement { try readLabel($0, &frame) }
      default: break
      }
    }
    frameCount += 1
    guard isObject, !(frame.name.isEmpty && name == nil) else {
      note("a frame without a name")
      return nil
    }
    return frame
  }

  private mutating func readLabel(_ reader: JSONReader, _ frame: inout Frame) throws {
    var category: String?
    var (x1, y1, x2, y2): (Double?, Double?, Double?, Double?)
    var isBox = false
    let isObject = try reader.forEachMember { key, reader in
      switch key {
      case "category": category = try reader.string()?.asClassName
      case "box2d":
        guard try reader.kind() != .null else { return }
        isBox = true
        try reader.forEachMember { key, reader in
          switch key {
          case "x1": x1 = try reader.number()
          case "y1": y1 = try reader.number()
          case "x2": x2 = try reader.number()
          case "y2": y2 = try reader.number()
          default: break
          }
        }
      default: break
      }
    }
    // Lanes and areas have outlines instead of boxes.
    guard isBox || !isObject else { return }
    frame.faultCount += 1
    guard isObject, let category, !category.isEmpty else {
      return note("\(frame.name.excerpt): a label without a category")
    }
    guard let x1, let y1, let x2, let y2 else {
      return note("\(frame.name.excerpt): \(category.excerpt) without four corners")
    }
    guard frame.objects.count < Label.maximumPerPicture else {
      return note("\(frame.name.excerpt): \(Label.excessReason)")
    }
    frame.faultCount -= 1
    frame.objects.append(
      Object(category: category, box: PixelBox(x1: x1, y1: y1, x2: x2, y2: y2)))
  }

  /// Counts a record that is left out; only of the first ones the reason is put into words.
  private mutating func note(_ reason: @autoclosure () -> String) {
    faultCount += 1
    if faultCount <= Self.listedFaults { faults.append(AnnotationFault(reason: reason())) }
  }
}
