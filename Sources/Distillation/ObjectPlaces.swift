import Torch

/// Where the objects of a batch are, as tensors whose shapes do not depend on how many there are
/// (docs/formulas.md 9.1 and 9.4).
struct ObjectPlaces {
  /// For each pair of heads how many objects each cell has to find, `[N, A, H, W]`, 0 where nothing
  /// is compared; in pictures without labels, 1 where the teacher is confident.
  let positives: [Tensor]
  private let pictures: Int
  private let device: Device

  /// Objectness from which on a teacher's cell counts as an object in a picture without labels.
  private static let confidence = 0.5

  init(_ batch: DistillationBatch) throws {
    pictures = batch.pictures
    device = batch.device
    positives = try withoutGrad {
      try batch.heads.map { pair in
        let objectness = pair.teacher.objectness
        let matches = try HeadMatches(batch.targets, pair.student, pair.anchors)
        let labelled = try pair.compared(
          matches.counts(matches.isMatch, cells: objectness.count).view(objectness.shape))
        guard let isLabelled = batch.isLabelled else { return labelled }
        let confident = try (objectness.sigmoid() .>= Self.confidence).to(.float32)
        return try labelled + confident * (1 - isLabelled).view([-1, 1, 1, 1])
      }
    }
  }

  /// 1 where a cell of some head that has to find an object lies over a cell of a map, else 0,
  /// `[N, H, W]`: a head with a larger stride covers a block of cells.
  func mask(height: Int, width: Int) throws -> Tensor {
    try withoutGrad {
      let masks = try positives.map {
        try $0.amax(dims: [1], keepDim: true).clamped(max: 1)
          .covering(height: height, width: width)
      }
      guard let first = masks.first else {
        return try Tensor.zeros([pictures, height, width], device: device)
      }
      return try masks.dropFirst().reduce(first) { try $0.maximum($1) }.squeezed(1)
    }
  }

  /// As ``mask(height:width:)``, over a map `[N, H, W]`.
  func mask(over map: Tensor) throws -> Tensor {
    try mask(height: map.shape[1], width: map.shape[2])
  }

  /// How many positives there are, at least 1.
  func count() throws -> Tensor {
    let counts = try positives.map { try $0.sum() }
    let zero = try Tensor.zeros([], device: device)
    return try counts.reduce(zero) { try $0 + $1 }.clamped(min: 1)
  }
}

extension Tensor {
  /// A mask `[N, 1, h, w]` over a grid of another size: where it grows, each cell becomes a block;
  /// where it shrinks, a cell is set when any of its block is.
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
