import Darknet

// Layers that need no kernel.

/// Codes that are given on.
func pass(_ spec: LayerSpec, _ inputs: [IntegerMap], into output: IntegerMap) {
  switch spec {
  case .maxPool(let pool): maximum(pool, inputs[0], into: output)
  case .channelMaxPool(let pool):
    for channel in 0..<output.shape.channels {
      let out = output.channel(channel)
      out.update(from: inputs[0].channel(channel), count: output.places)
      for other in stride(from: channel, to: inputs[0].shape.channels, by: pool.outChannels) {
        let values = inputs[0].channel(other)
        for place in 0..<output.places { out[place] = max(out[place], values[place]) }
      }
    }
  case .upsample(let upsample):
    enlarge(inputs[0], by: upsample.stride, into: output) { $0 }
  case .route(let route):
    var next = 0
    for input in inputs {
      let width = input.shape.channels / route.groups
      output.channel(next).update(
        from: input.channel(width * route.groupID), count: width * output.places)
      next += width
    }
  case .reorg(let reorg):
    // The memory is read as a map of fewer channels with longer sides.
    let stride = reorg.stride
    let shape = FeatureShape(
      channels: inputs[0].shape.channels / (stride * stride),
      height: inputs[0].shape.height * stride, width: inputs[0].shape.width * stride)
    spaceToDepth(inputs[0].channel(0), shape, stride, into: output.channel(0))
  case .reorg3d(let reorg):
    spaceToDepth(inputs[0].channel(0), inputs[0].shape, reorg.stride, into: output.channel(0))
  case .dropout:
    output.channel(0).update(from: inputs[0].channel(0), count: output.shape.count)
  case .convolutional, .depthwise, .localAveragePool, .averagePool, .shortcut, .scaleChannels,
    .sam, .squeezeExcitation, .batchNorm, .yolo, .gaussianYolo, .region:
    preconditionFailure("the layer computes")
  }
}

private func maximum(_ pool: PoolSpec, _ input: IntegerMap, into output: IntegerMap) {
  let width = input.shape.width
  reduce(pool, input, into: output) { values, rows, columns in
    var most = Int32.min
    for row in rows {
      for column in columns { most = max(most, values[row * width + column]) }
    }
    return most
  }
}

/// Gives each place of the output what `body` makes of its window: of a channel's values, the rows and
/// columns that lie in the map.
@inline(__always)
private func reduce(
  _ pool: PoolSpec, _ input: IntegerMap, into output: IntegerMap,
  _ body: (UnsafeMutablePointer<Int32>, _ rows: Range<Int>, _ columns: Range<Int>) -> Int32
) {
  func window(_ place: Int, _ stride: Int, of side: Int) -> Range<Int> {
    let start = place * stride - pool.leadingPadding
    let first = max(start, 0)
    return first..<max(min(start + pool.size, side), first)
  }
  let columns = (0..<output.shape.width).map { window($0, pool.strideX, of: input.shape.width) }
  for channel in 0..<output.shape.channels {
    let (values, out) = (input.channel(channel), output.channel(channel))
    for y in 0..<output.shape.height {
      let rows = window(y, pool.strideY, of: input.shape.height)
      for x in columns.indices { out[y * columns.count + x] = body(values, rows, columns[x]) }
    }
  }
}

private func enlarge(
  _ input: IntegerMap, by stride: Int, into output: IntegerMap, _ change: (Int32) -> Int32
) {
  let width = output.shape.width
  for channel in 0..<output.shape.channels {
    let (values, out) = (input.channel(channel), output.channel(channel))
    for y in 0..<output.shape.height {
      let row = values + y / stride * input.shape.width
      for x in 0..<width { out[y * width + x] = change(row[x / stride]) }
    }
  }
}

/// Output channel (y·stride + x)·C + c is input channel c at offset (y, x).
private func spaceToDepth(
  _ values: UnsafePointer<Int32>, _ shape: FeatureShape, _ stride: Int,
  into out: UnsafeMutablePointer<Int32>
) {
  let (height, width) = (shape.height / stride, shape.width / stride)
  for offset in 0..<stride * stride {
    for channel in 0..<shape.channels {
      let target = out + (offset * shape.channels + channel) * height * width
      for y in 0..<height {
        let row = (channel * shape.height + y * stride + offset / stride) * shape.width
        for x in 0..<width {
          target[y * width + x] = values[row + x * stride + offset % stride]
        }
      }
    }
  }
}

/// Layers whose codes are computed value by value.
func combine(
  _ layer: IntegerLayer, _ inputs: [IntegerMap], into output: IntegerMap, threads: Int
) throws(IntegerError) {
  let places = output.places
  func store(_ requantization: Requantization, _ lane: Int, _ sum: Int) -> Int32 {
    Int32(truncatingIfNeeded: requantization.code(sum, lane: lane) &- requantization.grid.zero)
  }
  switch layer.operation {
  case .convolution, .passing: preconditionFailure("the layer has a function of its own")
  case .sum(let factors, let requantization):
    inParallel(output.shape.channels, threads: threads) { channels in
      for channel in channels {
        let summands = zip(factors, inputs).filter { channel < $0.1.shape.channels }.map {
          ($0.0[$0.0.count == 1 ? 0 : channel], $0.1.channel(channel))
        }
        let out = output.channel(channel)
        for place in 0..<places {
          var sum = 0
          for (factor, values) in summands { sum += factor * Int(values[place]) }
          out[place] = store(requantization, channel, sum)
        }
      }
    }
  case .product(let requantization):
    for channel in 0..<output.shape.channels {
      let out = output.channel(channel)
      let factors = inputs.map { input in
        (
          values: input.channel(input.shape.channels == 1 ? 0 : channel),
          stride: input.places == 1 ? 0 : 1
        )
      }
      for place in 0..<places {
        let product = factors.reduce(1) { $0 * Int($1.values[place * $1.stride]) }
        out[place] = store(requantization, channel, product)
      }
    }
  case .gate(let gate, let requantization):
    let factors = gate.factors(try sums(of: inputs[0], layer), places: places)
    for channel in 0..<output.shape.channels {
      let (values, out) = (inputs[0].channel(channel), output.channel(channel))
      for place in 0..<places {
        out[place] = store(requantization, channel, Int(values[place]) * factors[channel])
      }
    }
  case .blurredMaximum(let pool, let blur):
    let map = IntegerMap(pool.outputShape(of: inputs[0].shape))
    maximum(pool, inputs[0], into: map)
    blur(map, into: output)
  case .averagePool(let requantization):
    let mean = requantization.divided(by: inputs[0].places)
    for (channel, sum) in try sums(of: inputs[0], layer).enumerated() {
      output.channel(channel)[0] = store(mean, channel, sum)
    }
  case .localAveragePool(let pool, let requantization):
    average(pool, inputs[0], into: output) { sum, count in store(requantization, count - 1, sum) }
  case .enlargement(let spec, let requantization):
    enlarge(inputs[0], by: spec.stride, into: output) { store(requantization, 0, Int($0)) }
  case .affine(let weights, let biases, let requantization):
    for channel in 0..<output.shape.channels {
      let (values, out) = (inputs[0].channel(channel), output.channel(channel))
      for place in 0..<places {
        out[place] = store(
          requantization, channel, Int(values[place]) * weights[channel] + biases[channel])
      }
    }
  }
}

/// The sum of each channel; its mean is exact below 2^32 (docs/formulas.md 10.15).
private func sums(of map: IntegerMap, _ layer: IntegerLayer) throws(IntegerError) -> [Int] {
  var sums: [Int] = []
  for channel in 0..<map.shape.channels {
    let values = map.channel(channel)
    let sum = (0..<map.places).reduce(0) { $0 + Int(values[$1]) }
    guard abs(sum) < 1 << 32 else {
      throw .overflow(
        layer: layer.index, section: layer.section, channel: channel, sum: sum, bits: 33)
    }
    sums.append(sum)
  }
  return sums
}

private func average(
  _ pool: PoolSpec, _ input: IntegerMap, into output: IntegerMap, _ mean: (Int, Int) -> Int32
) {
  let width = input.shape.width
  reduce(pool, input, into: output) { values, rows, columns in
    var sum = 0
    for row in rows { for column in columns { sum += Int(values[row * width + column]) } }
    return mean(sum, max(rows.count * columns.count, 1))
  }
}
