import Darknet
import Foundation
import Testing
import _TestSupport

/// A cfg of 32×32 pixels and 3 channels whose layers start at line 5.
func smallNetwork(_ layers: String, width: Int = 32, height: Int = 32) -> String {
  "[net]\nwidth=\(width)\nheight=\(height)\nchannels=3\n" + layers
}

func spec(
  _ layers: String, width: Int = 32, height: Int = 32
) throws(ConfigurationError) -> NetworkSpec {
  try NetworkSpec(
    Configuration(parsing: smallNetwork(layers, width: width, height: height), path: "net.cfg"))
}

/// Parameters that are all different, in the layout of `spec`.
func countingParameters(_ spec: NetworkSpec) throws -> NetworkParameters {
  var next: Float = 0
  var parameters = NetworkParameters(layers: [])
  for slots in try spec.parameterLayout() {
    var layer: [ParameterRole: ParameterArray] = [:]
    for slot in slots {
      let values = (0..<slot.count).map { _ in
        next += 1
        return next
      }
      layer[slot.role] = ParameterArray(shape: slot.shape, values: values)
    }
    parameters.layers.append(layer)
  }
  return parameters
}

func readBytes(_ path: String) throws -> Data {
  try Data(contentsOf: URL(fileURLWithPath: path))
}
