import Darknet
import Foundation
import Parsing
import Testing
import _TestSupport

@testable import Datasets

@Suite struct COCOReaderTests {
  /// The layout of 2017: pictures of 40×20, categories 1, 3 and 90 of COCO's.
  private func coco2017() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["train2017/000000000009", "train2017/000000000025", "val2017/000000000139"] {
      try folder.writePicture("coco/\(name).jpg", width: 40, height: 20)
    }
    let categories = """
      [{"supercategory":"indoor","id":90,"name":"toothbrush"},
       {"supercategory":"vehicle","id":3,"name":"car"},
       {"supercategory":"person","id":1,"name":"person"}]
      """
    try folder.write(
      """
      {"info":{"description":"COCO 2017 Dataset","year":2017,"date_created":"2017/09/01"},
       "licenses":[{"url":"http://creativecommons.org/","id":1,"name":"Attribution"}],
       "images":[
        {"license":3,"file_name":"000000000009.jpg","coco_url":"http:\\/\\/x","height":20,
         "width":40,"date_captured":"2013-11-14 11:18:45","flickr_url":"http://y","id":9},
        {"license":1,"file_name":"000000000025.jpg","height":20,"width":40,"id":25}],
       "annotations":[
        {"segmentation":[[10.0,0.0,20.0,0,20,20,10,20]],"area":200.0,"iscrowd":0,"image_id":9,
         "bbox":[10.0,0.0,10.0,20.0],"category_id":3,"id":1768},
        {"segmentation":{"counts":[4,3,793],"size":[20,40]},"area":3,"iscrowd":1,"image_id":9,
         "bbox":[0,4,1,3],"category_id":1,"id":900100000009},
        {"segmentation":[[1,1]],"iscrowd":0,"image_id":9,"bbox":[30,10,20,20],"category_id":90,
         "id":3},
        {"iscrowd":0,"image_id":9,"bbox":[30,10,20,20],"category_id":90,"id":4},
        {"iscrowd":0,"image_id":9,"bbox":[5,5,0,3],"category_id":90,"id":5},
        {"iscrowd":0,"image_id":9,"bbox":[5,5,3],"category_id":90,"id":6},
        {"iscrowd":0,"image_id":9,"bbox":[5,5,3,3],"category_id":2,"id":7},
        {"iscrowd":0,"image_id":7,"bbox":[5,5,3,3],"category_id":1,"id":8},
        {"iscrowd":0,"bbox":[5,5,3,3],"category_id":1,"id":9},
        {"iscrowd":0,"image_id":9,"bbox":[41,5,3,3],"category_id":1,"id":10}],
       "categories":\(categories)}
      """, to: "coco/annotations/instances_train2017.json")
    try folder.write(
      """
      {"images":[{"file_name":"000000000139.jpg","height":20,"width":40,"id":139},
        {"file_name":"000000000285.jpg","height":20,"width":40,"id":285}],
       "annotations":[{"image_id":139,"bbox":[0,0,40,20],"category_id":1,"id":1,
        "segmentation":[],"iscrowd":0}],
       "categories":\(categories)}
      """, to: "coco/annotations/instances_val2017.json")
    try folder.write("{", to: "coco/annotations/captions_train2017.json")
    return folder
  }

  private func importer(_ folder: TemporaryFolder, _ source: String = "coco") -> DatasetImporter {
    DatasetImporter(.coco, source: "\(folder.path)/\(source)", output: folder.path + "/out")
  }

  // Classes by category number: person 1 → 0, car 3 → 1, toothbrush 90 → 2. The car is
  // 10…20 × 0…20 of 40×20; the toothbrush 30…50 × 10…30 is cut to 30…40 × 10…20, so its
  // centre is at 35/40, 15/20 and its size 10/40, 10/20.
  @Test func `the 2017 layout becomes lists and labels`() throws {
    let folder = try coco2017()
    let report = try importer(folder).run()
    #expect(try folder.text("out/out.names") == "person\ncar\ntoothbrush\n")
    #expect(
      try folder.text("out/labels/000000000009.txt")
        == "1 0.375 0.5 0.25 1\n2 0.875 0.75 0.25 0.5\n")
    #expect(try folder.text("out/labels/000000000025.txt") == "")
    #expect(try folder.text("out/labels/000000000139.txt") == "0 0.5 0.5 1 1\n")
    #expect(
      try folder.text("out/train.txt") == "images/000000000009.jpg\nimages/000000000025.jpg\n")
    #expect(try folder.text("out/val.txt") == "images/000000000139.jpg\n")
    #expect((report.images, report.boxes) == (3, 3))
    #expect(report.leftOut == [.crowd: 1])
    #expect(
      Set(report.skipped.map(\.reason)) == [
        "annotation 6: bbox is not four numbers",
        "annotation 9 without image_id",
        "annotation number 5 has no area",
        "category 2 is not listed",
        "annotation number 10 is outside of the picture of 40x20",
        "000000000009.jpg: a box repeats another",
        "image 7 of 1 annotations is not listed",
        "no picture '000000000285.jpg'",
      ])
    #expect(report.skippedCount == 8)
    #expect(report.classes.map(\.boxes) == [1, 1, 1])
  }

  // The crowd's mask: 4 pixels down, then 3: x 0…1, y 4…7; centre 0.5/40, 5.5/20.
  @Test func `crowds are kept when asked for`() throws {
    let folder = try coco2017()
    var importer = importer(folder)
    importer.keepsCrowds = true
    let report = try importer.run()
    #expect(report.leftOut.isEmpty && report.boxes == 4)
    let labels = try LabelFile(
      contentsOf: folder.path + "/out/labels/000000000009.txt", classCount: 3
    ).labels
    #expect(labels.count == 3)
    #expect(
      labels[1] == Label(classIndex: 0, centerX: 0.0125, centerY: 0.275, width: 0.025, height: 0.15)
    )
  }

  @Test func `a file beside its pictures is taken, with sizes from the pictures`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/valid/a.png", width: 40, height: 20)
    try folder.write(
      """
      {"categories":[{"id":"x","name":" red \\n cell "}],
       "images":[{"id":"p","file_name":"a.png"}],
       "annotations":[{"image_id":"p","category_id":"x","bbox":[10,0,10,20]}]}
      """, to: "set/valid/_annotations.coco.json")
    let report = try importer(folder, "set").run()
    #expect(report.splitCounts == [.valid: 1])
    #expect(try folder.text("out/out.names") == "red cell\n")
    #expect(try folder.text("out/labels/a.txt") == "0 0.375 0.5 0.25 1\n")
    let alone = DatasetImporter(
      .coco, source: folder.path + "/set/valid/_annotations.coco.json",
      output: folder.path + "/alone")
    #expect(try alone.run().images == 1)
  }

  // Polygons 2…6 × 1…9 and 5…8 × 0…3: together 2…8 × 0…9. Masks of 4 rows and 5 columns: runs
  // 5 off, 2 on, 13 off: pixels 5 and 6, column 1, rows 1 and 2; runs 6, 4, 10: pixels 6…9, columns
  // 1 and 2, all rows. Compressed text, five bits a character from '0': 5 is '5', 6 is '6', 4 is
  // '4', 2 is '2', 13 is 13 = 0b01101 → '='; 10 is ':'.
  @Test(arguments: [
    ("[[2,1,6,9],[5,0,8,3,7]]", PixelBox(x1: 2, y1: 0, x2: 8, y2: 9)),
    (#"{"counts":[5,2,13],"size":[4,5]}"#, PixelBox(x1: 1, y1: 1, x2: 2, y2: 3)),
    (#"{"size":[4,5],"counts":[6,4,10]}"#, PixelBox(x1: 1, y1: 0, x2: 3, y2: 4)),
    (#"{"size":[4,5],"counts":"52="}"#, PixelBox(x1: 1, y1: 1, x2: 2, y2: 3)),
    (#"{"size":[4,5],"counts":"64:"}"#, PixelBox(x1: 1, y1: 0, x2: 3, y2: 4)),
    // From the fourth run on the difference from the run before the last: 1 = 2 − 1, 8 = 4 + 4;
    // −1 is 0b11111, and 31 + 48 is 'O'.
    (#"{"size":[4,5],"counts":"524O4"}"#, PixelBox(x1: 1, y1: 1, x2: 3, y2: 4)),
  ])
  func `an outline has a box around it`(json: String, expected: PixelBox) throws {
    #expect(try COCOSegmentation.hull(JSONReader(Array(json.utf8))) == expected)
  }

  @Test(arguments: [
    "[]", "[[1]]", #"{"counts":[20],"size":[4,5]}"#, #"{"counts":[1,1],"size":[4]}"#, "null",
  ])
  func `an empty outline has no box`(json: String) throws {
    #expect(try COCOSegmentation.hull(JSONReader(Array(json.utf8))) == nil)
  }

  @Test(arguments: [
    #"{"counts":[5,2,14],"size":[4,5]}"#, #"{"counts":[-1],"size":[4,5]}"#,
    #"{"counts":"ooooooooooooooooo","size":[4,5]}"#, #"{"counts":"5 ","size":[4,5]}"#,
  ])
  func `run lengths beyond their mask are no outline`(json: String) throws {
    #expect(try COCOSegmentation.hull(JSONReader(Array(json.utf8))) == nil)
  }

  @Test(
    arguments: [
      ("[]", 1, "not an object with 'images', 'annotations' and 'categories'"),
      (#"{"images":[]}"#, nil, "no 'annotations'"),
      (#"{"images":{}}"#, 1, "'images' is no list"),
      ("{\"images\":[],\n\"images\":[]}", 2, "a second list of 'images'"),
      ("{\"images\":[\n{\"id\":1,", 2, "ends inside of a value"),
      (#"{"images":[1 2]}"#, 1, "no JSON: after array element, I expect ',' or ']'"),
      (#"{"images":[]}x"#, 1, "no JSON: trailing garbage"),
    ] as [(String, Int?, String)])
  func `a file that is broken as a whole says where`(
    json: String, line: Int?, reason: String
  ) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(json, to: "set/x.json")
    #expect(
      throws: DatasetError.brokenAnnotations(path: path, line: line, reason: reason)
    ) { try importer(folder, "set").run() }
    #expect(!folder.exists("out"))
  }

  @Test func `a record too many is counted, not listed`() throws {
    let json =
      #"{"images":[],"categories":[],"annotations":["#
      + repeatElement("{}", count: 1500).joined(separator: ",") + "]}"
    let file = try COCOAnnotations(parsing: Array(json.utf8))
    #expect((file.faults.count, file.faultCount) == (1000, 1500))
    var set = AnnotationSet(names: nil)
    set.skip("x.json", file.faults, count: file.faultCount)
    set.finish()
    #expect(set.report.skippedCount == 1500)
    #expect(set.report.skipped.count == 1001)
    #expect(set.report.skipped.last?.reason == "500 more records skipped")
  }
}
