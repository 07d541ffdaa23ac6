import Darknet
import Networks
import Torch

/// Stochastic gradient descent with Nesterov momentum over three groups of parameters, told apart
/// by what they are, never by their names (SPEC section 3.5, T16).
public final class Optimizer {
  /// What a parameter is to the optimizer.
  enum Group: CaseIterable {
    /// Kernels of convolutions, depthwise ones too, and of squeeze and excitation: decayed.
    case weights
    /// BN scales and a shortcut's factors: not decayed.
    case scales
    /// Biases and BN shifts: not decayed, with a warm-up of their own.
    case biases

    init(_ role: ParameterRole, of layer: LayerSpec) {
      switch role {
      case .weight:
        // A shortcut's factors are no kernel.
        if case .shortcut = layer { self = .scales } else { self = .weights }
      case .squeeze, .excite: self = .weights
      case .bias, .beta: self = .biases
      case .gamma, .mean, .variance: self = .scales
      }
    }
  }

  private struct Members {
    var group: Group
    var parameters: [Tensor] = []
    var momentum: [Tensor] = []
    var names: [String] = []
  }

  private var members: [Members] = []
  /// Every parameter that is optimized.
  public let parameters: [Tensor]

  /// An optimizer of a network's learnable tensors, with momentum at rest.
  public init(_ network: Network) throws {
    let learnable = try network.learnableTensors
    parameters = learnable.map(\.tensor)
    for group in Group.allCases {
      var list = Members(group: group)
      for entry in learnable where Group(entry.role, of: network.spec.layers[entry.layer]) == group
      {
        list.parameters.append(entry.tensor)
        list.momentum.append(try entry.tensor.detach().zerosLike())
        list.names.append(entry.name)
      }
      if !list.parameters.isEmpty { members.append(list) }
    }
  }

  /// Gradients as the last backward passes left them; parameters without one count as zero.
  public var gradients: [Tensor] {
    get throws {
      try parameters.map { parameter in
        if let gradient = parameter.grad { return gradient }
        let zero = try parameter.detach().zerosLike()
        try parameter.setGrad(zero)
        return zero
      }
    }
  }

  /// Changes the parameters and forgets the gradients.
  ///
  /// - Parameters:
  ///   - values: rates of this batch.
  ///   - foundInfinity: a device scalar; where it is 1 the step changes nothing.
  public func step(_ values: LearningRateSchedule.Values, foundInfinity: Tensor? = nil) throws {
    _ = try gradients
    try withoutGrad {
      for list in members {
        try fusedSGD(
          parameters: list.parameters, gradients: list.parameters.compactMap(\.grad),
          // Without momentum the fused step wants no buffers.
          momentumBuffers: values.momentum > 0 ? list.momentum : [],
          learningRate: .value(list.group == .biases ? values.biasRate : values.rate),
          momentum: values.momentum,
          weightDecay: list.group == .weights ? values.weightDecay : 0,
          nesterov: values.momentum > 0,
          scaling: GradientScaling(foundInfinity: foundInfinity))
      }
    }
    for parameter in parameters { try parameter.setGrad(nil) }
  }

  /// Momentum by parameter name, for a checkpoint.
  public var state: [(name: String, tensor: Tensor)] {
    members.flatMap { list in
      zip(list.names, list.momentum).map { (name: "momentum.\($0)", tensor: $1) }
    }
  }

  /// Takes up the momentum of a checkpoint.
  func load(_ tensors: (String) throws -> Tensor) throws {
    try withoutGrad {
      for entry in state { try entry.tensor.copyInPlace(tensors(entry.name)) }
    }
  }
}
