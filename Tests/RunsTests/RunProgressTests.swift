import Darknet
import Foundation
import Storage
import Testing
import Training
import _TestSupport
import _TrainingSupport

@testable import Runs

/// What is said of weights whose training has not come to its end.
@Suite struct RunProgressTests {
  private final class Listener: RunObserver {
    var notes: [String] = []
    func note(_ line: String) { notes.append(line) }
  }

  @Test func `a run says how far it is, until it has all its epochs`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let cfg = try folder.write(tiny.configuration.text, to: "r/model.cfg")
    let run = RunFolder(path: folder.file("r"))
    // A folder that holds no training, as prune writes it.
    #expect(RunProgress(of: run.path) == nil)
    var recipe = try TrainingRecipe(cfg: cfg, data: tiny.folder + "/data/data.data")
    recipe.options.epochs = 1
    try run.writeJSON(recipe, to: run.requestPath)
    #expect(
      RunProgress(of: run.path)?.emptiness
        .hasSuffix("0 of 1 epoch is done; it has no checkpoint from which it could go on") == true)
    try folder.write("", to: "r/last.safetensors")
    #expect(RunProgress(of: run.path)?.emptiness.contains("0 of 1 epoch is done; ") == true)
    recipe.options.epochs = 3
    try run.writeJSON(recipe, to: run.requestPath)
    let listener = Listener()
    // Nothing is there yet.
    let none = #expect(throws: RunError.self) {
      try listener.tellProgress(ofWeights: run.weightsPath)
    }
    let words = try #require(none.map { "\($0)" })
    #expect(words.contains("was interrupted: 0 of 3 epochs are done; 'pare train --resume "))
    try folder.write("", to: "r/model.weights")
    try folder.write("{}\n", to: "r/history.jsonl")
    try listener.tellProgress(ofWeights: run.weightsPath)
    #expect(
      listener.notes == [
        "the training in \(run.path) was interrupted: 1 of 3 epochs is done, and its weights are those so "
          + "far; 'pare train --resume --output \(run.path)' goes on with it"
      ])
    do {
      let lock = try FolderLock(run.path)
      let progress = try #require(RunProgress(of: run.path))
      #expect(progress.isRunning)
      #expect(progress.words.contains("r is still in training: 1 of 3 epochs is done; its weights"))
      #expect(progress.emptiness.contains("is not written yet, for "))
      lock.release()
    }
    try folder.write("{}\n{}\n{}\n", to: "r/history.jsonl")
    #expect(RunProgress(of: run.path) == nil)
    // A file of another name in the folder is not the run's.
    try folder.write("{}\n", to: "r/history.jsonl")
    listener.notes = []
    try listener.tellProgress(ofWeights: folder.file("r/other.weights"))
    #expect(listener.notes.isEmpty)
    // A run of an earlier version, that ended.
    try FileManager.default.removeItem(atPath: run.historyPath)
    try folder.write("{}", to: "r/run.json")
    #expect(RunProgress(of: run.path) == nil)
  }
}
