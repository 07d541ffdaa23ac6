import Darknet
import Networks
import Torch
import Training

/// Learns how the kernels of one layer or block round (``Reconstruction``).
struct SpanRounding {
  private let span: [Int]
  private let float: Network
  private let state: QuantizationState
  private let settings: Reconstruction.Settings
  private let kernels: [Int: QuantizationState.Kernel]
  private let roundings: [Int: LearnedRounding]

  /// Prepares the layers of a span; nil where none of them has a kernel that can learn. Kernels that
  /// several layers use stay as they are.
  init?(
    _ span: [Int], of float: Network, _ state: QuantizationState,
    kernels: [Int: QuantizationState.Kernel], settings: Reconstruction.Settings
  ) throws {
    (self.span, self.float, self.state) = (span, float, state)
    (self.settings, self.kernels) = (settings, kernels)
    let shared = float.spec.sharedKernels
    roundings = try span.reduce(into: [:]) { roundings, index in
      guard let kernel = kernels[index], !shared.contains(index),
        let convolution = float.layers[index].convolution
      else { return }
      roundings[index] = try LearnedRounding(
        convolution.weight.detach(), on: kernel.weights.grid, index: index)
    }
    if roundings.isEmpty { return nil }
  }

  /// Learns.
  ///
  /// - Parameters:
  ///   - quantized: its layers of the span are replaced on the way.
  ///   - start: a walk through it that is about to run the span, over all pictures.
  ///   - targets: what the float network gives, by layer.
  /// - Returns: the new kernels; nil where those that are rounded to the nearest are as good.
  func callAsFunction(
    _ quantized: Network, from start: NetworkWalk, to targets: [Int: Tensor]
  ) throws -> (kernels: [Int: QuantizationState.Kernel], step: Reconstruction.Step)? {
    let sizes = try targets.mapValues { try $0.squared().mean().item() }
    guard let count = targets.values.first?.shape[0], sizes.values.allSatisfy({ $0 > 0 })
    else { return nil }
    func error(_ pictures: [Int], _ weights: (Int) throws -> Tensor?) throws -> Tensor {
      try install(weights, in: quantized)
      var walk = try start.picking(pictures)
      var sum: Tensor?
      for index in span {
        let output = try walk.advance()
        guard let target = targets[index], let size = sizes[index] else { continue }
        let difference = try output - target.indexSelect(dim: 0, pictures)
        let error = try difference.squared().mean() / size
        sum = try sum.map { try $0 + error } ?? error
      }
      return try sum ?? .scalar(0)
    }
    func whole(_ weights: (Int) throws -> Tensor?) throws -> Double {
      try batches(of: count).reduce(0) { sum, batch in
        try sum + error(batch, weights).item() * Double(batch.count) / Double(count)
      }
    }
    let before = try whole { try kernels[$0]?.weights.values }
    guard before > 0, before.isFinite else { return nil }

    let optimizer = try Optimizer(roundings.values.map(\.parameter), method: .adam)
    let pace = LearningRateSchedule(
      peak: settings.rate, epochs: 1, warmupBatches: 0, momentum: 0, weightDecay: 0)(
        epoch: 0, batch: 0)
    let turns = batches(of: count)
    for iteration in 0..<settings.iterations {
      try withGrad {
        var loss = try error(turns[iteration % turns.count]) { index in
          try roundings[index]?.weights ?? kernels[index]?.weights.values
        }
        loss = try loss / before
        if let sharpness = settings.sharpness(at: iteration) {
          for rounding in roundings.values {
            let indecision = try rounding.indecision(sharpness: sharpness)
            loss = try loss + indecision * (settings.indecisionWeight / Double(roundings.count))
          }
        }
        try loss.backward()
      }
      try optimizer.step(pace)
    }

    let learned = try roundings.mapValues { try $0.codes }
    let after = try whole { try learned[$0]?.values ?? kernels[$0]?.weights.values }
    guard after < before else { return nil }
    return (
      learned.reduce(into: [:]) { made, entry in
        made[entry.key] = .init(weights: entry.value, bias: kernels[entry.key]?.bias)
      }, .init(layers: span, before: before, after: after)
    )
  }

  /// Pictures by their places, in batches.
  private func batches(of count: Int) -> [[Int]] {
    stride(from: 0, to: count, by: settings.batchSize).map {
      Array($0..<min($0 + settings.batchSize, count))
    }
  }

  /// Puts layers with given weights in the place of those of the span.
  private func install(
    _ weights: (Int) throws -> Tensor?, in quantized: Network
  ) throws {
    try quantized.replaceLayers { index, _ in
      guard span.contains(index) else { return nil }
      return GridLayer(
        float.layers[index], weight: try weights(index),
        bias: try kernels[index]?.bias?.values.to(float.device),
        input: try index == 0 ? state.grid(of: -1)?.to(float.device) : nil,
        output: try state.producers.contains(index)
          ? state.grid(of: index)?.to(float.device) : nil)
    }
  }
}
