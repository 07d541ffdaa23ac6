import Boxes
import Darknet
import Foundation
import Networks
import Testing

@testable import Inference
@testable import Training

@Suite struct ModelDescriptionTests {
  static let cfg = """
    [net]
    width=32
    height=32
    channels=1
    [convolutional]
    filters=6
    size=16
    stride=16
    activation=linear
    [yolo]
    mask=0
    anchors=16,16
    classes=1
    num=1
    """

  func folder() throws -> RunFolder {
    let path = NSTemporaryDirectory() + "pare-model-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return RunFolder(path: path)
  }

  @Test func `a pair's description says what its files cannot, and knows them`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let network = try Network(
      Configuration(parsing: Self.cfg, path: "one.cfg"), inputScale: .maxabs)
    let feeding = Feeding(
      width: 64, height: 32, fit: .darknet, inputScale: .maxabs,
      suppression: SuppressionRule(.diou, beta: 0.6))
    try folder.writeModel(network, feeding: feeding, names: ["thing"])
    var found = try #require(try ModelDescription(contentsOf: folder.modelPath))
    #expect(found.inputScale == .maxabs && found.colorOrder == "gray")
    #expect(found.letterboxValue == 114 && found.classes == ["thing"])
    #expect(found.weightsHash == nil)
    #expect(found.resize == .darknet && found.nms == SuppressionRule(.diou, beta: 0.6))
    #expect(found.width == 64 && found.height == 32)
    #expect(try found.changedFiles(cfg: folder.cfgPath, weights: nil) == [])

    try folder.writeBest(network.parameters(imagesSeen: 8), for: network.spec)
    found = try #require(try ModelDescription(contentsOf: folder.modelPath))
    let pair = (folder.cfgPath, folder.weightsPath)
    #expect(try found.changedFiles(cfg: pair.0, weights: pair.1) == [])
    // The best weights are bound, others in the folder are not.
    let other = try Network(network.configuration, seed: 5)
    try folder.writeLast(other.parameters(imagesSeen: 8), for: other.spec)
    #expect(try found.changedFiles(cfg: pair.0, weights: folder.lastWeightsPath) == [])

    let text = try String(contentsOfFile: pair.0, encoding: .utf8)
    try (text + "\n# changed\n").write(toFile: pair.0, atomically: true, encoding: .utf8)
    #expect(try found.changedFiles(cfg: pair.0, weights: pair.1) == [pair.0])
    // What lies in another folder is of another network, and did not change.
    let elsewhere = try self.folder()
    defer { try? FileManager.default.removeItem(atPath: elsewhere.path) }
    try (text + "\n# another\n").write(
      toFile: elsewhere.cfgPath, atomically: true, encoding: .utf8)
    for (cfg, words) in [
      (pair.0, "before \(pair.0) changed"),
      (elsewhere.cfgPath, "for another file than \(elsewhere.cfgPath)"),
    ] {
      var warnings: [String] = []
      _ = try Feeding(
        of: network.spec, cfg: cfg, weights: pair.1, scale: nil, warn: { warnings.append($0) })
      #expect(
        warnings == ["\(folder.modelPath) was written \(words); its input scale is used"])
    }
  }

  @Test func `descriptions are found beside run folders' files alone`() {
    #expect(ModelDescription.path(beside: "runs/a/model.cfg") == "runs/a/model.json")
    #expect(ModelDescription.path(beside: "runs/a/last.weights") == "runs/a/model.json")
    #expect(ModelDescription.path(beside: "last.safetensors") == "model.json")
    #expect(ModelDescription.path(beside: "runs/a/yolov4.cfg") == nil)
    #expect(ModelDescription.path(beside: "runs/a/last.cfg") == nil)
  }

  @Test func `weights that are gone are named, with the cause`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let gone = folder.path + "/model.weights"
    #expect(throws: FileError.cannotRead(path: gone, reason: "No such file or directory")) {
      try ModelDescription.hash(ofFile: gone)
    }
  }

  @Test(arguments: ["", "[]", "{\"inputScale\": 7}", "\u{0}\u{1}"])
  func `a damaged description is an error of one line`(text: String) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    try text.write(toFile: folder.modelPath, atomically: true, encoding: .utf8)
    #expect(throws: InferenceError.unreadableDescription(path: folder.modelPath)) {
      try ModelDescription(contentsOf: folder.modelPath)
    }
    #expect(try ModelDescription(contentsOf: folder.path + "/none.json") == nil)
  }
}
