import Darknet

/// What can go wrong between a cfg and a running network.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
  /// A layer reads an output that was already dropped; a fault of ours, never of a file.
  case outputNotKept(layer: Int)
  /// A layer lacks a parameter that its kind needs.
  case missingParameter(ParameterRole)
  /// Parameters of another network.
  case parametersDoNotFit(layer: Int, role: ParameterRole, found: [Int], expected: [Int])
  /// Pictures that are not `[N, channels, height, width]` with the channels of the cfg.
  case wrongInput(found: [Int], channels: Int)
  /// A network without a single head finds nothing.
  case noHeads(path: String)

  /// One line: what was found and what was expected.
  public var description: String {
    switch self {
    case .outputNotKept(let layer):
      return "the output of layer \(layer) is not kept"
    case .missingParameter(let role):
      return "a layer has no '\(role.rawValue)'"
    case .parametersDoNotFit(let layer, let role, let found, let expected):
      return "layer \(layer): '\(role.rawValue)' has shape \(found), the cfg needs \(expected)"
    case .wrongInput(let found, let channels):
      return "pictures of shape \(found) do not fit the network, expected "
        + "[pictures, \(channels), height, width]"
    case .noHeads(let path):
      return "\(path): the network has no detection head, so it cannot detect anything"
    }
  }
}
