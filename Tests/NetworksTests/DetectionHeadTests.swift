import Darknet
import Foundation
import Testing
import Torch

@testable import Networks

/// Decoding by hand: an input of 32×32 pixels, a grid of 2×2 cells of 16 pixels.
@Suite struct DetectionHeadTests {
  /// The only head of a cfg whose convolution makes `filters` channels.
  func head(_ filters: Int, _ block: String) throws -> any DetectionHead {
    let cfg = try shortCfg(
      width: 32, height: 32,
      ["[convolutional] filters=\(filters) size=16 stride=16 activation=linear", block])
    return try #require(Network(cfg).heads.first)
  }

  /// What a head makes of equal logits in every cell: the row of the lower left cell.
  func decoded(_ head: any DetectionHead, _ logits: [Float]) throws -> [Float] {
    let raw = logits.flatMap { [Float](repeating: $0, count: 4) }
    let rows = try head.decode(
      Tensor(raw, shape: [1, logits.count, 2, 2]), inputWidth: 32, inputHeight: 32)
    #expect(rows.shape == [1, 4, 5 + head.classes])
    return try rows.select(dim: 1, index: 2).toFloats()
  }

  func expect(_ found: [Float], _ expected: [Float]) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-4, "\(found)") }
  }

  static let ln2 = Float(log(2.0))
  /// σ(ln 3) = 3/4.
  static let ln3 = Float(log(3.0))

  // x: 0.75·2 − 0.5 = 1 cell; y: 0.5·2 − 0.5 = 0.5 and one row down. Width 16·2, height 8.
  @Test func `yolo stretches offsets and scales anchors`() throws {
    let head = try head(7, "[yolo] mask=0 anchors=16,8 classes=2 num=1 scale_x_y=2")
    expect(
      try decoded(head, [Self.ln3, 0, Self.ln2, 0, 0, Self.ln3, 0]),
      [16, 24, 32, 8, 0.5, 0.75, 0.5])
  }

  // The convolution is logistic: x = 0.75, width (2·0.5)² = 1 anchor, height (2·1)² = 4.
  @Test func `with new_coords yolo takes probabilities`() throws {
    let head = try head(6, "[yolo] mask=1 anchors=9,9,16,8 classes=1 num=2 new_coords=1")
    expect(try decoded(head, [0.75, 0.5, 0.5, 1, 0.25, 1]), [12, 24, 16, 32, 0.25, 1])
  }

  // Deviations σ = 0.5, 0.5, 0.75, 0.75: mean 0.625, so objectness 0.75·0.375.
  @Test(arguments: [("center", 8, 24), ("left_top", 16, 28), ("right_bottom", 0, 20)])
  func `a gaussian head scores what is unsure lower`(point: String, x: Float, y: Float) throws {
    let head = try head(
      10, "[Gaussian_yolo] mask=0 anchors=16,8 classes=1 num=1 yolo_point=\(point)")
    expect(
      try decoded(head, [0, 0, 0, 0, 0, Self.ln3, 0, Self.ln3, Self.ln3, 0]),
      [x, y, 16, 8, 0.75 * 0.375, 0.5])
  }

  // Anchors in cells: 1.5·16 across, 0.5·2·16 down. Softmax of (ln 3, 0): 3/4, 1/4.
  @Test func `a region head measures anchors in cells`() throws {
    let head = try head(7, "[region] anchors=1.5,0.5 classes=2 num=1 softmax=1")
    expect(
      try decoded(head, [Self.ln3, 0, 0, Self.ln2, 0, Self.ln3, 0]),
      [12, 24, 24, 16, 0.5, 0.75, 0.25])
  }

  @Test func `a region head without softmax is logistic`() throws {
    let head = try head(7, "[region] anchors=1,1 classes=2 num=1 softmax=0")
    expect(try decoded(head, [0, 0, 0, 0, 0, Self.ln3, 0]), [8, 24, 16, 16, 0.5, 0.75, 0.5])
  }

  @Test func `cells are counted anchor by anchor, row by row`() throws {
    let head = try head(12, "[yolo] mask=0,1 anchors=16,16,32,32 classes=1 num=2")
    let rows = try head.decode(Tensor.zeros([1, 12, 2, 2]), inputWidth: 32, inputHeight: 32)
    let boxes = try rows.narrow(dim: 2, start: 0, count: 3).toFloats()
    #expect(boxes.prefix(6) == [8, 8, 16, 24, 8, 16])
    #expect(boxes.suffix(6) == [8, 24, 32, 24, 24, 32])
  }

  // 2×2 cells of 24 by 16 pixels: x = (1 + 0.5)·24, y = 0.5·16; of anchors in cells the width is 2·24.
  @Test func `cells need not be square`() throws {
    for (block, size) in [
      ("[yolo] mask=0 anchors=10,12 classes=1 num=1", [Float(10), 12]),
      ("[region] anchors=2,1 classes=1 num=1", [48, 16]),
    ] {
      let rows = try head(6, block).decode(
        Tensor.zeros([1, 6, 2, 2]), inputWidth: 48, inputHeight: 32)
      let row = try rows.select(dim: 1, index: 1).toFloats()
      #expect(Array(row.prefix(4)) == [36, 8] + size)
    }
  }

  // Two pictures, three by two cells and two anchors, of any numbers: what survives is what the
  // whole decoding has above the threshold, in its order; the exponential differs in its last bit
  // only.
  @Test(arguments: [
    "[yolo] mask=0,2 anchors=16,8,1,1,30,12 classes=3 num=3 scale_x_y=1.2",
    "[yolo] mask=0,1 anchors=9,9,16,8 classes=3 num=2 new_coords=1",
    "[Gaussian_yolo] mask=1,0 anchors=16,8,3,9 classes=3 num=2 yolo_point=left_top",
    "[region] anchors=1.5,0.5,2,3 classes=3 num=2 softmax=1",
    "[region] anchors=1.5,0.5,2,3 classes=3 num=2",
  ])
  func `cells above a threshold decode as they do among all`(block: String) throws {
    let head = try head(block.contains("Gaussian") ? 24 : 16, block)
    let shape = [2, head.anchorCount * head.valuesPerAnchor, 2, 3]
    let logits = try Tensor(numbers(shape.reduce(1, *), seed: 3), shape: shape)
    for threshold: Float in [-1, 0.3, 0.45, 2] {
      let (pictures, rows) = try head.decode(
        logits, inputWidth: 48, inputHeight: 32, above: threshold)
      let all = try head.decode(logits, inputWidth: 48, inputHeight: 32)
      var expected: [(picture: Int, row: [Float])] = []
      for picture in 0..<2 {
        let values = try all.select(dim: 0, index: picture).toFloats()
        for cell in 0..<all.shape[1] {
          let row = Array(values[cell * 8..<(cell + 1) * 8])
          if row[4] > threshold { expected.append((picture, row)) }
        }
      }
      #expect(pictures == expected.map(\.picture))
      #expect(rows.shape == [expected.count, 8])
      expect(try rows.toFloats(), expected.flatMap(\.row))
    }
  }

  @Test func `fresh heads are silent`() throws {
    let cfg = try shortCfg(
      width: 32, height: 32,
      [
        "[convolutional] filters=10 size=16 stride=16 activation=linear",
        "[Gaussian_yolo] mask=0 anchors=16,8 classes=1 num=1",
      ])
    let network = try Network(cfg)
    let scores = try withoutGrad {
      let outputs = try network(Tensor.zeros([1, 4, 32, 32]))
      return try network.decode(outputs, inputWidth: 32, inputHeight: 32)
        .select(dim: 2, index: 4).toFloats()
    }
    #expect(scores.allSatisfy { $0 < 0.02 })
  }

  // Two heads of 4×4 and 2×2 cells. All kernels are zero, so each convolution makes its biases: 1
  // and 10 for the six values, then the weights' logits. Head 0: σ(ln 3)·2/2 = 0.75 of its own, 0.5
  // of the other: 0.75 + 5. Head 1: 0.5 of the first, 0.75 of its own: 0.5 + 7.5.
  @Test func `ASFF heads mix all heads, later ones too`() throws {
    let yolo = "[yolo] mask=0 anchors=8,8 classes=1 num=1 from=0,3"
    let network = try Network(
      shortCfg(
        width: 8, height: 8,
        [
          "[convolutional] filters=8 size=1 stride=2 activation=linear", yolo,
          "[route] layers=0", "[convolutional] filters=8 size=1 stride=2 activation=linear", yolo,
        ]))
    var parameters = try network.parameters()
    for (layer, biases) in [
      (0, [1, 1, 1, 1, 1, 1, Self.ln3, 0]), (3, [10, 10, 10, 10, 10, 10, 0, Self.ln3]),
    ] {
      let shape = parameters.layers[layer][.weight]?.shape ?? []
      parameters.layers[layer][.weight] = ParameterArray(
        shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
      parameters.layers[layer][.bias] = ParameterArray(shape: [8], values: biases)
    }
    try network.load(parameters)
    let heads = try withoutGrad { try network(Tensor.zeros([1, 4, 8, 8])) }
    #expect(heads.map(\.shape) == [[1, 6, 4, 4], [1, 6, 2, 2]])
    #expect(try heads[0].toFloats().allSatisfy { abs($0 - 5.75) < 1e-5 })
    #expect(try heads[1].toFloats().allSatisfy { abs($0 - 8) < 1e-5 })
  }

  // Own grid 1×1, the other 2×2: its centre is the mean of 1, 2, 3, 6. Weights σ(0) = 0.5 each.
  @Test func `ASFF brings other heads to its grid bilinearly`() throws {
    let fusion = FeatureFusion(sources: [0, 1], rank: 1)
    let other = try Tensor(
      [1, 2, 3, 6, 0, 0, 0, 0, 0, 0, 0, 0] as [Float], shape: [1, 3, 2, 2])
    let own = try Tensor([4, 0, 0] as [Float], shape: [1, 3, 1, 1])
    #expect(try fusion([other, own]).toFloats() == [3.5])
  }
}
