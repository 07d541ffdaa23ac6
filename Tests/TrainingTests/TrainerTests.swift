import Boxes
import Darknet
import Datasets
import Foundation
import Loading
import Networks
import Testing
import Torch
import Vision
import _TorchSupport
import _TrainingSupport

@testable import Training

@Suite(.serialized, .libtorch(.determinism)) struct TrainerTests {
  @Test func `equal runs give equal weights, another seed does not`() throws {
    let run = try TinyRun()
    let options = run.options()
    let a = try run.train("a", options)
    let b = try run.train("b", options)
    #expect(a.parameters == b.parameters)
    let files = try FileManager.default.contentsOfDirectory(atPath: run.folder + "/a")
    for name in ["last.weights", "last.safetensors", "results.csv", "report.html"] {
      #expect(files.contains(name))
    }
    #expect(files.contains { $0.hasPrefix("events.out.tfevents.") })
    let rows = try String(contentsOfFile: run.folder + "/a/results.csv", encoding: .utf8)
    #expect(rows.split(separator: "\n").count == 3)
    var other = options
    other.seed = 1
    #expect(try run.train("c", other).parameters != a.parameters)
  }

  // Four epochs: by default after each, every third one after the third and the last, 0 after the
  // last. The checkpoint that is found after the first of them was written before it.
  @Test(arguments: [
    (1, [1, 2, 3, 4], [1, 2, 3, 4]), (3, [3, 4], [1, 3, 4]), (0, [4], [4]),
  ])
  func `weights and checkpoints are written when they are due`(
    interval: Int, weights: [Int], checkpoints: [Int]
  ) throws {
    let run = try TinyRun()
    var options = run.options()
    options.epochs = 4
    options.checkpointInterval = interval
    let path = "\(run.folder)/a"
    var written: [String: [Int]] = [:]
    try run.train("a", options, techniques: []) { epoch in
      for name in ["model.weights", "last.weights", "last.safetensors"] {
        guard FileManager.default.fileExists(atPath: "\(path)/\(name)") else { continue }
        written[name, default: []].append(epoch)
        // So that the next one is seen.
        try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
      }
    }
    #expect(
      written
        == ["model.weights": weights, "last.weights": weights, "last.safetensors": checkpoints])
  }

  // 6 pictures, 2 a batch: 3 batches an epoch, 6 in all. Stopping in the middle of the first epoch,
  // at its end, and in the second.
  @Test(arguments: [1, 3, 4])
  func `a stopped run goes on as if nothing had happened`(batches: Int) throws {
    let run = try TinyRun()
    let options = run.options()
    let whole = try run.train("whole", options, sparsity: 0.01)
    let first = try run.train("parts", options, sparsity: 0.01, stopAfter: batches)
    #expect(first.result.wasStopped)
    let second = try run.train("parts", options, sparsity: 0.01, resumes: true)
    #expect(!second.result.wasStopped)
    #expect(second.parameters == whole.parameters)
    let files = try ["parts", "whole"].map {
      try Data(contentsOf: URL(filePath: "\(run.folder)/\($0)/last.weights"))
    }
    #expect(files[0] == files[1])
  }

  /// Blocks that have parameters or chance of their own, and both of the heads that are no
  /// `[yolo]`.
  static let unusual = """
    [net]
    width=64
    height=64
    channels=3
    [BatchNorm2d]
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    stride=4
    pad=1
    antialiasing=1
    activation=mish
    [dropout]
    probability=0.3
    [depthwise]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=h_swish
    [se]
    reduction=2
    [shortcut]
    from=-3
    weights_type=per_channel
    weights_normalization=softmax
    [convolutional]
    filters=26
    size=1
    stride=4
    activation=linear
    [Gaussian_yolo]
    mask=0,1
    anchors=12,12,30,30
    classes=4
    num=2
    [route]
    layers=5
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    share_index=9
    activation=leaky
    [reorg]
    stride=2
    [convolutional]
    filters=18
    size=1
    stride=2
    activation=linear
    [region]
    anchors=1,1,2,2
    num=2
    classes=4
    softmax=1
    rescore=1
    """

  @Test func `a stopped run of unusual blocks goes on as if nothing had happened`() throws {
    var run = try TinyRun()
    run.configuration = try Configuration(parsing: Self.unusual, path: "unusual.cfg")
    let options = run.options()
    let whole = try run.train("whole", options, sparsity: 0.01)
    #expect(whole.parameters.firstImplausibleArray() == nil)
    try run.train("parts", options, sparsity: 0.01, stopAfter: 4)
    let second = try run.train("parts", options, sparsity: 0.01, resumes: true)
    #expect(second.parameters == whole.parameters)
    let before = try Network(run.configuration, seed: options.seed).parameters()
    for (layer, arrays) in before.layers.enumerated() {
      for (role, array) in arrays {
        #expect(whole.parameters.layers[layer][role] != array, "layer \(layer), \(role)")
      }
    }
  }

  /// Ways of training whose state or order is their own.
  enum Variant: CaseIterable {
    case adam, multiScale, rectangular, everything

    func change(_ options: inout TrainingOptions) {
      if self == .adam || self == .everything {
        options.method = .adam
        options.learningRate = 0.001
      }
      if self == .multiScale || self == .everything { options.multiScale = 32...96 }
      if self == .rectangular || self == .everything { options.isRectangular = true }
    }
  }

  @Test(arguments: Variant.allCases)
  func `every way of training goes on as if it had not been stopped`(variant: Variant) throws {
    let run = try TinyRun()
    var options = run.options()
    let plain = try run.train("plain", options)
    variant.change(&options)
    let whole = try run.train("whole", options)
    #expect(whole.parameters != plain.parameters)
    for batches in [1, 4] {
      let name = "parts-\(batches)"
      #expect(try run.train(name, options, stopAfter: batches).result.wasStopped)
      #expect(try run.train(name, options, resumes: true).parameters == whole.parameters)
    }
  }

  // Two pictures of 600 boxes; every one matches at least two anchors of the two heads: more than
  // 2,400 matches, in cells that repeat. Careless indexing sums them in any order.
  @Test func `thousands of matches in repeated cells are summed in one order`() throws {
    let run = try TinyRun(pictures: 4, labelsPerPicture: 1500)
    let grid = HeadGrid(width: 4, height: 4, anchors: [.init(width: 1, height: 1)])
    let targets = run.dataset.pictures.prefix(2).enumerated().flatMap { index, picture in
      picture.labels.map {
        BatchTarget(
          imageIndex: index, classIndex: $0.classIndex, centerX: min($0.centerX, 1),
          centerY: min($0.centerY, 1), width: $0.width, height: $0.height)
      }
    }
    #expect(grid.assign(targets, threshold: 0.2).count >= 3000)
    var options = run.options(epochs: 2)
    options.augmentation = AugmentationSettings()
    let a = try run.train("a", options)
    let b = try run.train("b", options)
    #expect(a.parameters == b.parameters)
  }

  @Test func `a checkpoint of another run is refused and kept`() throws {
    let run = try TinyRun()
    let options = run.options(epochs: 3)
    try run.train("a", options, stopAfter: 4)
    var other = options
    other.learningRate = 0.5
    #expect(throws: TrainingError.self) { try run.train("a", other, resumes: true) }
    #expect(try run.train("a", options, resumes: true).result.epochs == 3)
    #expect(try run.train("a", options, resumes: true).result.epochs == 3)
  }

  @Test func `a folder without checkpoint cannot be resumed`() throws {
    let run = try TinyRun()
    let path = "\(run.folder)/empty/last.safetensors"
    #expect(throws: TrainingError.nothingToResume(path: path)) {
      try run.train("empty", run.options(), resumes: true)
    }
  }

  @Test func `a loss that diverges ends the run with a line`() throws {
    let run = try TinyRun()
    var options = run.options()
    options.learningRate = 1e12
    options.warmupBatches = 0
    #expect(throws: TrainingError.self) { try run.train("a", options) }
  }

  @Test func `no tensor outlives a run`() throws {
    let run = try TinyRun(pictures: 2)
    try run.train("warm", run.options(epochs: 1))
    let before = TorchRuntime.liveTensorCountOfThread
    try run.train("a", run.options(epochs: 1), sparsity: 0.01)
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }

  @Test func `a data set with more classes than the network is refused`() throws {
    var run = try TinyRun()
    run.dataset = DetectionDataset(
      pictures: run.dataset.pictures, names: ["a", "b", "c", "d", "e"])
    #expect(throws: TrainingError.tooFewClasses(data: 5, network: 4)) {
      try run.train("a", run.options())
    }
  }
}
