import Networks
import Torch

/// Holds steps that learn above a share of what they began at (docs/formulas.md 10.12): an
/// optimizer moves them by amounts that may be larger than they are, and by a step below zero a
/// channel would be lost.
///
/// All layers of a run and of its average share one.
final class StepFloors {
  /// Of its first value, what a step does not fall below.
  static let share = 1.0 / 16

  /// What steps do not fall below, by their names.
  var floors: [String: [Float]] = [:] { didSet { tensors = [:] } }
  /// The same on the device of the steps.
  private var tensors: [String: Tensor] = [:]

  /// Takes the value that a step has now for its first one.
  func begin(_ step: Parameter) throws {
    floors[step.name] = try (step.value.detach() * Self.share).toFloats()
  }

  /// Moves steps of a network that have fallen below back up.
  func hold(_ network: Network) throws {
    guard !floors.isEmpty else { return }
    try withoutGrad {
      for step in try network.allParameters {
        guard let floor = try tensor(for: step) else { continue }
        _ = try step.value.copyInPlace(step.value.detach().maximum(floor))
      }
    }
  }

  private func tensor(for step: Parameter) throws -> Tensor? {
    if let known = tensors[step.name] { return known }
    guard let floor = floors[step.name], floor.count == step.value.count else { return nil }
    let made = try Tensor(floor).reshaped(step.value.shape).to(step.value.device)
    tensors[step.name] = made
    return made
  }
}
