import Darknet
import Torch

/// A layer that finds objects: turns the raw output of a convolution into boxes.
///
/// Each cell of its grid predicts a box for each anchor, from ``valuesPerAnchor`` planes an anchor.
/// As a ``Layer`` of the forward pass it only hands on that output. ``Network/heads`` has those of
/// a cfg; a new kind of head is written in this module, which alone can read ``HeadCells``.
public protocol DetectionHead: Sendable {
  /// Index of the layer in the cfg.
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

  /// Boxes of raw values of x, y, width and height.
  ///
  /// - Parameters:
  ///   - raw: `[N, anchors, 4, H, W]`.
  ///   - places: of these cells.
  /// - Returns: as many in input pixels, as centre x, centre y, width, height.
  func boxes(_ raw: Tensor, at places: HeadPlaces) throws -> Tensor

  /// Width and height of each anchor in input pixels.
  func anchorSizes(strideX: Double, strideY: Double) -> [Float]
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
  /// Where they are.
  let places: HeadPlaces

  /// - Parameter logits: `[N, anchors × valuesPerAnchor, H, W]`.
  init(_ logits: Tensor, _ head: some DetectionHead, inputWidth: Int, inputHeight: Int) throws {
    let outer = logits.shape
    values = try (logits.dtype == .float64 ? logits : logits.to(.float32)).reshaped(
      [outer[0], head.anchorCount, head.valuesPerAnchor, outer[2], outer[3]])
    places = try HeadPlaces(
      head, width: outer[3], height: outer[2], inputWidth: inputWidth, inputHeight: inputHeight,
      device: logits.device)
  }

  private init(values: Tensor, places: HeadPlaces) {
    (self.values, self.places) = (values, places)
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
    let flat = try steps.view([-1, 1]) + (outer * (valueCount * area) + place)
    let chosen = try values.reshaped([-1]).indexSelect(dim: 0, flat.reshaped([-1]))
    return (
      HeadCells(
        values: try chosen.view([1, 1, valueCount, 1, indices.count]),
        places: try places.selected(
          place, anchors: outer.remainder(anchorCount), gridWidth: shape[4])),
      try outer.floorDivided(by: anchorCount).toInts()
    )
  }

  /// The planes of some values, `[N, anchors, count, H, W]`.
  func planes(_ start: Int, _ count: Int = 1) throws -> Tensor {
    try values.narrow(dim: 2, start: start, count: count)
  }

  /// Planes of values to come out, joined to `[N, anchors × H × W, values]`.
  func rows(_ planes: [Tensor]) throws -> Tensor {
    let joined = try Tensor.concatenated(planes, dim: 2)
    let shape = joined.shape
    return try joined.permuted([0, 1, 3, 4, 2])
      .reshaped([shape[0], shape[1] * shape[3] * shape[4], shape[2]])
  }
}
