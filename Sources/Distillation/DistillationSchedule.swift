import Foundation

/// How the weights of a distillation change while the teacher is asked.
public enum DistillationSchedule: String, Hashable, Codable, Sendable, CaseIterable {
  /// They do not.
  case constant
  /// From all to nothing, by half a cosine.
  case cosine

  /// What weights are multiplied by.
  ///
  /// - Parameter progress: how much of the time with the teacher is over, `0..<1`.
  func factor(progress: Double) -> Double {
    switch self {
    case .constant: 1
    case .cosine: (1 + cos(.pi * progress)) / 2
    }
  }
}
