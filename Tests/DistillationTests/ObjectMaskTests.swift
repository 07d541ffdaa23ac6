import Darknet
import Foundation
import Loading
import Networks
import Testing
import Torch
import Training
import _TestSupport

@testable import Distillation

/// Three heads with strides 32, 16 and 8 at 64 × 64 pixels, whose anchors of 48, 18 and 8 pixels
/// overlap each other's by less than 0.2.
@Suite struct ObjectMaskTests {
  static let strides = [32, 16, 8]

  func pairs(pictures: Int = 1, _ blocks: [String]? = nil) throws -> [PairedHeads] {
    let blocks =
      blocks
      ?? (0..<3).map { "[yolo] mask=\($0) anchors=48,48,18,18,8,8 classes=1 num=3" }
    let heads = try toyHeads(
      width: 64, height: 64,
      zip(Self.strides, blocks).map { (stride: $0, values: 6, block: $1) })
    return try zip(heads, Self.strides).map { head, stride in
      let side = 64 / stride
      let output = try Tensor.full([pictures, 6, side, side], -9)
      let view = try HeadView(output, of: head, inputWidth: 64, inputHeight: 64)
      return try PairedHeads(
        student: view, teacher: view,
        anchors: AnchorMatching(of: head, stride: stride, device: .cpu))
    }
  }

  func square(_ x: Float, _ y: Float, _ side: Float, picture: Int = 0) -> BatchTarget {
    BatchTarget(
      imageIndex: picture, classIndex: 0, centerX: x / 64, centerY: y / 64, width: side / 64,
      height: side / 64)
  }

  func batch(_ targets: [BatchTarget], pictures: Int = 1) throws -> DistillationBatch {
    DistillationBatch(
      heads: try pairs(pictures: pictures),
      targets: DistillationTargets(targets, inputWidth: 64, inputHeight: 64, device: .cpu))
  }

  /// Rows and columns of a mask of one picture that are set.
  func places(_ batch: DistillationBatch, _ side: Int, picture: Int = 0) throws -> Set<[Int]> {
    let mask = try ObjectPlaces(batch).mask(height: side, width: side).toDoubles()
    #expect(mask.allSatisfy { $0 == 0 || $0 == 1 })
    let own = mask.dropFirst(picture * side * side).prefix(side * side)
    return Set(own.enumerated().filter { $1 == 1 }.map { [$0.offset / side, $0.offset % side] })
  }

  // 48 pixels around (20, 44): cell (1, 0) of stride 32.
  @Test func `a cell of stride 32 fills its block at strides 16 and 8`() throws {
    let batch = try batch([square(20, 44, 48)])
    #expect(try places(batch, 2) == [[1, 0]])
    #expect(try places(batch, 4) == [[2, 0], [2, 1], [3, 0], [3, 1]])
    let block = Set((4..<8).flatMap { row in (0..<4).map { [row, $0] } })
    #expect(try places(batch, 8) == block)
  }

  // 18 pixels around (40, 20): cell (1, 2) of stride 16.
  @Test func `a cell of stride 16 is a block at stride 8 and one place at 32`() throws {
    let batch = try batch([square(40, 20, 18)])
    #expect(try places(batch, 2) == [[0, 1]])
    #expect(try places(batch, 4) == [[1, 2]])
    #expect(try places(batch, 8) == [[2, 4], [2, 5], [3, 4], [3, 5]])
  }

  // 8 pixels around (60, 4): cell (0, 7) of stride 8.
  @Test func `a cell of stride 8 is one place at strides 16 and 32`() throws {
    let batch = try batch([square(60, 4, 8)])
    #expect(try places(batch, 2) == [[0, 1]])
    #expect(try places(batch, 4) == [[0, 3]])
    #expect(try places(batch, 8) == [[0, 7]])
  }

  @Test func `objects of all heads are joined and pictures are not`() throws {
    let batch = try batch(
      [square(60, 4, 8), square(40, 20, 18), square(20, 44, 48, picture: 1)], pictures: 2)
    #expect(try places(batch, 4) == [[0, 3], [1, 2]])
    #expect(try places(batch, 4, picture: 1) == [[2, 0], [2, 1], [3, 0], [3, 1]])
    #expect(try places(self.batch([], pictures: 2), 4, picture: 1) == [])
  }

  @Test func `two objects of one cell count twice and are one place`() throws {
    let batch = try batch([square(60, 4, 8), square(61, 3, 8)])
    let counts = try ObjectPlaces(batch).positives[2].toDoubles()
    #expect(counts.reduce(0, +) == 2)
    #expect(counts[7] == 2)
    #expect(try places(batch, 8) == [[0, 7]])
  }

  // 12 pixels around (10, 4), cut at the top: columns 4 to 16 and rows 0 to 10 touch 2 × 2 places
  // of 8 pixels. The smaller object of 4 pixels around (12, 4) lies in one of them.
  @Test func `a place that objects share counts as of the smallest`() throws {
    let batch = try batch([square(10, 4, 12), square(12, 4, 4)])
    let inside = try batch.insideBoxes(height: 8, width: 8, pictures: 1, device: .cpu)
    var expected = [Double](repeating: 0, count: 64)
    (expected[0], expected[1], expected[8], expected[9]) = (0.25, 1, 0.25, 0.25)
    #expect(try inside.toDoubles() == expected)

    let mask = try ForegroundMask(batch, Tensor.zeros([1, 3, 8, 8]))
    expectClose(try mask.background.sum().item(), 1, within: 1e-6)
    #expect(try mask.background.toDoubles().count { $0 > 0 } == 60)
  }

  @Test func `without labels a confident teacher's cells share one`() throws {
    let toy = try TwoCells()
    let view = try toy.view([0, 0, 0, 0, 5, 0, 0], [0, 0, 0, 0, -5, 0, 0])
    let batch = DistillationBatch(
      heads: [try toy.pair(view, view)], targets: try TwoCells.targets(isEmpty: true),
      isLabelled: try Tensor([Float(0)]))
    let inside = try batch.insideBoxes(height: 2, width: 4, pictures: 1, device: .cpu)
    #expect(try inside.toDoubles() == [0.25, 0.25, 0, 0, 0.25, 0.25, 0, 0])
  }

  /// Objects anywhere in two pictures.
  func manyTargets(seed: UInt64) -> [BatchTarget] {
    var generator = SeededGenerator(seed: seed)
    return (0..<90).map { _ in
      func draw(_ range: ClosedRange<Float>) -> Float { .random(in: range, using: &generator) }
      return BatchTarget(
        imageIndex: Bool.random(using: &generator) ? 1 : 0, classIndex: 0,
        centerX: draw(0...1), centerY: draw(0...1), width: draw(0.05...1),
        height: draw(0.05...1))
    }
  }

  @Test func `anchors are matched as for the loss`() throws {
    let targets = manyTargets(seed: 4) + [square(64, 64, 8), square(0, 0, 18)]
    let batch = try batch(targets, pictures: 2)
    let anchors: [Float] = [48, 18, 8]
    for (index, stride) in Self.strides.enumerated() {
      let side = anchors[index] / Float(stride)
      let grid = HeadGrid(
        width: 64 / stride, height: 64 / stride, anchors: [.init(width: side, height: side)])
      let assigned = grid.assign(targets, threshold: 0.2)
      try expect(batch, index, equals: assigned)
    }
  }

  @Test func `[region] matches the nearest anchor and [Gaussian_yolo] the corner`() throws {
    let targets = manyTargets(seed: 5)
    let block = "[region] anchors=0.5,0.5,1,1.5,3,1 classes=1 num=3 softmax=1"
    let batched = DistillationTargets(
      targets, inputWidth: 64, inputHeight: 64, device: .cpu)
    let heads = try toyHeads(
      width: 64, height: 64,
      [
        (16, 18, block),
        (16, 10, "[Gaussian_yolo] mask=0 anchors=24,24 classes=1 num=1 yolo_point=left_top"),
      ])
    func pair(_ head: any DetectionHead, _ values: Int) throws -> PairedHeads {
      let view = try HeadView(
        .full([2, values, 4, 4], -9), of: head, inputWidth: 64, inputHeight: 64)
      return try PairedHeads(
        student: view, teacher: view,
        anchors: AnchorMatching(of: head, stride: 16, device: .cpu))
    }
    let region = try pair(heads[0], 18)
    let sizes: [(Float, Float)] = [(0.5, 0.5), (1, 1.5), (3, 1)]
    let grid = HeadGrid(
      width: 4, height: 4, anchors: sizes.map { .init(width: $0.0, height: $0.1) })
    try expect(
      DistillationBatch(heads: [region], targets: batched),
      equals: grid.assignNearest(targets))

    let gaussian = try pair(heads[1], 10)
    let corners = targets.map { target in
      var target = target
      target.centerX = max(target.centerX - target.width / 2, 0)
      target.centerY = max(target.centerY - target.height / 2, 0)
      return target
    }
    let single = HeadGrid(width: 4, height: 4, anchors: [.init(width: 1.5, height: 1.5)])
    try expect(
      DistillationBatch(heads: [gaussian], targets: batched),
      equals: single.assign(corners, threshold: 0.2))
  }

  private func expect(
    _ batch: DistillationBatch, _ index: Int = 0, equals assigned: HeadTargets,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let counts = try ObjectPlaces(batch).positives[index].toDoubles()
    var expected = [Double](repeating: 0, count: counts.count)
    for cell in assigned.cells { expected[Int(cell)] += 1 }
    #expect(assigned.count > 10, sourceLocation: location)
    #expect(counts == expected, sourceLocation: location)
  }

  @Test func `shapes do not follow the number of objects`() throws {
    func counts(_ objects: Int) throws -> (targets: Int, pairs: [Int]) {
      let batch = try batch((0..<objects).map { _ in square(60, 4, 8) })
      let matches = try HeadMatches(
        batch.targets, batch.heads[0].student, batch.heads[0].anchors)
      return (batch.targets.count, matches.cells.shape)
    }
    #expect(try counts(0) == counts(64))
    #expect(try counts(65).targets == 128)
  }
}
