import Darknet
import Networks
import Torch

/// Evens out how far the channels of an activation reach, so that one step serves all of them: the
/// kernel that makes a channel is divided by a factor, the one that reads it multiplied (Nagel and
/// others, arXiv 1906.04721; Xiao and others, arXiv 2211.10438; docs/formulas.md 10.10).
///
/// What the network gives stays as it is. A pair of convolutions takes part where both are on
/// codes, nothing else reads between them, and the activation between them lets factors through:
/// f(αx) = αf(x) for α above 0.
struct Equalization {
  /// A convolution and the only one that reads it.
  struct Pair: Hashable {
    var first: Int
    var second: Int
  }

  let pairs: [Pair]
  private let options: QuantizationOptions

  init(_ spec: NetworkSpec, _ plan: QuantizationPlan, _ options: QuantizationOptions) {
    self.options = options
    let readers = spec.tensorReaders
    let shared = Set(
      spec.layers.indices.flatMap { index in
        spec.layers[index].convolution?.shareIndex.map { [$0, index] } ?? []
      })
    func convolution(_ index: Int) -> ConvolutionSpec? {
      // A bias that stays float is read from the pair again, where it has no factor.
      let source = spec.tensorInputs(ofLayer: index).first
      guard plan.weightBits[index] != nil, !shared.contains(index),
        source.flatMap(plan.group(of:)) != nil
      else { return nil }
      return spec.layers[index].convolution
    }
    pairs = spec.layers.indices.compactMap { index in
      guard let own = convolution(index), own.activation.isHomogeneous else { return nil }
      var tensor = index
      while true {
        guard let only = readers[tensor], only.count == 1 else { return nil }
        switch spec.layers[only[0]] {
        case .dropout: tensor = only[0]
        case .maxPool(let pool) where pool.blur == nil: tensor = only[0]
        case .upsample(let upsample) where upsample.scale == 1: tensor = only[0]
        case .convolutional, .depthwise:
          guard let next = convolution(only[0]),
            next.groups == 1 || next.groups == own.outChannels
          else { return nil }
          return Pair(first: index, second: only[0])
        default: return nil
        }
      }
    }
  }

  /// Changes the kernels of a folded network.
  ///
  /// - Parameter original: the same network with its batch normalisation, whose scales and shifts
  ///   say how far channels reach; where there is none, the kernels say.
  func apply(to folded: Network, original: Network) throws {
    try withoutGrad {
      for pair in pairs {
        guard let first = folded.layers[pair.first].convolution,
          let second = folded.layers[pair.second].convolution,
          let source = original.layers[pair.first].convolution
        else { continue }
        let factors = try factors(first, second, source)
        _ = try first.weight.divInPlace(factors.view([-1, 1, 1, 1]))
        _ = try first.bias?.divInPlace(factors)
        let isDepthwise = second.spec.groups > 1
        let multiplier = second.spec.outChannels / first.spec.outChannels
        _ = try second.weight.mulInPlace(
          isDepthwise
            ? factors.view([-1, 1]).expanded(to: [-1, multiplier]).reshaped([-1, 1, 1, 1])
            : factors.view([1, -1, 1, 1]))
      }
    }
  }

  /// What each channel between two convolutions is divided by.
  private func factors(
    _ first: Convolution, _ second: Convolution, _ source: Convolution
  ) throws -> Tensor {
    var reach = try first.weight.detach().largestMagnitude(along: 0)
    if source.normalizes {
      // Nearly all values of a normal distribution lie within three deviations.
      reach =
        try source.value(of: .beta).detach().abs() + source.value(of: .gamma).detach().abs() * 3
    }
    let weight = try second.weight.detach()
    let isDepthwise = second.spec.groups > 1
    let read =
      try isDepthwise
      ? weight.largestMagnitude(along: 0).view([reach.count, -1]).amax(dims: [1])
      : weight.largestMagnitude(along: 1)
    // With a step for each channel a depthwise kernel takes any factor without loss.
    let isFree = isDepthwise && options.isPerChannel
    let factors = try isFree ? reach : (reach / read).sqrt()
    let usable = try (reach .> 0) .& (read .> 0)
    return try Tensor.select(
      where: usable, factors.clamped(min: 0x1p-12, max: 0x1p12), factors.zerosLike() + 1)
  }
}

extension Activation {
  /// Whether f(αx) = αf(x) for α above 0.
  fileprivate var isHomogeneous: Bool { [.linear, .leaky, .relu].contains(self) }
}
