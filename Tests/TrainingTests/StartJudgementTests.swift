import Foundation
import Inference
import Testing
import Torch
import _TrainingSupport

@testable import Training

/// What a network is worth before it is trained.
@Suite(.serialized) struct StartJudgementTests {
  init() throws { try TorchRuntime.setDeterministicAlgorithms(true) }

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
      "judged", options, techniques: [], validation: judge, judgesStart: true)
    #expect(plain.parameters == judged.parameters)
    for name in ["last.weights", "model.weights"] {
      #expect(try bytes(run, "plain/\(name)") == bytes(run, "judged/\(name)"))
    }
    #expect(told(plain.log) == 0 && told(judged.log) == 1)
    let start = try #require(judged.result.start)
    #expect(plain.result.start == nil && (0...1).contains(start.map50))

    let first = try run.train(
      "parts", options, techniques: [], validation: judge, stopAfter: 4, judgesStart: true)
    #expect(first.result.wasStopped && told(first.log) == 1)
    let second = try run.train(
      "parts", options, techniques: [], validation: judge, judgesStart: true, resumes: true)
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
      judgesStart: true)
    #expect(first.result.wasStopped && first.result.epochs == 0 && first.result.start == nil)
    let second = try run.train(
      "a", run.options(), techniques: [], validation: judge, judgesStart: true, resumes: true)
    let whole = try run.train(
      "b", run.options(), techniques: [], validation: judge, judgesStart: true)
    #expect(second.result.start == whole.result.start && second.result.start != nil)
    #expect(second.parameters == whole.parameters)
  }

  @Test func `without validation there is nothing to judge by`() throws {
    let run = try TinyRun()
    let result = try run.train("a", run.options(), techniques: [], judgesStart: true)
    #expect(result.result.start == nil && told(result.log) == 0)
  }
}
