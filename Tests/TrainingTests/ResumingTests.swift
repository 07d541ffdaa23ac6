import Darknet
import Foundation
import Inference
import Networks
import Pruning
import Reports
import Storage
import Testing
import Torch
import _TorchSupport
import _TrainingSupport

@testable import Training

@Suite(.serialized, .libtorch(.determinism)) struct ResumingTests {
  private func state(_ run: TinyRun, _ name: String) throws -> Checkpoint.State {
    try Checkpoint.read("\(run.folder)/\(name)/last.safetensors").state
  }

  private func files(_ run: TinyRun, _ names: String...) throws -> [Data] {
    try names.map { try Data(contentsOf: URL(filePath: "\(run.folder)/\($0)")) }
  }

  // 6 pictures, 2 a batch, 3 batches a step after a warm-up of none: a step is a whole epoch, and
  // every stop before its end is between two steps.
  @Test(arguments: [false, true], [1, 2, 4])
  func `a run stopped in the middle of a step goes on to the same bits`(
    isAdam: Bool, batches: Int
  ) throws {
    let run = try TinyRun()
    var options = run.options()
    (options.accumulationSteps, options.warmupBatches) = (3, 0)
    if isAdam { (options.method, options.learningRate) = (.adam, 0.001) }
    let whole = try run.train("whole", options, sparsity: 0.01)
    #expect(try run.train("parts", options, sparsity: 0.01, stopAfter: batches).result.wasStopped)
    #expect(try state(run, "parts").pending == batches % 3)
    let second = try run.train("parts", options, sparsity: 0.01, resumes: true)
    #expect(second.parameters == whole.parameters)
    let weights = try files(run, "parts/last.weights", "whole/last.weights")
    #expect(weights[0] == weights[1])
  }

  @Test func `a run stopped in a validation judges again when it goes on`() throws {
    let run = try TinyRun()
    let options = run.options()
    let validation = try run.validation()
    let whole = try run.train("whole", options, techniques: [], validation: validation)
    let first = try run.train(
      "parts", options, techniques: [], validation: validation, stopsInValidation: true)
    #expect(first.result.wasStopped && first.result.epochs == 0)
    #expect(try state(run, "parts").batch == 3)
    let second = try run.train(
      "parts", options, techniques: [], validation: validation, resumes: true)
    #expect(second.parameters == whole.parameters)
    #expect(second.result.last?.map50 == whole.result.last?.map50)
    #expect(second.result.best?.epoch == whole.result.best?.epoch)
    #expect(second.result.epochs == 2)
  }

  // Only the process that judged knows what was found in which picture.
  @Test func `a run that is gone on with and stopped at once keeps its page`() throws {
    let run = try TinyRun()
    let options = run.options(epochs: 3)
    let validation = try run.validation()
    // Three batches are an epoch.
    try run.train("a", options, techniques: [], validation: validation, stopAfter: 4)
    let page = try files(run, "a/report.html")
    #expect(String(decoding: page[0], as: UTF8.self).contains("Confusion matrix"))
    try run.train("a", options, techniques: [], validation: validation, stopAfter: 1, resumes: true)
    #expect(try files(run, "a/report.html") == page)
    // With an epoch more there is more to show.
    try run.train("a", options, techniques: [], validation: validation, resumes: true)
    let last = try files(run, "a/report.html")
    #expect(last != page && String(decoding: last[0], as: UTF8.self).contains("Confusion matrix"))
  }

  // The first judgement steers the technique: judging twice would count it twice.
  @Test func `a run killed before its first step judges the network once`() throws {
    let run = try TinyRun()
    let options = run.options(epochs: 3)
    let validation = try run.validation()
    func technique() -> SparsityTechnique {
      SparsityTechnique(strength: 0.5, layers: [0, 1, 2], schedule: .automatic(band: 2))
    }
    let whole = try run.train("whole", options, techniques: [technique()], validation: validation)
    let path = "\(run.folder)/parts"
    // The checkpoint of the beginning, as a process leaves it that is killed before its first
    // batch.
    struct Killed: Error {}
    #expect(throws: Killed.self) {
      try run.train(
        "parts", options, techniques: [technique()], validation: validation,
        publish: { throw Killed() })
    }
    #expect(FileManager.default.fileExists(atPath: path + "/last.safetensors"))
    let second = try run.train(
      "parts", options, techniques: [technique()], validation: validation, resumes: true)
    #expect(second.parameters == whole.parameters)
    #expect(second.result.last?.techniques == whole.result.last?.techniques)
  }

  @Test func `a finished run that lacks its files gets them`() throws {
    let run = try TinyRun()
    let options = run.options()
    let first = try run.train("a", options)
    for name in ["results.csv", "report.html"] {
      try FileManager.default.removeItem(atPath: "\(run.folder)/a/\(name)")
    }
    let second = try run.train("a", options, resumes: true)
    #expect(second.parameters == first.parameters && !second.result.wasStopped)
    let rows = try String(contentsOfFile: "\(run.folder)/a/results.csv", encoding: .utf8)
    #expect(rows.split(separator: "\n").count == 3)
    #expect(FileManager.default.fileExists(atPath: "\(run.folder)/a/report.html"))
  }

  // A run of four epochs that had begun as one of two has the learning rates of four from the third
  // epoch on.
  @Test func `a finished run can be extended`() throws {
    let run = try TinyRun()
    try run.train("a", run.options(epochs: 2))
    let last = try files(run, "a/last.weights")
    let longer = run.options(epochs: 4)
    let second = try run.train("a", longer, resumes: true)
    #expect(second.result.epochs == 4)
    // They may be the ones to go on with.
    #expect(try files(run, "a/last-2.weights") == last && files(run, "a/last.weights") != last)
    #expect(second.log.contains { $0.hasPrefix("\(run.folder)/a/last-2.weights: ") })
    #expect(!FileManager.default.fileExists(atPath: "\(run.folder)/a/last-2.safetensors"))
    // Of the second epoch of two and the third of four: half a cosine is at ½ in both, and the
    // warm-up of a fifth of the batches is over.
    let now = longer.schedule(batchesPerEpoch: 3)(epoch: 2, batch: 6).rate
    #expect(
      second.log.contains {
        $0.hasPrefix("the run has 4 epochs now, it had 2: ")
          && $0.contains("goes on as in a run of 4, which takes it from ")
          && $0.contains("to \(Figures.significant(now)) here")
      })
    let rate = longer.schedule(batchesPerEpoch: 3)(epoch: 3, batch: 11).rate
    #expect(second.result.last?.learningRate == rate)
    #expect(throws: TrainingError.fewerEpochs(path: "\(run.folder)/a", asked: 3, done: 4)) {
      try run.train("a", run.options(epochs: 3), resumes: true)
    }
  }

  // Of another training, as where a run was replaced.
  @Test func `weights that are kept take the name of no others`() throws {
    let run = try TinyRun()
    try run.train("a", run.options(epochs: 2))
    let last = try files(run, "a/last.weights")
    try Data("other".utf8).write(to: URL(filePath: "\(run.folder)/a/last-2.weights"))
    let second = try run.train("a", run.options(epochs: 3), resumes: true)
    #expect(try files(run, "a/last-2-2.weights") == last)
    #expect(second.log.contains { $0.hasPrefix("\(run.folder)/a/last-2-2.weights: ") })
    #expect(try files(run, "a/last-2.weights") == [Data("other".utf8)])
    #expect(RunFolder.writes("last-2-2.weights") && !RunFolder.writes("last-minute.txt"))
  }

  // Four of the batches are done, three make an epoch: the second one has begun.
  @Test func `a run cannot be made to end before the epoch that has begun`() throws {
    let run = try TinyRun()
    try run.train("a", run.options(epochs: 3), stopAfter: 4)
    #expect(throws: TrainingError.fewerEpochs(path: "\(run.folder)/a", asked: 1, done: 2)) {
      try run.train("a", run.options(epochs: 1), resumes: true)
    }
    #expect(try run.train("a", run.options(epochs: 2), resumes: true).result.epochs == 2)
    // It had not ended.
    #expect(!FileManager.default.fileExists(atPath: "\(run.folder)/a/last-1.weights"))
  }

  @Test func `history and checkpoint of five thousand epochs are read again`() throws {
    let run = try TinyRun()
    let options = run.options(epochs: 5001)
    try run.train("a", options, sparsity: 0.01, stopAfter: 3)
    let path = "\(run.folder)/a"
    try run.train("a", options, sparsity: 0.01, stopAfter: 1, resumes: true)
    // Such a run would take minutes: its checkpoint and history are written without the training.
    var (state, file) = try Checkpoint.read(path + "/last.safetensors")
    let small = try Data(contentsOf: URL(filePath: path + "/last.safetensors")).count
    let history = RunHistory(path: path + "/history.jsonl", flushes: false)
    let first = try #require(
      RunHistory(path: path + "/history.jsonl", upTo: state.history).figures.first)
    for epoch in 0..<5000 {
      var figures = first
      figures.epoch = epoch
      figures.losses[0] = Double(epoch) / 3
      try history.append(figures)
    }
    state.history = history.mark
    (state.epoch, state.batch, state.totalBatches) = (5000, 0, 15_000)
    (state.pending, state.lossSums) = (
      0, [Double](repeating: 0, count: DetectionLoss.termNames.count)
    )
    let tensors = try file.names.filter { !$0.hasPrefix("gradient.") }.map {
      ($0, try file.tensor($0))
    }
    try Checkpoint(state: state, tensors: tensors).write(to: path + "/last.safetensors")
    let large = try Data(contentsOf: URL(filePath: path + "/last.safetensors")).count
    #expect(large < small + 4096)
    let last = try run.train("a", options, sparsity: 0.01, resumes: true)
    #expect(last.result.epochs == 5001 && !last.result.wasStopped)
    let rows = try String(contentsOfFile: path + "/results.csv", encoding: .utf8)
    #expect(rows.split(separator: "\n").count == 5002)
  }

  // As people count; a file of an earlier version, which counted from 0, goes on so.
  @Test func `the lines of the history count from one`() throws {
    let run = try TinyRun()
    let path = "\(run.folder)/history.jsonl"
    func epochs() throws -> [String] {
      try String(contentsOfFile: path, encoding: .utf8).matches(of: /"epoch":(\d+)/)
        .map { String($0.1) }
    }
    let history = RunHistory(path: path)
    let figures = (0..<3).map {
      EpochFigures(epoch: $0, losses: [1], learningRate: 0.1, imagesPerSecond: 9)
    }
    for each in figures.dropLast() { try history.append(each) }
    #expect(try epochs() == ["1", "2"])
    let again = try RunHistory(path: path, upTo: history.mark)
    #expect(again.figures == figures.dropLast())
    try again.append(figures[2])
    #expect(try epochs() == ["1", "2", "3"])

    let old = try figures.dropLast().map {
      String(decoding: try RunHistory.encoder.encode($0), as: UTF8.self) + "\n"
    }.joined()
    try old.write(toFile: path, atomically: false, encoding: .utf8)
    var mark = RunHistory.Mark()
    var checksum = CRC32(after: 0)
    Array(old.utf8).withUnsafeBytes { checksum.update($0) }
    (mark.epochs, mark.bytes, mark.checksum) = (2, old.utf8.count, checksum.value)
    let resumed = try RunHistory(path: path, upTo: mark)
    #expect(resumed.figures == figures.dropLast())
    try resumed.append(figures[2])
    #expect(try epochs() == ["0", "1", "2"])
    #expect(try RunHistory(path: path, upTo: resumed.mark).figures == figures)
  }

  @Test func `lines beyond the checkpoint are cut off, a changed line is told`() throws {
    let run = try TinyRun()
    let path = "\(run.folder)/history.jsonl"
    let history = RunHistory(path: path)
    var figures = EpochFigures(epoch: 0, losses: [1, 2], learningRate: 0.1, imagesPerSecond: 9)
    try history.append(figures)
    let mark = history.mark
    figures.epoch = 1
    try history.append(figures)
    let again = try RunHistory(path: path, upTo: mark)
    #expect(again.figures.map(\.epoch) == [0])
    figures.losses = [.infinity, 5]
    try again.append(figures)
    #expect(try RunHistory(path: path, upTo: again.mark).figures.last == figures)
    #expect(
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 2)

    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[12] ^= 1
    try bytes.write(to: URL(filePath: path))
    #expect(
      throws: TrainingError.damagedHistory(
        path: path, reason: "it was changed after it was written")
    ) { try RunHistory(path: path, upTo: again.mark) }
    try bytes.dropLast().write(to: URL(filePath: path))
    #expect(throws: TrainingError.self) { try RunHistory(path: path, upTo: again.mark) }
  }

  @Test func `a flipped bit of a checkpoint is named`() throws {
    let run = try TinyRun()
    let options = run.options()
    try run.train("a", options, sparsity: 0.01, stopAfter: 1)
    let path = "\(run.folder)/a/last.safetensors"
    let whole = try Data(contentsOf: URL(filePath: path))
    let header = Int(
      whole.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.1) << (8 * UInt64($1.0)) })
    // In the length, the header, the first tensor, the middle and the table.
    for place in [1, 8 + header / 2, 8 + header + 1, whole.count / 2, whole.count - 3] {
      var bytes = whole
      bytes[place] ^= 4
      try bytes.write(to: URL(filePath: path))
      let error = #expect(throws: (any Error).self) {
        try run.train("a", options, sparsity: 0.01, resumes: true)
      }
      let text = "\(error.map { "\($0)" } ?? "")"
      #expect(text.hasPrefix(path), "byte \(place): \(text)")
      if place >= 8 + header { #expect(text.contains("is not what was written"), "\(text)") }
    }
    try whole.write(to: URL(filePath: path))
    try run.train("a", options, sparsity: 0.01, resumes: true)
  }

  @Test func `a checkpoint of an earlier version is refused in words`() throws {
    let run = try TinyRun()
    try makeFolders(run.folder + "/a")
    let path = run.folder + "/a/last.safetensors"
    try writeSafetensors([("x", try Tensor.zeros([1]))], metadata: ["pare.state": "{}"], to: path)
    let error = #expect(throws: TrainingError.self) {
      try run.train("a", run.options(), resumes: true)
    }
    #expect(
      "\(error.map { "\($0)" } ?? "")".hasPrefix("\(path): a checkpoint of an earlier version"))
  }

  @Test func `a place that no run can have is refused`() throws {
    let run = try TinyRun()
    let options = run.options()
    try run.train("a", options, stopAfter: 1)
    let path = "\(run.folder)/a/last.safetensors"
    let (state, file) = try Checkpoint.read(path)
    let tensors = try file.names.map { ($0, try file.tensor($0)) }
    let changes: [(inout Checkpoint.State) -> Void] = [
      { $0.epoch = -1 }, { $0.batch = 99 }, { $0.batch = .max }, { $0.totalBatches = 7 },
      { $0.pending = 9 }, { $0.lossSums = [] }, { $0.epoch = .max }, { $0.history.epochs = 3 },
    ]
    for (index, change) in changes.enumerated() {
      var changed = state
      change(&changed)
      try Checkpoint(state: changed, tensors: tensors).write(to: path)
      #expect(throws: TrainingError.self, "change \(index)") {
        try run.train("a", options, resumes: true)
      }
    }
  }

  @Test func `options that no run can have are refused`() throws {
    let changes: [(inout TrainingOptions) -> Void] = [
      { $0.batchSize = 0 }, { $0.epochs = 0 }, { $0.accumulationSteps = -1 }, { $0.imageWidth = 0 },
      { $0.learningRate = .nan }, { $0.testHeight = 1 << 40 }, { $0.momentum = 1 },
      { $0.checkpointInterval = -1 }, { $0.warmupEpochs = .infinity },
      { $0.warmupBiasRate = -0.1 }, { $0.warmupBiasRate = .nan },
    ]
    try TrainingOptions().check()
    for (index, change) in changes.enumerated() {
      var options = TrainingOptions()
      change(&options)
      #expect(throws: TrainingError.self, "change \(index)") { try options.check() }
    }
  }

  // Whenever the process ends, the weights are one of those that the description names.
  @Test func `a description names the weights before and after a change`() throws {
    let run = try TinyRun()
    let options = run.options()
    try run.train("a", options)
    let folder = RunFolder(path: "\(run.folder)/a")
    let network = try Network(run.configuration, seed: 5)
    try folder.writeModel(
      network, feeding: Feeding(width: 64, height: 64), names: ["a", "b", "c", "d"])
    let spec = network.spec
    try folder.writeBest(network.parameters(), for: spec)
    let old = try Data(contentsOf: URL(filePath: folder.weightsPath))
    try folder.writeBest(Network(run.configuration, seed: 6).parameters(), for: spec)
    let model = try #require(try ModelDescription(contentsOf: folder.modelPath))
    #expect(try model.changedFiles(cfg: folder.cfgPath, weights: folder.weightsPath).isEmpty)
    try old.write(to: URL(filePath: folder.weightsPath))
    #expect(try model.changedFiles(cfg: folder.cfgPath, weights: folder.weightsPath).isEmpty)
    try (old + [1]).write(to: URL(filePath: folder.weightsPath))
    #expect(
      try model.changedFiles(cfg: folder.cfgPath, weights: folder.weightsPath)
        == [folder.weightsPath])
  }
}
