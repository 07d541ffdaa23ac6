import Darknet
import Foundation
import Inference
import Testing
import _TestSupport

@testable import Pruning

@Suite struct PrunedPairTests {
  private static let cfg = """
    [net]
    width=32
    height=32
    channels=3
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    stride=2
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=leaky
    [convolutional]
    filters=6
    size=1
    activation=linear
    [yolo]
    mask=0
    anchors=4,4
    classes=1
    num=1
    """

  /// Calls `body` with a pair that was read from files, and their folder.
  private func withModel(_ body: (Model, String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "pare-pair-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let spec = try NetworkSpec(Configuration(parsing: Self.cfg, path: "pair.cfg"))
    try Self.cfg.write(toFile: folder + "/pair.cfg", atomically: true, encoding: .utf8)
    try WeightsFile.write(
      randomParameters(spec, seed: 3), for: spec, to: folder + "/pair.weights")
    try body(
      Model(cfg: folder + "/pair.cfg", weights: folder + "/pair.weights", warn: { _ in }), folder)
  }

  @Test func `a pair is written with its certificate`() throws {
    try withModel { model, folder in
      let result = try Pruner(model).prune(percent: 0.4, force: true)
      var pair = try PrunedPair(result, of: model)
      #expect(pair.certificate.relativeDifference <= PruningProof.tolerance)
      // Eight pictures, six values in each of 16 × 16 cells.
      #expect(pair.certificate.comparedValues == 8 * 6 * 16 * 16)
      #expect(pair.certificate.onDrawnPictures)
      #expect(!pair.certificate.statisticsReestimatedAfterProof)

      var layers = pair.result.parameters.layers
      layers[0][.mean]?.values[0] = 7
      layers[0][.gamma]?.values[0] = 7
      pair.takeStatistics(layers)
      #expect(pair.result.parameters.layers[0][.mean]?.values[0] == 7)
      #expect(pair.result.parameters.layers[0][.gamma]?.values[0] != 7)
      try pair.write(to: folder, names: ["thing"])
      let bytes = try Data(contentsOf: URL(filePath: folder + "/certificate.json"))
      let certificate = try JSONDecoder().decode(PruningCertificate.self, from: bytes)
      #expect(certificate == pair.certificate && certificate.statisticsReestimatedAfterProof)
      let written = try Model(
        cfg: folder + "/model.cfg", weights: folder + "/model.weights", warn: { _ in })
      #expect(written.parameters.layers == pair.result.parameters.layers)
    }
  }

  @Test func `a network that is not the masked one makes no pair`() throws {
    try withModel { model, _ in
      var result = try Pruner(model).prune(percent: 0.4, force: true)
      result.parameters.layers[1][.weight]?.values[0] += 0.5
      #expect {
        _ = try PrunedPair(result, of: model)
      } throws: { error in
        if case PruningError.proofFailed = error { true } else { false }
      }
    }
  }
}
