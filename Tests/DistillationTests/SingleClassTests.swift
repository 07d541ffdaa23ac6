import Darknet
import Foundation
import Networks
import Testing
import Torch
import _TestSupport

@testable import Distillation

/// Networks of which one takes all classes for one (`--single-cls`).
@Suite struct SingleClassTests {
  private let folder: TemporaryFolder
  private let names = ["cat", "dog", "owl"]

  init() throws { folder = try TemporaryFolder() }

  /// - Parameters:
  ///   - isMerged: whether the student takes all for one.
  ///   - known: names of the teacher's classes, as many as it has.
  private func matching(
    isMerged: Bool, known: [String], takesAll: Bool? = nil
  ) throws -> ClassMatching {
    func tiny(_ classes: Int) throws -> Configuration {
      try BuiltInNetwork.yolov4Tiny.configuration(
        classes: classes, width: 64, height: 64, widthMultiple: 0.125)
    }
    var source = try writeTeacher(tiny(known.count), names: known, at: folder.path + "/teacher")
    source.takesAllForOne = takesAll
    return try Pairing(
      student: NetworkSpec(tiny(isMerged ? 1 : 3)), names: isMerged ? ["cat"] : names,
      mergedNames: isMerged ? names : [], teacher: Teacher(source) { _ in }, width: 64, height: 64
    ).matching
  }

  @Test func `a student that takes all for one learns no class of a teacher that tells them apart`()
    throws
  {
    let found = try matching(isMerged: true, known: ["owl", "cat", "dog"])
    #expect(found.common?.student == [] && found.common?.teacher == [] && found.unknown.isEmpty)
    #expect((0..<3).map(found.studentClass) == [0, 0, 0])
    #expect(found.notes.count == 1 && found.notes[0].hasPrefix("all classes are taken for one"))
    let fewer = try matching(isMerged: true, known: ["owl", "cat"])
    #expect(fewer.notes.count == 2)
    #expect(fewer.notes[1].hasSuffix("teacher.cfg takes dog for background, and so teaches"))
  }

  // Earlier versions called all classes by the name of the first one.
  @Test(arguments: [(["object"], nil), (["cat"], true)] as [([String], Bool?)])
  func `a teacher that takes all for one teaches no class`(
    known: [String], takesAll: Bool?
  ) throws {
    let found = try matching(isMerged: false, known: known, takesAll: takesAll)
    #expect(found.common?.student == [] && found.common?.teacher == [] && found.unknown.isEmpty)
    #expect(found.teacherTakesAll && found.studentClass(ofTeachers: 0) == nil)
    #expect(found.notes.count == 1 && found.notes[0].contains("takes all classes for one"))
    // Of two such all is the same.
    let both = try matching(isMerged: true, known: known, takesAll: takesAll)
    #expect(both.common == nil && both.notes.isEmpty)
  }

  @Test func `a teacher of one class among several is matched by its name`() throws {
    let found = try matching(isMerged: false, known: ["owl"])
    #expect(found.common?.student == [2] && found.unknown == ["cat", "dog"])
  }

  // The cells of HeadStrategiesTests, without their classes: the greatest gap is that of the objectness.
  @Test func `objectness and boxes are compared without classes`() throws {
    let (one, two) = (
      try TwoCells("[yolo] mask=0 anchors=16,16 classes=1 num=1", values: 6), try TwoCells()
    )
    let none = try HeadChoice(anchors: nil, classes: [], device: .cpu)
    func withoutLast(_ cell: [Double]) -> [Double] { Array(cell.dropLast()) }
    let batch = DistillationBatch(
      heads: [
        try one.pair(
          one.view(
            withoutLast(HeadStrategiesTests.studentCells.0),
            withoutLast(HeadStrategiesTests.studentCells.1), choice: none),
          two.view(
            HeadStrategiesTests.teacherCells.0, HeadStrategiesTests.teacherCells.1, choice: none))
      ], targets: try TwoCells.targets())
    func losses(_ strategy: some DistillationStrategy) throws -> StrategyLosses {
      try strategy.losses(batch, parameters: [:])
    }
    let (ln2, divergence) = (HeadStrategiesTests.ln2, HeadStrategiesTests.divergence)
    let binary = try losses(BinaryStrategy())
    expectClose(try binary.value("objectness"), 0.25 * ln2)
    expectClose(try binary.value("classes"), 0)
    expectClose(try binary.value("boxes"), 0.75 * 0.25 * 0.5)
    expectClose(try losses(LogitsStrategy()).value("classes"), 0)
    expectClose(try losses(LogitsStrategy()).value("objectness"), divergence)
    expectClose(try losses(BoxClassStrategy()).value("classes"), divergence)
    expectClose(try losses(AnchorCellsStrategy()).value("classes"), divergence)
    expectClose(try losses(RelativeBoxStrategy()).value("classes"), divergence)
    // As before, T = 3: 9·(ln 2 + p·ln p + (1 − p)·ln(1 − p)) with p = σ(ln 3 / 3).
    let p = cbrt(3.0) / (1 + cbrt(3.0))
    expectClose(
      try losses(#require(BoxClassStrategy.legacy)).value("classes"),
      9 * (ln2 + p * log(p) + (1 - p) * log(1 - p)))
  }
}
