/// A network in Darknet's own blocks, with the outputs of one that has extension blocks
/// (docs/formulas.md 3.4).
///
/// - `[depthwise]` becomes a convolution with as many groups as channels.
/// - `[BatchNorm2d]` becomes a 1×1 convolution with as many groups as channels.
/// - `[se]` becomes a mean over the grid, two 1×1 convolutions and `[scale_channels]`. Darknet has
///   no hard sigmoid, relu6(x + 3)/6: the second convolution has a bias of 3 and relu6, and one
///   more, channel by channel on the 1×1 map, divides by 6.
/// - `h_swish`, x·relu6(x + 3)/6, becomes a product (`[sam]`): the layer gives x/6 without
///   activation, a convolution channel by channel makes relu6(6·x/6 + 3) of it, and both are
///   multiplied.
/// - Other spellings of activations become Darknet's, as `none` becomes `linear`.
///
/// The new network is meant for inference: it would train differently.
public struct StandardNetwork: Sendable {
  /// The new cfg.
  public let configuration: Configuration
  /// Its parameters.
  public let parameters: NetworkParameters
  /// For each old layer the new one that makes its output.
  public let newIndices: [Int]
  /// How many blocks were rewritten, by what they were: `depthwise`, `se`, `BatchNorm2d`,
  /// `h_swish`.
  public let rewritten: [String: Int]

  /// Rewrites a network.
  ///
  /// - Throws: ``ConfigurationError`` for what Darknet's blocks cannot say: heads that are mixed
  ///   (ASFF), and `h_swish` before the blur of `antialiasing`.
  public init(
    _ spec: NetworkSpec, _ parameters: NetworkParameters
  ) throws(ConfigurationError) {
    var rewriter = StandardRewriter(rewrite: NetworkRewrite(spec, parameters))
    for index in spec.layers.indices { try rewriter.rewriteLayer(index) }
    (configuration, self.parameters) = try rewriter.rewrite.result()
    newIndices = rewriter.rewrite.newIndices
    rewritten = rewriter.rewritten
  }
}

/// Replaces the layers of a network one by one.
private struct StandardRewriter {
  var rewrite: NetworkRewrite
  var rewritten: [String: Int] = [:]

  private var spec: NetworkSpec { rewrite.spec }

  mutating func rewriteLayer(_ index: Int) throws(ConfigurationError) {
    var activation = Activation.linear
    switch spec.layers[index] {
    case .convolutional(let convolution): activation = convolution.activation
    case .depthwise(let convolution):
      activation = convolution.activation
      rewriteDepthwise(index, groups: convolution.groups)
    case .batchNorm(let normalization):
      activation = normalization.activation
      if spec.section(ofLayer: index).name == "BatchNorm2d" {
        rewriteNormalization(index, normalization)
      }
    case .squeezeExcitation(let attention): rewriteSqueezeExcitation(index, attention)
    case .shortcut(let shortcut): activation = shortcut.activation
    case .scaleChannels(let product): activation = product.activation
    case .sam(let product): activation = product.activation
    case .yolo(let head) where !head.fusionSources.isEmpty:
      throw unsayable(index, "mixes the heads of other grids")
    default: return
    }
    guard let last = rewrite.replacements[index].indices.last,
      rewrite.replacements[index][last].section["activation"] != nil
    else { return }
    if activation == .hardSwish {
      try rewriteHardSwish(index)
    } else if spec.section(ofLayer: index)["activation"] != nil {
      rewrite.replacements[index][last].section["activation"] = activation.darknetName
    }
  }

  // MARK: - Blocks

  private mutating func rewriteDepthwise(_ index: Int, groups: Int) {
    rewrite.replacements[index][0].section.name = "convolutional"
    rewrite.replacements[index][0].section["groups"] = String(groups)
    // Keys that mean nothing to a [depthwise], but would to a convolution.
    for key in ["antialiasing", "share_index"] {
      rewrite.replacements[index][0].section[key] = nil
    }
    count("depthwise")
  }

  /// w = γ/√(σ² + ε), b = β − μ·w.
  private mutating func rewriteNormalization(_ index: Int, _ normalization: BatchNormSpec) {
    let arrays = rewrite.replacements[index][0].parameters
    guard let gamma = arrays[.gamma]?.values, let beta = arrays[.beta]?.values,
      let mean = arrays[.mean]?.values, let variance = arrays[.variance]?.values
    else { return }
    let factors = zip(gamma, variance).map {
      Double($0) / (Double($1) + Double(normalization.epsilon)).squareRoot()
    }
    let biases = factors.indices.map { Double(beta[$0]) - Double(mean[$0]) * factors[$0] }
    rewrite.replacements[index] = [
      channelwise(
        factors.map { Float($0) }, biases: biases.map { Float($0) },
        activation: normalization.activation)
    ]
    count("BatchNorm2d")
  }

  private mutating func rewriteSqueezeExcitation(_ index: Int, _ block: SqueezeExcitationSpec) {
    let arrays = rewrite.replacements[index][0].parameters
    guard let squeeze = arrays[.squeeze]?.values, let excite = arrays[.excite]?.values
    else { return }
    let (channels, hidden) = (block.channels, block.hiddenChannels)
    // The product needs a layer to read; before the first one there is none.
    let input = index == 0 ? [channelwise(channels, factor: 1)] : []
    rewrite.replacements[index] =
      input + [
        NetworkRewrite.Block(section("avgpool")),
        pointwise(
          ParameterArray(shape: [hidden, channels, 1, 1], values: squeeze),
          biases: [Float](repeating: 0, count: hidden), activation: .relu),
        pointwise(
          ParameterArray(shape: [channels, hidden, 1, 1], values: excite),
          biases: [Float](repeating: 3, count: channels), activation: .relu6),
        channelwise(channels, factor: 1 / 6),
        NetworkRewrite.Block(
          section("scale_channels", ("from", "-5"), ("activation", "linear"))),
      ]
    count("se")
  }

  // MARK: - Activations

  private mutating func rewriteHardSwish(_ index: Int) throws(ConfigurationError) {
    if case .convolutional(let convolution) = spec.layers[index], convolution.antialiasing > 0 {
      throw unsayable(index, "has 'h_swish' before its blur")
    }
    let last = rewrite.replacements[index].count - 1
    rewrite.replacements[index][last].section["activation"] = Activation.linear.darknetName
    let channels = spec.outChannels(ofLayer: index)
    if !divideConvolution(index, block: last) {
      rewrite.replacements[index].append(channelwise(channels, factor: 1 / 6))
    }
    rewrite.replacements[index] += [
      channelwise(channels, factor: 6, bias: 3, activation: .relu6),
      NetworkRewrite.Block(section("sam", ("from", "-2"), ("activation", "linear"))),
    ]
    count("h_swish")
  }

  /// Divides what a convolution gives by 6, in its parameters; false where that cannot be: it has
  /// none, or others use them.
  private mutating func divideConvolution(_ index: Int, block: Int) -> Bool {
    let isShared = spec.layers.contains {
      if case .convolutional(let other) = $0 { other.shareIndex == index } else { false }
    }
    let roles: [ParameterRole] =
      switch spec.layers[index] {
      case .convolutional(let convolution), .depthwise(let convolution):
        convolution.batchNormalize ? [.gamma, .beta] : [.weight, .bias]
      // A [BatchNorm2d] is a convolution by now.
      case .batchNorm: [.weight, .bias]
      default: []
      }
    let arrays = rewrite.replacements[index][block].parameters
    guard !isShared, !roles.isEmpty, roles.allSatisfy({ arrays[$0] != nil }) else { return false }
    for role in roles {
      guard let array = arrays[role] else { continue }
      rewrite.replacements[index][block].parameters[role] = ParameterArray(
        shape: array.shape, values: array.values.map { $0 / 6 })
    }
    return true
  }

  // MARK: - Sections

  /// A 1×1 convolution with a factor and a bias for each channel.
  private func channelwise(
    _ factors: [Float], biases: [Float], activation: Activation
  ) -> NetworkRewrite.Block {
    pointwise(
      ParameterArray(shape: [factors.count, 1, 1, 1], values: factors), biases: biases,
      groups: factors.count, activation: activation)
  }

  /// The same with one factor and one bias for all channels.
  private func channelwise(
    _ count: Int, factor: Float, bias: Float = 0, activation: Activation = .linear
  ) -> NetworkRewrite.Block {
    channelwise(
      [Float](repeating: factor, count: count), biases: [Float](repeating: bias, count: count),
      activation: activation)
  }

  private func pointwise(
    _ weight: ParameterArray, biases: [Float], groups: Int = 1, activation: Activation
  ) -> NetworkRewrite.Block {
    var keys = [("filters", String(biases.count)), ("size", "1"), ("stride", "1")]
    if groups > 1 { keys.append(("groups", String(groups))) }
    keys.append(("activation", activation.darknetName))
    return NetworkRewrite.Block(
      section("convolutional", keys),
      parameters: [
        .weight: weight, .bias: ParameterArray(shape: [biases.count], values: biases),
      ])
  }

  private func section(_ name: String, _ keys: (String, String)...) -> Configuration.Section {
    section(name, keys)
  }

  private func section(_ name: String, _ keys: [(String, String)]) -> Configuration.Section {
    Configuration.Section(
      name: name, entries: keys.map { Configuration.Entry(key: $0.0, value: $0.1) })
  }

  private mutating func count(_ block: String) { rewritten[block, default: 0] += 1 }

  private func unsayable(_ index: Int, _ what: String) -> ConfigurationError {
    .mismatch(
      "layer \(index), [\(spec.section(ofLayer: index).name)], \(what), which Darknet's own blocks "
        + "cannot say", at: spec.place(ofLayer: index))
  }
}
