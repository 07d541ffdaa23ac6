import Darknet
import Torch

/// Parameters as safetensors: arrays named `<layer>.<role>`, as in `12.gamma`.
enum SafetensorsWeights {
  static func read(_ path: String, for spec: NetworkSpec) throws -> NetworkParameters {
    let file = try SafetensorsFile(contentsOf: path)
    var layers: [[ParameterRole: ParameterArray]] = []
    for (index, slots) in try spec.parameterLayout().enumerated() {
      var arrays: [ParameterRole: ParameterArray] = [:]
      for slot in slots {
        let tensor = try file.tensor("\(index).\(slot.role.rawValue)")
        guard tensor.shape == slot.shape else {
          throw WeightsError.wrongArray(
            layer: index, role: slot.role, found: tensor.shape, expected: slot.shape)
        }
        arrays[slot.role] = ParameterArray(shape: slot.shape, values: try tensor.toFloats())
      }
      layers.append(arrays)
    }
    let seen = file.metadata["pare.images_seen"].flatMap { Int64($0) } ?? 0
    return NetworkParameters(layers: layers, header: WeightsHeader(imagesSeen: seen))
  }

  static func write(
    _ parameters: NetworkParameters, for spec: NetworkSpec, to path: String
  ) throws {
    var tensors: [(name: String, tensor: Tensor)] = []
    for (index, slots) in try spec.parameterLayout().enumerated() {
      for slot in slots {
        guard let array = parameters.layers[index][slot.role] else { continue }
        tensors.append(
          ("\(index).\(slot.role.rawValue)", try Tensor(array.values, shape: array.shape)))
      }
    }
    try writeSafetensors(
      tensors, metadata: ["pare.images_seen": String(parameters.imagesSeen)], to: path)
  }
}
