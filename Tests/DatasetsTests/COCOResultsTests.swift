import Boxes
import Foundation
import Testing

@testable import Datasets

@Suite struct COCOResultsTests {
  private let cat = Detection(
    box: Box(x1: 1.23456, y1: 2, x2: 11.5, y2: 22.0004), classIndex: 1, confidence: 0.1234567)

  @Test func `detections become a results file`() throws {
    var results = COCOResults(names: ["dog", "cat"])
    results.add([cat], path: "/a/COCO_val2014_000000000042.jpg")
    results.add([], path: "/a/COCO_val2014_000000000043.jpg")
    results.add([cat], path: "/a/BloodImage_9.jpg")
    #expect(
      results.json == """
        [{"image_id":42,"category_id":2,"bbox":[1.235,2,10.265,20],"score":0.12346},
        {"image_id":9,"category_id":2,"bbox":[1.235,2,10.265,20],"score":0.12346}]

        """)
    let parsed = try JSONSerialization.jsonObject(with: Data(results.json.utf8)) as? [[String: Any]]
    #expect(parsed?.count == 2)
    #expect(COCOResults(names: ["x"]).json == "[]\n")
  }

  // Numbers of the names where all have one of their own, else places in the list: a mixture could
  // give two pictures one number.
  @Test(arguments: [
    (["/a/x_000042.jpg", "/a/7.png"], [42, 7]), (["/a/x_2.jpg", "/a/y.jpg"], [1, 2]),
    (["/a/x_2.jpg", "/b/y_2.jpg", "/a/z_5.jpg"], [1, 2, 3]), (["/a/x_.jpg"], [1]),
    (["/a/x_99999999999999999999.jpg", "/a/x_1.jpg"], [1, 2]), ([], []),
  ])
  func `no two pictures have one number`(paths: [String], expected: [Int]) {
    #expect(COCOResults.imageIDs(of: paths) == expected)
  }

  @Test func `COCO's own classes get COCO's categories`() {
    let names = ["person"] + (0..<78).map { "class \($0)" } + ["toothbrush"]
    var results = COCOResults(names: names)
    let box = Box(x1: 0, y1: 0, x2: 1, y2: 1)
    // From COCO's own annotation files: class 0 is 1, 11 (stop sign) 13, 79 (toothbrush) 90.
    for classIndex in [0, 11, 79] {
      results.add(
        [Detection(box: box, classIndex: classIndex, confidence: 1)], path: "1.jpg")
    }
    for id in [1, 13, 90] { #expect(results.json.contains("\"category_id\":\(id),")) }
  }

  @Test func `any number is written as JSON`() throws {
    var results = COCOResults(names: ["x"])
    let box = Box(x1: .nan, y1: -.infinity, x2: .infinity, y2: 1e30)
    results.add([Detection(box: box, classIndex: 0, confidence: .nan)], path: "1.jpg")
    #expect(try JSONSerialization.jsonObject(with: Data(results.json.utf8)) is [[String: Any]])
  }

  @Test func `text lines are fractions of the picture`() {
    let outside = Detection(
      box: Box(x1: -20, y1: -5, x2: -1, y2: 5), classIndex: 0, confidence: 0.5)
    let edge = Detection(box: Box(x1: -20, y1: -5, x2: 20, y2: 5), classIndex: 3, confidence: 0.5)
    let plain = LabelFile.text(of: [outside, edge], pictureWidth: 40, pictureHeight: 20)
    #expect(plain == "3 0.25 0.125 0.5 0.25\n")
    #expect(
      LabelFile.text(of: [edge], pictureWidth: 40, pictureHeight: 20, withConfidence: true)
        == "3 0.25 0.125 0.5 0.25 0.5\n")
    #expect(
      LabelFile(parsing: Array(plain.utf8), path: "", classCount: 4).problems.isEmpty)
  }
}
