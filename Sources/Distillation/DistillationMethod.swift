/// The strategies by name (docs/formulas.md 9).
public enum DistillationMethod: String, Hashable, Codable, Sendable, CaseIterable {
  /// Each class and the objectness as a binary problem of its own.
  case binary

  /// The method of a name that somebody gave.
  public init(named name: String) throws(DistillationError) {
    if name.lowercased() == "ld" { throw .distributionalBoxes }
    guard let method = Self(rawValue: name.lowercased()) else { throw .unknownStrategy(name) }
    self = method
  }

  /// The strategy behind the name.
  public var type: any DistillationStrategy.Type {
    switch self {
    case .binary: BinaryStrategy.self
    }
  }

  /// The strategy with its default options.
  public var strategy: any DistillationStrategy { type.init() }
}

/// A strategy with its options, as recipes keep it: its name beside them.
public struct StrategyRecord: Codable, Sendable {
  /// The strategy.
  public var strategy: any DistillationStrategy

  /// A strategy to keep.
  public init(_ strategy: any DistillationStrategy) { self.strategy = strategy }

  private enum CodingKeys: String, CodingKey {
    case name, options
  }

  /// Reads name and options.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let method = try container.decode(DistillationMethod.self, forKey: .name)
    strategy = try method.type.init(from: container.superDecoder(forKey: .options))
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
