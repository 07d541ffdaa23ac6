import Darknet
import Testing
import _TestSupport

@testable import Datasets

/// What an import of BDD100K counts.
@Suite struct BDD100KCountsTests {
  @Test func `a file of many frames is no label file without a picture`() throws {
    let folder = try TemporaryFolder()
    try folder.writePicture("set/images/100k/train/a.png", width: 40, height: 20)
    let box = #"{"category":"car","box2d":{"x1":0,"y1":0,"x2":40,"y2":20}}"#
    try folder.write(
      #"[{"name":"a.png","labels":[\#(box)]},{"name":"gone.png","labels":[\#(box)]}]"#,
      to: "set/labels/det_20/det_train.json")
    let report = try DatasetImporter(
      .bdd100k, source: folder.file("set"), output: folder.file("out")
    ).run()
    #expect(report.splitCounts == [.train: 1])
    #expect(report.labelsWithoutPicture == 0 && report.unmatchedLabels.isEmpty)
    #expect(report.skipped.map(\.reason) == ["no picture 'gone.png' of the train images"])
  }
}
