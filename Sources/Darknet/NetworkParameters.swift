/// What an array of parameters is for.
public enum ParameterRole: String, Hashable, Sendable, CaseIterable {
  /// A convolution's bias, `[C]`.
  case bias
  /// Batch normalization's shift β, `[C]`.
  case beta
  /// Batch normalization's scale γ, `[C]`.
  case gamma
  /// Batch normalization's running mean, `[C]`; not trained.
  case mean
  /// Batch normalization's running variance, `[C]`; not trained.
  case variance
  /// A convolution's kernel `[O, I / groups, kH, kW]`, or the factors of a shortcut.
  case weight
  /// The first linear layer of squeeze and excitation, `[hidden, C]`.
  case squeeze
  /// Its second linear layer, `[C, hidden]`.
  case excite

  /// Whether gradient descent changes it; running statistics are measured instead.
  public var isTrainable: Bool { self != .mean && self != .variance }
}

/// The place of one array in a layer's parameters.
public struct ParameterEntry: Hashable, Sendable {
  /// What the array is for.
  public var role: ParameterRole
  /// Its dimensions, outermost first.
  public var shape: [Int]

  /// An entry for an array of that role and shape.
  public init(role: ParameterRole, shape: [Int]) {
    self.role = role
    self.shape = shape
  }

  /// Number of values.
  public var count: Int { shape.reduce(1, *) }
}

/// An array of parameters in main memory, row-major.
public struct ParameterArray: Hashable, Sendable {
  /// Dimensions, outermost first.
  public var shape: [Int]
  /// The values; as many as the product of the shape.
  public var values: [Float]

  /// An array of `values` in that shape.
  public init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "values do not fill the shape")
    self.shape = shape
    self.values = values
  }
}

/// Every parameter of a network in main memory, independent of any tensor library.
public struct NetworkParameters: Hashable, Sendable {
  /// The arrays of each layer; an empty dictionary where a layer has none or none were read.
  public var layers: [[ParameterRole: ParameterArray]]
  /// The header of the `.weights` file.
  public var header: WeightsHeader

  /// Parameters with the header that they are stored under.
  public init(
    layers: [[ParameterRole: ParameterArray]], header: WeightsHeader = WeightsHeader()
  ) {
    self.layers = layers
    self.header = header
  }

  /// Pictures seen in training.
  public var imagesSeen: Int64 {
    get { header.imagesSeen }
    set { header.imagesSeen = newValue }
  }

  /// The layers whose arrays hold a NaN or an infinity, ascending.
  public var layersWithoutFiniteValues: [Int] {
    layers.indices.filter { index in
      // x − x is zero but for infinities and NaN; a sum stays on the fast path.
      layers[index].values.contains { $0.values.reduce(Float(0)) { $0 + ($1 - $1) } != 0 }
    }
  }

  /// The first array that no training gives: one with a NaN, an infinity or a negative variance.
  ///
  /// Nil when there is none. Weights of a diverged training have such arrays, and so may a file
  /// that belongs to another network of the same size.
  public func firstImplausibleArray() -> (layer: Int, role: ParameterRole)? {
    for (index, arrays) in layers.enumerated() {
      for role in ParameterRole.allCases {
        guard let values = arrays[role]?.values else { continue }
        // x − x is zero but for infinities and NaN; a sum stays on the fast path.
        let isFinite = values.reduce(Float(0)) { $0 + ($1 - $1) } == 0
        if !isFinite || role == .variance && values.contains(where: { $0 < 0 }) {
          return (index, role)
        }
      }
    }
    return nil
  }
}

extension NetworkSpec {
  /// The most parameters that a network may have: 2³², 16 GiB of single precision.
  public static let maximumParameters = 1 << 32

  /// The arrays of every layer, in the order of a `.weights` file (docs/formulas.md 3.1).
  ///
  /// A convolution with batch normalization has β, γ, mean, variance and kernel; one without has
  /// bias and kernel; one with `share_index` has none. Layers without parameters have none.
  ///
  /// - Throws: ``ConfigurationError/tooLarge(_:at:)`` beyond ``maximumParameters``.
  public func parameterLayout() throws(ConfigurationError) -> [[ParameterEntry]] {
    var layout: [[ParameterEntry]] = []
    var total = 0
    for index in layers.indices {
      let entries = parameterEntries(ofLayer: index)
      for entry in entries {
        // Sizes are bounded one by one, so that two of them cannot overflow; four might.
        var count = 1
        var overflows = false
        for size in entry.shape {
          let (product, overflow) = count.multipliedReportingOverflow(by: size)
          count = product
          overflows = overflows || overflow
        }
        total = overflows ? .max : total &+ min(count, Self.maximumParameters + 1)
        guard total <= Self.maximumParameters else {
          throw .tooLarge(
            "the parameters up to layer \(index), [\(section(ofLayer: index).name)], "
              + "are more than \(Self.maximumParameters)", at: place(ofLayer: index))
        }
      }
      layout.append(entries)
    }
    return layout
  }

  private func parameterEntries(ofLayer index: Int) -> [ParameterEntry] {
    switch layers[index] {
    case .convolutional(let spec), .depthwise(let spec):
      guard spec.shareIndex == nil else { return [] }
      let kernel = ParameterEntry(
        role: .weight, shape: spec.weightShape(inChannels: inChannels(ofLayer: index)))
      guard spec.batchNormalize else {
        return [ParameterEntry(role: .bias, shape: [spec.outChannels]), kernel]
      }
      return normalization(spec.outChannels) + [kernel]
    case .batchNorm: return normalization(outChannels(ofLayer: index))
    case .shortcut(let spec):
      let summands = spec.sources.count + 1
      switch spec.weights {
      case .none: return []
      case .perFeature: return [ParameterEntry(role: .weight, shape: [summands])]
      case .perChannel:
        return [ParameterEntry(role: .weight, shape: [summands, outChannels(ofLayer: index)])]
      }
    case .squeezeExcitation(let spec):
      return [
        ParameterEntry(role: .squeeze, shape: [spec.hiddenChannels, spec.channels]),
        ParameterEntry(role: .excite, shape: [spec.channels, spec.hiddenChannels]),
      ]
    case .maxPool, .channelMaxPool, .localAveragePool, .averagePool, .upsample, .route,
      .scaleChannels, .sam, .reorg, .reorg3d, .dropout, .yolo, .gaussianYolo, .region:
      return []
    }
  }

  private func normalization(_ channels: Int) -> [ParameterEntry] {
    [.beta, .gamma, .mean, .variance].map { ParameterEntry(role: $0, shape: [channels]) }
  }
}
