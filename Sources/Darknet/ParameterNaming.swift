#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How files name the arrays of a network; docs/formats.md has the table.
public enum ParameterNaming: String, Codable, Hashable, Sendable, CaseIterable {
  /// Our own: the layer's index and the array's role, as in `12.gamma`.
  case pare
  /// Those of a PyTorch state dict of the earlier Python programs (docs/formulas.md 3.3), as in
  /// `module_list.12.BatchNorm2d.weight`.
  case stateDictionary = "state-dict"

  /// The names that an array is read under; the first is written.
  public func names(of role: ParameterRole, ofLayer layer: Int, _ spec: LayerSpec) -> [String] {
    guard self == .stateDictionary else { return ["\(layer).\(role.rawValue)"] }
    return Self.stateNames(of: role, spec).map { "module_list.\(layer).\($0)" }
  }

  /// The counters that a state dict has beside each batch normalization, and that nothing reads.
  static let counterName = "num_batches_tracked"

  /// The names of a state dict's array below its layer.
  ///
  /// Convolutions, depthwise ones and squeeze and excitation are named modules in a sequence;
  /// `[BatchNorm2d]` and weighted shortcuts are the layer's module itself.
  private static func stateNames(of role: ParameterRole, _ spec: LayerSpec) -> [String] {
    let isAlone = if case .batchNorm = spec { true } else { false }
    let isDepthwise = if case .depthwise = spec { true } else { false }
    let isShortcut = if case .shortcut = spec { true } else { false }
    func normalization(_ name: String) -> [String] {
      isAlone ? [name, "BatchNorm2d.\(name)"] : ["BatchNorm2d.\(name)"]
    }
    return switch role {
    case .beta: normalization("bias")
    case .gamma: normalization("weight")
    case .mean: normalization("running_mean")
    case .variance: normalization("running_var")
    case .squeeze: ["se.fc.0.weight"]
    case .excite: ["se.fc.2.weight"]
    case .bias: [isDepthwise ? "DepthWise2d.bias" : "Conv2d.bias"]
    case .weight:
      isShortcut ? ["w"] : [isDepthwise ? "DepthWise2d.weight" : "Conv2d.weight"]
    }
  }

  /// Roles of a layer's arrays in the order in which a state dict has them, which is the order in
  /// which PyTorch registers them: a module's weight before its bias, the kernel before batch
  /// normalization.
  static let stateOrder: [ParameterRole] = [
    .weight, .bias, .gamma, .beta, .mean, .variance, .squeeze, .excite,
  ]
}

// MARK: - Weighted shortcuts

extension ParameterNaming {
  /// Why the factors of a shortcut cannot go from or to a state dict; nil where they can.
  ///
  /// The earlier Python programs multiply each of n summands by sigmoid(w)·2/n, whatever the cfg
  /// says of normalization; the cfg's own factors are taken as they are, or made to sum to one.
  func obstacle(_ spec: LayerSpec) -> String? {
    guard self == .stateDictionary, case .shortcut(let shortcut) = spec else { return nil }
    switch (shortcut.weights, shortcut.normalization) {
    case (.none, _), (.perFeature, .none): return nil
    case (.perChannel, _): return "a state dict has no factor a channel (weights_type=per_channel)"
    case (.perFeature, let normalization):
      return "factors of a state dict are sigmoid(w)·2/n, which 'weights_normalization="
        + "\(normalization.rawValue)' cannot say"
    }
  }

  /// The values that a layer has, from those in the file.
  func decoded(_ values: [Float], _ spec: LayerSpec) -> [Float] {
    guard self == .stateDictionary, case .shortcut = spec else { return values }
    return values.map { Float(2 / Double(values.count) / (1 + exp(-Double($0)))) }
  }

  /// The values to be stored, from those that a layer has; nil where a factor is not between 0 and
  /// 2/n, exclusively.
  func encoded(_ values: [Float], _ spec: LayerSpec) -> [Float]? {
    guard self == .stateDictionary, case .shortcut = spec else { return values }
    let shares = values.map { Double($0) * Double(values.count) / 2 }
    guard shares.allSatisfy({ $0 > 0 && $0 < 1 }) else { return nil }
    return shares.map { Float(-log(1 / $0 - 1)) }
  }
}
