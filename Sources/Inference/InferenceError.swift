import Darknet

/// Why a detector cannot be used.
public enum InferenceError: Error, Equatable, CustomStringConvertible {
  /// A `model.json` that is none.
  case unreadableDescription(path: String)
  /// Another input scale than the one that the weights were trained with.
  case otherInputScale(InputScale, path: String, stored: InputScale)
  /// Padding is to be saved where a network is fed without any.
  case noPadding(String, cfg: String)
  /// An engine gives other outputs than the heads of its cfg read.
  case wrongOutputs(engine: String, found: [[Int]], expected: [[Int]])

  /// One line: what was found and what to do.
  public var description: String {
    switch self {
    case .unreadableDescription(let path):
      "\(path): not a description of a model, or of another version; "
        + "remove it to use the pair with pixel values over 255"
    case .otherInputScale(let wanted, let path, let stored):
      "--input-scale \(wanted.rawValue): \(path) says that the weights want \(stored.rawValue)"
    case .noPadding(let fit, let cfg):
      "--rect: saves padding, and \(cfg) is fed by '--resize \(fit)', which has none; "
        + "leave it out, or add '--resize letterbox'"
    case .wrongOutputs(let engine, let found, let expected):
      "the engine '\(engine)' gives \(Self.list(found)), and the heads of its cfg read "
        + Self.list(expected)
    }
  }

  /// "1 output, [1, 18, 13, 13]".
  private static func list(_ shapes: [[Int]]) -> String {
    let count = shapes.count == 1 ? "1 output" : "\(shapes.count) outputs"
    return ([count] + shapes.map { "\($0)" }).joined(separator: ", ")
  }
}
