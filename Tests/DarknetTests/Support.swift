import Darknet
import Foundation
import Testing

/// The folder of real inputs, nil where the tests are run without it.
let realData = ProcessInfo.processInfo.environment["PARE_REALDATA"]

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

/// A new empty folder, removed with the value.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/pare-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  func bytes(of name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
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
