import Darknet
import Networks
import Testing
import Torch
import Training

@testable import Loading
@testable import Pruning

@Suite struct MeasuredScoresTests {
  private func network(_ text: String) throws -> Network {
    try Network(
      Configuration(parsing: "[net]\nwidth=32\nheight=32\nchannels=1\n" + text, path: "m.cfg"))
  }

  private let convolution = """
    [convolutional]
    batch_normalize=1
    filters=3
    size=3
    stride=2
    pad=1
    activation=leaky

    """
  private let head = """
    [convolutional]
    filters=6
    size=1
    activation=linear
    [yolo]
    mask=0
    anchors=16,16
    classes=1
    num=1
    """

  private func batch() throws -> TrainingBatch {
    let images = try Tensor.uniform([2, 1, 32, 32], generator: Generator(seed: 3))
    let target = BatchTarget(
      imageIndex: 0, classIndex: 0, centerX: 0.5, centerY: 0.5, width: 0.5, height: 0.5)
    return TrainingBatch(
      images: images, targets: [target], pictures: [0, 1], pictureCount: 2, epoch: 0,
      index: 0, isLastOfEpoch: true)
  }

  // Scaling a channel's γ and β by 1 + ε changes the loss by ε·(γ·∂L/∂γ + β·∂L/∂β). Without
  // targets, which aim at overlaps that change with the prediction.
  @Test func `Taylor scores are slopes of the loss`() throws {
    let network = try network(convolution + head)
    var parameters = try network.parameters()
    parameters.layers[0][.gamma]?.values = [0.8, -0.5, 1.2]
    parameters.layers[0][.beta]?.values = [0.3, 0.2, -0.4]
    var batch = try batch()
    batch.targets = []
    let images = batch.images
    func loss(scaling channel: Int, by factor: Float) throws -> Double {
      var changed = parameters
      changed.layers[0][.gamma]?.values[channel] *= factor
      changed.layers[0][.beta]?.values[channel] *= factor
      try network.load(changed)
      return try withoutGrad {
        try DetectionLoss()(
          network(images), heads: network.heads, targets: [], inputWidth: 32, inputHeight: 32,
          overlapShare: 1
        ).total.item()
      }
    }
    let slopes = try (0..<3).map { channel in
      try abs(loss(scaling: channel, by: 1.01) - loss(scaling: channel, by: 0.99)) / 0.02
    }
    try network.load(parameters)
    var batches = [batch]
    let scores = try MeasuredScores(.taylor)(network) { batches.popLast() }
    #expect(scores.map(\.count) == [3, 0, 0])
    for (score, slope) in zip(scores[0], slopes) {
      #expect(abs(Double(score) - slope) <= 0.02 * slope + 1e-3)
    }
    #expect(try network.parameters() == parameters)
  }

  @Test func `second-order and rank scores rank every convolution`() throws {
    let network = try network(convolution + head)
    for score in [ImportanceScore.hessianDiagonal, .activationRank] {
      var batches = try [batch(), batch()]
      let scores = try MeasuredScores(score)(network) { batches.popLast() }
      #expect(scores.map(\.count) == [3, 6, 0])
      #expect(scores[0].allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  // A new score that its gradients or maps are not read for would come out empty.
  @Test(arguments: ImportanceScore.allCases)
  func `what needs pictures is measured on them, and nothing else is`(
    score: ImportanceScore
  ) throws {
    let network = try network(convolution + head)
    var batches = try [batch()]
    let scores = try MeasuredScores(score)(network) { batches.popLast() }
    #expect(scores.contains { !$0.isEmpty } == score.needsPictures)
  }

  // Three channels with one filter have maps of one rank; their γ 0.5, 2 and 1 are 1/4, 1 and 1/2
  // of the largest.
  @Test func `equal ranks are told apart by their scales`() throws {
    let network = try network(convolution + head)
    var parameters = try network.parameters()
    let filter = Array(try #require(parameters.layers[0][.weight]).values.prefix(9))
    parameters.layers[0][.weight]?.values = filter + filter + filter
    parameters.layers[0][.gamma]?.values = [0.5, -2, 1]
    parameters.layers[0][.beta]?.values = [4, 4, 4]
    try network.load(parameters)
    var batches = try [batch(), batch()]
    let scores = try MeasuredScores(.activationRank)(network) { batches.popLast() }[0]
    let rank = scores[0].rounded(.down)
    for (score, share) in zip(scores, [0.25, 1, 0.5] as [Float]) {
      #expect(abs(score - rank - share / 1000) < 1e-4)
    }
  }

  // [1 2; 2 4] has one independent row; the third row of the next is the sum of the others.
  @Test func `ranks`() {
    #expect(matrixRank([1, 2, 2, 4], rows: 2, columns: 2) == 1)
    #expect(matrixRank([1, 0, 2, 0, 3, 1, 1, 3, 3], rows: 3, columns: 3) == 2)
    #expect(matrixRank([0, 1, 1, 0, 5, 5], rows: 3, columns: 2) == 2)
    #expect(matrixRank([Float](repeating: 0, count: 6), rows: 2, columns: 3) == 0)
  }

  // A kernel of one over pictures of 0.25 and 0.75: mean 0.5, variance 0.0625 · 2048/2047; then
  // over pictures of 0: both 0. The means of both batches are 0.25 and half of the variance.
  @Test func `statistics become the means of the batches`() throws {
    let network = try network(
      "[convolutional]\nbatch_normalize=1\nfilters=1\nsize=1\nactivation=linear\n" + head)
    var parameters = try network.parameters()
    parameters.layers[0][.weight]?.values = [1]
    parameters.layers[0][.mean]?.values = [7]
    try network.load(parameters)
    let ones = try Tensor.ones([1, 1, 32, 32])
    var batches = [
      try Tensor.zeros([2, 1, 32, 32]),
      try Tensor.concatenated([ones * 0.25, ones * 0.75], dim: 0),
    ]
    #expect(try network.recalibrate { batches.popLast() } == 2)
    let found = try network.parameters().layers[0]
    let variance: Float = 0.0625 * 2048 / 2047 / 2
    #expect(abs((found[.mean]?.values[0] ?? 0) - 0.25) < 1e-6)
    #expect(abs((found[.variance]?.values[0] ?? 0) - variance) < 1e-6)
  }
}
