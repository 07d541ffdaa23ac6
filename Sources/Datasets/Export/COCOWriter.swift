import Darknet
import Parsing
import Terminal

/// Writes COCO's object instances, a file a split, boxes with three decimals.
///
/// COCO's own 80 classes get COCO's category numbers, 1 to 90 with gaps; of any other set, category
/// is class number plus 1.
struct COCOWriter: AnnotationWriter {
  private let output: String
  private let names: [String]
  private var pictures: [DatasetSplit: [ExportedPicture]] = [:]

  init(_ output: String, names: [String]) { (self.output, self.names) = (output, names) }

  func pictureFolder(_ split: DatasetSplit) -> String { split.shortName }

  mutating func add(_ picture: ExportedPicture) throws {
    pictures[picture.split, default: []].append(picture)
  }

  func finish() throws -> String {
    try makeFolder(joined(output, "annotations"))
    for (split, pictures) in pictures {
      let path = joined(output, "annotations/instances_\(split.shortName).json")
      try writeAtomically(to: path) { (writer: borrowing FileWriter) throws(FileError) in
        try write(pictures, to: writer)
      }
    }
    return output
  }

  private func write(
    _ pictures: [ExportedPicture], to writer: borrowing FileWriter
  ) throws(FileError) {
    let categories = COCOResults.categories(names: names)
    // The numbers that results files use too.
    let ids = COCOResults.imageIDs(of: pictures.map(\.name))
    try writer.write(Array(#"{"info":{},"licenses":[],"images":["#.utf8))
    for (index, picture) in pictures.enumerated() {
      let text =
        (index > 0 ? ",\n" : "\n") + #"{"id":\#(ids[index]),"file_name":"#
        + picture.name.quotedAsJSON + #","width":\#(picture.width),"height":\#(picture.height)}"#
      try writer.write(Array(text.utf8))
    }
    try writer.write(Array(#"],"annotations":["#.utf8))
    var number = 0
    for (index, picture) in pictures.enumerated() {
      var text = ""
      for label in picture.labels {
        number += 1
        let box = picture.box(label)
        let (width, height) = (box.x2 - box.x1, box.y2 - box.y1)
        let numbers = [box.x1, box.y1, width, height].map { decimal($0, places: 3) }
        text += (number > 1 ? ",\n" : "\n")
        text += #"{"id":\#(number),"image_id":\#(ids[index]),"#
        text += #""category_id":\#(categories[label.classIndex]),"#
        text += #""bbox":[\#(numbers.joined(separator: ","))],"#
        text += #""area":\#(decimal(width * height, places: 3)),"iscrowd":0,"segmentation":[]}"#
      }
      try writer.write(Array(text.utf8))
    }
    let list = zip(categories, names).map { #"{"id":\#($0),"name":"# + $1.quotedAsJSON + "}" }
    try writer.write(
      Array((#"],"categories":["# + list.joined(separator: ",\n") + "]}\n").utf8))
  }
}
