/// What is wrong with a file of named arrays, or with parameters that were to be written to one.
public enum NamedWeightsError: Error, Hashable, Sendable {
  /// None of the file's arrays has a name that belongs to the network.
  case noParameters(path: String, arrays: Int, first: String?, network: String, expected: [String])
  /// The file lacks an array of the network.
  case missing(String, layer: Int, path: String, network: String)
  /// The file has arrays that the network lacks.
  case unknown(String, arrays: Int, path: String, network: String)
  /// An array has another shape than the network says.
  case wrongShape(String, found: [Int], expected: [Int], path: String, network: String)
  /// Most layers of the network are not in the file as they are in the network; the first of them.
  indirect case otherNetwork(
    NamedWeightsError, fitting: Int, layers: Int, path: String, network: String)
  /// Factors of a shortcut that the names cannot carry.
  case factors(layer: Int, reason: String)
}

extension NamedWeightsError: CustomStringConvertible {
  /// One line: the path, what was found, what was expected.
  public var description: String {
    switch self {
    case .noParameters(let path, let arrays, let first, let network, let expected):
      "\(path.printablePath): none of its \(arrays) arrays"
        + (first.map { ", first '\($0.excerpt)'," } ?? "") + " belongs to \(network)"
        + (expected.isEmpty
          ? "" : ", expected names such as '\(expected.joined(separator: "' or '"))'")
    case .missing(let name, let layer, let path, let network):
      "\(path.printablePath): lacks '\(name)' of layer \(layer) of \(network)"
    case .unknown(let name, let arrays, let path, let network):
      "\(path.printablePath): has '\(name.excerpt)'"
        + (arrays > 1 ? " and \(arrays - 1) more" : "") + ", which \(network) lacks"
    case .wrongShape(let name, let found, let expected, let path, let network):
      "\(path.printablePath): '\(name)' is \(dimensions(found)), \(network) needs "
        + dimensions(expected)
    case .otherNetwork(let first, let fitting, let layers, let path, let network):
      "\(path.printablePath): these weights do not belong to this cfg: \(fitting) of the \(layers) "
        + "layers of \(network) fit; " + "\(first)".dropFirst("\(path.printablePath): ".count)
    case .factors(let layer, let reason): "layer \(layer), [shortcut]: \(reason)"
    }
  }

  private func dimensions(_ shape: [Int]) -> String {
    shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: "×").excerpt
  }
}
