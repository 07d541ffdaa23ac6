import Networks
import Torch

/// Where steps that learn began (docs/formulas.md 10.12): it holds them above a share of that, for an
/// optimizer moves them by amounts that may be larger than they are, and by a step below zero a
/// channel would be lost. Steps of what was zero everywhere begin anew while that grows.
///
/// All layers of a run and of its average share one.
final class StepFloors {
  /// Of its first value, what a step does not fall below.
  static let share = 1.0 / 16
  /// How many times as far as before a tensor reaches when its step begins anew.
  static let growth = 2.0

  /// What steps do not fall below, by their names.
  var floors: [String: [Float]] = [:] { didSet { floorTensors = [:] } }
  /// How far the tensors of steps that began with zeros reached when they began last, by the steps'
  /// names; of those beside them that began otherwise, the largest number.
  var reaches: [String: [Float]] = [:] { didSet { reachTensors = [:] } }
  /// The same on the device of the steps.
  private var floorTensors: [String: Tensor] = [:]
  private var reachTensors: [String: Tensor] = [:]

  /// Takes the value that a step has now for its first one.
  ///
  /// - Parameter mask: the elements that begin; all unless given.
  func begin(_ step: Parameter, where mask: Tensor? = nil) throws {
    try withoutGrad {
      let all = try step.value.detach() * Self.share
      let floor = try floorTensor(for: step)
      floors[step.name] =
        try mask.flatMap { mask in
          try floor.map { try Tensor.select(where: mask, all, $0).toFloats() }
        } ?? all.toFloats()
    }
  }

  /// Lets steps begin anew while their tensors grow.
  ///
  /// - Parameter reach: the largest magnitudes of the tensors that a step is for, of the step's shape;
  ///   the largest number where it is to stay.
  func follow(_ step: Parameter, from reach: [Float]) { reaches[step.name] = reach }

  /// Which tensors of a step reach so much farther than before that it begins anew; nil where none
  /// does, or where it began as others do.
  func grown(_ step: Parameter, reach: () throws -> Tensor) throws -> Tensor? {
    guard let known = try reachTensor(for: step) else { return nil }
    return try withoutGrad {
      let now = try reach()
      let hasGrown = try now .> known * Self.growth
      guard try hasGrown.to(.float32).amax().item() > 0 else { return nil }
      reaches[step.name] = try Tensor.select(where: hasGrown, now, known).toFloats()
      return hasGrown
    }
  }

  /// Moves steps of a network that have fallen below back up.
  func hold(_ network: Network) throws {
    guard !floors.isEmpty else { return }
    try withoutGrad {
      for step in try network.allParameters {
        guard let floor = try floorTensor(for: step) else { continue }
        _ = try step.value.copyInPlace(step.value.detach().maximum(floor))
      }
    }
  }

  private func floorTensor(for step: Parameter) throws -> Tensor? {
    try Self.tensor(for: step, of: floors, kept: &floorTensors)
  }

  private func reachTensor(for step: Parameter) throws -> Tensor? {
    try Self.tensor(for: step, of: reaches, kept: &reachTensors)
  }

  private static func tensor(
    for step: Parameter, of numbers: [String: [Float]], kept: inout [String: Tensor]
  ) throws -> Tensor? {
    if let known = kept[step.name] { return known }
    guard let values = numbers[step.name], values.count == step.value.count else { return nil }
    let made = try Tensor(values).reshaped(step.value.shape).to(step.value.device)
    kept[step.name] = made
    return made
  }
}
