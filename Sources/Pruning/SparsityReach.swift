import Darknet
import Networks
import Reports
import Training

/// How far the push of a sparse training can take a scale, known before the first step.
///
/// The push lowers a scale by strength · Σ learning rate, over 1 − momentum with the subgradient.
/// The loss may hold the scale up, so this is the most that can happen, not what will
/// (docs/formulas.md 6.1).
public struct SparsityReach: Sendable {
  /// By how much a strength of 1 lowers a scale by the end of the run, where nothing holds it up.
  public let perStrength: Double

  /// The reach in a run; nil where it is not known ahead: Adam's steps do not follow the size of a
  /// gradient, and the automatic schedule sets its strength as it goes.
  public init?(
    _ schedule: SparsitySchedule, _ update: SparsityUpdate, on course: TrainingCourse
  ) {
    if case .automatic = schedule { return nil }
    guard update == .proximal || course.method == .sgd else { return nil }
    let epochs = (course.steps.last?.epoch ?? 0) + 1
    perStrength = course.steps.reduce(0) { sum, step in
      let resistance = update == .proximal ? 1 : 1 - step.momentum
      let factor = schedule.values(epoch: step.epoch, epochs: epochs).factor
      return sum + factor * step.learningRate / resistance
    }
    guard perStrength > 0 else { return nil }
  }

  /// The least strength that can take a scale to zero, rounded up to two digits.
  public func strength(toZero scale: Double) -> Double {
    Double(Figures.atLeast(scale / perStrength)) ?? scale / perStrength
  }
}

extension SparsityReach {
  /// A strength to try: the usual one, or more where the run is too short for it. It can take most
  /// scales of a network to zero and leaves something over, for the loss holds some of them up.
  ///
  /// - Parameters:
  ///   - usual: what is taken where it reaches as far.
  ///   - parameters: of the network that the run begins with.
  ///   - layers: whose scales are pushed, by index in the cfg.
  public func suggestion(
    usual: Double, for parameters: NetworkParameters, layers: [Int]
  ) -> Double {
    let scales = layers.flatMap { parameters.layers[$0][.gamma]?.values ?? [] }.map(abs).sorted()
    guard !scales.isEmpty else { return usual }
    let median = Double(scales[scales.count.rank(ofQuantile: 0.5)])
    return min(max(usual, strength(toZero: Self.reserve * median)), Self.greatestStrength)
  }

  /// The strength that can be asked for at most.
  static let greatestStrength = 1.0
  /// How much further than half of the scales the push of a suggested strength reaches.
  static let reserve = 1.5
}
