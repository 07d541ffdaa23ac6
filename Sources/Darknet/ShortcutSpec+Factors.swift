import Foundation

extension ShortcutSpec {
  /// The factors of the summands of one channel, as Darknet's `shortcut_multilayer_cpu` makes them.
  package func normalized(_ factors: [Double]) -> [Double] {
    guard weights != .none else { return factors }
    switch normalization {
    case .none: return factors
    case .relu:
      let rectified = factors.map { max($0, 0) }
      let sum = rectified.reduce(Self.sumEpsilon, +)
      return rectified.map { $0 / sum }
    case .softmax:
      let peak = factors.max() ?? 0
      let exponentials = factors.map { exp($0 - peak) }
      let sum = exponentials.reduce(Self.sumEpsilon, +)
      return exponentials.map { $0 / sum }
    }
  }
}
