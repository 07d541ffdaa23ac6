import Terminal

extension LayerSpec {
  /// Reads the layer of a section.
  ///
  /// - Parameters:
  ///   - index: the layer's own index, from which negative references count.
  ///   - inChannels: channels of the previous layer's output.
  ///   - rank: how many heads come before the layer.
  ///   - layerCount: layers of the whole network.
  init(
    _ reader: inout SectionReader, index: Int, inChannels: Int, rank: Int, layerCount: Int
  ) throws(ConfigurationError) {
    // With these Darknet leaves parts of a layer out of what it reads.
    try reader.refuse(["dontload", "dontloadscales"])
    switch reader.section.name {
    case "convolutional", "conv":
      self = .convolutional(
        try ConvolutionSpec(&reader, index: index, inChannels: inChannels))
    case "depthwise":
      self = .depthwise(try ConvolutionSpec(&reader, index: index, inChannels: inChannels))
    case "maxpool", "max":
      if let pool = try ChannelPoolSpec(&reader, inChannels: inChannels) {
        self = .channelMaxPool(pool)
      } else {
        self = .maxPool(try PoolSpec(&reader))
      }
    case "local_avgpool", "local_avg": self = .localAveragePool(try PoolSpec(&reader))
    case "avgpool", "avg":
      reader.know(SectionReader.trainingKeys)
      self = .averagePool
    case "upsample": self = .upsample(try UpsampleSpec(&reader))
    case "route": self = .route(try RouteSpec(&reader, index: index))
    case "shortcut": self = .shortcut(try ShortcutSpec(&reader, index: index))
    case "scale_channels": self = .scaleChannels(try ScaleChannelsSpec(&reader, index: index))
    case "sam": self = .sam(try SamSpec(&reader, index: index))
    case "se":
      self = .squeezeExcitation(try SqueezeExcitationSpec(&reader, inChannels: inChannels))
    case "batchnorm", "BatchNorm2d": self = .batchNorm(try BatchNormSpec(&reader))
    case "reorg", "reorg_old": self = .reorg(try ReorgSpec(&reader))
    case "reorg3d": self = .reorg3d(try ReorgSpec(&reader))
    case "dropout": self = .dropout(try DropoutSpec(&reader))
    case "yolo":
      self = .yolo(
        try YoloSpec(&reader, index: index, rank: rank, layerCount: layerCount))
    case "Gaussian_yolo":
      self = .gaussianYolo(
        try GaussianYoloSpec(&reader, index: index, rank: rank, layerCount: layerCount))
    case "region": self = .region(try RegionSpec(&reader))
    case let name:
      if let reason = Self.unsupportedSections[name] {
        throw .unsupportedSection(name, reason: reason, at: reader.place)
      }
      throw .unknownSection(
        name.excerpt, suggestion: closest(to: name, in: Self.sections), at: reader.place)
    }
  }

  /// Sections that become layers, by their usual names.
  static let sections = [
    "convolutional", "depthwise", "maxpool", "local_avgpool", "avgpool", "upsample", "route",
    "shortcut", "scale_channels", "sam", "se", "batchnorm", "reorg", "reorg3d", "dropout", "yolo",
    "Gaussian_yolo", "region",
  ]

  /// Sections of Darknet that no detector for single pictures is made of.
  private static let unsupportedSections: [String: String] = {
    let reasons = [
      "it is recurrent": [
        "crnn", "gru", "lstm", "rnn", "conv_lstm", "history",
      ],
      "it belongs to a classifier": [
        "connected", "conn", "cost", "crop", "softmax", "soft", "contrastive", "logistic", "l2norm",
      ],
      "it belongs to a generative network": ["deconvolutional", "deconv", "implicit_gan"],
      "it is older than [region]": ["detection"],
      "it belongs to YOLOR": ["implicit"],
      "it occurs in no detector": [
        "activation", "active", "empty", "silence", "iseg", "local", "lrn",
        "normalization", "instance", "net", "network",
      ],
      "its weights are quantized for training, see 'quantize' for what replaces it": [
        "quantize_convolutional"
      ],
    ]
    var table: [String: String] = [:]
    for (reason, names) in reasons { for name in names { table[name] = reason } }
    return table
  }()
}
