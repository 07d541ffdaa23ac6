import Darknet
import Networks
import Testing
import _TestSupport

@testable import Runs

/// Weights in other forms, by recipes alone.
@Suite struct ConvertRunTests {
  private func pair(_ folder: TemporaryFolder) throws -> (cfg: String, weights: String) {
    let configuration = try BuiltInNetwork.yolov4Tiny.configuration(
      classes: 4, width: 64, height: 64, widthMultiple: 0.125)
    let (cfg, weights) = (
      try folder.write(configuration.text, to: "n.cfg"), folder.file("n.weights")
    )
    try WeightsFile.write(
      Network(configuration, seed: 3).parameters(), for: NetworkSpec(configuration), to: weights)
    return (cfg, weights)
  }

  @Test func `every form is written, and reads back as the same numbers`() throws {
    let folder = try TemporaryFolder()
    let (cfg, weights) = try pair(folder)
    var recipe = ConvertRecipe(
      cfg: cfg, weights: weights,
      outputs: [
        .init(folder.file("out/a.safetensors"), .safetensors),
        .init(folder.file("out/a.conv.3"), .backbone(layers: 3)),
        .init(folder.file("out/a.bin"), .fused),
      ])
    recipe.naming = .stateDictionary
    #expect(try ConvertRun(recipe)() == nil)
    let names = ["a.safetensors", "a.conv.3", "a_weights.bin", "a_bias.bin"]
    #expect(recipe.files == names.map { folder.file("out/\($0)") })
    #expect(names.allSatisfy { folder.exists("out/\($0)") })
    var back = ConvertRecipe(
      cfg: cfg, weights: folder.file("out/a.safetensors"),
      outputs: [.init(folder.file("back.weights"), .darknet)])
    back.standardCfg = folder.file("back.cfg")
    let rewriting = try ConvertRun(back)()
    #expect(rewriting?.blocks == [:] && rewriting?.layers == rewriting?.layersBefore)
    let spec = try NetworkSpec(contentsOf: cfg)
    #expect(
      try StoredWeights.read(folder.file("back.weights"), for: spec)
        == StoredWeights.read(weights, for: spec))
  }

  @Test func `what is read is not written over, and of several files all come or none`() throws {
    let folder = try TemporaryFolder()
    let (cfg, weights) = try pair(folder)
    let bytes = try folder.bytes(of: "n.weights")
    let over = ConvertRecipe(cfg: cfg, weights: weights, outputs: [.init(weights, .darknet)])
    #expect(throws: RunError.outputIsInput(weights)) { try ConvertRun(over) }
    // No network has so many layers.
    let half = ConvertRecipe(
      cfg: cfg, weights: weights,
      outputs: [
        .init(folder.file("a.weights"), .darknet),
        .init(folder.file("a.conv.900"), .backbone(layers: 900)),
      ])
    #expect(throws: (any Error).self) { try ConvertRun(half)() }
    #expect(try !folder.exists("a.weights") && folder.bytes(of: "n.weights") == bytes)
  }

  // A header of 20 bytes; then biases, of which the first becomes NaN, 0x7FC00000.
  @Test func `numbers that are none are refused, with what takes them all the same`() throws {
    let folder = try TemporaryFolder()
    let (cfg, weights) = try pair(folder)
    var bytes = try folder.bytes(of: "n.weights")
    bytes.replaceSubrange(20..<24, with: [0, 0, 0xC0, 0x7F])
    try folder.write(bytes, to: "n.weights")
    var recipe = ConvertRecipe(
      cfg: cfg, weights: weights, outputs: [.init(folder.file("a.weights"), .darknet)])
    let error = try #require(throws: RunError.self) { try ConvertRun(recipe) }
    #expect(error.description.hasSuffix("; --allow-nan converts them all the same"))
    recipe.allowsNotFinite = true
    try ConvertRun(recipe)()
    #expect(Array(try folder.bytes(of: "a.weights")[20..<24]) == [0, 0, 0xC0, 0x7F])
  }
}
