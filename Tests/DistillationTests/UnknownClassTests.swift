import Foundation
import Loading
import Testing
import Torch

@testable import Distillation

/// Two cells that differ as the first one of ``HeadStrategiesTests`` does: each has to find an object, the
/// first one of a class that the teacher lacks. So Z = 3/4, and 1 is the least; P = 1.
@Suite struct UnknownClassTests {
  private let toy: TwoCells
  private let targets: DistillationTargets

  init() throws {
    toy = try TwoCells()
    func object(_ index: Int, centerX: Float) -> BatchTarget {
      BatchTarget(
        imageIndex: 0, classIndex: index, centerX: centerX, centerY: 0.5, width: 0.5, height: 1)
    }
    targets = DistillationTargets(
      [object(1, centerX: 0.25), object(0, centerX: 0.75)], known: [0], inputWidth: TwoCells.width,
      inputHeight: TwoCells.height, device: .cpu)
  }

  private func batch(isSwapped: Bool = false) throws -> DistillationBatch {
    let student = try toy.view(
      HeadStrategiesTests.studentCells.0, HeadStrategiesTests.studentCells.0)
    let teacher = try toy.view(
      HeadStrategiesTests.teacherCells.0, HeadStrategiesTests.teacherCells.0)
    let pair = try PairedHeads(
      student: isSwapped ? teacher : student, teacher: isSwapped ? student : teacher,
      anchors: toy.anchors, besides: targets)
    return DistillationBatch(heads: [pair], targets: targets)
  }

  private func losses(
    _ strategy: some DistillationStrategy, isSwapped: Bool = false
  ) throws -> StrategyLosses {
    try strategy.losses(batch(isSwapped: isSwapped), parameters: [:])
  }

  private let ln2 = HeadStrategiesTests.ln2
  private let divergence = HeadStrategiesTests.divergence

  @Test func `the cell of an object that the teacher cannot know is left out`() throws {
    let mask = try #require(batch().heads[0].isCompared)
    #expect(try mask.reshaped([-1]).toFloats() == [0, 1])
  }

  // The values of the second cell alone, as HeadStrategiesTests works them out.
  @Test func `no output is compared there`() throws {
    let binary = try losses(BinaryStrategy())
    expectClose(try binary.value("objectness"), 0.25 * ln2)
    expectClose(try binary.value("classes"), 0.75 * 2 * 0.25 * ln2)
    expectClose(try binary.value("boxes"), 0.75 * 0.25 * 0.5)
    var everywhere = BinaryStrategy()
    everywhere.everywhere = true
    expectClose(try losses(everywhere).value("classes"), 2 * 0.25 * ln2)
    expectClose(try losses(everywhere).value("boxes"), 0.25 * 0.5)

    let logits = try losses(LogitsStrategy())
    expectClose(try logits.value("objectness"), divergence)
    expectClose(try logits.value("classes"), 0.75 * 2 * divergence)
    expectClose(try logits.value("boxes"), 0.75 * ln2 * ln2)

    let boxClass = try losses(BoxClassStrategy())
    expectClose(try boxClass.value("classes"), divergence * (1 + 0.75 * 2))
    expectClose(try boxClass.value("boxes"), ln2 * ln2)

    let relative = try losses(RelativeBoxStrategy(), isSwapped: true)
    expectClose(try relative.value("boxes"), ln2 * ln2)
    expectClose(try #require(relative.figures.first).value.item(), 1)

    let cells = try losses(AnchorCellsStrategy())
    expectClose(try cells.value("classes"), 3 * divergence)
    expectClose(try cells.value("boxes"), ln2 * ln2)
  }

  // Half of what both cells together give: one of two equal ones is left out.
  @Test func `the earlier programs' softmaxes leave it out too`() throws {
    func value(_ strategy: some DistillationStrategy, _ name: String) throws -> (Double, Double) {
      var all = try batch()
      all.heads = [try toy.pair(all.heads[0].student, all.heads[0].teacher)]
      all.targets = try TwoCells.targets()
      return (
        try losses(strategy).value(name), try strategy.losses(all, parameters: [:]).value(name)
      )
    }
    let logits = try value(#require(LogitsStrategy.legacy), "outputs")
    expectClose(logits.0, logits.1 / 2)
    let boxClass = try value(#require(BoxClassStrategy.legacy), "classes")
    expectClose(boxClass.0, boxClass.1 / 2)
  }

  @Test func `features through the teacher's rest are not compared there either`() throws {
    var batch = try batch()
    let teacher = batch.heads[0].teacher
    // The student's own outputs agree; only those through the teacher differ.
    batch.heads = [
      try PairedHeads(student: teacher, teacher: teacher, anchors: toy.anchors, besides: targets)
    ]
    let cell = HeadStrategiesTests.studentCells.0
    let planes = try Tensor(cell.flatMap { [$0, $0] }, shape: [1, 7, 1, 2])
    batch.features = [try features(planes, planes, .headInput)]
    batch.runTeacher = { given in
      [
        try HeadView(
          given[0], of: toy.head, inputWidth: TwoCells.width, inputHeight: TwoCells.height)
      ]
    }
    expectClose(
      try CrossHeadStrategy().losses(batch, parameters: [:]).value("objectness"), 0.25 * ln2)
  }

  @Test func `a teacher that knows all classes is compared in every cell`() throws {
    let pair = try PairedHeads(
      student: batch().heads[0].student, teacher: batch().heads[0].teacher, anchors: toy.anchors,
      besides: TwoCells.targets())
    #expect(pair.isCompared == nil)
  }
}
