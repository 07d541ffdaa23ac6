import Foundation
import Inference
import Networks
import Testing
import Torch
import _TorchSupport
import _TrainingSupport

@testable import Training

/// What a network is worth before it is trained.
@Suite(.serialized, .libtorch(.determinism)) struct StartJudgementTests {
  private func bytes(_ run: TinyRun, _ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: "\(run.folder)/\(name)"))
  }

  private func told(_ log: [String]) -> Int {
    log.count { $0.hasPrefix("before training: mAP@0.5 ") }
  }

  // Three batches an epoch: the run is stopped in the second epoch, and goes on.
  @Test func `judging changes nothing, is told once, and is known after a resume`() throws {
    let run = try TinyRun()
    let options = run.options()
    let judge = try run.validation()
    let plain = try run.train("plain", options, techniques: [], validation: judge)
    let judged = try run.train(
      "judged", options, techniques: [], validation: judge, startRole: .shown)
    #expect(plain.parameters == judged.parameters)
    for name in ["last.weights", "model.weights"] {
      #expect(try bytes(run, "plain/\(name)") == bytes(run, "judged/\(name)"))
    }
    #expect(told(plain.log) == 0 && told(judged.log) == 1)
    let start = try #require(judged.result.start)
    #expect(plain.result.start == nil && (0...1).contains(start.map50))

    let first = try run.train(
      "parts", options, techniques: [], validation: judge, stopAfter: 4, startRole: .shown)
    #expect(first.result.wasStopped && told(first.log) == 1)
    let second = try run.train(
      "parts", options, techniques: [], validation: judge, startRole: .shown, resumes: true)
    #expect(told(second.log) == 0 && second.result.start == start)
    #expect(second.parameters == judged.parameters)
    let page = String(decoding: try bytes(run, "parts/report.html"), as: UTF8.self)
    #expect(page.contains("mAP@0.5 before training") && page.contains("0 is before training"))
    let old = String(decoding: try bytes(run, "plain/report.html"), as: UTF8.self)
    #expect(!old.contains("before training"))
  }

  // Asked to stop at once, the run has judged nothing; what goes on does.
  @Test func `a run that is stopped while it is judged is judged when it goes on`() throws {
    let run = try TinyRun()
    let judge = try run.validation()
    let first = try run.train(
      "a", run.options(), techniques: [], validation: judge, stopsInValidation: true,
      startRole: .shown)
    #expect(first.result.wasStopped && first.result.epochs == 0 && first.result.start == nil)
    let second = try run.train(
      "a", run.options(), techniques: [], validation: judge, startRole: .shown, resumes: true)
    let whole = try run.train(
      "b", run.options(), techniques: [], validation: judge, startRole: .shown)
    #expect(second.result.start == whole.result.start && second.result.start != nil)
    #expect(second.parameters == whole.parameters)
  }

  private func figures(_ map50: Double?) -> EpochFigures {
    var figures = EpochFigures(epoch: 0, losses: [], learningRate: 0, imagesPerSecond: 0)
    figures.map50 = map50
    return figures
  }

  // A network of chance finds nothing, so a start is put into the checkpoint's place.
  @Test func `an epoch has to beat a start that counts`() throws {
    let run = try TinyRun()
    let path = run.folder + "/a"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    func trainer(_ role: StartRole) throws -> Trainer {
      try Trainer(
        network: Network(run.configuration, seed: 1), options: run.options(), techniques: [],
        dataset: run.dataset, loading: .init(), validation: run.validation(),
        folder: RunFolder(path: path), startRole: role)
    }
    let counted = try trainer(.counted)
    counted.state.start = ValidationFigures(
      map50: 0.5, map: 0.25, precision: 0.5, recall: 0.5, f1: 0.5)
    for (map50, isBest) in [(0.4, false), (0.5, false), (0.51, true), (nil, false)] {
      #expect(counted.isBest(figures(map50)) == isBest, "\(map50 ?? -1)")
    }
    // Among epochs the last of equal ones is taken; of versions that did not keep the highest it is
    // that of the best.
    counted.state.best = figures(0.9)
    #expect(counted.isBest(figures(0.9)) && !counted.isBest(figures(0.55)))
    counted.state.highest = 0.95
    #expect(!counted.isBest(figures(0.55)) && counted.isBest(figures(0.96)))
    let shown = try trainer(.shown)
    shown.state.start = counted.state.start
    #expect(shown.isBest(figures(0.1)) && shown.countedStart == nil)
    // What finds nothing is nothing to keep.
    (counted.state.best, counted.state.highest) = (nil, nil)
    counted.state.start?.map50 = 0
    #expect(counted.isBest(figures(0)) && counted.countedStart == nil)
  }

  @Test func `the page calls the start the best where no epoch beats it`() {
    let start = ValidationFigures(map50: 0.5, map: 0.25, precision: 0.5, recall: 0.5, f1: 0.5)
    func text(best: Int?) -> String {
      var page = RunPage(title: "r", [figures(0.5)], start: start, best: best)
      page.addSummary(nil, nil, advice: [])
      page.addEpochs()
      return page.report.html
    }
    #expect(text(best: nil).contains("<td>before training (best)</td>"))
    #expect(text(best: nil).contains("none: better before training"))
    #expect(text(best: 0).contains("<td>1 (best)</td>"))
    #expect(!text(best: 0).contains("before training (best)"))
  }

  @Test func `without validation there is nothing to judge by`() throws {
    let run = try TinyRun()
    let result = try run.train("a", run.options(), techniques: [], startRole: .shown)
    #expect(result.result.start == nil && told(result.log) == 0)
  }
}
