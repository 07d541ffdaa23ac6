import Datasets
import Foundation
import Reports

/// Imports a drawn-up COCO of the size of train2017 and compares time and memory with their limits.
///
/// 120,000 pictures, 900,000 boxes with outlines, 460 MB of JSON in COCO's order of keys. The
/// pictures are empty files: an import takes their sizes from the JSON and only links to them.
/// What is written is removed at the end. On ext4, which does not give out inodes again for some
/// minutes after files were removed and searches past them, wait that long before another run.
///
/// - Returns: whether it took under 20 s, and at most 1 GiB of memory was resident.
func importKeepsUp(_ options: Options) throws -> Bool {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("pare-import-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let (pictures, boxes) = (120_000, 900_000)
  let bytes = try writeCOCO(to: folder, pictures: pictures, boxes: boxes)

  var samples = Samples()
  for round in 0..<options.rounds {
    var importer = DatasetImporter(.coco, source: folder, output: folder + "/out-\(round)")
    importer.name = "coco"
    var report: DatasetImport?
    samples.append(try seconds { report = try importer.run() })
    guard report?.images == pictures, report?.boxes == boxes else {
      throw Problem(description: "not all was imported: \(report?.skipped.first?.reason ?? "")")
    }
  }
  let peak = MemoryUsage.peak ?? 0
  print("\(pictures) pictures, \(boxes) boxes, \(bytes >> 20) MiB of JSON; median (range)")
  print("  seconds: \(samples) (at most 20)")
  print("  peak of resident memory, MiB: \(peak >> 20) (at most 1024)")
  return samples.median < 20 && peak <= 1 << 30
}

/// Writes `annotations/instances_train2017.json` and empty pictures in `train2017`.
///
/// - Returns: the size of the JSON in bytes.
private func writeCOCO(to folder: String, pictures: Int, boxes: Int) throws -> Int {
  let manager = FileManager.default
  for name in ["annotations", "train2017"] {
    try manager.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
  }
  let path = folder + "/annotations/instances_train2017.json"
  guard let file = fopen(path, "w") else {
    throw Problem(description: "\(path): cannot be written")
  }
  var isOpen = true
  defer { if isOpen { fclose(file) } }
  func write(_ text: String) { fputs(text, file) }
  func name(_ id: Int) -> String { String(repeating: "0", count: 12 - "\(id)".count) + "\(id).jpg" }

  write(#"{"info": {"description": "drawn up"}, "licenses": [], "images": ["#)
  for index in 0..<pictures {
    let id = index * 4 + 9
    guard manager.createFile(atPath: "\(folder)/train2017/\(name(id))", contents: nil) else {
      throw Problem(description: "\(folder)/train2017: cannot be written")
    }
    write(
      (index > 0 ? ", " : "") + #"{"license": 3,"file_name": "\#(name(id))","coco_url": "#
        + #""http://images.cocodataset.org/train2017/\#(name(id))","height": 480,"width": 640,"#
        + #""date_captured": "2013-11-14 11:18:45","flickr_url": "http://farm9.staticflickr.com/"#
        + #"8186/8119368305_4e622c8349_z.jpg","id": \#(id)}"#)
  }
  write(#"], "annotations": ["#)
  var random = Numbers()
  for index in 0..<boxes {
    // Each picture gets boxes / pictures of them; left, top, width and height are whole hundredths.
    let id = index % pictures * 4 + 9
    let (x, y) = (random.next(32_000), random.next(24_000))
    let (width, height) = (random.next(31_000) + 500, random.next(23_000) + 500)
    // COCO's outlines have 25 points or so.
    let outline = (0..<26).map { _ in
      "\(hundredths(x + random.next(width))), \(hundredths(y + random.next(height)))"
    }
    write(
      (index > 0 ? ", " : "") + #"{"segmentation": [[\#(outline.joined(separator: ", "))]],"#
        + #""area": \#(hundredths(width * height / 100)),"iscrowd": 0,"image_id": \#(id),"#
        + #""bbox": [\#(hundredths(x)), \#(hundredths(y)), \#(hundredths(width)), "#
        + #"\#(hundredths(height))],"category_id": \#(random.next(80) + 1),"id": \#(index + 1)}"#)
  }
  write(#"], "categories": ["#)
  for id in 1...80 {
    write((id > 1 ? ", " : "") + #"{"supercategory": "thing","id": \#(id),"name": "class \#(id)"}"#)
  }
  write("]}")
  let bytes = ftell(file)
  isOpen = false
  guard fclose(file) == 0 else { throw Problem(description: "\(path): cannot be written") }
  return bytes
}

/// Whole hundredths as a decimal.
private func hundredths(_ value: Int) -> String {
  "\(value / 100).\(value % 100 < 10 ? "0" : "")\(value % 100)"
}

/// The same numbers every time (Knuth's MMIX generator).
private struct Numbers {
  private var state: UInt64 = 1

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
