import Darknet

/// Cuts a network down to what stays: one gather along labelled axes, the same for every network, a
/// cfg with fewer `filters`, and one map of indices where whole blocks go.
public struct Surgery {
  /// The network as it was.
  public var spec: NetworkSpec
  /// Its channels, and which axes of its parameters count them.
  public var slots: ChannelSlots
  /// What stays.
  public var mask: KeepMask

  /// The smaller network.
  ///
  /// - Returns: the network, and for each old layer the new one; nil for those that went.
  /// - Throws: ``PruningError`` when the parameters do not fit the cfg: the labels are wrong.
  public func callAsFunction(
    _ configuration: Configuration, _ parameters: NetworkParameters
  ) throws -> (Configuration, NetworkParameters, newIndices: [Int?]) {
    let narrow = pruned(configuration)
    let narrowSpec = try NetworkSpec(narrow)
    let narrowParameters = pruned(parameters)
    if let misfit = narrowParameters.misfit(with: narrowSpec) {
      throw PruningError.surgeryFailed(misfit)
    }
    guard !mask.removedBlocks.isEmpty else {
      return (narrow, narrowParameters, Array(spec.layers.indices))
    }
    var rewrite = NetworkRewrite(narrowSpec, narrowParameters)
    for layer in spec.layers.indices where mask.removes(layer) { rewrite.replacements[layer] = [] }
    let result = try rewrite.result()
    let indices = rewrite.newIndices.enumerated().map { mask.removes($0) ? nil : $1 }
    return (result.configuration, result.parameters, indices)
  }

  /// The network with fewer channels in its layers, and the cfg that it had: enough to know what it
  /// costs, without writing and reading a text. Removed blocks are still there.
  ///
  /// - Throws: ``ConfigurationError`` when the labels are wrong.
  public func narrowed() throws(ConfigurationError) -> NetworkSpec {
    try NetworkSpec(spec, layers: spec.layers.indices.map(narrowed))
  }

  /// The cfg with fewer channels in its layers.
  ///
  /// A convolution's `filters`, and where it is depthwise its `groups`, are written together; so is
  /// an `[se]`'s `squeeze`, the width that its `reduction` said. All other entries stay as they
  /// are.
  public func pruned(_ configuration: Configuration) -> Configuration {
    var result = configuration
    for (index, layer) in spec.layers.enumerated() {
      if let convolution = layer.convolution, convolution.shareIndex == nil {
        // Shapes that differed, so that nothing was shared, could now agree.
        result.sections[index + 1]["share_index"] = nil
      }
      let width = width(index)
      guard width != slots.outputs[index].count else { continue }
      switch narrowed(index) {
      case .convolutional(let convolution), .depthwise(let convolution):
        rewrite("filters", width, in: &result.sections[index + 1])
        if convolution.groups != layer.convolution?.groups {
          rewrite("groups", convolution.groups, in: &result.sections[index + 1])
        }
      case .squeezeExcitation(let attention):
        rewrite("filters", width, in: &result.sections[index + 1])
        // The reduction no longer says it.
        result.sections[index + 1]["squeeze"] = String(attention.hiddenChannels)
      case .batchNorm: rewrite("filters", width, in: &result.sections[index + 1])
      default: continue
      }
    }
    return result.renumbered()
  }

  /// How many channels of a layer's output stay.
  private func width(_ index: Int) -> Int { slots.outputs[index].count { mask.stays[$0] } }

  /// A layer with the channels that stay.
  private func narrowed(_ index: Int) -> LayerSpec {
    func narrowed(_ convolution: ConvolutionSpec) -> ConvolutionSpec {
      var result = convolution
      result.outChannels = width(index)
      if convolution.isDepthwise(inputChannels: spec.inChannels(ofLayer: index)) {
        result.groups = result.outChannels / (convolution.outChannels / convolution.groups)
      }
      return result
    }
    switch spec.layers[index] {
    case .convolutional(let convolution): return .convolutional(narrowed(convolution))
    case .depthwise(let convolution): return .depthwise(narrowed(convolution))
    case .squeezeExcitation(var attention):
      attention.channels = width(index)
      return .squeezeExcitation(attention)
    case let layer: return layer
    }
  }

  /// The parameters of layers with fewer channels.
  public func pruned(_ parameters: NetworkParameters) -> NetworkParameters {
    var result = parameters
    for index in parameters.layers.indices {
      for (role, axes) in slots.labels[index] {
        guard let array = parameters.layers[index][role] else { continue }
        let kept = axes.map { axis in
          axis.map { slots in slots.indices.filter { mask.stays[slots[$0]] } }
        }
        result.layers[index][role] = array.gathered(kept)
      }
    }
    return result
  }

  /// Changes a number that the section states; what it leaves to be derived stays so.
  private func rewrite(_ key: String, _ value: Int, in section: inout Configuration.Section) {
    if section[key] != nil { section[key] = String(value) }
  }
}

extension ParameterArray {
  /// The entries at the given places of each axis, in that order; nil keeps a whole axis.
  func gathered(_ places: [[Int]?]) -> ParameterArray {
    guard let last = places.lastIndex(where: { $0 != nil }) else { return self }
    // What lies behind the last chosen axis moves in one block.
    let block = shape[(last + 1)...].reduce(1, *)
    var starts = [0]
    var size = block
    var strides = [Int](repeating: 0, count: last + 1)
    for axis in (0...last).reversed() {
      strides[axis] = size
      size *= shape[axis]
    }
    for axis in 0...last {
      let chosen = places[axis] ?? Array(0..<shape[axis])
      starts = starts.flatMap { start in chosen.map { start + $0 * strides[axis] } }
    }
    let newShape = shape.indices.map { places[$0]?.count ?? shape[$0] }
    let newValues = values.withUnsafeBufferPointer { old in
      [Float](unsafeUninitializedCapacity: starts.count * block) { new, count in
        for start in starts {
          for offset in start..<start + block {
            new.initializeElement(at: count, to: old[offset])
            count += 1
          }
        }
      }
    }
    return ParameterArray(shape: newShape, values: newValues)
  }
}
