/// Why channels are not offered for pruning.
public enum Exclusion: Hashable, Sendable {
  /// They are the network's input.
  case networkInput
  /// A detection head reads them.
  case head(layer: Int)
  /// A `[maxpool]` over channels mixes them.
  case mixedChannels(layer: Int)
  /// A `[scale_channels]` with one factor a place makes a dropped channel differ from place to
  /// place.
  case factorPerPlace(layer: Int)
  /// Two convolutions share their parameters.
  case sharedParameters(layer: Int)
  /// They are what the network's last layer hands out.
  case networkOutput
  /// They are made without batch normalisation, so there is no γ to judge them by.
  case noBatchNormalization(layer: Int)
  /// They go together with channels of a layer outside the scope.
  case outsideScope(layer: Int)
  /// Legacy rules: the layer feeds the pooling of an SPP block.
  case beforeSpatialPyramid
  /// Legacy rules: a grouped route cuts the layer's output.
  case beforeGroupedRoute(layer: Int)
  /// Legacy rules: the layer feeds a depthwise block.
  case beforeDepthwise(layer: Int)
  /// Legacy rules: the layer feeds an upsample.
  case beforeUpsample(layer: Int)
  /// Legacy rule A: a shortcut adds the layer's output.
  case inShortcut(layer: Int)
  /// Scope `layer`: the layer is not the one before a shortcut.
  case notBeforeShortcut
}

extension Exclusion: CustomStringConvertible {
  /// A clause that completes "not pruned: …".
  public var description: String {
    switch self {
    case .networkInput: "goes together with the network's input"
    case .head(let layer): "read by the head of layer \(layer)"
    case .mixedChannels(let layer): "mixed by layer \(layer)"
    case .factorPerPlace(let layer): "scaled place by place by layer \(layer)"
    case .sharedParameters(let layer): "layer \(layer) shares its parameters"
    case .networkOutput: "the network's output"
    case .noBatchNormalization(let layer): "layer \(layer) has no batch normalisation"
    case .outsideScope(let layer): "goes together with layer \(layer), which may not lose any"
    case .beforeSpatialPyramid: "feeds an SPP block"
    case .beforeGroupedRoute(let layer): "cut by the grouped route of layer \(layer)"
    case .beforeDepthwise(let layer): "feeds the depthwise block of layer \(layer)"
    case .beforeUpsample(let layer): "feeds the upsample of layer \(layer)"
    case .inShortcut(let layer): "added by the shortcut of layer \(layer)"
    case .notBeforeShortcut: "no shortcut follows"
    }
  }
}
