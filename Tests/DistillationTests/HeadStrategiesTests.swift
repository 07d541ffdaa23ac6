import Foundation
import Testing
import Torch

@testable import Distillation

/// Two cells. In the first the teacher has other probabilities, σ(ln 3) = 3/4 and σ(−ln 3) = 1/4
/// against the student's halves, and a box twice as wide; in the second both agree, with an
/// objectness of 1/4. So Z = 3/4 + 1/4 = 1.
@Suite struct HeadStrategiesTests {
  static let ln2 = log(2.0)
  static let ln3 = log(3.0)
  /// KL of a probability of 3/4, or of 1/4, against one half: ln 2 + 3/4·ln 3/4 + 1/4·ln 1/4.
  static let divergence = 0.13081203594113694

  static let studentCells: ([Double], [Double]) = (
    [0, 0, 0, 0, 0, 0, 0], [0.3, -0.2, 0.1, 0.4, -ln3, 0.5, -0.7]
  )
  static let teacherCells: ([Double], [Double]) = (
    [0, 0, ln2, 0, ln3, ln3, -ln3], [0.3, -0.2, 0.1, 0.4, -ln3, 0.5, -0.7]
  )

  /// - Parameter isSwapped: whether student and teacher change places.
  func batch(
    isSwapped: Bool = false, targets isLabelled: Bool = true
  ) throws -> DistillationBatch {
    let toy = try TwoCells()
    let a = try toy.view(Self.studentCells.0, Self.studentCells.1)
    let b = try toy.view(Self.teacherCells.0, Self.teacherCells.1)
    return DistillationBatch(
      heads: [try isSwapped ? toy.pair(b, a) : toy.pair(a, b)],
      targets: try TwoCells.targets(isEmpty: !isLabelled))
  }

  func losses(_ strategy: some DistillationStrategy, isSwapped: Bool = false) throws
    -> StrategyLosses
  {
    try strategy.losses(batch(isSwapped: isSwapped), parameters: [:])
  }

  // Gap 1/4 in the first cell, cross-entropy against one half ln 2; u = 3/4.
  // Boxes of 16 and 32 × 16 pixels around one centre: GIoU = IoU = 1/2.
  @Test func `binary weighs each problem by its gap`() throws {
    let found = try losses(BinaryStrategy())
    expectClose(try found.value("objectness"), 0.25 * Self.ln2)
    expectClose(try found.value("classes"), 0.75 * 2 * 0.25 * Self.ln2)
    expectClose(try found.value("boxes"), 0.75 * 0.25 * 0.5)
    #expect(try found.weight("boxes") == 4)

    var everywhere = BinaryStrategy()
    everywhere.everywhere = true
    let paper = try losses(everywhere)
    expectClose(try paper.value("classes"), 2 * 0.25 * Self.ln2)
    expectClose(try paper.value("boxes"), 0.25 * 0.5)
  }

  // 16 × 16 and 32 × 8 around one centre share 16 × 8 = 128 of 256 + 256 − 128 = 384 pixels: IoU 1/3.
  // What holds both, 32 × 16 = 512, has 128 of neither: GIoU = 1/3 − 128/512 = 1/12.
  @Test func `binary compares boxes by what neither covers too`() throws {
    let toy = try TwoCells()
    var teacher = Self.teacherCells
    (teacher.0[2], teacher.0[3]) = (Self.ln2, -Self.ln2)
    let batch = DistillationBatch(
      heads: [
        try toy.pair(
          toy.view(Self.studentCells.0, Self.studentCells.1), toy.view(teacher.0, teacher.1))
      ], targets: try TwoCells.targets())
    let found = try BinaryStrategy().losses(batch, parameters: [:])
    expectClose(try found.value("boxes"), 0.75 * 0.25 * 11 / 12)
  }

  @Test func `logits compares probabilities one by one`() throws {
    let found = try losses(LogitsStrategy())
    expectClose(try found.value("objectness"), Self.divergence)
    expectClose(try found.value("classes"), 0.75 * 2 * Self.divergence)
    expectClose(try found.value("boxes"), 0.75 * Self.ln2 * Self.ln2)
  }

  // T = 2: p = σ(ln 3 / 2) = √3 / (1 + √3), and 4 · (ln 2 + p·ln p + (1 − p)·ln(1 − p)).
  @Test func `a temperature softens and its square makes up for it`() throws {
    var strategy = LogitsStrategy()
    strategy.temperature = 2
    let p = sqrt(3.0) / (1 + sqrt(3.0))
    let expected = 4 * (Self.ln2 + p * log(p) + (1 - p) * log(1 - p))
    expectClose(try losses(strategy).value("objectness"), expected)
  }

  // The teacher's e^(row/3): 1, 1, 2^⅓, 1, 3^⅓, 3^⅓, 3^−⅓; the student's seven are equal.
  @Test func `logits as before is one softmax over all outputs of an anchor`() throws {
    let weights = [1, 1, cbrt(2.0), 1, cbrt(3.0), cbrt(3.0), 1 / cbrt(3.0)]
    let sum = weights.reduce(0, +)
    let expected = 9 * weights.reduce(0) { $0 + $1 / sum * log($1 / sum * 7) }
    let strategy = try #require(LogitsStrategy.legacy)
    let found = try losses(strategy)
    #expect(found.terms.map(\.name) == ["outputs"])
    expectClose(try found.value("outputs"), expected)
    #expect(try found.weight("outputs") == 0.001)
    #expect(strategy.needs.rawBoxes)
  }

  // Objectness and two classes: e^(·/3) = 3^⅓, 3^⅓, 3^−⅓.
  @Test func `box-class compares classes everywhere and boxes at objects`() throws {
    let found = try losses(BoxClassStrategy())
    expectClose(try found.value("classes"), Self.divergence * (1 + 0.75 * 2))
    expectClose(try found.value("boxes"), Self.ln2 * Self.ln2)

    let legacy = try losses(#require(BoxClassStrategy.legacy))
    let weights = [cbrt(3.0), cbrt(3.0), 1 / cbrt(3.0)]
    let sum = weights.reduce(0, +)
    expectClose(
      try legacy.value("classes"),
      9 * weights.reduce(0) { $0 + $1 / sum * log($1 / sum * 3) })
    // 16 pixels wider: one cell.
    expectClose(try legacy.value("boxes"), 1)
    #expect(try legacy.weight("classes") == 1e-4)
    #expect(try legacy.weight("boxes") == 1e-3)
  }

  // The object is as large as the first cell: the narrow box is right, the wide one off by ln 2.
  @Test func `relative-box counts a box only where the teacher has it better`() throws {
    let better = try losses(RelativeBoxStrategy())
    expectClose(try better.value("boxes"), 0)
    expectClose(try #require(better.figures.first).value.item(), 0)

    let worse = try losses(RelativeBoxStrategy(), isSwapped: true)
    expectClose(try worse.value("boxes"), Self.ln2 * Self.ln2)
    expectClose(try #require(worse.figures.first).value.item(), 1)

    let legacy = try losses(#require(RelativeBoxStrategy.legacy), isSwapped: true)
    expectClose(try legacy.value("boxes"), 1)

    var generous = RelativeBoxStrategy()
    generous.margin = 0.5
    expectClose(try losses(generous, isSwapped: true).value("boxes"), 0)
  }

  @Test func `anchor-cells compares where objects are alone`() throws {
    let found = try losses(AnchorCellsStrategy())
    expectClose(try found.value("classes"), 3 * Self.divergence)
    expectClose(try found.value("boxes"), Self.ln2 * Self.ln2)

    let nothing = try AnchorCellsStrategy().losses(batch(targets: false), parameters: [:])
    expectClose(try nothing.value("classes"), 0)
    expectClose(try nothing.value("boxes"), 0)

    let legacy = try losses(#require(AnchorCellsStrategy.legacy))
    expectClose(
      try legacy.value("outputs"), try losses(#require(LogitsStrategy.legacy)).value("outputs"))
  }

  // Without labels the teacher's objectness of 3/4 makes the first cell one of an object.
  @Test func `a confident teacher stands in for labels that are missing`() throws {
    var batch = try batch(targets: false)
    batch.isLabelled = try Tensor([Float(0)])
    let found = try BoxClassStrategy().losses(batch, parameters: [:])
    expectClose(try found.value("boxes"), Self.ln2 * Self.ln2)
    batch.isLabelled = try Tensor([Float(1)])
    expectClose(try BoxClassStrategy().losses(batch, parameters: [:]).value("boxes"), 0)
  }

  @Test func `cross-head compares what the teacher makes of the student's features`() throws {
    let toy = try TwoCells()
    let teacher = try toy.view(Self.teacherCells.0, Self.teacherCells.1)
    var batch = try batch()
    // The student's own outputs agree; only those through the teacher differ.
    batch.heads = [try toy.pair(teacher, teacher)]
    let planes = zip(Self.studentCells.0, Self.studentCells.1).flatMap { [$0, $1] }
    let halves = try Tensor(planes, shape: [1, 7, 1, 2]) / 2
    batch.features = [try features(halves, halves, .headInput)]
    batch.runTeacher = { given in
      [
        try HeadView(
          given[0] * 2, of: toy.head, inputWidth: TwoCells.width, inputHeight: TwoCells.height)
      ]
    }
    let found = try CrossHeadStrategy().losses(batch, parameters: [:])
    expectClose(try found.value("objectness"), 0.25 * Self.ln2)
    expectClose(try found.value("classes"), 0.75 * 2 * 0.25 * Self.ln2)
    expectClose(try found.value("boxes"), 0.75 * 0.25 * 0.5)
  }
}
