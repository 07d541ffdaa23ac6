import Darknet
import Torch

/// One tensor of a network and where it belongs.
public struct NetworkTensor {
  /// Index of the layer in the cfg.
  public let layer: Int
  /// What the tensor is to its layer.
  public let role: ParameterRole
  /// What the layer owns.
  public let parameter: Parameter

  /// The tensor itself, on the network's device.
  public var tensor: Tensor { parameter.value }

  /// A name that is unique within the network: `12.gamma`.
  public var name: String { parameter.name }
}

extension Network {
  /// Every tensor of the network, learnable or not, in the order of the weights file.
  public var tensors: [NetworkTensor] {
    get throws {
      try zip(layers, spec.parameterLayout()).enumerated().flatMap { index, pair in
        let (layer, entries) = pair
        return entries.compactMap { entry in
          layer.parameters[entry.role].map {
            NetworkTensor(layer: index, role: entry.role, parameter: $0)
          }
        }
      }
    }
  }

  /// Everything that the network owns: what the weights file holds, in its order, then what
  /// replaced layers add.
  public var allParameters: [Parameter] {
    get throws { try tensors.map(\.parameter) + addedParameters }
  }

  /// The tensors that training changes by gradients.
  public var learnableTensors: [NetworkTensor] {
    get throws { try tensors.filter(\.role.isTrainable) }
  }

  /// Loads parameters read from a file or made by surgery; layers that `parameters` does not
  /// hold keep what they have.
  ///
  /// - Throws: ``NetworkError/parametersDoNotFit(layer:role:found:expected:)`` at the first shape
  ///   that differs; nothing is changed then.
  public func load(_ parameters: NetworkParameters) throws {
    let entries = try spec.parameterLayout()
    for (index, arrays) in parameters.layers.enumerated() where index < entries.count {
      for entry in entries[index] {
        guard let array = arrays[entry.role], array.shape != entry.shape else { continue }
        throw NetworkError.parametersDoNotFit(
          layer: index, role: entry.role, found: array.shape, expected: entry.shape)
      }
    }
    try withoutGrad {
      for (index, arrays) in parameters.layers.enumerated() where index < entries.count {
        for entry in entries[index] {
          guard let array = arrays[entry.role] else { continue }
          let tensor = try Tensor(array.values, shape: array.shape)
          try layers[index].parameters[entry.role]?.value.copyInPlace(tensor)
        }
      }
    }
  }

  /// A copy of all parameters on the host, as the weights file holds them.
  public func parameters(imagesSeen: Int64 = 0) throws -> NetworkParameters {
    var result = NetworkParameters(
      layers: Array(repeating: [:], count: layers.count),
      header: WeightsHeader(imagesSeen: imagesSeen))
    for entry in try tensors {
      result.layers[entry.layer][entry.role] = ParameterArray(
        shape: entry.tensor.shape, values: try entry.tensor.toFloats())
    }
    return result
  }
}

extension NetworkParameters {
  /// The tensors of one layer, copied.
  ///
  /// - Throws: ``NetworkError/parametersDoNotFit(layer:role:found:expected:)`` when an array is
  ///   missing or of another shape.
  func tensors(
    ofLayer index: Int, _ entries: [ParameterEntry]
  ) throws -> [ParameterRole: Tensor] {
    var tensors: [ParameterRole: Tensor] = [:]
    for entry in entries {
      let array = layers.indices.contains(index) ? layers[index][entry.role] : nil
      guard let array, array.shape == entry.shape else {
        throw NetworkError.parametersDoNotFit(
          layer: index, role: entry.role, found: array?.shape ?? [], expected: entry.shape)
      }
      tensors[entry.role] = try Tensor(array.values, shape: array.shape)
    }
    return tensors
  }
}
