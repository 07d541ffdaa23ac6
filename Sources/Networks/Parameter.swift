import Darknet
import Torch

/// A tensor that a layer or a technique owns.
///
/// It is the object that optimizer, average, techniques and checkpoints hold. Moving, loading and
/// converting change its ``value``, never the object, so nothing goes on working with a tensor that
/// the network has let go.
public final class Parameter {
  /// Unique within a network, such as `12.gamma`; what a technique adds starts with its name.
  public let name: String
  /// What it is to the optimizer.
  public let group: ParameterGroup
  /// The values, on the network's device.
  public internal(set) var value: Tensor
  /// Whether the optimizer leaves it as it is, as a technique may ask for a part of a training.
  public var rests = false

  /// A parameter with its first values.
  ///
  /// - Parameter value: wants a gradient where the group learns by gradients.
  public init(_ name: String, _ group: ParameterGroup, _ value: Tensor) throws {
    self.name = name
    self.group = group
    self.value = try value.requireGrad(group.learns)
  }

  /// A parameter of inference alone, whose values are as they are.
  init(inferenceOnly name: String, _ group: ParameterGroup, _ value: Tensor) {
    self.name = name
    self.group = group
    self.value = value
  }

  /// The same parameter in memory of its own, without a gradient.
  public func copy() throws -> Parameter {
    let value = try withoutGrad { try self.value.detach().clone() }
    return Parameter(inferenceOnly: name, group, value)
  }

  /// Moves the values to a device, and kernels to a memory format.
  func move(to device: Device, _ format: MemoryFormat) throws {
    let wantsGradient = value.requiresGrad
    let moved = try withoutGrad {
      let there = try value.detach().to(device)
      return there.rank == 4 ? try there.to(format) : there
    }
    value = try moved.requireGrad(wantsGradient)
  }
}

/// Parameters that an optimizer treats alike.
public struct ParameterGroup: Hashable, Sendable {
  /// Unique among the groups of a run.
  public let name: String
  /// Whether gradients change it; otherwise it is a statistic or a range.
  public let learns: Bool
  /// Whether weight decay acts on it.
  public let isDecayed: Bool
  /// Whether it follows the warm-up of biases.
  public let warmsUpAsBias: Bool
  /// What its learning rate is multiplied by.
  public let rateFactor: Double

  /// A group of one's own.
  public init(
    _ name: String, learns: Bool = true, isDecayed: Bool = false, warmsUpAsBias: Bool = false,
    rateFactor: Double = 1
  ) {
    self.name = name
    self.learns = learns
    self.isDecayed = isDecayed
    self.warmsUpAsBias = warmsUpAsBias
    self.rateFactor = rateFactor
  }

  /// Kernels of convolutions, depthwise ones too, and of squeeze and excitation: decayed.
  public static let weights = ParameterGroup("weights", isDecayed: true)
  /// Scales of batch normalisation and factors of shortcuts: not decayed.
  public static let scales = ParameterGroup("scales")
  /// Biases and shifts of batch normalisation: not decayed, with a warm-up of their own.
  public static let biases = ParameterGroup("biases", warmsUpAsBias: true)
  /// Running means and variances: no gradient changes them.
  public static let statistics = ParameterGroup("statistics", learns: false)

  /// The group of a parameter in the weights file, by what it is and never by its name.
  public init(_ role: ParameterRole, of layer: LayerSpec) {
    switch role {
    case .weight:
      // A shortcut's factors are no kernel.
      if case .shortcut = layer { self = .scales } else { self = .weights }
    case .squeeze, .excite: self = .weights
    case .bias, .beta: self = .biases
    case .gamma: self = .scales
    case .mean, .variance: self = .statistics
    }
  }
}
