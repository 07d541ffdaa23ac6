import Darknet
import Networks
import Torch

/// Stochastic gradient descent with Nesterov momentum, or Adam, over three groups of parameters, told
/// apart by what they are, never by their names (docs/formulas.md 5.5).
public final class Optimizer {
  /// How gradients become changes.
  public enum Method: String, CaseIterable, Codable, Hashable, Sendable {
    /// Nesterov momentum.
    case sgd
    /// Kingma and Ba, *Adam*, ICLR 2015, with β 0.9 and 0.999; weight decay is part of the gradient.
    /// The schedule's momentum is not used.
    case adam
  }

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
    /// Momentum, or Adam's running means of the gradients.
    var averages: [Tensor] = []
    /// Adam's running means of the squared gradients.
    var squares: [Tensor] = []
    var names: [String] = []
  }

  private var members: [Members] = []
  private let method: Method
  /// Adam's number of steps so far, one float32 on the device.
  private let steps: Tensor
  /// Every parameter that is optimized.
  public let parameters: [Tensor]

  /// An optimizer of a network's learnable tensors, at rest.
  public init(_ network: Network, method: Method = .sgd) throws {
    let learnable = try network.learnableTensors
    self.method = method
    steps = try .zeros([], device: network.device)
    parameters = learnable.map(\.tensor)
    for group in Group.allCases {
      var list = Members(group: group)
      for entry in learnable where Group(entry.role, of: network.spec.layers[entry.layer]) == group
      {
        list.parameters.append(entry.tensor)
        list.averages.append(try entry.tensor.detach().zerosLike())
        if method == .adam { list.squares.append(try entry.tensor.detach().zerosLike()) }
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
      if method == .adam { _ = try steps.addInPlace(1) }
      for list in members {
        try step(list, values, GradientScaling(foundInfinity: foundInfinity))
      }
      // A step that was left out does not count.
      if method == .adam, let foundInfinity {
        _ = try steps.addInPlace(foundInfinity, scale: -1)
      }
    }
    for parameter in parameters { try parameter.setGrad(nil) }
  }

  private func step(
    _ list: Members, _ values: LearningRateSchedule.Values, _ scaling: GradientScaling
  ) throws {
    let gradients = list.parameters.compactMap(\.grad)
    let rate = LearningRate.value(list.group == .biases ? values.biasRate : values.rate)
    let decay = list.group == .weights ? values.weightDecay : 0
    switch method {
    case .sgd:
      try fusedSGD(
        parameters: list.parameters, gradients: gradients,
        // Without momentum the fused step wants no buffers.
        momentumBuffers: values.momentum > 0 ? list.averages : [], learningRate: rate,
        momentum: values.momentum, weightDecay: decay,
        nesterov: values.momentum > 0, scaling: scaling)
    case .adam:
      try fusedAdam(
        parameters: list.parameters, gradients: gradients, averages: list.averages,
        squares: list.squares, steps: list.parameters.map { _ in steps }, learningRate: rate,
        weightDecay: decay, scaling: scaling)
    }
  }

  /// What the next step depends on besides parameters and gradients, for a checkpoint: momentum (or
  /// Adam's two means) by parameter name.
  public var state: [(name: String, tensor: Tensor)] {
    let averages = members.flatMap { list in
      zip(list.names, list.averages).map { (name: "momentum.\($0)", tensor: $1) }
    }
    guard method == .adam else { return averages }
    let squares = members.flatMap { list in
      zip(list.names, list.squares).map { (name: "square.\($0)", tensor: $1) }
    }
    return averages + squares + [(name: "adam.steps", tensor: steps)]
  }

  /// Gradients that wait for the next step, by parameter name, for a checkpoint.
  var waitingGradients: [(name: String, tensor: Tensor)] {
    members.flatMap { list in
      zip(list.names, list.parameters).compactMap { name, parameter in
        parameter.grad.map { (name: "gradient.\(name)", tensor: $0) }
      }
    }
  }

  /// Takes up the gradients of a checkpoint; parameters that had none keep none.
  func loadGradients(_ file: SafetensorsFile, device: Device) throws {
    try withoutGrad {
      for (name, parameter) in members.flatMap({ zip($0.names, $0.parameters) })
      where file.contains("gradient.\(name)") {
        // In the memory format of the parameter, which the optimizer's kernel relies on.
        let gradient = try parameter.detach().zerosLike()
        try gradient.copyInPlace(file.tensor("gradient.\(name)", device: device))
        try parameter.setGrad(gradient)
      }
    }
  }

  /// Takes up the state of a checkpoint.
  func load(_ tensors: (String) throws -> Tensor) throws {
    try withoutGrad {
      for entry in state { try entry.tensor.copyInPlace(tensors(entry.name)) }
    }
  }
}
