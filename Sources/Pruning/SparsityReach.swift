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
  /// What is tried where it reaches far enough.
  public static let usualStrength = 0.015

  /// A strength to try: the usual one, or more where the run is too short for it. It can take most
  /// scales at work to zero and leaves something over, for the loss holds some of them up.
  ///
  /// - Parameters:
  ///   - magnitudes: |γ| of the scales that are pushed. Those that are near zero need no push, and do
  ///     not count.
  ///   - least: what is taken where it reaches as far.
  public func suggestion(for magnitudes: [Float], least: Double = usualStrength) -> Double {
    guard let median = Self.medianAtWork(magnitudes) else { return least }
    return min(max(least, strength(toZero: Self.reserve * median)), Self.greatestStrength)
  }

  /// As ``suggestion(for:least:)``, for parameters of a network that the run begins with.
  ///
  /// - Parameter layers: whose scales are pushed, by index in the cfg.
  public func suggestion(
    for parameters: NetworkParameters, layers: [Int], least: Double = usualStrength
  ) -> Double {
    suggestion(
      for: layers.flatMap { parameters.layers[$0][.gamma]?.values ?? [] }.map(abs), least: least)
  }

  /// What half of the scales at work are below: of those that are not near zero. Nil without any.
  static func medianAtWork(_ magnitudes: [Float]) -> Double? {
    let atWork = magnitudes.filter { $0 >= PruningVerdict.silence }.sorted()
    guard !atWork.isEmpty else { return nil }
    return Double(atWork[atWork.count.rank(ofQuantile: 0.5)])
  }

  /// The strength that can be asked for at most.
  static let greatestStrength = 1.0
  /// How much further than half of the scales the push of a suggested strength reaches.
  static let reserve = 1.5
}
