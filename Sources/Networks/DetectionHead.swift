import Darknet
import Torch

/// A block that finds objects: turns the raw output of a convolution into boxes.
///
/// Each cell of its grid predicts a box for each anchor, from ``valuesPerAnchor`` planes an anchor.
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

  /// Decodes the head's raw output.
  ///
  /// The stride is the ratio of the input's size and the grid's, never a matter of names.
  ///
  /// - Parameters:
  ///   - logits: `[N, anchors × valuesPerAnchor, H, W]`.
  ///   - inputWidth: width of the network's input in pixels.
  ///   - inputHeight: height of the network's input in pixels.
  /// - Returns: `[N, anchors × H × W, 5 + classes]` in float32; boxes in input pixels as centre x,
  ///   centre y, width, height; objectness and classes in `0...1`.
  func decode(_ logits: Tensor, inputWidth: Int, inputHeight: Int) throws -> Tensor
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

/// The heads of a network's cfg, in its order.
func detectionHeads(of spec: NetworkSpec) -> [any DetectionHead] {
  spec.layers.enumerated().compactMap { index, layer -> (any DetectionHead)? in
    switch layer {
    case .yolo(let yolo): YoloHead(layerIndex: index, spec: yolo)
    case .gaussianYolo(let gaussian): GaussianYoloHead(layerIndex: index, spec: gaussian)
    case .region(let region): RegionHead(layerIndex: index, spec: region)
    default: nil
    }
  }
}

extension Network {
  /// Classes that the network tells apart.
  public var classCount: Int { heads.first?.classes ?? 0 }

  /// Boxes of all heads for raw outputs of ``callAsFunction(_:training:observe:)``.
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

/// A head's raw output cut by anchor and value, and the places of its cells.
struct HeadCells {
  private let values: Tensor
  private let shape: [Int]
  private let strideX: Double
  private let strideY: Double

  /// - Parameter logits: `[N, anchors × valuesPerAnchor, H, W]`.
  init(_ logits: Tensor, _ head: some DetectionHead, inputWidth: Int, inputHeight: Int) throws {
    let outer = logits.shape
    shape = [outer[0], head.anchorCount, head.valuesPerAnchor, outer[2], outer[3]]
    values = try logits.to(.float32).reshaped(shape)
    strideX = Double(inputWidth) / Double(outer[3])
    strideY = Double(inputHeight) / Double(outer[2])
  }

  /// The planes of some values, `[N, anchors, count, H, W]`.
  func planes(_ start: Int, _ count: Int = 1) throws -> Tensor {
    try values.narrow(dim: 2, start: start, count: count)
  }

  /// One number an anchor, to go with planes.
  func perAnchor(_ numbers: [Float]) throws -> Tensor {
    try Tensor(numbers, device: values.device).view([1, shape[1], 1, 1, 1])
  }

  /// Input pixels of offsets, in cells, from each cell's left border.
  func x(_ offset: Tensor) throws -> Tensor {
    let columns = try Tensor.arange(shape[4], dtype: .float32, device: values.device)
    return try (offset + columns) * strideX
  }

  /// Input pixels of offsets, in cells, from each cell's upper border.
  func y(_ offset: Tensor) throws -> Tensor {
    let rows = try Tensor.arange(shape[3], dtype: .float32, device: values.device).view([-1, 1])
    return try (offset + rows) * strideY
  }

  /// Input pixels of a number of cells, across and down.
  func pixels(_ width: Tensor, _ height: Tensor) throws -> (Tensor, Tensor) {
    (try width * strideX, try height * strideY)
  }

  /// Planes of values to come out, joined to `[N, anchors × H × W, values]`.
  func rows(_ planes: [Tensor]) throws -> Tensor {
    let joined = try Tensor.concatenated(planes, dim: 2)
    return try joined.permuted([0, 1, 3, 4, 2])
      .reshaped([shape[0], shape[1] * shape[3] * shape[4], joined.shape[2]])
  }
}
