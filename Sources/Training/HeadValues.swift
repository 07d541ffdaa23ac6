import Boxes
import Datasets
import Networks
import Torch

/// A head's raw output, read at flat indices alone, so that repeated cells cannot make a run differ
/// from the next (docs/architecture.md, *Exactness*).
struct HeadValues {
  /// Cells of all pictures and anchors, `N · anchors · H · W`.
  let cellCount: Int
  /// Pictures.
  let batch: Int
  let device: Device
  private let head: any TrainableHead
  private let output: Tensor
  private let flat: Tensor
  private let area: Int

  /// - Parameter output: `[N, anchors × values, H, W]`.
  init(_ output: Tensor, _ head: any TrainableHead) throws {
    self.head = head
    self.output = output
    let shape = output.shape
    batch = shape[0]
    area = shape[2] * shape[3]
    cellCount = batch * head.anchorCount * area
    device = output.device
    flat = try output.to(.float32).reshaped([-1])
  }

  /// Objectness of every cell, `[cells]`, in the order of ``HeadTargets/cells``.
  func objectness() throws -> Tensor {
    try flat.view([batch, head.anchorCount, head.valuesPerAnchor, area])
      .select(dim: 2, index: head.objectnessIndex).reshaped([cellCount])
  }

  /// All values of some cells, `[P, values]`.
  func rows(_ cells: Tensor) throws -> Tensor {
    let values = head.valuesPerAnchor
    // Flat index of (match, value): the cell's own place and `value` planes further.
    let plane = try cells.floorDivided(by: area)
    let start = try plane * (values * area) + cells.remainder(area)
    let offsets = try Tensor.arange(values, device: device) * area
    let index = try start.unsqueezed(1) + offsets.unsqueezed(0)
    return try flat.gather(dim: 0, index.reshaped([-1])).view([cells.count, values])
  }

  /// The greatest IoU of each cell's predicted box with any target of its picture, `[cells]`; zero
  /// in pictures without targets. Has no gradient.
  func bestOverlaps(_ batch: LossBatch) throws -> Tensor {
    try withoutGrad {
      let boxes = try head.decode(
        output, inputWidth: batch.inputWidth, inputHeight: batch.inputHeight)
      let (width, height) = (Float(batch.inputWidth), Float(batch.inputHeight))
      let pictures = try (0..<self.batch).map { picture -> Tensor in
        let targets = batch.targets.filter { $0.imageIndex == picture }
        let count = cellCount / self.batch
        guard !targets.isEmpty else { return try Tensor.zeros([count], device: device) }
        let truth = try Tensor(
          targets.flatMap {
            [$0.centerX * width, $0.centerY * height, $0.width * width, $0.height * height]
          }, shape: [1, targets.count, 4], device: device, pinned: true)
        let predicted = try boxes.select(dim: 0, index: picture)
          .narrow(dim: 1, start: 0, count: 4).unsqueezed(1)
        return try intersectionOverUnion(predicted, truth).amax(dims: [1])
      }
      return try Tensor.concatenated(pictures, dim: 0)
    }
  }
}

extension HeadTargets {
  /// The cells, `[P]`.
  func cellIndices(on device: Device) throws -> Tensor {
    try Tensor(cells, device: device, pinned: true)
  }

  /// The boxes, `[P, 4]`: centre within the cell and size, in cells.
  func truth(on device: Device) throws -> Tensor {
    try Tensor(boxes, shape: [count, 4], device: device, pinned: true)
  }

  /// The matched anchors' sizes, `[P, 2]`, in cells.
  func anchorSizes(on device: Device) throws -> Tensor {
    try Tensor(anchors, shape: [count, 2], device: device, pinned: true)
  }

  /// The classes as vectors with a 1, `[P, classes]`.
  func oneHot(classes: Int, device: Device) throws -> Tensor {
    try Tensor(self.classes, device: device, pinned: true).oneHot(classes: classes).to(.float32)
  }
}
