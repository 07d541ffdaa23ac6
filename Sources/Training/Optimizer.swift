import Networks
import Torch

/// Stochastic gradient descent with Nesterov momentum, or Adam, over groups of parameters
/// (``ParameterGroup``; docs/formulas.md 5.5).
public final class Optimizer {
  /// How gradients become changes.
  public enum Method: String, CaseIterable, Codable, Hashable, Sendable {
    /// Nesterov momentum.
    case sgd
    /// Kingma and Ba, *Adam*, ICLR 2015, with β 0.9 and 0.999; weight decay is part of the
    /// gradient. The schedule's momentum is not used.
    case adam

    /// The learning rate that is taken unless another is asked for.
    public var usualRate: Double {
      switch self {
      case .sgd: 0.01
      case .adam: 0.001
      }
    }
  }

  private struct Members {
    var group: ParameterGroup
    var parameters: [Parameter] = []
    /// Momentum, or Adam's running means of the gradients.
    var averages: [Tensor] = []
    /// Adam's running means of the squared gradients.
    var squares: [Tensor] = []

    /// Those that do not rest.
    var moving: Members {
      guard parameters.contains(where: \.rests) else { return self }
      let places = parameters.indices.filter { !parameters[$0].rests }
      return Members(
        group: group, parameters: places.map { parameters[$0] },
        averages: places.map { averages[$0] },
        squares: squares.isEmpty ? [] : places.map { squares[$0] })
    }
  }

  private var members: [Members] = []
  private let method: Method
  /// Adam's number of steps so far, one float32 on the device.
  private let steps: Tensor
  /// Every parameter that is optimized.
  public let parameters: [Parameter]

  /// An optimizer of the parameters that learn, at rest.
  ///
  /// - Parameter parameters: on one device; their names differ.
  public init(_ parameters: [Parameter], method: Method = .sgd) throws {
    self.method = method
    self.parameters = parameters.filter(\.group.learns)
    steps = try .zeros([], device: self.parameters.first?.value.device ?? .cpu)
    for parameter in self.parameters {
      let place = members.firstIndex { $0.group == parameter.group } ?? members.count
      if place == members.count { members.append(Members(group: parameter.group)) }
      members[place].parameters.append(parameter)
      members[place].averages.append(try parameter.value.detach().zerosLike())
      if method == .adam {
        members[place].squares.append(try parameter.value.detach().zerosLike())
      }
    }
  }

  /// Gradients as the last backward passes left them; parameters without one count as zero.
  public var gradients: [Tensor] {
    get throws {
      try parameters.map { parameter in
        if let gradient = parameter.value.grad { return gradient }
        let zero = try parameter.value.detach().zerosLike()
        try parameter.value.setGrad(zero)
        return zero
      }
    }
  }

  /// Changes the parameters that do not rest, and forgets all gradients.
  ///
  /// - Parameters:
  ///   - values: rates of this batch.
  ///   - foundInfinity: one value on the device; where it is 1 the step changes nothing.
  public func step(_ values: LearningRateSchedule.Values, foundInfinity: Tensor? = nil) throws {
    _ = try gradients
    try withoutGrad {
      if method == .adam { _ = try steps.addInPlace(1) }
      for list in members.map(\.moving) where !list.parameters.isEmpty {
        try step(list, values, GradientScaling(foundInfinity: foundInfinity))
      }
      // A step that was left out does not count.
      if method == .adam, let foundInfinity {
        _ = try steps.addInPlace(foundInfinity.reshaped([]), scale: -1)
      }
    }
    for parameter in parameters { try parameter.value.setGrad(nil) }
  }

  private func step(
    _ list: Members, _ values: LearningRateSchedule.Values, _ scaling: GradientScaling
  ) throws {
    let parameters = list.parameters.map(\.value)
    let gradients = parameters.compactMap(\.grad)
    let rate = LearningRate.value(
      (list.group.warmsUpAsBias ? values.biasRate : values.rate) * list.group.rateFactor)
    let decay = list.group.isDecayed ? values.weightDecay : 0
    switch method {
    case .sgd:
      try fusedSGD(
        parameters: parameters, gradients: gradients,
        // Without momentum the fused step wants no buffers.
        momentumBuffers: values.momentum > 0 ? list.averages : [], learningRate: rate,
        momentum: values.momentum, weightDecay: decay,
        nesterov: values.momentum > 0, scaling: scaling)
    case .adam:
      try fusedAdam(
        parameters: parameters, gradients: gradients, averages: list.averages,
        squares: list.squares, steps: parameters.map { _ in steps }, learningRate: rate,
        weightDecay: decay, scaling: scaling)
    }
  }

  /// What the next step depends on besides parameters and gradients, for a checkpoint: momentum (or
  /// Adam's two means) by parameter name.
  public var state: [(name: String, tensor: Tensor)] {
    let averages = members.flatMap { list in
      zip(list.parameters, list.averages).map { (name: "momentum.\($0.name)", tensor: $1) }
    }
    guard method == .adam else { return averages }
    let squares = members.flatMap { list in
      zip(list.parameters, list.squares).map { (name: "square.\($0.name)", tensor: $1) }
    }
    return averages + squares + [(name: "adam.steps", tensor: steps)]
  }

  /// Gradients that wait for the next step, by parameter name, for a checkpoint.
  var waitingGradients: [(name: String, tensor: Tensor)] {
    parameters.compactMap { parameter in
      parameter.value.grad.map { (name: "gradient.\(parameter.name)", tensor: $0) }
    }
  }

  /// Takes up the gradients of a checkpoint; parameters that had none keep none.
  func loadGradients(_ file: SafetensorsFile, device: Device) throws {
    try withoutGrad {
      for parameter in parameters where file.contains("gradient.\(parameter.name)") {
        // In the memory format of the parameter, which the optimizer's kernel relies on.
        let gradient = try parameter.value.detach().zerosLike()
        try gradient.copyInPlace(file.tensor("gradient.\(parameter.name)", device: device))
        try parameter.value.setGrad(gradient)
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
