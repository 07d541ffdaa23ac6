import Darknet
import Datasets
import Networks
import Testing
import Torch
import _TorchSupport
import _TrainingSupport

@testable import Loading
@testable import Training

/// What the trainer makes of losses and gradients: the share of a batch, gathered gradients, the warm-up
/// and the steps, beside the formulas of docs/formulas.md 5.2, 5.5 and 5.6 written out once more. What
/// the losses are is compared in ``TrainingStepTests``.
@Suite(.libtorch(.determinism)) struct TrainerStepTests {
  /// Six batches of two drawn pictures, with an object in each.
  private func batches() throws -> [TrainingBatch] {
    try (0..<6).map { index in
      let pictures = try Tensor.uniform(
        [2, 3, 64, 64], generator: Generator(seed: UInt64(index)))
      let targets = (0..<2).map { picture in
        BatchTarget(
          imageIndex: picture, classIndex: (index + picture) % 4,
          centerX: 0.3 + 0.1 * Float(picture), centerY: 0.5, width: 0.3, height: 0.4)
      }
      return TrainingBatch(
        images: pictures, targets: targets, pictures: [0, 1], pictureCount: 2, epoch: 0,
        index: index, isLastOfEpoch: index == 5)
    }
  }

  /// A parameter and its momentum, as numbers.
  private struct Moving {
    var values: [Double]
    var momentum: [Double]
    var gathered: [Double]
    /// Kernels decay; biases and shifts have a warm-up of their own.
    let role: ParameterRole
  }

  @Test func `steps are those of the formulas`() throws {
    let run = try TinyRun(pictures: 12)
    var options = run.options()
    // Of a warm-up of four batches the third and the fourth are one step.
    (options.accumulationSteps, options.warmupBatches) = (2, 4)
    (options.learningRate, options.warmupBiasRate, options.usesAverage) = (0.02, 0.1, false)
    let network = try Network(run.configuration, seed: 1)
    let trainer = try Trainer(
      network: network, options: options, techniques: [], dataset: run.dataset,
      loading: BatchLoader.Settings(), validation: nil, folder: RunFolder(path: run.folder))
    let other = try Network(run.configuration, seed: 1)

    var moving: [String: Moving] = [:]
    func learning(_ network: Network) -> [(name: String, role: ParameterRole, value: Tensor)] {
      network.layers.enumerated().flatMap { index, layer in
        layer.parameters.filter { ![.mean, .variance].contains($0.key) }.map {
          ("\(index).\($0.key.rawValue)", $0.key, $0.value.value)
        }
      }
    }
    for (name, role, value) in learning(other) {
      let values = try value.detach().toFloats().map(Double.init)
      let zeros = values.map { _ in 0.0 }
      moving[name] = Moving(values: values, momentum: zeros, gathered: zeros, role: role)
    }

    // After batch 1, 2, 4 and 6.
    let steps = [0: true, 1: true, 2: false, 3: true, 4: false, 5: true]
    for (index, batch) in try batches().enumerated() {
      let warmup = min(Double(index) / 4, 1)
      try trainer.train(batch)

      let value = try DetectionLoss()(
        other(batch.images, .training), heads: other.heads, targets: batch.targets, inputWidth: 64,
        inputHeight: 64, overlapShare: warmup)
      try value.total.backward()
      for (name, _, tensor) in learning(other) {
        let gradient = try #require(tensor.grad).toFloats()
        // The gains are meant for 64 pictures, and here are two.
        for (place, g) in gradient.enumerated() {
          moving[name]?.gathered[place] += Double(g) * 2 / 64
        }
        try tensor.setGrad(nil)
      }
      guard steps[index] == true else { continue }
      let momentum = 0.9 + (0.937 - 0.9) * warmup
      for (name, role, tensor) in learning(other) {
        var own = try #require(moving[name])
        let isBias = role == .bias || role == .beta
        let rate = isBias ? 0.1 + (0.02 - 0.1) * warmup : 0.02 * warmup
        let decay = role == .weight ? 5e-4 * warmup : 0
        for place in own.values.indices {
          let g = own.gathered[place] + decay * own.values[place]
          own.momentum[place] = momentum * own.momentum[place] + g
          own.values[place] -= rate * (g + momentum * own.momentum[place])
          own.gathered[place] = 0
        }
        moving[name] = own
        try withoutGrad {
          _ = try tensor.copyInPlace(
            Tensor(own.values.map(Float.init), shape: tensor.shape))
        }
      }
      for (name, _, tensor) in learning(network) {
        let found = try tensor.detach().toFloats()
        let expected = try #require(moving[name]).values.map(Float.init)
        let scale = expected.reduce(1e-3) { max($0, abs($1)) }
        let distance = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(distance <= 1e-5 * scale, "\(name) after batch \(index + 1)")
      }
    }
    #expect(trainer.state.steps == 4 && trainer.state.imagesSeen == 12)
  }
}

/// fp16's factor, which is the same on every device (arXiv 1710.03740).
@Suite struct LossScalerTests {
  private func factor(_ scaler: LossScaler) throws -> Double {
    try #require(scaler.state.first { $0.name == "scaler.factor" }).tensor.item()
  }

  @Test func `a loss is multiplied, and its gradients are divided again`() throws {
    let scaler = try LossScaler(device: .cpu)
    #expect(try factor(scaler) == 65536)
    let x = try Tensor([3.0] as [Float]).requireGrad()
    try scaler.scale(x.squared().sum()).backward()
    let gradient = try #require(x.grad)
    #expect(try gradient.item() == 6 * 65536)
    let found = try scaler.unscale([gradient])
    #expect(try gradient.item() == 6 && found.item() == 0)
  }

  @Test func `an overflow halves the factor, and 2,000 steps without double it`() throws {
    let scaler = try LossScaler(device: .cpu)
    let overflown = try Tensor([1, .infinity] as [Float])
    #expect(try scaler.unscale([Tensor([1] as [Float]), overflown]).item() == 1)
    try scaler.update()
    #expect(try factor(scaler) == 32768)
    for step in 1...2000 {
      #expect(try scaler.unscale([Tensor([1] as [Float])]).item() == 0)
      try scaler.update()
      if step == 1999 { #expect(try factor(scaler) == 32768) }
    }
    #expect(try factor(scaler) == 65536)
  }

  @Test func `a resumed factor goes on, its steps without an overflow too`() throws {
    let (first, second) = (try LossScaler(device: .cpu), try LossScaler(device: .cpu))
    _ = try first.unscale([Tensor([Float.nan])])
    try first.update()
    for _ in 0..<1999 {
      _ = try first.unscale([Tensor([1] as [Float])])
      try first.update()
    }
    let saved = Dictionary(uniqueKeysWithValues: first.state.map { ($0.name, $0.tensor) })
    #expect(Set(saved.keys) == ["scaler.factor", "scaler.growth"])
    try second.load { try #require(saved[$0]) }
    #expect(try factor(second) == 32768)
    _ = try second.unscale([Tensor([1] as [Float])])
    try second.update()
    #expect(try factor(second) == 65536)
  }
}
