import Darknet
import Datasets

import Networks
import Testing
import Torch
import _TrainingSupport

@testable import Loading
@testable import Training

@Suite(.serialized) struct UnlabelledTests {
  private func trainer(_ run: TinyRun, share: Double?) throws -> Trainer {
    var options = run.options()
    options.unlabelledShare = share
    var dataset = run.dataset
    if share != nil { dataset.append(unlabelled: [dataset.pictures[0].path]) }
    return try Trainer(
      network: Network(run.configuration, seed: 1), options: options, techniques: [],
      dataset: dataset, loading: BatchLoader.Settings(), validation: nil,
      folder: RunFolder(path: run.folder), observer: StoppingObserver(after: nil) { _ in })
  }

  // Outputs of three pictures, of which the second has no labels: the loss is that of the other two
  // with two thirds of the weight, which a batch of three pictures then multiplies by 3/64 instead
  // of 2/64.
  @Test func `the losses of labels leave pictures without labels out`() throws {
    let run = try TinyRun()
    let trainer = try trainer(run, share: 0.5)
    let network = trainer.network
    let generator = try Generator(seed: 2)
    let images = try Tensor.uniform([3, 3, 64, 64], generator: generator)
    let outputs = try withoutGrad { try network(images) }.map { try $0.requireGrad() }
    func target(_ index: Int) -> BatchTarget {
      BatchTarget(
        imageIndex: index, classIndex: index, centerX: 0.4, centerY: 0.6, width: 0.5, height: 0.4)
    }
    let batch = TrainingBatch(
      images: images, targets: [target(0), target(2)], pictures: [0, 6, 2], pictureCount: 3,
      epoch: 0, index: 0, isLastOfEpoch: false, isLabelled: [true, false, true])
    let found = try trainer.detectionLoss(
      of: outputs, batch, inputWidth: 64, inputHeight: 64, overlapShare: 1)
    try found.total.backward()
    var second = target(2)
    second.imageIndex = 1
    let expected = try DetectionLoss()(
      outputs.map { try $0.indexSelect(dim: 0, [0, 2]) }, heads: network.heads,
      targets: [target(0), second], inputWidth: 64, inputHeight: 64, overlapShare: 1)
    let difference = try found.total.item() - expected.total.item() * 2 / 3
    #expect(abs(difference) < 1e-5 && found.matches == expected.matches && found.matches > 0)
    for output in outputs {
      let gradient = try #require(output.grad)
      #expect(try gradient.select(dim: 0, index: 1).abs().amax().item() == 0)
      #expect(try gradient.select(dim: 0, index: 2).abs().amax().item() > 0)
    }
  }

  // Six pictures with labels: of two a batch, one is; so six batches an epoch.
  @Test func `an epoch goes by the pictures with labels`() throws {
    let run = try TinyRun()
    #expect(try trainer(run, share: nil).batchesPerEpoch == 3)
    #expect(try trainer(run, share: 0.5).batchesPerEpoch == 6)
    #expect(try trainer(run, share: 0.99).batchesPerEpoch == 6)
  }
}
