import Darknet
import Foundation
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
    let shared = spec.sharedKernels
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
  /// - Parameter reach: how far its channels go; pairs that it does not know are left alone.
  func apply(to folded: Network, _ reach: ChannelReach) throws {
    try withoutGrad {
      for pair in pairs {
        guard let first = folded.layers[pair.first].convolution,
          let second = folded.layers[pair.second].convolution, let known = reach[pair.first]
        else { continue }
        let factors = try factors(known, second)
        _ = try first.weight.divInPlace(factors.view([-1, 1, 1, 1]))
        _ = try first.bias?.divInPlace(factors)
        let multiplier = second.spec.outChannels / first.spec.outChannels
        _ = try second.weight.mulInPlace(
          second.spec.groups > 1
            ? factors.view([-1, 1]).expanded(to: [-1, multiplier]).reshaped([-1, 1, 1, 1])
            : factors.view([1, -1, 1, 1]))
      }
    }
  }

  /// What each channel between two convolutions is divided by.
  private func factors(_ reach: ChannelReach.Channels, _ second: Convolution) throws -> Tensor {
    let weight = try second.weight.detach()
    let isDepthwise = second.spec.groups > 1
    let read =
      try isDepthwise
      ? weight.largestMagnitude(along: 0).view([reach.above.count, -1]).amax(dims: [1])
      : weight.largestMagnitude(along: 1)
    let factors: Tensor
    if isDepthwise && options.isPerChannel {
      let energy = try weight.squared().view([reach.above.count, -1]).sum(dims: [1])
      factors = try freeFactors(reach, energy)
    } else {
      factors = try (reach.largest / read).sqrt()
    }
    let usable = try (reach.largest .> 0) .& (read .> 0)
    return try Tensor.select(
      where: usable, factors.clamped(min: 0x1p-12, max: 0x1p12), factors.zerosLike() + 1)
  }

  /// Factors where the second kernel takes any without loss, since each of its channels has a step
  /// of its own: all channels then reach 1 above zero or −λ below it, with the λ that lets least
  /// noise through.
  ///
  /// - Parameter energy: Σ w² of what reads each channel.
  private func freeFactors(_ reach: ChannelReach.Channels, _ energy: Tensor) throws -> Tensor {
    guard options.hasZeroPoints else { return try reach.largest }
    var (best, least) = (try reach.largest, Double.infinity)
    for exponent in -24...24 {
      let below = exp2(Double(exponent) / 4)
      let factors = try reach.above.maximum(reach.below / below)
      let noise = try (energy * factors.squared()).sum().item() * (1 + below) * (1 + below)
      if noise < least { (best, least) = (factors, noise) }
    }
    return best
  }
}

/// How far the channels of convolutions' outputs go, as pictures show it.
final class ChannelReach: LayerObserver {
  /// One convolution's.
  struct Channels {
    /// Greatest value of each channel, `[C]`, at least 0.
    var above: Tensor
    /// Least value of each channel, its sign turned, `[C]`, at least 0.
    var below: Tensor

    /// The larger of both.
    var largest: Tensor { get throws { try above.maximum(below) } }
  }

  private let layers: Set<Int>
  private var channels: [Int: Channels]

  /// - Parameter known: what is known without pictures.
  init(of layers: some Sequence<Int>, known: [Int: Channels] = [:]) {
    (self.layers, channels) = (Set(layers), known)
  }

  /// Whether no picture was seen.
  var isEmpty: Bool { channels.isEmpty }

  subscript(_ layer: Int) -> Channels? { channels[layer] }

  func watches(_ layer: Int) -> Bool { layers.contains(layer) }

  func observe(_ output: Tensor, ofLayer layer: Int, isTraining: Bool) throws -> Tensor {
    let (above, below) = (
      try output.amax(dims: [0, 2, 3]).clamped(min: 0),
      try (-output.amin(dims: [0, 2, 3])).clamped(min: 0)
    )
    channels[layer] =
      try channels[layer].map {
        .init(above: try $0.above.maximum(above), below: try $0.below.maximum(below))
      } ?? .init(above: above, below: below)
    return output
  }
}

extension Activation {
  /// Whether f(αx) = αf(x) for α above 0.
  fileprivate var isHomogeneous: Bool { [.linear, .leaky, .relu].contains(self) }
}
