import Torch

/// Where the cells of a head are and how large its anchors: all of decoding that no picture
/// changes. Whoever decodes batch after batch makes it once for each size of the pictures.
public struct HeadPlaces {
  /// The left upper corner of each cell, in cells, `[2, H, W]`; of some cells `[2, 1, P]`.
  private let corners: Tensor
  /// Width and height in input pixels, `[anchors, 2, 1, 1]`; of some cells `[2, 1, P]`.
  let anchorSizes: Tensor
  /// Input pixels a cell, across and down.
  private let strides: (x: Double, y: Double)

  /// The places of a grid.
  ///
  /// - Parameters:
  ///   - head: whose anchors are meant.
  ///   - width: cells across.
  ///   - height: cells down.
  ///   - inputWidth: width of the network's input in pixels.
  ///   - inputHeight: height of the network's input in pixels.
  ///   - device: where the head's output is.
  public init(
    _ head: some DetectionHead, width: Int, height: Int, inputWidth: Int, inputHeight: Int,
    device: Device
  ) throws {
    let columns = try Tensor.arange(width, dtype: .float32, device: device)
    let lines = try Tensor.arange(height, dtype: .float32, device: device)
    corners = try Tensor.stacked([
      columns.view([1, -1]).expanded(to: [height, width]),
      lines.view([-1, 1]).expanded(to: [height, width]),
    ])
    strides = (Double(inputWidth) / Double(width), Double(inputHeight) / Double(height))
    anchorSizes = try Tensor(
      head.anchorSizes(strideX: strides.x, strideY: strides.y),
      shape: [head.anchorCount, 2, 1, 1], device: device, pinned: true)
  }

  private init(_ all: HeadPlaces, corners: Tensor, anchorSizes: Tensor) {
    strides = all.strides
    (self.corners, self.anchorSizes) = (corners, anchorSizes)
  }

  /// Those of some cells.
  ///
  /// - Parameters:
  ///   - place: of each in the grid, `[P]`.
  ///   - anchors: the anchor of each, `[P]`.
  ///   - gridWidth: cells across.
  func selected(_ place: Tensor, anchors: Tensor, gridWidth: Int) throws -> HeadPlaces {
    let corners = try Tensor.stacked([
      place.remainder(gridWidth), place.floorDivided(by: gridWidth),
    ])
    let sizes = try anchorSizes.flattened(from: 1).indexSelect(dim: 0, anchors)
    return HeadPlaces(
      self, corners: try corners.to(.float32).unsqueezed(1),
      anchorSizes: try sizes.transposed().unsqueezed(1))
  }

  /// Input pixels of x and y in cells from each cell's left upper corner, `[N, anchors, 2, H, W]`.
  func pixels(_ offsets: Tensor) throws -> Tensor {
    let cells = try offsets + corners
    guard strides.x != strides.y else { return try cells * strides.x }
    let axes = try cells.split(size: 1, dim: 2)
    return try Tensor.concatenated([axes[0] * strides.x, axes[1] * strides.y], dim: 2)
  }
}

extension Tensor {
  /// Two values each of x with y, and of width with height, along dimension 2.
  func centerAndSize() throws -> (center: Tensor, size: Tensor) {
    let parts = try split(sizes: [2, 2], dim: 2)
    return (parts[0], parts[1])
  }
}
