import Darknet
import Foundation
import Loading
import Networks
import Testing
import Torch

@testable import Training

/// One head of 2×2 cells of 16 pixels, at 32×32 pixels, and its loss.
struct OneHead {
  let head: any DetectionHead
  let values: Int

  init(_ block: String, values: Int) throws {
    self.values = values
    let cfg = """
      [net]
      width=32
      height=32
      channels=3
      [convolutional]
      filters=\(values)
      size=16
      stride=16
      activation=linear
      \(block.replacing(" ", with: "\n"))
      """
    head = try #require(Network(Configuration(parsing: cfg, path: "head.cfg")).heads.first)
  }

  /// A target that fills a cell, in the middle of the upper left one.
  static let target = BatchTarget(
    imageIndex: 0, classIndex: 0, centerX: 0.25, centerY: 0.25, width: 0.5, height: 0.5)

  /// Equal values in every cell.
  func everywhere(_ values: [Float]) -> [Float] {
    values.flatMap { [Float](repeating: $0, count: 4) }
  }

  func loss(
    _ output: Tensor, _ targets: [BatchTarget], share: Double = 1,
    communicator: any Communicator = SingleProcess()
  ) throws -> DetectionLoss.Value {
    try DetectionLoss()(
      [output], heads: [head], targets: targets, inputWidth: 32, inputHeight: 32,
      overlapShare: share, communicator: communicator)
  }

  /// Box, objectness, classes and total.
  func terms(_ logits: [Float], _ targets: [BatchTarget] = [target]) throws -> [Double] {
    try loss(Tensor(logits, shape: [1, values, 2, 2]), targets).terms.toDoubles()
  }

  /// Compares gradients with central differences at every value. The aim of objectness is 1 here:
  /// an overlap would move with the box, which it does not for the gradient.
  func expectTrueGradients(around center: Double = 0) throws {
    let targets = [
      BatchTarget(
        imageIndex: 0, classIndex: 0, centerX: 0.3, centerY: 0.2, width: 0.4, height: 0.6),
      BatchTarget(
        imageIndex: 1, classIndex: 0, centerX: 0.8, centerY: 0.7, width: 0.6, height: 0.3),
    ]
    let shape = [2, values, 2, 2]
    let start = try Tensor.uniform(
      shape, low: center - 0.3, high: center + 0.3, generator: Generator(seed: 3))
    let x = try start.clone().requireGrad()
    try loss(x, targets, share: 0).total.backward()
    let gradient = try #require(x.grad).toFloats()
    let numbers = try start.toFloats()
    let step: Float = 1e-2
    for index in numbers.indices {
      func moved(by step: Float) throws -> Double {
        var moved = numbers
        moved[index] += step
        return try loss(Tensor(moved, shape: shape), targets, share: 0).total.item()
      }
      let slope = (try moved(by: step) - moved(by: -step)) / Double(2 * step)
      #expect(abs(slope - Double(gradient[index])) < 0.02 * max(1, abs(slope)), "value \(index)")
    }
  }
}

/// A head of a kind that has no loss.
private struct UnlearnableHead: DetectionHead {
  let known: any DetectionHead
  var layerIndex: Int { known.layerIndex }
  var sourceIndex: Int { known.sourceIndex }
  var classes: Int { known.classes }
  var anchorCount: Int { known.anchorCount }
  var valuesPerAnchor: Int { known.valuesPerAnchor }
  var startBiases: [Float] { known.startBiases }

  func decode(_ cells: HeadCells) throws -> Tensor { try known.decode(cells) }
  func objectness(_ cells: HeadCells) throws -> Tensor { try known.objectness(cells) }
  func boxes(_ raw: Tensor, at places: HeadPlaces) throws -> Tensor {
    try known.boxes(raw, at: places)
  }
  func anchorSizes(strideX: Double, strideY: Double) -> [Float] {
    known.anchorSizes(strideX: strideX, strideY: strideY)
  }
}

@Suite struct UnlearnableHeadTests {
  @Test func `a head without a loss ends a training instead of being left out`() throws {
    let one = try OneHead("[yolo] mask=0 anchors=16,16 classes=1 num=1", values: 6)
    let head = UnlearnableHead(known: one.head)
    #expect(throws: TrainingError.noLoss(head: "UnlearnableHead", layer: 1)) {
      _ = try DetectionLoss()(
        [Tensor.zeros([1, 6, 2, 2])], heads: [head], targets: [OneHead.target], inputWidth: 32,
        inputHeight: 32, overlapShare: 1)
    }
  }
}

private let ln2 = Foundation.log(2.0)

@Suite struct GaussianYoloLossTests {
  private static let block = "[Gaussian_yolo] mask=0 anchors=16,16 classes=1 num=1"

  // Means at the target, deviations σ(0) = 0.5: density 1/(0.5·√(2π)), so each coordinate costs
  // ln(0.5·√(2π)); a box of one of four cells weighs (2 − 1/4)/2.
  @Test func `a box in the middle of its distributions costs their entropy alone`() throws {
    let one = try OneHead(Self.block, values: 10)
    let terms = try one.terms(one.everywhere([Float](repeating: 0, count: 10)))
    let surprise = Foundation.log(0.5 * (2 * Double.pi).squareRoot())
    #expect(abs(terms[0] - 3.54 * 4 * surprise * 0.875) < 1e-4)
    #expect(abs(terms[1] - 64.3 * ln2) < 1e-4)
    #expect(terms[2] == 0)
  }

  // The corner of the target is the cell's: offsets are 0 where 0.5 is predicted, z = −1, 1/2 more
  // for x and y each. The lower right corner lies in the last cell, at offset 0.
  @Test(arguments: ["left_top", "right_bottom"])
  func `a corner is what the cell predicts`(point: String) throws {
    let one = try OneHead(Self.block + " yolo_point=\(point)", values: 10)
    let terms = try one.terms(one.everywhere([Float](repeating: 0, count: 10)))
    let surprise = Foundation.log(0.5 * (2 * Double.pi).squareRoot())
    #expect(abs(terms[0] - 3.54 * (4 * surprise + 1) * 0.875) < 1e-4)
  }

  // All deviations at σ(−ln 3) = 1/4: where the mean is right, ln 2 less each.
  @Test func `certainty pays where it is right`() throws {
    let one = try OneHead(Self.block, values: 10)
    var values = [Float](repeating: 0, count: 10)
    for index in [1, 3, 5, 7] { values[index] = -Float(Foundation.log(3.0)) }
    let terms = try one.terms(one.everywhere(values))
    let surprise = Foundation.log(0.5 * (2 * Double.pi).squareRoot()) - ln2
    #expect(abs(terms[0] - 3.54 * 4 * surprise * 0.875) < 1e-4)
  }

  @Test func `hopeless coordinates cost much and stay finite`() throws {
    let one = try OneHead(Self.block, values: 10)
    var values = [Float](repeating: 0, count: 10)
    for index in [1, 3, 5, 7] { values[index] = -200 }
    values[4] = 50
    let x = try Tensor(one.everywhere(values), shape: [1, 10, 2, 2]).requireGrad()
    let total = try one.loss(x, [OneHead.target]).total
    try total.backward()
    #expect(try total.item().isFinite)
    #expect(try #require(x.grad).allFinite())
  }
}

@Suite struct RegionLossTests {
  private static let block =
    "[region] anchors=1,1,2,2 num=2 classes=2 softmax=1 object_scale=5 thresh=0.6 bias_match=1"

  // Predictions σ(0) = 0.5: offsets right, sizes right. One of eight predictions is matched and
  // aims at one: 5·0.25. The second anchor's four boxes of 2×2 cells cover the target's cell by at
  // most 1/4, so the other seven aim at zero: 7·0.25. All halved. Two classes: ln 2.
  @Test func `a right box costs objectness and classes alone`() throws {
    let one = try OneHead(Self.block, values: 14)
    let terms = try one.terms([Float](repeating: 0, count: 56))
    #expect(abs(terms[0]) < 1e-6)
    #expect(abs(terms[1] - 0.5 * (5 + 7) * 0.25) < 1e-6)
    #expect(abs(terms[2] - ln2) < 1e-6)
    #expect(abs(terms[3] - terms[0] - terms[1] - terms[2]) < 1e-6)
  }

  // Width e^(ln 2): error ln 2, squared, halved, times 2 − 1/4. The box's IoU with the target is
  // 1/2, which is what 0.5 is predicted for: no cost there with rescore.
  @Test func `sizes err by logarithms, and rescoring aims at the overlap`() throws {
    let one = try OneHead(Self.block + " rescore=1", values: 14)
    var logits = [Float](repeating: 0, count: 56)
    logits[2 * 4] = Float(ln2)
    let terms = try one.terms(logits)
    #expect(abs(terms[0] - 0.5 * 1.75 * ln2 * ln2) < 1e-5)
    #expect(abs(terms[1] - 0.5 * 7 * 0.25) < 1e-5)
  }

  // The second anchor of the target's cell shrunk to the target: IoU 1 > 0.6 without being
  // matched, so its objectness costs nothing.
  @Test func `what covers a target unmatched is left alone`() throws {
    let one = try OneHead(Self.block, values: 14)
    var logits = [Float](repeating: 0, count: 56)
    logits[(7 + 2) * 4] = -Float(ln2)
    logits[(7 + 3) * 4] = -Float(ln2)
    #expect(abs(try one.terms(logits)[1] - 0.5 * (5 + 6) * 0.25) < 1e-6)
  }

  @Test func `pictures without objects cost objectness alone`() throws {
    let one = try OneHead(Self.block, values: 14)
    let terms = try one.terms([Float](repeating: 0, count: 56), [])
    #expect(terms[0] == 0 && terms[2] == 0)
    #expect(abs(terms[1] - 0.5 * 8 * 0.25) < 1e-6)
  }

  @Test func `without softmax every class is a question of its own`() throws {
    let one = try OneHead(
      "[region] anchors=1,1 num=1 classes=2 softmax=0 class_scale=3", values: 7)
    #expect(abs(try one.terms([Float](repeating: 0, count: 28))[2] - 3 * 2 * ln2) < 1e-5)
  }
}

@Suite struct YoloLossTests {
  // The convolution is logistic: 0.5 is the middle of the cell, (2·0.5)² one anchor, and the logit
  // of 0.5 is 0.
  @Test func `with new_coords probabilities cost what their logits do`() throws {
    let one = try OneHead("[yolo] mask=0 anchors=16,16 classes=2 num=1 new_coords=1", values: 7)
    let terms = try one.terms([Float](repeating: 0.5, count: 28))
    #expect(abs(terms[0]) < 1e-5)
    #expect(abs(terms[1] - 64.3 * ln2) < 1e-4)
    #expect(abs(terms[2] - 37.4 * 2 / 80 * ln2) < 1e-5)
  }

  // Logits 2 and 0 against 0.9 and 0.1: ln(1 + e²) − 1.8 and ln 2.
  @Test func `smoothed labels aim short of one`() throws {
    let one = try OneHead(
      "[yolo] mask=0 anchors=16,16 classes=2 num=1 label_smooth_eps=0.2", values: 7)
    let terms = try one.terms(one.everywhere([0, 0, 0, 0, 0, 2, 0]))
    let expected = (Foundation.log(1 + exp(2.0)) - 1.8 + ln2) / 2
    #expect(abs(terms[2] - 37.4 * 2 / 80 * expected) < 1e-5)
  }

  // The upper right cell's box, moved to its left border, covers 8 of 24 columns: IoU 1/3 > 0.3.
  // Logits 2: ln(1 + e²) less 2·(1 + 1/3)/4.
  @Test func `with objectness_smooth unmatched boxes aim at their overlap`() throws {
    let block = "[yolo] mask=0 anchors=16,16 classes=1 num=1 ignore_thresh=0.3"
    var logits = try OneHead(block, values: 6).everywhere([0, 0, 0, 0, 2, 0])
    logits[1] = -40
    let plain = try OneHead(block, values: 6).terms(logits)[1]
    let smooth = try OneHead(block + " objectness_smooth=1", values: 6).terms(logits)[1]
    let silent = Foundation.log(1 + exp(2.0))
    #expect(abs(plain - 64.3 * (silent - 2.0 / 4)) < 1e-3)
    #expect(abs(smooth - 64.3 * (silent - 2 * (4.0 / 3) / 4)) < 1e-3)
  }

  @Test func `what the cfg says of targets and the preset does not do is said`() throws {
    let region = try OneHead("[region] anchors=1,1 num=1 classes=1 softmax=1", values: 6)
    #expect(
      DetectionLoss().notes(on: [region.head])
        == ["targets belong to the anchor nearest in shape, as with bias_match=1"])
    let matched = try OneHead("[region] anchors=1,1 num=1 classes=1 bias_match=1", values: 6)
    #expect(DetectionLoss().notes(on: [matched.head]) == [])
  }
}

/// One of three processes that knows what the other two would add to a sum, or finds out what it
/// adds.
private final class OneOfThree: Communicator {
  let rank = 0
  let size = 3
  private let others: [Tensor]
  private(set) var given: Tensor?

  init(others: [Tensor] = []) { self.others = others }

  func sumInPlace(_ tensors: [Tensor]) throws {
    given = try tensors[0].clone()
    for other in others { _ = try tensors[0].addInPlace(other) }
  }
  func any(_ value: Bool) -> Bool { value }
  func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
  func barrier() {}
}

@Suite struct HeadLossTests {
  // Three pictures with three, no and one objects: a mean of the three processes' means would count
  // the one object of the last as much as the three of the first.
  @Test(
    arguments: heads + [("[yolo] mask=0,1 anchors=16,16,9,20 classes=2 num=2", 14, 0.0)])
  func `what three processes have adds up to the loss of the whole batch`(
    block: String, values: Int, center: Double
  ) throws {
    let one = try OneHead(block, values: values)
    let drawn = try Tensor.normal([3, values, 2, 2], generator: Generator(seed: 8))
    let targets = [
      (0, 0, 0.3), (0, 1, 0.7), (0, 1, 0.2), (2, 0, 0.8),
    ].map { picture, kind, place in
      BatchTarget(
        imageIndex: picture, classIndex: kind, centerX: Float(place), centerY: Float(1 - place),
        width: 0.4, height: 0.5)
    }
    let whole = try drawn.clone().requireGrad()
    let expected = try one.loss(whole, targets)
    try expected.total.backward()

    func part(_ picture: Int, _ communicator: OneOfThree) throws -> (
      terms: [Double], gradient: [Float]
    ) {
      let x = try drawn.narrow(dim: 0, start: picture, count: 1).clone().requireGrad()
      let own = targets.filter { $0.imageIndex == picture }.map { target in
        var target = target
        target.imageIndex = 0
        return target
      }
      let value = try one.loss(x, own, communicator: communicator)
      try value.total.backward()
      return (try value.terms.toDoubles(), try #require(x.grad).toFloats())
    }
    let counts = try (0..<3).map { picture in
      let asking = OneOfThree()
      _ = try part(picture, asking)
      return try #require(asking.given)
    }
    let parts = try (0..<3).map { picture in
      try part(
        picture, OneOfThree(others: counts.indices.filter { $0 != picture }.map { counts[$0] }))
    }
    for (term, found) in try expected.terms.toDoubles().enumerated() {
      let sum = parts.reduce(0) { $0 + $1.terms[term] }
      #expect(abs(sum - found) < 1e-5 * max(1, abs(found)), "term \(term)")
    }
    let gradients = try #require(whole.grad).toFloats()
    for (a, b) in zip(parts.flatMap(\.gradient), gradients) { #expect(abs(a - b) < 1e-5) }
  }

  /// Blocks, values a cell, and where values are drawn around.
  static let heads: [(String, Int, Double)] = [
    ("[Gaussian_yolo] mask=0 anchors=16,16 classes=2 num=1", 11, 0),
    ("[Gaussian_yolo] mask=0 anchors=16,16 classes=1 num=1 yolo_point=left_top", 10, 0),
    ("[region] anchors=1,1,2,2 num=2 classes=2 softmax=1 object_scale=5", 14, 0),
    ("[region] anchors=1,1 num=1 classes=2 softmax=0 coord_scale=2", 7, 0),
  ]

  @Test(arguments: heads)
  func `gradients agree with finite differences`(
    block: String, values: Int, center: Double
  ) throws {
    try OneHead(block, values: values).expectTrueGradients(around: center)
  }

  @Test(arguments: heads)
  func `no tensor outlives a loss`(block: String, values: Int, center: Double) throws {
    let one = try OneHead(block, values: values)
    func step() throws {
      let x = try Tensor.zeros([1, values, 2, 2]).requireGrad()
      try one.loss(x, [OneHead.target]).total.backward()
    }
    try step()
    let before = TorchRuntime.liveTensorCountOfThread
    try step()
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }

  @Test(arguments: heads)
  func `the order of targets does not matter`(
    block: String, values: Int, center: Double
  ) throws {
    let one = try OneHead(block, values: values)
    let other = BatchTarget(
      imageIndex: 0, classIndex: 0, centerX: 0.3, centerY: 0.2, width: 0.4, height: 0.4)
    let logits = [Float](repeating: 0.5, count: values * 4)
    #expect(
      try one.terms(logits, [OneHead.target, other])[1]
        == one.terms(logits, [other, OneHead.target])[1])
  }
}
