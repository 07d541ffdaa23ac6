import Torch

// Where the objects are, as tensors whose shapes do not depend on how many there are
// (docs/formulas.md 9.2).
extension DistillationBatch {
  /// Objectness from which on a teacher's cell counts as an object in a picture without labels.
  static let confidence = 0.5

  /// How many objects each cell of a head has to find, `[N, A, H, W]`; in pictures without labels, 1
  /// where the teacher is confident.
  func positives(_ pair: PairedHeads) throws -> Tensor {
    try withoutGrad {
      let objectness = pair.teacher.objectness
      let labelled = try HeadMatches(targets, pair).counts(cells: objectness.count)
        .view(objectness.shape)
      guard let isLabelled else { return labelled }
      let confident = try (objectness.sigmoid() .>= Self.confidence).to(.float32)
      return try labelled + confident * (1 - isLabelled).view([-1, 1, 1, 1])
    }
  }

  /// 1 where a cell of some head that has to find an object lies over a cell of a map, else 0,
  /// `[N, H, W]`: a head with a larger stride covers a block of cells.
  func objectMask(height: Int, width: Int) throws -> Tensor {
    try withoutGrad {
      let masks = try heads.map { pair in
        try positives(pair).amax(dims: [1], keepDim: true).clamped(max: 1)
          .covering(height: height, width: width)
      }
      guard let first = masks.first else {
        return try Tensor.zeros([pictures, height, width], device: targets.boxes.device)
      }
      return try masks.dropFirst().reduce(first) { try $0.maximum($1) }.squeezed(1)
    }
  }
}

extension Tensor {
  /// A mask `[N, 1, h, w]` over a grid of another size: where it grows, each cell becomes a block; where
  /// it shrinks, a cell is set when any of its block is.
  fileprivate func covering(height: Int, width: Int) throws -> Tensor {
    let (h, w) = (shape[2], shape[3])
    guard h != height || w != width else { return self }
    if h.isMultiple(of: height), w.isMultiple(of: width) {
      let block = (h / height, w / width)
      return try maxPool2d(kernel: block, stride: block)
    }
    return try resized(height: height, width: width, .nearest)
  }
}
