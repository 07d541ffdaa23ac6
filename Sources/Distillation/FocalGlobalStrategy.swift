import Networks
import Torch
import Training

/// Features inside of objects and outside apart, weighted by the teacher's attention, and how
/// places hang together (docs/formulas.md 9.8; Yang and others, "Focal and global knowledge
/// distillation", arXiv 2111.11837).
public struct FocalGlobalStrategy: TemperedStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.focalGlobal

  /// What attention is divided by before its softmax.
  public var temperature = 0.5
  /// Weight of features inside of objects (the paper's α).
  public var foregroundWeight = 1e-3
  /// Weight of features outside (β).
  public var backgroundWeight = 5e-4
  /// Weight of the attention itself (γ).
  public var attentionWeight = 1e-3
  /// Weight of the relations (λ).
  public var globalWeight = 5e-6

  /// With default options.
  public init() {}

  /// Features of the neck at equal widths. Heads only tell where objects are in pictures without
  /// labels.
  public var needs: DistillationNeeds {
    DistillationNeeds(heads: false, features: .equalWidths, places: [.neck])
  }
  /// Four.
  public var lossNames: [String] { ["foreground", "background", "attention", "global"] }

  /// A context block for each pair.
  public func parameters(
    for pairs: [FeaturePair], generator: Generator
  ) throws -> [StrategyParameter] {
    try pairs.flatMap { try ContextBlock($0).parameters(generator) }
  }

  /// The four terms, averaged over pictures and pairs of layers.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let terms = try batch.features.map { features in
      let (s, t) = (features.adapted, features.teacher)
      let mask = try ForegroundMask(batch, t)
      let (ofStudent, ofTeacher) = (try Attention(s, temperature), try Attention(t, temperature))
      // [N, H, W]: the squares weighted by channel, then by place.
      let squares = try ((t - s).squared() * ofTeacher.channels).sum(dims: [1]) * ofTeacher.places
      let block = ContextBlock(features.pair)
      let relations = try block(t, parameters) - block(s, parameters)
      return [
        try (squares * mask.foreground).sum(),
        try (squares * mask.background).sum(),
        try (ofTeacher.places - ofStudent.places).abs().sum()
          + (ofTeacher.channels - ofStudent.channels).abs().sum(),
        try relations.squared().sum(),
      ]
    }
    let weights = [foregroundWeight, backgroundWeight, attentionWeight, globalWeight]
    let divisor = Double(batch.pictures * max(terms.count, 1))
    return StrategyLosses(
      try lossNames.indices.map { index in
        let sum = try terms.map { $0[index] }.added(on: batch.device)
        return TechniqueLoss(lossNames[index], try sum / divisor, weight: weights[index])
      })
  }
}

/// How much each place and each channel of a feature stands out.
private struct Attention {
  /// `[N, H, W]`, with mean 1.
  let places: Tensor
  /// `[N, C, 1, 1]`, with mean 1.
  let channels: Tensor

  init(_ feature: Tensor, _ temperature: Double) throws {
    let shape = feature.shape
    let size = try feature.abs()
    places =
      try (size.mean(dims: [1]).flattened(from: 1) / temperature).softmax(dim: 1)
      .view([shape[0], shape[2], shape[3]]) * Double(shape[2] * shape[3])
    channels =
      try (size.mean(dims: [2, 3], keepDim: true) / temperature).softmax(dim: 1)
      * Double(shape[1])
  }
}

/// Which places count how much, `[N, H, W]`: of each object all together 1, and of all outside 1
/// too.
struct ForegroundMask {
  let foreground: Tensor
  let background: Tensor

  /// - Parameter feature: `[N, C, H, W]`.
  init(_ batch: DistillationBatch, _ feature: Tensor) throws {
    (foreground, background) = try withoutGrad {
      let shape = feature.shape
      let (pictures, height, width) = (shape[0], shape[2], shape[3])
      let inside = try batch.insideBoxes(
        height: height, width: width, pictures: pictures, device: feature.device)
      let outside = try (inside .== 0).to(.float32)
      let count = try outside.sum(dims: [1, 2], keepDim: true).clamped(min: 1)
      return (inside, try outside / count)
    }
  }
}

extension DistillationBatch {
  /// One over the number of cells that an object's box touches, where it touches them, `[N, H, W]`;
  /// of several objects the smallest counts. In pictures without labels the cells where the teacher
  /// is confident share 1.
  func insideBoxes(height: Int, width: Int, pictures: Int, device: Device) throws -> Tensor {
    let (input, objects) = (targets.inputSize, try targets.objects())
    // [M, side]: whether the object's box touches a row or column.
    func touched(_ axis: Int, _ input: Int, _ count: Int) throws -> Tensor {
      let cell = Double(input) / Double(count)
      let center = try objects.boxes.select(dim: 1, index: axis)
      let half = try objects.boxes.select(dim: 1, index: axis + 2) / 2
      let first = try ((center - half) / cell).floor().unsqueezed(1)
      let last = try ((center + half) / cell).ceil().unsqueezed(1)
      let index = try Tensor.arange(count, dtype: .float32, device: device).unsqueezed(0)
      return try ((index .>= first) .& (index .< last)).to(.float32)
    }
    let (rows, columns) = (try touched(1, input.height, height), try touched(0, input.width, width))
    let area = try rows.sum(dims: [1]) * columns.sum(dims: [1])
    let worth = try objects.isReal / area.clamped(min: 1)
    let cells =
      try (rows.unsqueezed(2) * columns.unsqueezed(1)).flattened(from: 1)
      * worth.unsqueezed(1)
    let picture = try objects.pictures.unsqueezed(1).expanded(like: cells)
    let inside = try Tensor.zeros([pictures, height * width], device: device)
      .scatterReduce(dim: 0, indices: picture, source: cells, .amax)
      .view([pictures, height, width])
    guard let isLabelled, !heads.isEmpty else { return inside }
    let confident =
      try ObjectPlaces(self).mask(height: height, width: width)
      * (1 - isLabelled).view([-1, 1, 1])
    return try inside + confident / confident.sum(dims: [1, 2], keepDim: true).clamped(min: 1)
  }
}

/// A block that adds to each place what the whole map says: R(F) = F + W₂·relu(LN(W₁·Σ
/// softmax(k·F)·F)).
struct ContextBlock {
  let pair: FeaturePair
  private static let epsilon = 1e-5

  init(_ pair: FeaturePair) { self.pair = pair }

  private func name(_ part: String) -> String { "\(pair.key).\(part)" }

  /// The last convolution starts at zero, so that R(F) starts at F.
  func parameters(_ generator: Generator) throws -> [StrategyParameter] {
    let width = pair.teacherWidth
    let middle = max(width / 2, 1)
    let key = try StrategyParameter.convolution(name("key"), from: width, to: 1, size: 1, generator)
    return try key.prefix(1)
      + StrategyParameter.convolution(name("first"), from: width, to: middle, size: 1, generator)
      + [
        StrategyParameter(name("norm.scale"), .scales, .ones([1, middle, 1, 1])),
        StrategyParameter(name("norm.shift"), .biases, .zeros([1, middle, 1, 1])),
        StrategyParameter(name("second.weight"), .weights, .zeros([width, middle, 1, 1])),
        StrategyParameter(name("second.bias"), .biases, .zeros([width])),
      ]
  }

  func callAsFunction(_ x: Tensor, _ parameters: [String: Tensor]) throws -> Tensor {
    let weight = try x.convolved(name("key"), parameters).flattened(from: 1).softmax(dim: 1)
    let context = try (x.flattened(from: 2) * weight.unsqueezed(1)).sum(dims: [2])
      .unsqueezed(2).unsqueezed(3)
    let squeezed = try context.convolved(name("first"), parameters)
    let centered = try squeezed - squeezed.mean(dims: [1], keepDim: true)
    var normal =
      try centered
      * (centered.squared().mean(dims: [1], keepDim: true) + Self.epsilon).rsqrt()
    if let scale = parameters[name("norm.scale")], let shift = parameters[name("norm.shift")] {
      normal = try normal * scale + shift
    }
    return try x + normal.relu().convolved(name("second"), parameters)
  }
}
