import Darknet
import Torch

/// A `[yolo]` layer: turns its raw output into boxes.
public struct YoloHead: Sendable {
  /// Index of the layer in the cfg.
  public let layerIndex: Int
  /// Anchors, classes and the rest of the block.
  public let spec: YoloSpec

  /// Values per anchor: x, y, width, height, objectness and one a class.
  public var valuesPerAnchor: Int { 5 + spec.classes }

  /// Decodes the head's raw output (Darknet, `yolo_layer.c`; SPEC M2 for `scale_x_y`).
  ///
  /// The stride is the ratio of the input's size and the grid's, never a matter of names.
  ///
  /// - Parameters:
  ///   - logits: `[N, anchors × (5 + classes), H, W]`.
  ///   - inputWidth: width of the network's input in pixels.
  ///   - inputHeight: height of the network's input in pixels.
  /// - Returns: `[N, anchors × H × W, 5 + classes]` in float32; boxes in input pixels as centre x,
  ///   centre y, width, height; objectness and classes in `0...1`.
  public func decode(_ logits: Tensor, inputWidth: Int, inputHeight: Int) throws -> Tensor {
    let shape = logits.shape
    let anchors = spec.maskedAnchors
    let (batch, height, width) = (shape[0], shape[2], shape[3])
    let raw = try logits.to(.float32).to(.contiguous)
      .view([batch, anchors.count, valuesPerAnchor, height, width])
    let strideX = Double(inputWidth) / Double(width)
    let strideY = Double(inputHeight) / Double(height)
    let device = logits.device

    let columns = try Tensor.arange(width, dtype: .float32, device: device)
      .view([1, 1, 1, 1, width])
    let rows = try Tensor.arange(height, dtype: .float32, device: device)
      .view([1, 1, 1, height, 1])
    let widths = try Tensor(anchors.map { Float($0.width) }, device: device)
      .view([1, anchors.count, 1, 1, 1])
    let heights = try Tensor(anchors.map { Float($0.height) }, device: device)
      .view([1, anchors.count, 1, 1, 1])

    // With new_coords the convolution before the head is logistic already.
    let values = spec.newCoords ? raw : try raw.sigmoid()
    let scale = Double(spec.scaleXY)
    let offset = (scale - 1) / 2
    let x = try (values.narrow(dim: 2, start: 0, count: 1) * scale - offset + columns) * strideX
    let y = try (values.narrow(dim: 2, start: 1, count: 1) * scale - offset + rows) * strideY
    let size = try raw.narrow(dim: 2, start: 2, count: 2)
    let factors = spec.newCoords ? try (size * 2).squared() : try size.exp()
    let w = try factors.narrow(dim: 2, start: 0, count: 1) * widths
    let h = try factors.narrow(dim: 2, start: 1, count: 1) * heights
    let scores = try values.narrow(dim: 2, start: 4, count: 1 + spec.classes)
    return try Tensor.concatenated([x, y, w, h, scores], dim: 2)
      .permuted([0, 1, 3, 4, 2])
      .reshaped([batch, anchors.count * height * width, valuesPerAnchor])
  }
}

extension Network {
  /// Classes that the network tells apart.
  public var classCount: Int { heads.first?.spec.classes ?? 0 }

  /// Boxes of all heads for raw outputs of ``callAsFunction(_:training:observe:)``.
  ///
  /// - Returns: `[N, cells of all heads, 5 + classes]`, as ``YoloHead/decode(_:inputWidth:inputHeight:)``.
  public func decode(_ outputs: [Tensor], inputWidth: Int, inputHeight: Int) throws -> Tensor {
    let decoded = try zip(heads, outputs).map { head, output in
      try head.decode(output, inputWidth: inputWidth, inputHeight: inputHeight)
    }
    guard !decoded.isEmpty else { throw NetworkError.noHeads(path: configuration.path) }
    return try Tensor.concatenated(decoded, dim: 1)
  }
}
