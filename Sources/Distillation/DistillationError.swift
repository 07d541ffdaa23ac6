/// What can stop a distillation before it starts.
public enum DistillationError: Error, Equatable, CustomStringConvertible {
  /// A strategy that is asked for by a name or number that nobody knows.
  case unknownStrategy(String)
  /// A number that an option of the earlier Python programs did not have.
  case unknownNumber(option: String, Int, expected: String)
  /// LD, which heads of these networks cannot do.
  case distributionalBoxes
  /// A head of a kind that has no loss.
  case unknownHead(layer: Int)

  /// One line: what was found and what is needed.
  public var description: String {
    switch self {
    case .unknownStrategy(let name):
      "'\(name)' is no strategy of distillation: expected one of "
        + DistillationMethod.allCases.map(\.rawValue).joined(separator: ", ")
    case .unknownNumber(let option, let number, let expected):
      "\(option) \(number) is no strategy: expected \(expected)"
    case .distributionalBoxes:
      "LD compares distributions over the sides of a box, which the heads [yolo], [Gaussian_yolo] and "
        + "[region] do not have: 'binary' compares their boxes by GIoU"
    case .unknownHead(let layer):
      "layer \(layer) is a head that cannot be trained, so nothing can be distilled into it"
    }
  }
}
