import Boxes
import Darknet

/// Collects detections as a COCO results file: a JSON array of
/// `{"image_id", "category_id", "bbox": [left, top, width, height], "score"}`.
///
/// Boxes are in pixels of the original picture, rounded to 3 decimals, scores to 5 (SPEC 3.7).
public struct COCOResults: Sendable {
  private let categories: [Int]
  private var text = "["

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

  /// Adds a picture's detections.
  ///
  /// - Parameter index: the picture's number in its list, from 0.
  public mutating func add(_ detections: [Detection], path: String, index: Int) {
    let id = Self.imageID(path: path, index: index)
    for detection in detections {
      let box = detection.box
      let numbers = [box.x1, box.y1, box.width, box.height]
        .map { decimal(Double($0.clampedToDecimal), places: 3) }
      let category =
        categories.indices.contains(detection.classIndex)
        ? categories[detection.classIndex] : detection.classIndex + 1
      if text.utf8.count > 1 { text += ",\n" }
      text += "{\"image_id\":\(id),\"category_id\":\(category),"
      text += "\"bbox\":[\(numbers.joined(separator: ","))],"
      text += "\"score\":\(decimal(Double(detection.confidence.clampedToDecimal), places: 5))}"
    }
  }

  /// The file's text.
  public var json: String { text + "]\n" }

  /// Writes the file, whole or not at all.
  public func write(to path: String) throws(FileError) {
    try writeAtomically(json, to: path)
  }

  /// COCO's number of a picture: that at the end of its file name, after the last `_`, as in
  /// `COCO_val2014_000000000042.jpg`; of other names the place in the list, from 1.
  public static func imageID(path: String, index: Int) -> Int {
    let last = fileStem(path).split(separator: "_").last ?? ""
    guard last.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let id = Int(last) else {
      return index + 1
    }
    return id
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
