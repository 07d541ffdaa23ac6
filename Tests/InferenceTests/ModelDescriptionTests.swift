import Boxes
import Datasets
import Foundation
import Testing

@testable import Inference

@Suite struct ModelDescriptionTests {
  @Test("validation figures are those of weights of the same bytes, whatever they are called")
  func validationOfSameWeights() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "pare-description-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    let best = Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    var other = best
    other[4999] ^= 1
    try best.write(to: URL(filePath: path("model.weights")))
    try best.write(to: URL(filePath: path("last.weights")))
    try other.write(to: URL(filePath: path("best.weights")))
    try FileManager.default.createSymbolicLink(
      atPath: path("linked.weights"), withDestinationPath: path("last.weights"))
    let quality =
      #"{"map50": 0.9, "map": 0.5, "precision": 0.8, "recall": 0.7, "confidence": 0.25}"#
    let json =
      #"{"classes": ["a"], "colorOrder": "RGB", "inputScale": "255", "letterboxValue": 114, "#
      + #""validation": \#(quality), "weightsHash": "\#(SHA256.hexadecimal(of: best))"}"#
    try Data(json.utf8).write(to: URL(filePath: path("model.json")))
    let cfg = path("model.cfg")
    func confidence(_ weights: String) -> Double? {
      ModelDescription.validation(cfg: cfg, weights: path(weights))?.confidence
    }
    #expect(confidence("model.weights") == 0.25)
    #expect(confidence("last.weights") == 0.25)
    #expect(confidence("linked.weights") == 0.25)
    #expect(confidence("best.weights") == nil)
    #expect(confidence("absent.weights") == nil)
    // Without weights of its own beside it, by the hash that it holds.
    try FileManager.default.removeItem(atPath: path("model.weights"))
    #expect(confidence("last.weights") == 0.25)
    #expect(confidence("best.weights") == nil)
  }
}
