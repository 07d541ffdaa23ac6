import Darknet
import Terminal

/// Writes Pascal VOC.
///
/// Corners are whole pixels counted from 1, both ends included, as VOC's development kit has them:
/// edges between pixels are rounded to the nearest, and a box keeps a pixel at least.
struct VOCWriter: AnnotationWriter {
  private let output: String
  private let names: [String]
  private var lists: [DatasetSplit: [String]] = [:]

  init(_ output: String, names: [String]) { (self.output, self.names) = (output, names) }

  func pictureFolder(_ split: DatasetSplit) -> String { "JPEGImages" }

  mutating func add(_ picture: ExportedPicture) throws {
    try makeFolder(joined(output, "Annotations"))
    let stem = fileStem(picture.name)
    try writeBytes(
      Array(text(picture).utf8), to: joined(output, "Annotations/\(stem).xml"))
    lists[picture.split, default: []].append(stem)
  }

  func finish() throws -> String {
    try makeFolder(joined(output, "ImageSets/Main"))
    for (split, stems) in lists {
      try writeAtomically(
        stems.map { $0 + "\n" }.joined(),
        to: joined(output, "ImageSets/Main/\(split.shortName).txt"))
    }
    return output
  }

  private func text(_ picture: ExportedPicture) -> String {
    var text = """
      <annotation>
        <folder>JPEGImages</folder>
        <filename>\(escapedForXML(picture.name))</filename>
        <size>
          <width>\(picture.width)</width>
          <height>\(picture.height)</height>
          <depth>3</depth>
        </size>
        <segmented>0</segmented>

      """
    for label in picture.labels {
      let box = picture.box(label)
      let (x1, x2) = pixels(box.x1, box.x2, of: picture.width)
      let (y1, y2) = pixels(box.y1, box.y2, of: picture.height)
      text += """
          <object>
            <name>\(escapedForXML(names[label.classIndex]))</name>
            <pose>Unspecified</pose>
            <truncated>0</truncated>
            <difficult>0</difficult>
            <bndbox>
              <xmin>\(x1)</xmin>
              <ymin>\(y1)</ymin>
              <xmax>\(x2)</xmax>
              <ymax>\(y2)</ymax>
            </bndbox>
          </object>

        """
    }
    return text + "</annotation>\n"
  }

  /// The first and the last pixel, from 1, of a span of edges.
  private func pixels(_ low: Double, _ high: Double, of count: Int) -> (Int, Int) {
    let first = min(max(Int(low.rounded()), 0), count - 1)
    let last = min(max(Int(high.rounded()), first + 1), count)
    return (first + 1, last)
  }
}
