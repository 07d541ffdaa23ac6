/// How much one pruning removes, within its method.
public struct PruningRequest: Hashable, Codable, Sendable {
  /// A run of layers with a share of its own.
  public struct LayerRange: Hashable, Codable, Sendable {
    /// Layers by index in the cfg.
    public var layers: Range<Int>
    /// The share of the range's channels that goes, `0..<1`.
    public var percent: Double

    /// A share for a run of layers.
    public init(layers: Range<Int>, percent: Double) {
      (self.layers, self.percent) = (layers, percent)
    }
  }

  /// The share of the channels in scope that goes, `0..<1`.
  public var percent: Double
  /// Ranges with shares of their own, for methods that judge by ranges; layers outside of all take
  /// ``percent``.
  public var ranges: [LayerRange] = []
  /// What widths become multiples of, at least 1, for methods that round.
  public var multiple = 8
  /// Latencies by layer: each width becomes the edge of its step, whatever the method's rounding.
  public var staircases: [Int: WidthStaircase] = [:]
  /// The share of every layer that stays, `0...1`, for methods with such a floor.
  public var layerKeep = 0.01
  /// How many residual blocks go, for methods that remove them.
  public var blocks = 0
  /// Seed of random shares.
  public var seed: UInt64 = 0
  /// The largest random share that goes, `0...1`.
  public var largestShare = 1.0

  /// A request for one share.
  public init(percent: Double) { self.percent = percent }

  /// The shares that are held against what empties a layer, each with its layers; nil for all.
  func shares(of method: PruningMethod) -> [(percent: Double, layers: Range<Int>?)] {
    switch method.judgement {
    case .random, .nothing: []
    case .ranges where !ranges.isEmpty: ranges.map { ($0.percent, $0.layers) }
    case .classes, .channels, .leaders, .ranges: [(percent, nil)]
    }
  }

  /// The multiple that is nearest to a width, halves up, at least one ``multiple``.
  func nearestMultiple(of width: Int) -> Int {
    max((2 * width + multiple) / (2 * multiple), 1) * multiple
  }
}
