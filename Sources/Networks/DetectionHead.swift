import Darknet
import Torch

/// A block that finds objects: turns the raw output of a convolution into boxes.
///
/// Each cell of its grid predicts a box for each anchor, from ``valuesPerAnchor`` planes an anchor.
/// As a ``Layer`` the block only hands on that output. ``Network/heads`` has those of a cfg; a new
/// kind of head is written in this module, which alone can read ``HeadCells``.
public protocol DetectionHead: Sendable {
  /// Index of the block in the cfg.
  var layerIndex: Int { get }
  /// Index of the convolution that it reads; −1 for the network's input.
  var sourceIndex: Int { get }
  /// Classes that it tells apart.
  var classes: Int { get }
  /// Anchors a cell.
  var anchorCount: Int { get }
  /// Planes an anchor.
  var valuesPerAnchor: Int { get }
  /// What to add to the fresh biases of an anchor's planes so that training does not begin with
  /// silencing every cell (docs/formulas.md 2.5); ``valuesPerAnchor`` of them.
  var startBiases: [Float] { get }

  /// Decodes cells of the head's raw output.
  ///
  /// - Returns: a row a cell with 5 + classes values in float32, or in float64 where the output is;
  ///   boxes in input pixels as centre x, centre y, width, height; objectness and classes in
  ///   `0...1`.
  func decode(_ cells: HeadCells) throws -> Tensor

  /// The objectness of cells, `0...1`, as ``decode(_:)`` gives it, `[N, anchors, 1, H, W]`.
  func objectness(_ cells: HeadCells) throws -> Tensor
}

extension DetectionHead {
  /// Decodes the head's raw output.
  ///
  /// The stride is the ratio of the input's size and the grid's, never a matter of names.
  ///
  /// - Parameters:
  ///   - logits: `[N, anchors × valuesPerAnchor, H, W]`.
  ///   - inputWidth: width of the network's input in pixels.
  ///   - inputHeight: height of the network's input in pixels.
  /// - Returns: `[N, anchors × H × W, 5 + classes]`, as ``decode(_:)``.
  public func decode(_ logits: Tensor, inputWidth: Int, inputHeight: Int) throws -> Tensor {
    try decode(HeadCells(logits, self, inputWidth: inputWidth, inputHeight: inputHeight))
  }

  /// Decodes only the cells whose objectness is above a threshold.
  ///
  /// - Parameters: as of ``decode(_:inputWidth:inputHeight:)``.
  /// - Returns: the picture of each such cell, ascending, and their rows, `[P, 5 + classes]`.
  public func decode(
    _ logits: Tensor, inputWidth: Int, inputHeight: Int, above threshold: Float
  ) throws -> (pictures: [Int], rows: Tensor) {
    let all = try HeadCells(logits, self, inputWidth: inputWidth, inputHeight: inputHeight)
    let found = try (objectness(all) .> threshold).reshaped([-1]).nonzero().reshaped([-1])
    let chosen = try all.selected(found)
    let rows = try decode(chosen.cells)
    return (chosen.pictures, try rows.reshaped([-1, 5 + classes]))
  }
}

extension DetectionHead {
  /// Objectness near 0.01 and nothing else.
  func startBiases(objectness: Int, classBias: Double) -> [Float] {
    var biases = [Float](repeating: 0, count: valuesPerAnchor)
    biases[objectness] = -4.5
    for index in 0..<classes { biases[objectness + 1 + index] = Float(classBias) }
    return biases
  }
}

extension NetworkSpec {
  /// The heads of the cfg, in its order: what decodes the raw outputs of a network, whatever runs
  /// it.
  public var detectionHeads: [any DetectionHead] {
    layers.enumerated().compactMap { index, layer -> (any DetectionHead)? in
      switch layer {
      case .yolo(let yolo): YoloHead(layerIndex: index, spec: yolo)
      case .gaussianYolo(let gaussian): GaussianYoloHead(layerIndex: index, spec: gaussian)
      case .region(let region): RegionHead(layerIndex: index, spec: region)
      default: nil
      }
    }
  }
}

extension Network {
  /// Classes that the network tells apart.
  public var classCount: Int { heads.first?.classes ?? 0 }

  /// Boxes of all heads for raw outputs of ``callAsFunction(_:_:)``.
  ///
  /// - Returns: `[N, cells of all heads, 5 + classes]`, as
  ///   ``DetectionHead/decode(_:inputWidth:inputHeight:)``.
  public func decode(_ outputs: [Tensor], inputWidth: Int, inputHeight: Int) throws -> Tensor {
    let decoded = try zip(heads, outputs).map { head, output in
      try head.decode(output, inputWidth: inputWidth, inputHeight: inputHeight)
    }
    guard !decoded.isEmpty else { throw NetworkError.noHeads(path: configuration.path) }
    return try Tensor.concatenated(decoded, dim: 1)
  }
}

/// A head's raw output cut by anchor and value, and the places of its cells: of all, or of some.
public struct HeadCells {
  /// `[N, anchors, values, H, W]`; of some cells `[1, 1, values, 1, P]`.
  private let values: Tensor
  /// Of each cell, in cells: `[W]` and `[H, 1]`; of some `[P]` both.
  private let columns, lines: Tensor
  private let strideX: Double
  private let strideY: Double
  /// Of each cell, `[P]`, where they are some.
  private let anchors: Tensor?

  /// - Parameter logits: `[N, anchors × valuesPerAnchor, H, W]`.
  init(_ logits: Tensor, _ head: some DetectionHead, inputWidth: Int, inputHeight: Int) throws {
    let outer = logits.shape
    values = try (logits.dtype == .float64 ? logits : logits.to(.float32)).reshaped(
      [outer[0], head.anchorCount, head.valuesPerAnchor, outer[2], outer[3]])
    strideX = Double(inputWidth) / Double(outer[3])
    strideY = Double(inputHeight) / Double(outer[2])
    columns = try Tensor.arange(outer[3], dtype: .float32, device: logits.device)
    lines = try Tensor.arange(outer[2], dtype: .float32, device: logits.device).view([-1, 1])
    anchors = nil
  }

  private init(
    _ all: HeadCells, values: Tensor, columns: Tensor, lines: Tensor, anchors: Tensor
  ) {
    (strideX, strideY) = (all.strideX, all.strideY)
    (self.values, self.columns, self.lines, self.anchors) = (values, columns, lines, anchors)
  }

  /// Some of all cells.
  ///
  /// - Parameter indices: places in `[N × anchors × H × W]`, ascending, `[P]`.
  /// - Returns: the cells, and the picture of each.
  func selected(_ indices: Tensor) throws -> (cells: HeadCells, pictures: [Int]) {
    let shape = values.shape
    let (anchorCount, valueCount, area) = (shape[1], shape[2], shape[3] * shape[4])
    let place = try indices.remainder(area)
    let outer = try indices.floorDivided(by: area)
    // The place of each value, [values, P], in the flat array.
    let steps = try Tensor.arange(valueCount, dtype: .int64, device: values.device) * area
    let places = try steps.view([-1, 1]) + (outer * (valueCount * area) + place)
    let chosen = try values.reshaped([-1]).indexSelect(dim: 0, places.reshaped([-1]))
    return (
      HeadCells(
        self, values: try chosen.view([1, 1, valueCount, 1, indices.count]),
        columns: try place.remainder(shape[4]).to(.float32),
        lines: try place.floorDivided(by: shape[4]).to(.float32),
        anchors: try outer.remainder(anchorCount)),
      try outer.floorDivided(by: anchorCount).toInts()
    )
  }

  /// The planes of some values, `[N, anchors, count, H, W]`.
  func planes(_ start: Int, _ count: Int = 1) throws -> Tensor {
    try values.narrow(dim: 2, start: start, count: count)
  }

  /// One number an anchor, to go with planes.
  func perAnchor(_ numbers: [Float]) throws -> Tensor {
    let numbers = try Tensor(numbers, device: values.device)
    guard let anchors else { return try numbers.view([1, -1, 1, 1, 1]) }
    return try numbers.indexSelect(dim: 0, anchors)
  }

  /// Input pixels of offsets, in cells, from each cell's left border.
  func x(_ offset: Tensor) throws -> Tensor { try (offset + columns) * strideX }

  /// Input pixels of offsets, in cells, from each cell's upper border.
  func y(_ offset: Tensor) throws -> Tensor { try (offset + lines) * strideY }

  /// Input pixels of a number of cells, across and down.
  func pixels(_ width: Tensor, _ height: Tensor) throws -> (Tensor, Tensor) {
    (try width * strideX, try height * strideY)
  }

  /// Planes of values to come out, joined to `[N, anchors × H × W, values]`.
  func rows(_ planes: [Tensor]) throws -> Tensor {
    let joined = try Tensor.concatenated(planes, dim: 2)
    let shape = joined.shape
    return try joined.permuted([0, 1, 3, 4, 2])
      .reshaped([shape[0], shape[1] * shape[3] * shape[4], shape[2]])
  }
}
