import Darknet
import Parsing
import Terminal

/// One COCO annotation file of object instances, its three lists as they stand.
///
/// The file is read in one pass and never held as a whole. A record with something wrong is left
/// out and noted in ``faults``; keys that are of no use here are passed over.
public struct COCOAnnotations: Sendable {
  /// A picture.
  public struct Picture: Hashable, Sendable {
    /// What annotations call it.
    public var id: String
    /// Its file, as a rule without a folder.
    public var fileName: String
    /// Its size in pixels, where it is said.
    public var size: Size?

    /// A width and a height in pixels.
    public struct Size: Hashable, Sendable {
      /// From 1.
      public var width: Int32
      /// From 1.
      public var height: Int32
    }
  }

  /// A class.
  public struct Category: Hashable, Sendable {
    /// What annotations call it.
    public var id: String
    /// Its name, white space in it as single blanks.
    public var name: String
  }

  /// An object.
  struct Object {
    /// The picture's place in ``pictureIDs``.
    var picture: Int32
    /// The category's place in ``categoryIDs``.
    var category: Int32
    /// Its place in the file's list, from 1.
    var number: Int32
    /// Whether the box is around a crowd.
    var isCrowd: Bool
    var box: PixelBox
  }

  /// In the order of the file.
  public var pictures: some RandomAccessCollection<Picture> { pictureList }
  /// In the order of their numbers, which may have gaps.
  public private(set) var categories: [Category] = []
  /// Records that were left out, the first ``listedFaults`` of them.
  public private(set) var faults: [AnnotationFault] = []
  /// How many records were left out.
  public private(set) var faultCount = 0
  /// Faults that are kept one by one.
  public static let listedFaults = 1000
  /// How many objects there are.
  public var objectCount: Int { objects.count }

  private(set) var pictureList = PiecewiseArray<Picture>()
  private(set) var objects = PiecewiseArray<Object>()
  /// The picture numbers that objects name, each once.
  private(set) var pictureIDs = IdentifierTable()
  /// Of these numbers those of which an object was left out.
  private(set) var brokenPictures: Set<Int32> = []
  /// The category numbers that objects name, each once.
  private(set) var categoryIDs = IdentifierTable()

  /// Reads a file.
  ///
  /// - Throws: `FileError`, or ``AnnotationFault`` when the file is no JSON, or not of this form.
  public init(contentsOf path: String) throws {
    let reader = try JSONReader(contentsOf: path)
    try self.init(reader)
  }

  /// Parses the bytes of a file.
  public init(parsing bytes: [UInt8]) throws {
    let reader = JSONReader(bytes)
    try self.init(reader)
  }

  private init(_ reader: JSONReader) throws {
    var lists: Set<String> = []
    let isObject = try reader.forEachMember { key, reader in
      switch key {
      case "images":
        try readList(key, reader) { this, reader, _ in try this.readPicture(reader) }
      case "annotations":
        try readList(key, reader) { this, reader, number in
          try this.readObject(reader, number: number)
        }
      case "categories":
        try readList(key, reader) { this, reader, _ in try this.readCategory(reader) }
      default: return
      }
      guard lists.insert(key).inserted else {
        throw AnnotationFault(line: reader.line, reason: "a second list of '\(key)'")
      }
    }
    guard isObject else {
      throw AnnotationFault(
        line: 1, reason: "not an object with 'images', 'annotations' and 'categories'")
    }
    try reader.finish()
    for key in ["images", "annotations", "categories"] where !lists.contains(key) {
      throw AnnotationFault(reason: "no '\(key)'")
    }
    sortCategories()
  }

  private mutating func readList(
    _ key: String, _ reader: JSONReader,
    _ read: (inout COCOAnnotations, JSONReader, _ number: Int) throws -> Void
  ) throws {
    var number = 0
    let isList = try reader.forEachElement { reader in
      number += 1
      try read(&self, reader, number)
    }
    guard isList else {
      throw AnnotationFault(line: reader.line, reason: "'\(key)' is no list")
    }
  }

  private mutating func readPicture(_ reader: JSONReader) throws {
    var (id, name): (String?, String?)
    var (width, height): (Double?, Double?)
    try reader.forEachMember { key, reader in
      switch key {
      case "id": id = try reader.identifier()
      case "file_name": name = try reader.string()
      case "width": width = try reader.number()
      case "height": height = try reader.number()
      default: break
      }
    }
    guard let id, let name, !name.isEmpty else {
      return note("image '\((id ?? "").excerpt)' without \(id == nil ? "id" : "file_name")")
    }
    var size: Picture.Size?
    if let width = pixelCount(width), let height = pixelCount(height) {
      size = Picture.Size(width: width, height: height)
    }
    pictureList.append(Picture(id: id, fileName: name, size: size))
  }

  private mutating func readCategory(_ reader: JSONReader) throws {
    var (id, name): (String?, String?)
    try reader.forEachMember { key, reader in
      switch key {
      case "id": id = try reader.identifier()
      case "name": name = try reader.string()?.asClassName
      default: break
      }
    }
    guard let id, let name, !name.isEmpty else {
      return note("category '\((id ?? "").excerpt)' without \(id == nil ? "id" : "name")")
    }
    guard categories.count < DataFile.maximumClasses else {
      return note("category '\(id.excerpt)' is one more than \(DataFile.maximumClasses)")
    }
    categories.append(Category(id: id, name: name))
  }

  private mutating func readObject(_ reader: JSONReader, number: Int) throws {
    var (id, picture, category): (String?, String?, String?)
    var isCrowd = false
    var corners: [Double]?
    var hasBox = false
    var outline: PixelBox?
    try reader.forEachMember { key, reader in
      switch key {
      case "id": id = try reader.identifier()
      case "image_id": picture = try reader.identifier()
      case "category_id": category = try reader.identifier()
      case "iscrowd": isCrowd = try reader.flag() ?? false
      case "bbox":
        hasBox = try reader.kind() != .null
        corners = try reader.numbers(4)
      case "segmentation":
        // Comes before the box, and is of use only if that is missing.
        if !hasBox { outline = try COCOSegmentation.hull(reader) }
      default: break
      }
    }
    func place() -> String { "annotation \((id ?? "number \(number)").excerpt)" }
    guard let picture else { return note("\(place()) without image_id") }
    guard let category else { return note(of: picture, "\(place()) without category_id") }
    let box: PixelBox
    if let corners {
      box = PixelBox(
        x1: corners[0], y1: corners[1], x2: corners[0] + corners[2], y2: corners[1] + corners[3])
    } else if hasBox {
      return note(of: picture, "\(place()): bbox is not four numbers")
    } else if let outline {
      box = outline
    } else {
      return note(of: picture, "\(place()) without bbox and without an outline")
    }
    objects.append(
      Object(
        picture: pictureIDs.number(of: picture), category: categoryIDs.number(of: category),
        number: Int32(truncatingIfNeeded: number), isCrowd: isCrowd, box: box))
  }

  /// Counts a record of a picture that is left out.
  private mutating func note(of picture: String, _ reason: @autoclosure () -> String) {
    brokenPictures.insert(pictureIDs.number(of: picture))
    note(reason())
  }

  /// Counts a record that is left out; only of the first ones the reason is put into words.
  private mutating func note(_ reason: @autoclosure () -> String) {
    faultCount += 1
    if faultCount <= Self.listedFaults { faults.append(AnnotationFault(reason: reason())) }
  }

  /// By number where all are numbers: COCO's 80 classes are its categories 1 to 90 in order.
  private mutating func sortCategories() {
    let numbers = categories.compactMap { Int($0.id) }
    guard numbers.count == categories.count else { return }
    categories = zip(numbers, categories).sorted { $0.0 < $1.0 }.map(\.1)
  }
}

/// A number of pixels; nil for what no picture has.
private func pixelCount(_ value: Double?) -> Int32? {
  guard let value, value >= 1, value < 1_000_000 else { return nil }
  return Int32(value.rounded())
}

extension String {
  /// As a line of a `.names` file: white space and line breaks as single blanks, other control
  /// characters escaped.
  var asClassName: String {
    // Nearly all names are letters and digits.
    let isPlain = utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    return isPlain ? self : split(whereSeparator: \.isWhitespace).joined(separator: " ").escaped
  }
}
