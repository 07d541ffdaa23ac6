import Darknet
import Foundation

/// One picture's features, `[channels, height, width]`.
package struct FeatureMap {
  package var channels: Int
  package var height: Int
  package var width: Int
  package var values: [Double]

  package init(_ channels: Int, _ height: Int, _ width: Int, _ values: [Double]? = nil) {
    self.channels = channels
    self.height = height
    self.width = width
    self.values = values ?? [Double](repeating: 0, count: channels * height * width)
  }

  package var area: Int { height * width }

  /// The channels `places`, in that order.
  package func selecting(_ places: [Int]) -> FeatureMap {
    let values = places.flatMap { self.values[$0 * area..<($0 + 1) * area] }
    return FeatureMap(places.count, height, width, Array(values))
  }

  package func map(_ transform: (Int, Double) -> Double) -> FeatureMap {
    var result = self
    for index in values.indices { result.values[index] = transform(index / area, values[index]) }
    return result
  }
}

/// A slow forward pass in plain Swift, written from docs/formulas.md and Darknet's own
/// description of its blocks, and knowing nothing of slots.
package struct ReferenceNetwork {
  package var spec: NetworkSpec
  package var parameters: NetworkParameters

  package init(_ configuration: Configuration, _ parameters: NetworkParameters) throws {
    spec = try NetworkSpec(configuration)
    self.parameters = parameters
  }

  /// The output of every layer, multiplied by its mask where there are masks.
  package func outputs(_ input: FeatureMap, masks: [[Float]]? = nil) -> [FeatureMap] {
    var outputs: [FeatureMap] = []
    for (index, layer) in spec.layers.enumerated() {
      let x = outputs.last ?? input
      var y = output(of: layer, index, x, outputs)
      if let masks { y = y.map { $1 * Double(masks[index][$0]) } }
      outputs.append(y)
    }
    return outputs
  }

  private func output(
    of layer: LayerSpec, _ index: Int, _ x: FeatureMap, _ outputs: [FeatureMap]
  ) -> FeatureMap {
    let own = parameters.layers[index]
    switch layer {
    case .convolutional(let convolution), .depthwise(let convolution):
      let shared = parameters.layers[convolution.shareIndex ?? index]
      return self.convolution(convolution, shared, x)
    case .batchNorm(let norm):
      return normalized(x, own, epsilon: Double(norm.epsilon)).map {
        activated($1, norm.activation)
      }
    case .maxPool(let pool):
      let y = pooled(x, pool) { $0.max() ?? -.infinity }
      guard pool.antialiasing > 0 else { return y }
      return blurred(y, pool.antialiasing, strideY: pool.strideY, strideX: pool.strideX)
    case .channelMaxPool(let pool):
      let n = pool.outChannels
      return FeatureMap(
        n, x.height, x.width,
        (0..<n * x.area).map { place in
          stride(from: place, to: x.values.count, by: n * x.area).map { x.values[$0] }.max() ?? 0
        })
    case .localAveragePool(let pool):
      return pooled(x, pool) { $0.reduce(0, +) / Double($0.count) }
    case .averagePool:
      return FeatureMap(
        x.channels, 1, 1,
        (0..<x.channels).map {
          x.values[$0 * x.area..<($0 + 1) * x.area].reduce(0, +) / Double(x.area)
        })
    case .upsample(let upsample):
      let s = upsample.stride
      var y = FeatureMap(x.channels, x.height * s, x.width * s)
      for c in 0..<y.channels {
        for i in 0..<y.height {
          for j in 0..<y.width {
            y.values[(c * y.height + i) * y.width + j] =
              x.values[(c * x.height + i / s) * x.width + j / s] * Double(upsample.scale)
          }
        }
      }
      return y
    case .route(let route):
      let parts = route.sources.map { source in
        let part = outputs[source].channels / route.groups
        return outputs[source].selecting(Array(part * route.groupID..<part * (route.groupID + 1)))
      }
      return FeatureMap(
        parts.reduce(0) { $0 + $1.channels }, parts[0].height, parts[0].width,
        parts.flatMap(\.values))
    case .shortcut(let shortcut):
      let summands = [x] + shortcut.sources.map { outputs[$0] }
      return self.shortcut(shortcut, summands, own[.weight])
    case .scaleChannels(let scale):
      var y = outputs[scale.source]
      for place in y.values.indices {
        let factor = x.values[scale.scalesPlaces ? place % y.area : place / y.area]
        y.values[place] = activated(y.values[place] * factor, scale.activation)
      }
      return y
    case .sam(let sam):
      var y = x
      for place in y.values.indices {
        y.values[place] = activated(
          y.values[place] * outputs[sam.source].values[place], sam.activation)
      }
      return y
    case .squeezeExcitation(let se): return self.squeezeExcitation(se, own, x)
    case .reorg(let reorg): return reinterpreted(x, reorg.stride)
    case .reorg3d(let reorg):
      let s = reorg.stride
      var y = FeatureMap(x.channels * s * s, x.height / s, x.width / s)
      for k in 0..<y.channels {
        let offset = k / x.channels
        for i in 0..<y.height {
          for j in 0..<y.width {
            y.values[(k * y.height + i) * y.width + j] =
              x.values[
                ((k % x.channels) * x.height + i * s + offset / s) * x.width + j * s
                  + offset % s]
          }
        }
      }
      return y
    case .dropout, .yolo, .gaussianYolo, .region: return x
    }
  }

  private func convolution(
    _ spec: ConvolutionSpec, _ parameters: [ParameterRole: ParameterArray], _ x: FeatureMap
  ) -> FeatureMap {
    guard let weight = parameters[.weight] else { return x }
    let (strideY, strideX) = spec.antialiasing > 0 ? (1, 1) : (spec.strideY, spec.strideX)
    let reach = spec.dilation * (spec.kernelSize - 1) + 1
    let height = (x.height + 2 * spec.padding - reach) / strideY + 1
    let width = (x.width + 2 * spec.padding - reach) / strideX + 1
    var y = FeatureMap(spec.outChannels, height, width)
    let inputs = x.channels / spec.groups
    let outputs = spec.outChannels / spec.groups
    x.values.withUnsafeBufferPointer { x_ in
      weight.values.withUnsafeBufferPointer { w in
        y.values.withUnsafeMutableBufferPointer { y_ in
          for o in 0..<spec.outChannels {
            let first = o / outputs * inputs
            for c in 0..<inputs {
              for ky in 0..<spec.kernelSize {
                for kx in 0..<spec.kernelSize {
                  let k = Double(
                    w[((o * inputs + c) * spec.kernelSize + ky) * spec.kernelSize + kx])
                  for i in 0..<height {
                    let row = i * strideY - spec.padding + ky * spec.dilation
                    guard row >= 0, row < x.height else { continue }
                    for j in 0..<width {
                      let column = j * strideX - spec.padding + kx * spec.dilation
                      guard column >= 0, column < x.width else { continue }
                      y_[(o * height + i) * width + j] +=
                        k * x_[((first + c) * x.height + row) * x.width + column]
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    if spec.batchNormalize {
      y = normalized(y, parameters, epsilon: 1e-5)
    } else if let bias = parameters[.bias] {
      y = y.map { $1 + Double(bias.values[$0]) }
    }
    y = y.map { activated($1, spec.activation) }
    guard spec.antialiasing > 0 else { return y }
    return blurred(y, spec.antialiasing, strideY: spec.strideY, strideX: spec.strideX)
  }

  /// Darknet's blur: 1-2-1 in both directions over 16 with one zero of padding, or 2 × 2 over 4.
  private func blurred(
    _ x: FeatureMap, _ antialiasing: Int, strideY: Int, strideX: Int
  ) -> FeatureMap {
    let size = antialiasing == 2 ? 2 : 3
    let padding = size == 2 ? 0 : 1
    let taps: [Double] = size == 2 ? [0.5, 0.5] : [0.25, 0.5, 0.25]
    let height = (x.height + 2 * padding - size) / strideY + 1
    let width = (x.width + 2 * padding - size) / strideX + 1
    var y = FeatureMap(x.channels, height, width)
    for c in 0..<x.channels {
      for i in 0..<height {
        for j in 0..<width {
          for ky in 0..<size {
            for kx in 0..<size {
              let (row, column) = (i * strideY - padding + ky, j * strideX - padding + kx)
              guard row >= 0, row < x.height, column >= 0, column < x.width else { continue }
              y.values[(c * height + i) * width + j] +=
                taps[ky] * taps[kx] * x.values[(c * x.height + row) * x.width + column]
            }
          }
        }
      }
    }
    return y
  }

  private func normalized(
    _ x: FeatureMap, _ parameters: [ParameterRole: ParameterArray], epsilon: Double
  ) -> FeatureMap {
    guard let gamma = parameters[.gamma], let beta = parameters[.beta],
      let mean = parameters[.mean], let variance = parameters[.variance]
    else { return x }
    return x.map { c, value in
      Double(gamma.values[c]) * (value - Double(mean.values[c]))
        / (Double(variance.values[c]) + epsilon).squareRoot() + Double(beta.values[c])
    }
  }

  private func pooled(
    _ x: FeatureMap, _ pool: PoolSpec, _ reduce: ([Double]) -> Double
  ) -> FeatureMap {
    let (strideY, strideX) = pool.antialiasing > 0 ? (1, 1) : (pool.strideY, pool.strideX)
    let height = (x.height + pool.padding - pool.size) / strideY + 1
    let width = (x.width + pool.padding - pool.size) / strideX + 1
    var y = FeatureMap(x.channels, height, width)
    for c in 0..<x.channels {
      for i in 0..<height {
        for j in 0..<width {
          var window: [Double] = []
          let top = i * strideY - pool.padding / 2
          let left = j * strideX - pool.padding / 2
          for row in max(top, 0)..<min(top + pool.size, x.height) {
            for column in max(left, 0)..<min(left + pool.size, x.width) {
              window.append(x.values[(c * x.height + row) * x.width + column])
            }
          }
          y.values[(c * height + i) * width + j] = reduce(window)
        }
      }
    }
    return y
  }

  private func shortcut(
    _ spec: ShortcutSpec, _ summands: [FeatureMap], _ weight: ParameterArray?
  ) -> FeatureMap {
    let x = summands[0]
    var y = FeatureMap(x.channels, x.height, x.width)
    for c in 0..<x.channels {
      var factors = summands.indices.map { summand -> Double in
        guard let weight else { return 1 }
        return Double(
          weight.values[spec.weights == .perChannel ? summand * x.channels + c : summand])
      }
      if weight != nil, spec.normalization == .relu {
        let sum = factors.reduce(1e-4) { $0 + max($1, 0) }
        factors = factors.map { max($0, 0) / sum }
      } else if weight != nil, spec.normalization == .softmax {
        let peak = factors.max() ?? 0
        let sum = factors.reduce(1e-4) { $0 + exp($1 - peak) }
        factors = factors.map { exp($0 - peak) / sum }
      }
      for (factor, summand) in zip(factors, summands) where c < summand.channels {
        for place in c * x.area..<(c + 1) * x.area {
          y.values[place] += factor * summand.values[place]
        }
      }
    }
    return y.map { activated($1, spec.activation) }
  }

  private func squeezeExcitation(
    _ spec: SqueezeExcitationSpec, _ parameters: [ParameterRole: ParameterArray], _ x: FeatureMap
  ) -> FeatureMap {
    guard let squeeze = parameters[.squeeze], let excite = parameters[.excite] else { return x }
    let means = (0..<x.channels).map {
      x.values[$0 * x.area..<($0 + 1) * x.area].reduce(0, +) / Double(x.area)
    }
    let hidden = (0..<spec.hiddenChannels).map { h in
      max(
        0,
        (0..<x.channels).reduce(0) { $0 + Double(squeeze.values[h * x.channels + $1]) * means[$1] })
    }
    return x.map { c, value in
      let sum = hidden.indices.reduce(0) {
        $0 + Double(excite.values[c * hidden.count + $1]) * hidden[$1]
      }
      return value * min(max(sum + 3, 0), 6) / 6
    }
  }

  /// Darknet's reorg: the memory read as `[C/s², H·s, W·s]` and cut into places.
  private func reinterpreted(_ x: FeatureMap, _ s: Int) -> FeatureMap {
    let channels = x.channels / (s * s)
    var y = FeatureMap(x.channels * s * s, x.height / s, x.width / s)
    // Darknet's own loop, with the output read flat.
    var flat = [Double](repeating: 0, count: x.values.count)
    for k in 0..<x.channels {
      for j in 0..<x.height {
        for i in 0..<x.width {
          let offset = k / channels
          let column = i * s + offset % s
          let row = j * s + offset / s
          flat[i + x.width * (j + x.height * k)] =
            x.values[column + x.width * s * (row + x.height * s * (k % channels))]
        }
      }
    }
    y.values = flat
    return y
  }

  /// Darknet's `activations.h`, independent of the library's own table.
  private func activated(_ x: Double, _ activation: Activation) -> Double {
    let sigmoid = 1 / (1 + exp(-x))
    switch activation {
    case .linear: return x
    case .leaky: return x > 0 ? x : x / 10
    case .relu: return x > 0 ? x : 0
    case .relu6: return x > 6 ? 6 : x > 0 ? x : 0
    case .mish: return x * tanh(log(1 + exp(x)))
    case .swish: return x * sigmoid
    case .logistic: return sigmoid
    case .hardSwish: return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6
    case .hardMish: return x > 0 ? x : x > -2 ? x * x / 2 + x : 0
    case .elu: return x >= 0 ? x : exp(x) - 1
    case .selu: return x >= 0 ? 1.0507 * x : 1.0507 * 1.6732 * (exp(x) - 1)
    case .gelu: return x * (1 + tanh(0.797885 * x + 0.035677 * x * x * x)) / 2
    case .tanh: return tanh(x)
    }
  }
}
