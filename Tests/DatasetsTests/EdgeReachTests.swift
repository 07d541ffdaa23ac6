import Darknet
import Foundation
import Testing
import _TestSupport

@testable import Datasets

@Suite struct EdgeReachTests {
  private func write(_ format: DatasetFormat, _ folder: TemporaryFolder) throws -> String {
    let annotation = try SampleSets.write(format, to: folder)
    return format == .yolo ? "set/labels/train/a.txt" : annotation
  }

  private func warnings(_ format: DatasetFormat, _ folder: TemporaryFolder) throws -> [String] {
    try DatasetImporter(format, source: folder.path + "/set", output: folder.path + "/out").run()
      .warnings.map(\.description)
  }

  // A box of a picture of 40×20 whose right edge is at 9000, or at 1.2 of the width. The hand's
  // corners are at 25 of 20 rows.
  @Test(arguments: DatasetFormat.allCases)
  func `every form tells of boxes that are cut`(format: DatasetFormat) throws {
    let folder = try TemporaryFolder()
    let file = try write(format, folder)
    let wrong = [
      "<xmax>20<": "<xmax>9000<", "[10.0,0.0,10.0,20.0]": "[10.0,0.0,8990.0,20.0]",
      "\"x2\": 20.0": "\"x2\": 9000.0", "10,0,10,20,": "10,0,8990,20,",
      "0 0.375 0.5 0.25 1\n": "0 0.9 0.5 0.6 1\n",
    ]
    if format != .oxfordhand {
      let text = try folder.text(file)
      #expect(
        try warnings(format, folder).filter { $0.contains("over the picture's edge") }.isEmpty)
      let changed = wrong.reduce(text) { $0.replacing($1.key, with: $1.value) }
      #expect(changed != text)
      try folder.write(changed, to: file)
      try FileManager.default.removeItem(atPath: folder.path + "/out")
    }
    #expect(
      try warnings(format, folder).contains {
        $0.hasSuffix(
          "/\(fileName(of: file)): a box reaches over the picture's edge: cut to the picture")
      })
  }

  // 41 of 40 pixels, counted from 1 or from 0, and 1e-3 of the width are rounding.
  @Test func `what rounding does is not told`() {
    var reach = EdgeReach()
    reach.add(pixels: 1)
    reach.add(pixels: -3)
    reach.add(share: 0.001)
    #expect(reach.count == 0)
    reach.add(pixels: 1.5)
    reach.add(share: 0.003)
    #expect(reach.remark == "2 boxes reach over the picture's edge: cut to the picture")
  }

  @Test(arguments: [DatasetFormat.voc, .yolo])
  func `an import leaves out what an earlier one wrote into its source`(
    format: DatasetFormat
  ) throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/a.png", width: 40, height: 20)
    try folder.write(
      format == .yolo
        ? "0 0.5 0.5 0.2 0.2\n"
        : "<annotation><object><name>dog</name><bndbox><xmin>1</xmin><ymin>1</ymin>"
          + "<xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>",
      to: format == .yolo ? "set/a.txt" : "set/a.xml")
    if format == .yolo { try folder.write("names: [dog]\ntrain: .\n", to: "set/data.yaml") }
    var importer = DatasetImporter(
      format, source: folder.path + "/set", output: folder.path + "/set/x")
    let first = try importer.run()
    #expect(
      first.warnings.map(\.description).contains {
        $0.hasPrefix("\(folder.path)/set/x: lies in the folder that was imported")
      })
    importer.output = folder.path + "/out"
    let second = try importer.run()
    #expect(second.images == 1 && second.picturesWithoutLabels == 0)
    #expect(!second.warnings.contains { $0.reason.contains("lies in the folder") })
  }
}
