import Darknet

extension NetworkParameters {
  /// Finds parameters that no network of that cfg can have.
  func check(against spec: NetworkSpec) throws(PruningError) {
    if let misfit = misfit(with: spec) { throw .parametersDoNotFit(misfit) }
    for (index, arrays) in layers.enumerated() {
      for (role, array) in arrays.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        if let place = array.values.firstIndex(where: { !$0.isFinite }) {
          throw .notFinite(layer: index, role: role, index: place)
        }
      }
      if let channel = arrays[.variance]?.values.firstIndex(where: { $0 < 0 }) {
        throw .negativeVariance(layer: index, channel: channel)
      }
    }
  }

  /// The first array whose shape is not what the cfg says.
  func misfit(with spec: NetworkSpec) -> ParameterMisfit? {
    // A network that is too large has no spec in the first place.
    let layout = (try? spec.parameterLayout()) ?? []
    for (index, entries) in layout.enumerated() {
      for entry in entries {
        let found = layers.indices.contains(index) ? layers[index][entry.role]?.shape : nil
        if found != entry.shape {
          return ParameterMisfit(
            layer: index, role: entry.role, found: found, expected: entry.shape)
        }
      }
    }
    return nil
  }
}

/// An array whose shape is not what the cfg says.
public struct ParameterMisfit: Hashable, Sendable {
  /// Index of the layer in the cfg.
  public var layer: Int
  /// What the array is for.
  public var role: ParameterRole
  /// Its shape; nil where there is none.
  public var found: [Int]?
  /// The shape that the cfg asks for.
  public var expected: [Int]
}

extension ParameterMisfit: CustomStringConvertible {
  /// A clause that says what was found and what was expected.
  public var description: String {
    let found = found.map { "has shape \($0)" } ?? "is missing"
    return "'\(role.rawValue)' of layer \(layer) \(found), expected \(expected)"
  }
}
