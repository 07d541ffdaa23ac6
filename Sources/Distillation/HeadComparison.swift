import Torch

/// How objectness and classes are compared.
public enum ClassForm: String, Hashable, Codable, Sendable {
  /// Each as a probability of its own, as `[yolo]` trains them.
  case sigmoid
  /// All as one distribution, as the earlier Python programs did.
  case softmax
}

/// How far two boxes are from each other.
public enum BoxDistance: String, Hashable, Codable, Sendable {
  /// Squares of the centre's offsets in cells and of the differences of the sizes' logarithms.
  case relative
  /// Squares of all four in cells, as in the earlier Python programs.
  case cells
}

/// Terms over a pair of heads (docs/formulas.md 9.2).
struct HeadComparison {
  let student: HeadView
  let teacher: HeadView
  let temperature: Double

  init(_ pair: PairedHeads, temperature: Double) {
    (student, teacher) = (pair.student, pair.teacher)
    self.temperature = temperature
  }

  /// Of each cell's objectness, `[N, A, H, W]`.
  func objectness() throws -> Tensor {
    try binaryDivergence(student.objectness, teacher.objectness, temperature)
  }

  /// Of each cell's classes, `[N, A, H, W]`: as one distribution where the student's are one.
  func classes() throws -> Tensor {
    if student.classesAreExclusive {
      return try divergence(student.classes, teacher.classes, temperature, dim: 2)
    }
    guard teacher.classesAreExclusive else {
      return try binaryDivergence(student.classes, teacher.classes, temperature).sum(dims: [2])
    }
    let aim = try teacher.classProbabilities(temperature: temperature)
    let entropy = try crossEntropy(aim, aim)
    let cross = try (student.classes / temperature)
      .binaryCrossEntropyWithLogits(aim, reduction: .none)
    return try (cross - entropy).sum(dims: [2]) * (temperature * temperature)
  }

  /// Of each cell's objectness and classes as one distribution, `[N, A, H, W]`; of the objectness by
  /// itself where no classes are compared.
  func mixedClasses() throws -> Tensor {
    guard student.classes.shape[2] > 0 else { return try objectness() }
    func row(_ view: HeadView) throws -> Tensor {
      try Tensor.concatenated([view.objectness.unsqueezed(2), view.classes], dim: 2)
    }
    return try divergence(row(student), row(teacher), temperature, dim: 2)
  }

  /// How far the boxes are apart, `[N, A, H, W]`.
  func boxes(_ distance: BoxDistance) throws -> Tensor {
    try distance.measure(student.boxes, teacher.boxes, in: student)
  }

  /// How far the deviations of boxes are apart, `[N, A, H, W]`; nil where not both have them.
  func deviations() throws -> Tensor? {
    guard let s = student.deviations, let t = teacher.deviations else { return nil }
    return try (s.sigmoid() - t.sigmoid()).squared().sum(dims: [2])
  }
}

extension BoxDistance {
  /// Of boxes in pixels, `[…, 4]`, in cells of a head, `[…]`.
  func measure(_ a: Tensor, _ b: Tensor, in view: HeadView) throws -> Tensor {
    func squares(_ axis: Int, _ stride: Double) throws -> Tensor {
      let center = try a.select(dim: -1, index: axis) - b.select(dim: -1, index: axis)
      let (sizeA, sizeB) = (
        try a.select(dim: -1, index: axis + 2), try b.select(dim: -1, index: axis + 2)
      )
      let size =
        switch self {
        case .cells: try (sizeA - sizeB) / stride
        // The least side, a thousandth of a pixel, keeps the logarithm finite.
        case .relative: try sizeA.clamped(min: 1e-3).log() - sizeB.clamped(min: 1e-3).log()
        }
      return try (center / stride).squared() + size.squared()
    }
    return try squares(0, view.strideX) + squares(1, view.strideY)
  }
}

/// Binary cross-entropy of probabilities, held at 1e-7 and 1 − 1e-7; libtorch's own is barred from
/// autocast.
func crossEntropy(_ probability: Tensor, _ aim: Tensor) throws -> Tensor {
  let p = try probability.clamped(min: 1e-7, max: 1 - 1e-7)
  return try -(aim * p.log() + (1 - aim) * (1 - p).log())
}

/// T² · KL(t ‖ s) of σ(·/T), element by element: 0 where both are equal.
func binaryDivergence(_ student: Tensor, _ teacher: Tensor, _ temperature: Double) throws -> Tensor
{
  let softened = try teacher / temperature
  let aim = try softened.sigmoid()
  let entropy = try softened.binaryCrossEntropyWithLogits(aim, reduction: .none)
  let cross = try (student / temperature).binaryCrossEntropyWithLogits(aim, reduction: .none)
  return try (cross - entropy) * (temperature * temperature)
}

/// T² · KL(t ‖ s) of softmax(·/T) along a dimension, which goes.
func divergence(
  _ student: Tensor, _ teacher: Tensor, _ temperature: Double, dim: Int
) throws -> Tensor {
  let t = try (teacher / temperature).logSoftmax(dim: dim)
  let s = try (student / temperature).logSoftmax(dim: dim)
  return try (t.exp() * (t - s)).sum(dims: [dim]) * (temperature * temperature)
}
