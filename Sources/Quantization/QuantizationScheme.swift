/// The schemes: how weights and activations come to their codes.
public enum QuantizationScheme: String, Hashable, Sendable, Codable, CaseIterable {
  /// Uniform steps over observed ranges (Jacob and others, arXiv 1712.05877).
  case google
  /// tanh of the weights on 2^k steps (Zhou and others, arXiv 1606.06160).
  case dorefa
  /// Steps that are powers of two, of weights, biases and activations, for fixed point in hardware.
  case pow2
  /// Thresholds that learn and are powers of two.
  case tpsq
  /// Steps that learn (Esser and others, arXiv 1902.08153).
  case lsq
  /// Steps and offsets that learn (Bhalgat and others, arXiv 2004.09576).
  case lsqPlus = "lsq+"
  /// A bound of the activations that learns (Choi and others, arXiv 1805.06085).
  case pact
  /// Weights of −1, 0 and 1 (Li and others, arXiv 1605.04711).
  case ternary
  /// Weights of −1 and 1 (Rastegari and others, arXiv 1603.05279).
  case binary

  /// Whether every step is a power of two.
  public var hasPowersOfTwo: Bool { self == .pow2 || self == .tpsq }

  /// Whether zero may be any code of an activation, not the middle one only.
  public var hasZeroPoints: Bool {
    switch self {
    case .google, .dorefa, .lsqPlus, .ternary, .binary: true
    case .pow2, .tpsq, .lsq, .pact: false
    }
  }

  /// Whether steps, thresholds or bounds of activations learn in a training.
  public var hasStepsThatLearn: Bool {
    switch self {
    case .tpsq, .lsq, .lsqPlus, .pact: true
    case .google, .dorefa, .pow2, .ternary, .binary: false
    }
  }

  /// Whether weights are on equal steps, so that a factor of a kernel is a factor of its codes'
  /// step.
  public var hasUniformWeights: Bool {
    switch self {
    case .google, .pow2, .tpsq, .lsq, .lsqPlus, .pact: true
    case .dorefa, .ternary, .binary: false
    }
  }
}
