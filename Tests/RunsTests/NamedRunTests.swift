import Darknet
import Testing
import Training
import _TestSupport

@testable import Runs

/// What is said of a folder that is named as a run, and of a run's data set.
@Suite struct NamedRunTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func reason(
    _ path: String, weights: String? = nil, option: String = "--model"
  ) throws -> String {
    let error = try #require(throws: RunError.self) {
      try RunFolder.require(path, weights: weights, option: option)
    }
    return "\(error)".split(separator: folder.path).joined(separator: "F")
  }

  @Test func `a run is taken, and what is none says what it is`() throws {
    let cfg = try folder.write("[net]\nwidth=32\nheight=32\n", to: "a/model.cfg")
    let run = folder.file("a")
    try RunFolder.require(nil)
    try RunFolder.require(run)
    #expect(try reason(folder.file("b")) == "--model F/b: no such folder")
    #expect(
      try reason(folder.path)
        == "--model F: no run folder: it holds no model.cfg; it holds the runs a: --model F/a")
    try folder.write("", to: "e/f")
    #expect(try reason(folder.file("e")) == "--model F/e: no run folder: it holds no model.cfg")
    #expect(
      try reason(cfg) == "--model F/a/model.cfg: is a cfg, not a run's folder; name the "
        + "folder: --model F/a")
    let other = try folder.write("[net]\nwidth=32\nheight=32\n", to: "c/n.cfg")
    #expect(
      try reason(other, option: "--teacher")
        == "--teacher F/c/n.cfg: is a cfg, not a run's folder; name both files: "
        + "--teacher-cfg and --teacher-weights")
  }

  @Test func `last weights that are not there are not taken`() throws {
    try folder.write("[net]\n", to: "a/model.cfg")
    let (run, last) = (folder.file("a"), folder.file("a/last.weights"))
    try RunFolder.require(run, weights: last)
    try folder.write([0], to: "a/model.weights")
    #expect(
      try reason(run, weights: last)
        == "--weights last: F/a has model.weights alone, as folders of pruned networks do; leave "
        + "'--weights' out")
    try folder.write([0], to: "a/last.weights")
    try RunFolder.require(run, weights: last)
  }

  @Test func `where the best weights are missing the last ones are named`() throws {
    try folder.write("[net]\n", to: "a/model.cfg")
    let (run, best) = (folder.file("a"), folder.file("a/model.weights"))
    try RunFolder.require(run, weights: best)
    try folder.write([0], to: "a/last.weights")
    #expect(
      try reason(run, weights: best)
        == "--model F/a: model.weights, the best weights, is missing; last.weights is there: "
        + "--weights last takes it")
    try folder.write([0], to: "a/model.weights")
    try RunFolder.require(run, weights: best)
  }

  @Test func `a data set that is named is taken whatever the run says`() throws {
    let observer = Listener()
    let chosen = try RunDataset.chosen("a.data", isSingleClass: true, ofRun: "no-run", observer)
    #expect(chosen == ("a.data", true) && observer.lines.isEmpty)
    try folder.write("[net]\n", to: "a/model.cfg")
    #expect(throws: RunError.self) {
      try RunDataset.chosen(nil, ofRun: folder.file("a"), observer)
    }
  }

  // The run knows no data set: its folder holds a cfg alone.
  @Test func `a pruning does without a data set, unless something needs one`() throws {
    try folder.write("[net]\n", to: "a/model.cfg")
    let run = folder.file("a")
    var recipe = PruningRecipe(
      cfg: "n.cfg", weights: "n.weights", method: .normal, request: .init(percent: 0.5))
    #expect(
      try recipe.takeDataset(ofRun: run, isNeeded: false)
        == "\(run) does not say which data set it was trained on: nothing is measured; --data names it"
    )
    #expect(try recipe.takeDataset(ofRun: nil, isNeeded: true) == nil && recipe.data == nil)
    let needed = RunError.unusable(
      "--model \(run)",
      reason: "\(run) does not say which data set it was trained on; name it with --data")
    #expect(throws: needed) { try recipe.takeDataset(ofRun: run, isNeeded: true) }
    recipe.allowedLoss = 1
    #expect(throws: needed) { try recipe.takeDataset(ofRun: run, isNeeded: false) }
    recipe.data = "a.data"
    #expect(try recipe.takeDataset(ofRun: run, isNeeded: true) == nil)
  }

  @Test func `a comparison says that nothing is measured`() throws {
    try folder.write("[net]\n", to: "a/model.cfg")
    let (run, observer) = (folder.file("a"), Listener())
    var recipe = CompareRecipe([run])
    try recipe.takeDataset(isNeeded: false, observer)
    #expect(
      observer.lines == [
        "\(run) does not say which data set it was trained on: nothing is measured; --data names one"
      ])
    #expect(throws: RunError.self) { try recipe.takeDataset(isNeeded: true, observer) }
    recipe.resamples = 100
    #expect(throws: RunError.self) { try recipe.takeDataset(isNeeded: false, observer) }
  }
}

/// Keeps what it is told.
private final class Listener: RunObserver {
  private(set) var lines: [String] = []

  func remark(_ line: String) { lines.append(line) }
}
