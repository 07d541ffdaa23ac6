import Darknet
import Foundation
import Loading
import Networks
import Testing
import Torch

@testable import Training

@Suite struct DetectionLossTests {
  /// One head of 2×2 cells, one anchor of 16×16 pixels, two classes, at 32×32 pixels.
  static let head: any DetectionHead = {
    let cfg = """
      [net]
      width=32
      height=32
      channels=3
      [convolutional]
      filters=7
      size=16
      stride=16
      activation=linear
      [yolo]
      mask=0
      anchors=16,16
      classes=2
      num=1
      """
    guard let network = try? Network(Configuration(parsing: cfg, path: "head.cfg")) else {
      preconditionFailure("the cfg of the test is wrong")
    }
    return network.heads[0]
  }()

  /// A target that fills the anchor, in the middle of the upper left cell.
  static let target = BatchTarget(
    imageIndex: 0, classIndex: 1, centerX: 0.25, centerY: 0.25, width: 0.5, height: 0.5)

  func value(
    _ logits: [Float], _ targets: [BatchTarget], share: Double = 1,
    overlap: DetectionLoss.Overlap = .giou
  ) throws -> [Double] {
    var loss = DetectionLoss()
    loss.overlap = overlap
    let output = try Tensor(logits, shape: [1, 7, 2, 2])
    let value = try loss(
      [output], heads: [Self.head], targets: targets, inputWidth: 32, inputHeight: 32,
      overlapShare: share)
    return try value.terms.toDoubles()
  }

  // Logits 0: the box is centre 0.5, size 1×1 cells, equal to the target, so GIoU = 1 and the box
  // term is 0. Objectness: σ(0) = 0.5 costs ln 2 in each of four cells whatever the aim. Classes:
  // ln 2 each; × 37.4 × 2/80.
  @Test(arguments: DetectionLoss.Overlap.allCases)
  func `a perfect box costs objectness and classes alone`(
    overlap: DetectionLoss.Overlap
  ) throws {
    let terms = try value(
      [Float](repeating: 0, count: 28), [Self.target], overlap: overlap)
    let log2 = Foundation.log(2.0)
    #expect(abs(terms[0]) < 1e-5)
    #expect(abs(terms[1] - 64.3 * log2) < 1e-4)
    #expect(abs(terms[2] - 37.4 * 2 / 80 * log2) < 1e-5)
    #expect(abs(terms[3] - terms[0] - terms[1] - terms[2]) < 1e-4)
  }

  // Width doubled (tw = ln 2): boxes 2×1 and 1×1 with one centre: IoU 1/2, hull 2×1 = union, so
  // GIoU = 1/2; the box term is 3.54 × 0.5. CIoU: same centre, aspect (4/π²)(atan 1 − atan 2)² = v,
  // α = v/(0.5 + v).
  @Test func `a box twice as wide costs half`() throws {
    var logits = [Float](repeating: 0, count: 28)
    logits[2 * 4] = Float(Foundation.log(2.0))
    let giou = try value(logits, [Self.target])
    #expect(abs(giou[0] - 3.54 * 0.5) < 1e-4)
    let v = 4 / (Double.pi * Double.pi) * pow(atan(1) - atan(2), 2)
    let ciou = try value(logits, [Self.target], overlap: .ciou)
    #expect(abs(ciou[0] - 3.54 * (0.5 + v * v / (0.5 + v))) < 1e-4)
  }

  // Objectness logit 2 everywhere. BCE against 0: ln(1 + e²); against t: ln(1 + e²) − 2t. With
  // share 0.25 and GIoU 1/2 the aim is 0.75 + 0.25·0.5 = 0.875.
  @Test func `the aim of objectness goes from one to the overlap`() throws {
    var logits = [Float](repeating: 0, count: 28)
    logits[2 * 4] = Float(Foundation.log(2.0))
    for cell in 0..<4 { logits[4 * 4 + cell] = 2 }
    let terms = try value(logits, [Self.target], share: 0.25)
    let expected = Foundation.log(1 + exp(2.0)) - 2 * 0.875 / 4
    #expect(abs(terms[1] - 64.3 * expected) < 1e-3)
  }

  @Test func `pictures without objects cost objectness alone`() throws {
    let terms = try value([Float](repeating: 0, count: 28), [])
    #expect(terms[0] == 0)
    #expect(terms[2] == 0)
    #expect(abs(terms[1] - 64.3 * Foundation.log(2.0)) < 1e-4)
  }

  @Test(arguments: DetectionLoss.Overlap.allCases)
  func `gradients agree with finite differences`(overlap: DetectionLoss.Overlap) throws {
    var loss = DetectionLoss()
    loss.overlap = overlap
    let generator = try Generator(seed: 3)
    let start = try Tensor.uniform([1, 7, 2, 2], low: -0.5, high: 0.5, generator: generator)
    let targets = [
      BatchTarget(
        imageIndex: 0, classIndex: 0, centerX: 0.3, centerY: 0.2, width: 0.4, height: 0.6),
      BatchTarget(
        imageIndex: 0, classIndex: 1, centerX: 0.8, centerY: 0.7, width: 0.6, height: 0.3),
    ]
    // With share 0 the aim of objectness is 1 and does not move with the box, as it does not for
    // the gradient; the trade-off weight of CIoU is a constant there too, so its box term is left
    // to GIoU.
    func total(_ x: Tensor) throws -> Tensor {
      try loss(
        [x], heads: [Self.head], targets: targets, inputWidth: 32, inputHeight: 32,
        overlapShare: 0
      ).total
    }
    let x = try start.clone().requireGrad()
    try total(x).backward()
    let gradient = try #require(x.grad).toFloats()
    let values = try start.toFloats()
    let step: Float = 1e-2
    for index in values.indices where overlap == .giou || index / 4 > 3 {
      var up = values
      up[index] += step
      var down = values
      down[index] -= step
      let slope =
        try
        (total(Tensor(up, shape: [1, 7, 2, 2])).item()
        - total(Tensor(down, shape: [1, 7, 2, 2])).item()) / Double(2 * step)
      #expect(abs(slope - Double(gradient[index])) < 0.02 * max(1, abs(slope)))
    }
  }

  @Test func `cells that are matched twice aim at the better overlap`() throws {
    // The same cell and anchor, one perfect and one poor target; the order must not matter.
    let poor = BatchTarget(
      imageIndex: 0, classIndex: 1, centerX: 0.25, centerY: 0.25, width: 0.25, height: 0.5)
    var logits = [Float](repeating: 0, count: 28)
    for cell in 0..<4 { logits[4 * 4 + cell] = 2 }
    let one = try value(logits, [Self.target, poor])
    let other = try value(logits, [poor, Self.target])
    let expected = Foundation.log(1 + exp(2.0)) - 2 * 1.0 / 4
    #expect(abs(one[1] - 64.3 * expected) < 1e-3)
    #expect(one[1] == other[1])
  }
}
