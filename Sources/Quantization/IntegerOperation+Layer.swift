import Darknet
import Integers
import Networks
import Torch

extension CodeGrid {
  /// A grid with one step.
  init(_ grid: QuantizationGrid) throws {
    self.init(
      step: try grid.step.item(), zero: try grid.zero?.itemInt() ?? 0,
      lowest: grid.range.lowest, highest: grid.range.highest)
  }
}

extension CodeArithmetic {
  /// What a layer does with whole numbers; nil where something that it reads, gives or is made of is
  /// float.
  init?(
    _ inner: any Layer, _ place: QuantizedLayer.Place, _ kernel: QuantizationState.Kernel?,
    _ name: String
  ) throws {
    let inputs = try place.inputs.compactMap { try $0.map { try CodeGrid($0) } }
    let output = try place.output.map { try CodeGrid($0) }
    guard inputs.count == place.inputs.count, !inputs.isEmpty,
      let operation = try IntegerOperation(inner, place, kernel, inputs, output)
    else { return nil }
    try self.init(operation, inputs: inputs, weight: kernel?.weights.codes, name: name)
  }
}

extension IntegerOperation {
  fileprivate init?(
    _ inner: any Layer, _ place: QuantizedLayer.Place, _ kernel: QuantizationState.Kernel?,
    _ inputs: [CodeGrid], _ output: CodeGrid?
  ) throws {
    let leakySlope = place.scale.leakySlope
    if let convolution = place.spec.convolution {
      guard let kernel, convolution.blur == nil || output != nil,
        let made = try IntegerConvolution(convolution, kernel, inputs[0], output, leakySlope)
      else { return nil }
      self = .convolution(made)
      return
    }
    guard let output else { return nil }
    switch place.spec {
    case .shortcut(let spec):
      let weights = try inner.parameters[.weight]?.value.toDoubles()
      self = .sum(
        spec, factors: spec.factors(weights, summands: inputs.count), inputs: inputs,
        output: output, leakySlope: leakySlope)
    case .scaleChannels(let spec):
      self = .product(spec.activation, inputs: inputs, output: output, leakySlope: leakySlope)
    case .sam(let spec):
      self = .product(spec.activation, inputs: inputs, output: output, leakySlope: leakySlope)
    case .squeezeExcitation(let spec):
      self = .gate(
        spec, squeeze: try inner.value(of: .squeeze).toDoubles(),
        excite: try inner.value(of: .excite).toDoubles(), input: inputs[0], output: output)
    case .maxPool(let pool):
      guard let blur = pool.blur else { return nil }
      self = .blurredMaximum(pool, blur, input: inputs[0], output: output)
    case .averagePool:
      self = .averagePool(
        Requantization(
          steps: [inputs[0].step], activation: .linear, leakySlope: leakySlope, to: output))
    case .localAveragePool(let pool):
      guard pool.size <= LayerSpec.mostAveraged else { return nil }
      self = .localAveragePool(pool, input: inputs[0], output: output)
    case .upsample(let spec):
      self = .enlargement(
        spec,
        Requantization(
          steps: [inputs[0].step * Double(spec.scale)], activation: .linear,
          leakySlope: leakySlope, to: output))
    case .batchNorm(let spec):
      func values(_ role: ParameterRole) throws -> [Double] {
        try inner.value(of: role).toDoubles()
      }
      let scales = try zip(values(.gamma), values(.variance)).map {
        $0 / ($1 + Double(spec.epsilon)).squareRoot()
      }
      let shifts = try zip(values(.beta), zip(values(.mean), scales)).map { $0 - $1.0 * $1.1 }
      self = .affine(
        scales: scales, shifts: shifts, activation: spec.activation, input: inputs[0],
        output: output, leakySlope: leakySlope)
    case .convolutional, .depthwise, .channelMaxPool, .route, .reorg, .reorg3d, .dropout, .yolo,
      .gaussianYolo, .region:
      return nil
    }
  }
}

extension IntegerConvolution {
  /// Nil where the bias has no codes, or 32 bits do not hold them.
  fileprivate init?(
    _ spec: ConvolutionSpec, _ kernel: QuantizationState.Kernel, _ input: CodeGrid,
    _ output: CodeGrid?, _ leakySlope: Double
  ) throws {
    func spread(_ steps: Tensor) throws -> [Double] {
      let steps = try steps.toDoubles()
      return steps.count == 1 ? Array(repeating: steps[0], count: spec.outChannels) : steps
    }
    guard let bias = kernel.bias else { return nil }
    let kernelSteps = try spread(kernel.weights.grid.step)
    // Codes of sums are on the grid of the products already; others come onto it.
    let isOfSums = bias.grid.range == .sums
    let steps = try spread(bias.grid.step)
    let biases = try bias.codes.toDoubles().enumerated().map { channel, code in
      isOfSums
        ? code
        : (code * steps[channel] / (kernelSteps[channel] * input.step)).rounded(.toNearestOrEven)
    }
    guard biases.allSatisfy({ abs($0) <= Double(Int32.max) }) else { return nil }
    self.init(
      spec, kernelSteps: kernelSteps, biases: biases.map { Int($0) }, input: input,
      output: output, leakySlope: leakySlope)
  }
}

extension ShortcutSpec {
  /// The factors of each summand: one, or one for each channel.
  fileprivate func factors(_ weights: [Double]?, summands: Int) -> [[Double]] {
    guard let weights else { return Array(repeating: [1], count: summands) }
    let width = weights.count / summands
    let columns = (0..<width).map { column in
      normalized((0..<summands).map { weights[$0 * width + column] })
    }
    return (0..<summands).map { summand in columns.map { $0[summand] } }
  }
}
