import Darknet
import Foundation
import Inference
import Testing
import Training
import _TestSupport
import _TrainingSupport

@testable import Runs

/// From a pruned network back to the dense one.
@Suite struct DenseOriginTests {
  /// Writes the record of a training in a folder.
  private func write(
    _ name: String, in folder: TemporaryFolder, from start: String?, cfg: String? = nil,
    sparsity: Double? = nil, prunedFrom: String? = nil, of tiny: TinyRun
  ) throws {
    let own = try folder.write(tiny.configuration.text, to: "\(name)/model.cfg")
    try folder.write("", to: "\(name)/model.weights")
    var recipe = try TrainingRecipe(cfg: cfg ?? own, data: tiny.folder + "/data/data.data")
    (recipe.weights, recipe.sparsity) = (start, sparsity)
    let run = RunFolder(path: folder.file(name))
    try run.writeJSON(recipe, to: run.requestPath)
    let feeding = recipe.options.feeding
    try run.writeJSON(
      ModelDescription(channels: 3, feeding: feeding, classes: [], prunedFrom: prunedFrom),
      to: run.modelPath)
  }

  @Test func `the chain is followed over pruning and sparse training, and no further`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let (first, dense, sparse) = (folder.file("first"), folder.file("dense"), folder.file("sparse"))
    try write("first", in: folder, from: nil, of: tiny)
    // A dense training that goes on from another is the dense network.
    try write(
      "dense", in: folder, from: first + "/model.weights", cfg: first + "/model.cfg", of: tiny)
    try write(
      "sparse", in: folder, from: dense + "/model.weights", cfg: dense + "/model.cfg",
      sparsity: 0.01, of: tiny)
    try write("tuned", in: folder, from: nil, prunedFrom: sparse, of: tiny)
    #expect(denseOrigin(of: folder.file("tuned")) == dense)
    #expect(denseOrigin(of: sparse) == dense)
    #expect(denseOrigin(of: dense) == nil && denseOrigin(of: first) == nil)
    // Pruned it comes from the sparse network, trained again from the pruned one as well.
    #expect(origins(of: folder.file("tuned")) == [dense])
    try write("pruned", in: folder, from: nil, prunedFrom: sparse, of: tiny)
    let pruned = folder.file("pruned")
    try write(
      "again", in: folder, from: pruned + "/model.weights", cfg: pruned + "/model.cfg",
      prunedFrom: sparse, of: tiny)
    #expect(origins(of: folder.file("again")) == [dense, pruned])
    #expect(origins(of: sparse) == [dense] && origins(of: first) == [])
    // After a pruning as after a training: the sparse network is no result of its own.
    #expect(comparedOrigins(dense, pruned) == [dense, pruned])
    try folder.write("", to: "sparse/last.weights")
    #expect(comparedOrigins(dense, sparse) == [dense])
    #expect(comparedOrigins(dense, dense) == [dense] && comparedOrigins(nil, sparse) == [sparse])
    // What is gone is not named.
    try FileManager.default.removeItem(atPath: dense)
    #expect(denseOrigin(of: folder.file("tuned")) == sparse)
    try FileManager.default.removeItem(atPath: sparse)
    #expect(denseOrigin(of: folder.file("tuned")) == nil)
  }

  @Test func `a pair of files is named by its weights, and a circle ends`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let cfg = try folder.write(tiny.configuration.text, to: "net.cfg")
    let weights = try folder.write("", to: "net.weights")
    try write("sparse", in: folder, from: weights, cfg: cfg, sparsity: 0.01, of: tiny)
    #expect(denseOrigin(of: folder.file("sparse")) == weights)
    // compare would not find this cfg beside the weights.
    let other = try folder.write(tiny.configuration.text, to: "other.cfg")
    try write("lone", in: folder, from: weights, cfg: other, sparsity: 0.01, of: tiny)
    #expect(denseOrigin(of: folder.file("lone")) == nil)
    try write("a", in: folder, from: nil, prunedFrom: folder.file("b"), of: tiny)
    try write("b", in: folder, from: nil, prunedFrom: folder.file("a"), of: tiny)
    #expect(denseOrigin(of: folder.file("a")) == folder.file("b"))
  }
}
