import Networks
import Torch
import Training

/// The teacher's features generated from a part of the student's (docs/formulas.md 9.9; Yang and
/// others, "Masked generative distillation", arXiv 2205.01529).
public struct MaskedStrategy: DistillationStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.masked

  /// Weight of the features.
  public var weight = 2e-5
  /// Share of the places that the student's features are hidden at.
  public var hiddenShare = 0.65

  /// With default options.
  public init() {}

  /// Features of the neck at equal widths.
  public var needs: DistillationNeeds {
    DistillationNeeds(heads: false, features: .equalWidths, places: [.neck])
  }
  /// One.
  public var lossNames: [String] { ["features"] }

  /// Two convolutions 3×3 for each pair.
  public func parameters(
    for pairs: [FeaturePair], generator: Generator
  ) throws -> [StrategyParameter] {
    try pairs.flatMap { pair in
      try ["first", "second"].flatMap { name in
        try StrategyParameter.convolution(
          "\(pair.key).\(name)", from: pair.teacherWidth, to: pair.teacherWidth, size: 3,
          generator)
      }
    }
  }

  /// Squared distances, added over channels and places, averaged over pictures and pairs of layers.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let value = try batch.features.mean(like: batch) { index, features in
      let shape = features.teacher.shape
      let device = features.teacher.device
      let drawn = try Tensor.uniform(
        [shape[0], 1, shape[2], shape[3]], low: 0, high: 1,
        generator: Generator(seed: batch.seed &+ UInt64(index), device: device))
      let shown = try (drawn .>= hiddenShare).to(features.adapted.dtype)
      func convolved(_ x: Tensor, _ name: String) throws -> Tensor {
        try x.convolved("\(features.pair.key).\(name)", parameters, padding: 1)
      }
      let generated = try convolved(
        convolved(features.adapted * shown, "first").relu(), "second")
      return try (generated - features.teacher).squared().sum() / Double(shape[0])
    }
    return StrategyLosses([TechniqueLoss("features", value, weight: weight)])
  }
}

extension FeaturePair {
  /// What parameters of a strategy for it start with.
  var key: String { "\(studentLayer)-\(teacherLayer)" }
}

extension StrategyParameter {
  /// Kernel and bias of a convolution, drawn evenly from ±1/√(fan in) (docs/formulas.md 1.8).
  static func convolution(
    _ name: String, from inputs: Int, to outputs: Int, size: Int, _ generator: Generator
  ) throws -> [StrategyParameter] {
    let bound = 1 / Double(inputs * size * size).squareRoot()
    func drawn(_ shape: [Int]) throws -> Tensor {
      try .uniform(shape, low: -bound, high: bound, generator: generator)
    }
    return [
      StrategyParameter("\(name).weight", .weights, try drawn([outputs, inputs, size, size])),
      StrategyParameter("\(name).bias", .biases, try drawn([outputs])),
    ]
  }
}

extension Tensor {
  /// Through the convolution of a name among the parameters.
  func convolved(
    _ name: String, _ parameters: [String: Tensor], padding: Int = 0
  ) throws -> Tensor {
    guard let weight = parameters["\(name).weight"] else {
      preconditionFailure("\(name) is none of the strategy's parameters")
    }
    return try conv2d(
      weight, bias: parameters["\(name).bias"], padding: (padding, padding)
    ).precise()
  }
}
