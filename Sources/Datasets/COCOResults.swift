import Boxes
import Darknet
import Parsing

/// Collects detections as a COCO results file: a JSON array of
/// `{"image_id", "category_id", "bbox": [left, top, width, height], "score"}`.
///
/// Boxes are in pixels of the original picture, rounded to 3 decimals, scores to 5
/// (docs/formulas.md 8.5).
public struct COCOResults: Sendable {
  private let categories: [Int]
  /// Each picture's path, and its detections without their picture's number.
  private var pictures: [(path: String, detections: [String])] = []

  /// Nothing collected yet.
  ///
  /// - Parameter names: the class names. COCO's 80 get COCO's own category numbers, 1 to 90 with
  ///   gaps; of any other set, category is class number plus 1.
  public init(names: [String]) {
    categories = Self.categories(names: names)
  }

  /// The category number of each class.
  static func categories(names: [String]) -> [Int] {
    let isCOCO = names.count == 80 && names.first == "person" && names.last == "toothbrush"
    return isCOCO ? cocoCategories : Array(names.indices.map { $0 + 1 })
  }

  /// Adds the detections of the next picture of the list.
  public mutating func add(_ detections: [Detection], path: String) {
    let texts = detections.map { detection in
      let box = detection.box
      let numbers = [box.x1, box.y1, box.width, box.height]
        .map { decimal(Double($0.clampedToDecimal), places: 3) }
      let category =
        categories.indices.contains(detection.classIndex)
        ? categories[detection.classIndex] : detection.classIndex + 1
      return "\"category_id\":\(category),\"bbox\":[\(numbers.joined(separator: ","))],"
        + "\"score\":\(decimal(Double(detection.confidence.clampedToDecimal), places: 5))}"
    }
    pictures.append((path, texts))
  }

  /// The file's text.
  public var json: String {
    let lines = zip(Self.imageIDs(of: pictures.map(\.path)), pictures).flatMap { id, picture in
      picture.detections.map { "{\"image_id\":\(id),\($0)" }
    }
    return "[" + lines.joined(separator: ",\n") + "]\n"
  }

  /// Writes the file, whole or not at all.
  public func write(to path: String) throws(FileError) {
    try writeAtomically(json, to: path)
  }

  /// COCO's numbers of pictures, no two the same: those at the ends of their file names, after the
  /// last `_`, as in `COCO_val2014_000000000042.jpg`. Where a name has none, or two have the same,
  /// all are the places in the list, from 1.
  public static func imageIDs(of paths: [String]) -> [Int] {
    let numbers = paths.compactMap { path -> Int? in
      let last = fileStem(path).split(separator: "_").last ?? ""
      return last.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(last) : nil
    }
    let isUsable = numbers.count == paths.count && Set(numbers).count == numbers.count
    return isUsable ? numbers : paths.indices.map { $0 + 1 }
  }

  // The 80 classes' places among the 91 categories of the COCO paper.
  private static let cocoCategories: [Int] =
    Array(1...11) + Array(13...25) + [27, 28] + Array(31...44) + Array(46...65) + [67, 70]
    + Array(72...82) + Array(84...90)
}

extension LabelFile {
  /// Detections as `class xc yc w h`, or with the confidence as a sixth column, one a line.
  ///
  /// Boxes are clipped to the picture, so that the text without confidences is a label file; one
  /// that lies outside is left out.
  public static func text(
    of detections: [Detection], pictureWidth: Int, pictureHeight: Int, withConfidence: Bool = false
  ) -> String {
    detections.map { detection -> String in
      let box = detection.box.clipped(width: Float(pictureWidth), height: Float(pictureHeight))
      guard box.width > 0, box.height > 0 else { return "" }
      let label = Label(
        classIndex: detection.classIndex, box: box, pictureWidth: pictureWidth,
        pictureHeight: pictureHeight)
      let line = text(of: [label])
      guard withConfidence else { return line }
      let confidence = decimal(Double(detection.confidence.clampedToDecimal), places: 6)
      return "\(line.dropLast()) \(confidence)\n"
    }.joined()
  }
}

extension Float {
  /// A value that can be written as a decimal, whatever a network came up with.
  fileprivate var clampedToDecimal: Float { isNaN ? 0 : Swift.min(Swift.max(self, -1e8), 1e8) }
}
