import Darknet
import Foundation
import Networks
import Testing

@Suite struct StoredWeightsTests {
  private let spec: NetworkSpec
  private let parameters: NetworkParameters
  private let folder: String

  init() throws {
    spec = try NetworkSpec(BuiltInNetwork.yolov4Tiny.configuration(classes: 2, width: 64))
    var number = 0
    var parameters = NetworkParameters(layers: [])
    for slots in try spec.parameterLayout() {
      parameters.layers.append(
        Dictionary(
          uniqueKeysWithValues: slots.map { slot in
            let values = (0..<slot.count).map { Float(number + $0) / 1024 }
            number += slot.count
            return (slot.role, ParameterArray(shape: slot.shape, values: values))
          }))
    }
    parameters.imagesSeen = 7
    self.parameters = parameters
    folder = NSTemporaryDirectory() + "pare-stored-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func removeFolder() { try? FileManager.default.removeItem(atPath: folder) }

  @Test(arguments: ParameterNaming.allCases)
  func `safetensors of either naming come back whole`(naming: ParameterNaming) throws {
    defer { removeFolder() }
    let path = folder + "/a.safetensors"
    try StoredWeights.writeSafetensors(parameters, for: spec, naming: naming, to: path)
    #expect(try StoredWeights.read(path, for: spec) == parameters)
  }

  // The heads are layers 29 and 36 of yolov4-tiny.
  @Test func `every form is read by shape`() throws {
    defer { removeFolder() }
    let other = try NetworkSpec(BuiltInNetwork.yolov4Tiny.configuration(classes: 9, width: 64))
    let paths = ["a.weights", "a.conv.29", "a.safetensors"].map { "\(folder)/\($0)" }
    try WeightsFile.write(parameters, for: spec, to: paths[0])
    try WeightsFile.write(parameters, for: spec, to: paths[1], layers: 29)
    try StoredWeights.writeSafetensors(
      parameters, for: spec, naming: .stateDictionary, to: paths[2])
    for path in paths {
      let contents = try StoredWeights.readByShape(path, for: other)
      let whole = !path.hasSuffix(".29")
      #expect(contents.skipped.map(\.layer) == (whole ? [29, 36] : []))
      #expect(contents.loaded.last == (whole ? 35 : 28))
      #expect(contents.parameters.layers[28] == parameters.layers[28])
      #expect(contents.parameters.layers[29].isEmpty && contents.unknownArrays.isEmpty)
    }
  }
}
