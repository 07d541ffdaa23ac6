import Darknet

/// Factors on parameters of a network, such as those that move a factor from the scales of batch
/// normalisation into the weights after them and leave the outputs as they are.
public struct ParameterScaling: Hashable, Sendable {
  /// Factors on one parameter.
  public struct Entry: Hashable, Sendable {
    /// Index of the layer in the cfg.
    public var layer: Int
    /// Which parameter.
    public var role: ParameterRole
    /// Of the leading axes, in row-major order: each holds for as many consecutive values as
    /// there are values for a factor. None is 0.
    public var factors: [Float]

    /// Factors of the leading axes of a parameter.
    public init(layer: Int, role: ParameterRole, factors: [Float]) {
      self.layer = layer
      self.role = role
      self.factors = factors
    }
  }

  /// The factors; a parameter has one entry at most.
  public var entries: [Entry]

  /// Factors on some parameters.
  public init(_ entries: [Entry]) { self.entries = entries }

  /// `parameters` multiplied by the factors.
  public func applied(to parameters: NetworkParameters) -> NetworkParameters {
    changed(parameters) { $0 * $1 }
  }

  /// `parameters` divided by the factors.
  public func undone(on parameters: NetworkParameters) -> NetworkParameters {
    changed(parameters) { $0 / $1 }
  }

  private func changed(
    _ parameters: NetworkParameters, _ operation: (Float, Float) -> Float
  ) -> NetworkParameters {
    var parameters = parameters
    for entry in entries {
      guard var array = parameters.layers[entry.layer].removeValue(forKey: entry.role) else {
        continue
      }
      let span = array.values.count / entry.factors.count
      for (index, factor) in entry.factors.enumerated() {
        for place in index * span..<(index + 1) * span {
          array.values[place] = operation(array.values[place], factor)
        }
      }
      parameters.layers[entry.layer][entry.role] = array
    }
    return parameters
  }
}
