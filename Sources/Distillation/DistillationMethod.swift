/// The strategies by name (docs/formulas.md 9).
public enum DistillationMethod: String, Hashable, Codable, Sendable, CaseIterable {
  /// All outputs of all cells.
  case logits
  /// Boxes only where the teacher's are better.
  case relativeBox = "relative-box"
  /// Classes of all cells, boxes where objects are.
  case boxClass = "box-class"
  /// Classes, boxes, and where features are large.
  case boxClassFeature = "box-class-feature"
  /// The same, with features where objects are.
  case fineGrained = "fine-grained"
  /// Outputs where objects are.
  case anchorCells = "anchor-cells"
  /// Each class and the objectness as a binary problem of its own.
  case binary
  /// Where features are strong.
  case attention
  /// Where each channel is strong.
  case channelWise = "channel-wise"
  /// Features up to scale and shift.
  case pearson
  /// Features inside and outside of objects, and how places hang together.
  case focalGlobal = "focal-global"
  /// The teacher's features generated from a part of the student's.
  case masked
  /// The student's features through the teacher's rest.
  case crossHead = "cross-head"
  /// Binary heads and standardized channels of the neck (see
  /// ``DistillationOptions/chosen(_:hasUnlabelled:)``).
  case auto

  /// The method of a name that somebody gave.
  public init(named name: String) throws(DistillationError) {
    if name.lowercased() == "ld" { throw .distributionalBoxes }
    guard let method = Self(rawValue: name.lowercased()) else { throw .unknownStrategy(name) }
    self = method
  }

  /// The strategy behind the name.
  public var type: any DistillationStrategy.Type {
    switch self {
    case .logits: LogitsStrategy.self
    case .relativeBox: RelativeBoxStrategy.self
    case .boxClass: BoxClassStrategy.self
    case .anchorCells: AnchorCellsStrategy.self
    case .binary: BinaryStrategy.self
    case .boxClassFeature: BoxClassFeatureStrategy.self
    case .fineGrained: FineGrainedStrategy.self
    case .attention: AttentionStrategy.self
    case .channelWise: ChannelWiseStrategy.self
    case .pearson: PearsonStrategy.self
    case .focalGlobal: FocalGlobalStrategy.self
    case .masked: MaskedStrategy.self
    case .crossHead: CrossHeadStrategy.self
    case .auto: AutoStrategy.self
    }
  }

  /// The strategy with its default options.
  public var strategy: any DistillationStrategy { type.init() }

  /// The strategy with the numbers of the earlier Python programs; nil where they had none such.
  public var legacyStrategy: (any DistillationStrategy)? { type.legacy }

  /// The method of a number of `--KDstr`, 1 to 6.
  public init(knowledgeStrategy number: Int) throws(DistillationError) {
    let methods: [Self] = [
      .logits, .relativeBox, .boxClass, .boxClassFeature, .fineGrained, .anchorCells,
    ]
    guard (1...methods.count).contains(number) else {
      throw .unknownNumber(option: "--KDstr", number, expected: "1 to 6")
    }
    self = methods[number - 1]
  }

  /// Attention as a number of `--AT_str` has it: 1 to 5, or 10.
  public static func attentionTransfer(
    _ number: Int
  ) throws(DistillationError) -> AttentionStrategy {
    guard let strategy = AttentionStrategy.legacy(number: number) else {
      throw .unknownNumber(option: "--AT_str", number, expected: "1 to 5, or 10")
    }
    return strategy
  }
}

/// A strategy with its options, as recipes keep it: `name`, and `options` where they are not the
/// defaults.
public struct StrategyRecord: Codable, Sendable {
  /// The strategy.
  public var strategy: any DistillationStrategy

  /// A strategy to keep.
  public init(_ strategy: any DistillationStrategy) { self.strategy = strategy }

  private enum CodingKeys: String, CodingKey {
    case name, options
  }

  /// Reads the name, and the options where there are some.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let method = try container.decode(DistillationMethod.self, forKey: .name)
    strategy =
      container.contains(.options)
      ? try method.type.init(from: container.superDecoder(forKey: .options)) : method.strategy
  }

  /// Writes name and options.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type(of: strategy).method, forKey: .name)
    try strategy.encode(to: container.superEncoder(forKey: .options))
  }
}

extension StrategyRecord: Hashable {
  /// Whether both are the same strategy with the same options.
  public static func == (a: StrategyRecord, b: StrategyRecord) -> Bool {
    AnyHashable(a.strategy) == AnyHashable(b.strategy)
  }

  /// Mixes in the strategy.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(strategy)) }
}
