import Torch
import Training

/// Where each channel is strong, as a softmax over its places (docs/formulas.md 9.6; Shu and
/// others, "Channel-wise knowledge distillation", arXiv 2011.13256).
public struct ChannelWiseStrategy: TemperedStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.channelWise

  /// What channels are divided by before the softmax over places.
  public var temperature = 4.0
  /// Weight of the features.
  public var weight = 1.0
  /// Whether each channel is brought to mean 0 and variance 1 over the batch first.
  public var isStandardized = false

  /// With default options.
  public init() {}

  /// Features of the neck at equal widths.
  public var needs: DistillationNeeds {
    DistillationNeeds(heads: false, features: .equalWidths, places: [.neck])
  }
  /// One.
  public var lossNames: [String] { ["channels"] }

  /// The mean over pictures, channels and pairs of layers.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let value = try batch.features.mean(like: batch) { _, features in
      func channels(_ feature: Tensor) throws -> Tensor {
        try (isStandardized ? feature.standardizedChannels() : feature).flattened(from: 2)
      }
      return try divergence(
        channels(features.adapted), channels(features.teacher), temperature, dim: 2
      ).mean()
    }
    return StrategyLosses([TechniqueLoss("channels", value, weight: weight)])
  }
}

/// Features up to scale and shift of each channel: one less their correlation (docs/formulas.md
/// 9.7; Cao and others, "PKD", arXiv 2207.02039).
public struct PearsonStrategy: DistillationStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.pearson

  /// Weight of the features.
  public var weight = 6.0

  /// With default options.
  public init() {}

  /// Features of the neck at equal widths.
  public var needs: DistillationNeeds {
    DistillationNeeds(heads: false, features: .equalWidths, places: [.neck])
  }
  /// One.
  public var lossNames: [String] { ["features"] }

  /// The mean over channels and pairs of layers.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let value = try batch.features.mean(like: batch) { _, features in
      let difference =
        try features.adapted.standardizedChannels() - features.teacher.standardizedChannels()
      return try difference.squared().mean() / 2
    }
    return StrategyLosses([TechniqueLoss("features", value, weight: weight)])
  }
}

/// ``BinaryStrategy`` on the heads and standardized ``ChannelWiseStrategy`` on the neck
/// (docs/formulas.md 9.11); on the heads alone where no feature can be matched.
public struct AutoStrategy: TemperedStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.auto

  /// What is done with the heads.
  public var heads = BinaryStrategy()
  /// What is done with the neck.
  public var neck: ChannelWiseStrategy

  /// With default options.
  public init() {
    neck = ChannelWiseStrategy()
    neck.isStandardized = true
    neck.temperature = 2
  }

  /// What channels are divided by before the softmax over places.
  public var temperature: Double {
    get { neck.temperature }
    set { neck.temperature = newValue }
  }
  /// Pairs of heads, and features of the neck at equal widths where there are some.
  public var needs: DistillationNeeds {
    var needs = neck.needs
    needs.heads = true
    needs.worksWithoutFeatures = true
    return needs
  }
  /// Those of both.
  public var lossNames: [String] { heads.lossNames + neck.lossNames }

  /// The terms of both.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    StrategyLosses(
      try heads.losses(batch, parameters: parameters).terms
        + neck.losses(batch, parameters: parameters).terms)
  }
}

/// The student's features through the rest of the teacher's network, beside the teacher's own
/// outputs (docs/formulas.md 9.10; Wang and others, "CrossKD", arXiv 2306.11369).
public struct CrossHeadStrategy: DistillationStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.crossHead

  /// How outputs are compared.
  public var outputs = BinaryStrategy()

  /// With default options.
  public init() {}

  /// Pairs of heads, the features before them at the teacher's width, and the teacher's rest.
  public var needs: DistillationNeeds {
    DistillationNeeds(features: .equalWidths, places: [.headInput], teacherPass: true)
  }
  /// One for each kind of output.
  public var lossNames: [String] { outputs.lossNames }

  /// The terms of ``BinaryStrategy``, of the crossed outputs in place of the student's.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    guard let runTeacher = batch.runTeacher else {
      preconditionFailure("the batch cannot run the teacher, which \(name) needs")
    }
    var crossed = batch
    crossed.heads = try zip(batch.heads, runTeacher(batch.features.map(\.adapted))).map {
      try $0.replacing(student: $1)
    }
    return try outputs.losses(crossed, parameters: parameters)
  }
}
