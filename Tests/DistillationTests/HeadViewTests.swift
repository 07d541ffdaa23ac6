import Foundation
import Networks
import Testing
import Torch

@testable import Distillation

@Suite struct HeadViewTests {
  static let ln2 = log(2.0)

  // Cell (1, 0) of 16 pixels: x = (σ(0) + 1)·16 = 24, y = 8; w = 16·2, h = 16·1.
  @Test func `a view of [yolo] has boxes in pixels and logits by class`() throws {
    let toy = try TwoCells()
    let view = try toy.view([9, 9, 9, 9, 9, 9, 9], [0, 0, Self.ln2, 0, 3, -1, 2])
    #expect(view.boxes.shape == [1, 1, 1, 2, 4])
    #expect(view.boxes.dtype == .float64)
    let boxes = try view.boxes.toDoubles()
    zip(boxes.suffix(4), [24, 8, 32, 16]).forEach { expectClose($0, $1) }
    #expect(try view.objectness.toDoubles() == [9, 3])
    #expect(view.classes.shape == [1, 1, 2, 1, 2])
    #expect(try view.classes.toDoubles() == [9, -1, 9, 2])
    #expect(try view.rawBoxes.toDoubles() == [9, 0, 9, 0, 9, Self.ln2, 9, 0])
    #expect(view.deviations == nil)
    #expect((view.strideX, view.strideY) == (16, 16))
    #expect(!view.classesAreExclusive)
  }

  // With new_coords the numbers are probabilities: σ⁻¹(3/4) = ln 3; w = 16·(2·½)².
  @Test func `probabilities of new_coords become logits`() throws {
    let toy = try TwoCells("[yolo] mask=0 anchors=16,16 classes=2 num=1 new_coords=1")
    let cell = [0.5, 0.5, 0.5, 1, 0.75, 0.25, 0.5]
    let view = try toy.view(cell, cell)
    zip(try view.boxes.toDoubles(), [8, 8, 16, 64]).forEach { expectClose($0, $1) }
    try view.objectness.toDoubles().forEach { expectClose($0, log(3)) }
    zip(try view.classes.toDoubles(), [-log(3), -log(3), 0, 0]).forEach { expectClose($0, $1) }
  }

  @Test func `a view of [Gaussian_yolo] has deviations beside`() throws {
    let toy = try TwoCells(
      "[Gaussian_yolo] mask=0 anchors=16,16 classes=2 num=1", values: 11)
    let cell = [0, 11, 0, 12, Self.ln2, 13, 0, 14, 3, 4, 5]
    let view = try toy.view(cell, cell)
    #expect(try view.deviations?.toDoubles() == [11, 11, 12, 12, 13, 13, 14, 14])
    #expect(try view.rawBoxes.toDoubles() == [0, 0, 0, 0, Self.ln2, Self.ln2, 0, 0])
    #expect(try view.objectness.toDoubles() == [3, 3])
    #expect(try view.classes.toDoubles() == [4, 4, 5, 5])
    zip(try view.boxes.toDoubles(), [8, 8, 32, 16]).forEach { expectClose($0, $1) }
  }

  @Test func `classes of [region] share a softmax`() throws {
    let toy = try TwoCells("[region] anchors=1,1 classes=2 num=1 softmax=1")
    let view = try toy.view([0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, log(3), 0])
    #expect(view.classesAreExclusive)
    zip(try view.boxes.toDoubles(), [8, 8, 16, 16, 24, 8, 16, 16]).forEach { expectClose($0, $1) }

    // Against even classes: KL of (1/4, 3/4) or of (1/2, 1/2).
    let even = try toy.view([0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0])
    let classes = try HeadComparison(toy.pair(even, view), temperature: 1).classes().toDoubles()
    expectClose(classes[0], 0)
    expectClose(classes[1], HeadStrategiesTests.divergence)
    // As binary problems two of a gap of 1/4 and a cross-entropy of ln 2.
    func losses(_ student: HeadView) throws -> [Double] {
      let difference = try BinaryDifference(JoinedHeads([student]), JoinedHeads([view]))
      return try difference.loss.narrow(dim: 2, start: 1, count: 2).sum(dims: [2]).toDoubles()
    }
    let binary = try losses(even)
    expectClose(binary[0], 0)
    expectClose(binary[1], 2 * 0.25 * Self.ln2)

    // To classes of their own, whose logits of 0 are halves, the softmax is an aim for each.
    let own = try TwoCells().view([0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0])
    let mixed = try HeadComparison(toy.pair(own, view), temperature: 1).classes().toDoubles()
    expectClose(mixed[0], 0)
    expectClose(mixed[1], 2 * HeadStrategiesTests.divergence)
    let mixedBinary = try losses(own)
    expectClose(mixedBinary[1], 2 * 0.25 * Self.ln2)
  }

  // A head with three anchors of 16, 32 and 8 pixels and classes a, b, c, seen by one with the
  // anchors 8 and 16 and classes c and a.
  @Test func `anchors and classes are chosen in the other's order`() throws {
    let toy = try TwoCells(
      "[yolo] mask=0,1,2 anchors=16,16,32,32,8,8 classes=3 num=3", values: 24)
    let cell = (0..<3).flatMap { (anchor: Int) -> [Double] in
      [0, 0, 0, 0] + (0..<4).map { Double(10 * anchor + $0) }
    }
    let choice = try HeadChoice(anchors: [2, 0], classes: [2, 0], device: .cpu)
    let view = try toy.view(cell, cell, choice: choice)
    #expect(view.boxes.shape == [1, 2, 1, 2, 4])
    #expect(try view.objectness.toDoubles() == [20, 20, 0, 0])
    #expect(try view.classes.toDoubles() == [23, 23, 21, 21, 3, 3, 1, 1])
    let widths = try view.boxes.select(dim: 4, index: 2).toDoubles()
    zip(widths, [8, 8, 16, 16]).forEach { expectClose($0, $1) }
  }

  @Test func `a pair's teacher has no gradients and half precision becomes single`() throws {
    let toy = try TwoCells()
    let output = try Tensor.zeros([1, 7, 1, 2]).to(.float16).requireGrad()
    let view = try HeadView(output, of: toy.head, inputWidth: 32, inputHeight: 16)
    #expect(view.boxes.dtype == .float32)
    let pair = try toy.pair(view, view)
    #expect(pair.student.objectness.requiresGrad)
    #expect(!pair.teacher.objectness.requiresGrad)
    #expect(!pair.teacher.boxes.requiresGrad)
  }

  @Test func `a size gone wild stays a number`() throws {
    let toy = try TwoCells()
    let view = try toy.view([0, 0, 5000, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0])
    #expect(try view.boxes.allFinite())
  }
}
