import Foundation

extension Activation {
  /// The activation of one number.
  ///
  /// - Parameter leakySlope: the slope of `leaky` below zero.
  package func callAsFunction(_ x: Double, leakySlope: Double = 0.1) -> Double {
    switch self {
    case .linear: x
    case .leaky: x > 0 ? x : leakySlope * x
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .mish: x * tanh(softplus(x))
    case .swish: x * logistic(x)
    case .logistic: logistic(x)
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .hardMish: x * min(max(x + 2, 0), 2) / 2
    case .elu: x > 0 ? x : expm1(x)
    case .selu: 1.0507 * (x > 0 ? x : 1.6732 * expm1(x))
    case .gelu: x / 2 * (1 + Foundation.tanh(0.797885 * (x + 0.044715 * x * x * x)))
    case .tanh: Foundation.tanh(x)
    }
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// ln(1 + eˣ) without overflow.
  private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  private func tanh(_ x: Double) -> Double { Foundation.tanh(x) }
}
