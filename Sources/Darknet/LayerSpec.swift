/// One layer of a network: what its cfg section says, typed, with references resolved.
///
/// Layer indices are absolute and count from 0 after `[net]`.
public enum LayerSpec: Hashable, Sendable {
  /// `[convolutional]`.
  case convolutional(ConvolutionSpec)
  /// `[depthwise]`, an extension: a convolution with as many groups as input channels.
  case depthwise(ConvolutionSpec)
  /// `[maxpool]`.
  case maxPool(PoolSpec)
  /// `[maxpool]` with `maxpool_depth`: a maximum over channels.
  case channelMaxPool(ChannelPoolSpec)
  /// `[local_avgpool]`.
  case localAveragePool(PoolSpec)
  /// `[avgpool]`: the mean over the whole grid, `[C, 1, 1]`.
  case averagePool
  /// `[upsample]`.
  case upsample(UpsampleSpec)
  /// `[route]`: concatenation, or a part of the channels.
  case route(RouteSpec)
  /// `[shortcut]`: the sum of the previous layer and others.
  case shortcut(ShortcutSpec)
  /// `[scale_channels]`: another layer's output times one factor a channel.
  case scaleChannels(ScaleChannelsSpec)
  /// `[sam]`: another layer's output times the previous layer's, value by value.
  case sam(SamSpec)
  /// `[se]`, an extension: squeeze and excitation.
  case squeezeExcitation(SqueezeExcitationSpec)
  /// `[batchnorm]`, and the extension `[BatchNorm2d]`: batch normalization on its own.
  case batchNorm(BatchNormSpec)
  /// `[reorg]`: Darknet's reinterpretation of memory, which mixes channels.
  case reorg(ReorgSpec)
  /// `[reorg3d]`: space to depth, offset-major.
  case reorg3d(ReorgSpec)
  /// `[dropout]`: the identity at inference.
  case dropout(DropoutSpec)
  /// `[yolo]`: a detection head of YOLOv3 and later.
  case yolo(YoloSpec)
  /// `[Gaussian_yolo]`: a detection head with an uncertainty for each coordinate.
  case gaussianYolo(GaussianYoloSpec)
  /// `[region]`: the detection head of YOLOv2.
  case region(RegionSpec)
}

extension LayerSpec {
  /// The layers that this one reads beside the previous one (a route reads only these).
  public var sources: [Int] {
    switch self {
    case .route(let spec): spec.sources
    case .shortcut(let spec): spec.sources
    case .scaleChannels(let spec): [spec.source]
    case .sam(let spec): [spec.source]
    case .yolo(let spec): spec.fusionSources
    case .convolutional, .depthwise, .maxPool, .channelMaxPool, .localAveragePool, .averagePool,
      .upsample, .squeezeExcitation, .batchNorm, .reorg, .reorg3d, .dropout, .gaussianYolo,
      .region:
      []
    }
  }

  /// Whether the layer reads the output of the one before it; a route and an ASFF head do not.
  public var readsPreviousLayer: Bool {
    switch self {
    case .route: false
    case .yolo(let spec): spec.ownSource == nil
    default: true
    }
  }

  /// The convolution of a `[convolutional]` or `[depthwise]` layer.
  package var convolution: ConvolutionSpec? {
    switch self {
    case .convolutional(let spec), .depthwise(let spec): spec
    default: nil
    }
  }

  /// Whether the layer is a detection head (yolo, Gaussian_yolo or region).
  public var isHead: Bool {
    switch self {
    case .yolo, .gaussianYolo, .region: true
    default: false
    }
  }
}
