import Darknet

// What each layer is in C: its constants, and the call that runs it.

extension CSource {
  mutating func write(
    _ layer: IntegerLayer, _ constants: inout String, _ calls: inout String
  ) {
    let (index, first) = (layer.index, layer.inputs[0])
    for (step, rule) in rules(layer) { constants += self.rule("\(step)\(index)", rule) }
    calls += "  /* \(index) \(layer.section) */\n"
    switch layer.operation {
    case .convolution(let convolution):
      writeConvolution(layer, convolution, &constants, &calls)
    case .passing(let spec): calls += pass(spec, layer)
    case .gate(let gate, _):
      constants += array("squeeze\(index)", gate.squeeze) + array("excite\(index)", gate.excite)
      calls += """
          if (!gate(\(map(first)), \(zero(first)), \(gate.channels), \(shape(first).height * shape(first).width), \(gate.width), squeeze\(index), excite\(index),
                    \(gate.rules.map { "&r\($0.name)\(index), " }.joined())&r\(index), gate_values, gate_values + \(gate.channels), \(map(index))))
            return \(index + 1);

        """
    case .blurredMaximum(let pool, let blur):
      let middle = pool.outputShape(of: shape(first))
      calls +=
        "  blur_maximum(\(map(first)), \(zero(first)), \(sides(first)), \(pool.size), "
        + "\(pool.leadingPadding), \(middle.height), \(middle.width), \(window(blur, index)), "
        + "&r\(index), \(map(index)));\n"
    case .sum(let factors, _):
      for (number, factors) in factors.enumerated() {
        constants += array("f\(index)_\(number)", factors)
      }
      let summands = zip(layer.inputs, factors).enumerated().map { number, entry in
        "{\(map(entry.0)), f\(index)_\(number), \(entry.1.count == 1 ? 0 : 1), "
          + "\(shape(entry.0).channels), \(zero(entry.0))}"
      }
      calls += """
          {
            const summand_t summands[] = {\(summands.joined(separator: ", "))};
            add(summands, \(factors.count), \(shape(index).channels), \(shape(index).height * shape(index).width), &r\(index), \(map(index)));
          }

        """
    case .product:
      let maps = layer.inputs.map { input in
        let isPlace = shape(input).height * shape(input).width == 1
        return
          "\(map(input)), \(zero(input)), \(shape(input).channels == 1 ? 0 : isPlace ? 1 : shape(input).height * shape(input).width), \(isPlace ? 0 : 1)"
      }
      calls +=
        "  multiply(\(maps[0]), \(maps[1]), \(shape(index).channels), "
        + "\(shape(index).height * shape(index).width), &r\(index), \(map(index)));\n"
    case .averagePool:
      calls +=
        "  if (!average_all(\(map(first)), \(zero(first)), \(shape(first).channels), "
        + "\(shape(first).height * shape(first).width), &r\(index), \(map(index))))\n"
        + "    return \(index + 1);\n"
    case .localAveragePool(let pool, _):
      calls +=
        "  average(\(map(first)), \(zero(first)), \(sides(first)), \(window(pool, index)), "
        + "&r\(index), \(map(index)));\n"
    case .enlargement(let spec, _):
      calls +=
        "  enlarge(\(map(first)), \(zero(first)), \(sides(first)), \(spec.stride), &r\(index), "
        + "\(map(index)));\n"
    case .affine(let factors, let biases, _):
      constants += array("w\(index)", factors) + array("b\(index)", biases)
      calls +=
        "  scale(\(map(first)), \(zero(first)), \(shape(first).channels), "
        + "\(shape(first).height * shape(first).width), w\(index), b\(index), &r\(index), "
        + "\(map(index)));\n"
    }
  }

  private mutating func writeConvolution(
    _ layer: IntegerLayer, _ convolution: IntegerConvolution, _ constants: inout String,
    _ calls: inout String
  ) {
    let (index, first, spec) = (layer.index, layer.inputs[0], convolution.spec)
    let range = Int(layer.weights.min() ?? 0)...Int(layer.weights.max() ?? 0)
    let bytes = Self.byteCount(ofWeightsIn: range)
    let start = weights.count
    for weight in layer.weights { weights.appendLittleEndian(Int(weight), count: bytes) }
    constants += array("b\(index)", convolution.biases)
    let heads = program.heads.indices.filter { program.heads[$0].source == index }
    let isLast = convolution.requantization == nil
    func convolve(_ places: FeatureShape, _ target: String) -> String {
      """
      if (!convolve(\(map(first)), \(zero(first)), \(sides(first)), \(spec.outChannels), \(places.height), \(places.width), \(spec.kernelSize),
                      \(spec.strideY), \(spec.strideX), \(spec.padding), \(spec.dilation), \(spec.groups), weights + \(start), \(bytes),
                      b\(index), \(target)))
          return \(index + 1);

      """
    }
    guard let blur = convolution.blur else {
      let all = "0, \(spec.outChannels), "
      let target =
        isLast
        ? "NULL, \(all)NULL, heads[\(heads.first ?? 0)]" : "&r\(index), \(all)\(map(index)), NULL"
      calls += "  " + convolve(shape(index), target)
      return
    }
    let places = spec.outputShape(of: shape(first))
    calls += """
        for (int c = 0; c < \(spec.outChannels); c++) {
          \(convolve(places, "&rbefore\(index), c, c + 1, NULL, channel"))\
          blur(channel, \(places.height), \(places.width), \(window(blur, index)), &r\(index),
               \(map(index)) + (size_t)c * \(shape(index).height * shape(index).width));
        }

      """
  }

  /// The rules of a layer on its map.
  private func rules(_ layer: IntegerLayer) -> [(name: String, rule: Requantization)] {
    let shape = shape(layer.inputs[0])
    let places = shape.height * shape.width
    var rules = layer.operation.rules
    switch layer.operation {
    case .averagePool(let mean): rules[0].rule = mean.divided(by: places)
    case .gate(let gate, _): rules[0].rule = gate.means(over: places)
    default: break
    }
    return rules
  }

  private func window(_ blur: IntegerBlur, _ index: Int) -> String {
    "\(shape(index).height), \(shape(index).width), \(blur.spec.size), \(blur.spec.strideY), "
      + "\(blur.spec.strideX)"
  }

  private func window(_ pool: PoolSpec, _ index: Int) -> String {
    "\(shape(index).height), \(shape(index).width), \(pool.size), \(pool.strideY), \(pool.strideX), "
      + "\(pool.leadingPadding)"
  }

  private func pass(_ spec: LayerSpec, _ layer: IntegerLayer) -> String {
    let (index, first) = (layer.index, layer.inputs[0])
    switch spec {
    case .maxPool(let pool):
      return
        "  maximum(\(map(first)), \(sides(first)), \(window(pool, index)), \(map(index)));\n"
    case .channelMaxPool(let pool):
      return
        "  channel_maximum(\(map(first)), \(shape(first).channels), \(pool.outChannels), "
        + "\(shape(first).height * shape(first).width), \(map(index)));\n"
    case .upsample(let upsample):
      return "  repeat(\(map(first)), \(sides(first)), \(upsample.stride), \(map(index)));\n"
    case .route(let route):
      var (text, next) = ("", 0)
      for input in layer.inputs {
        let places = shape(input).height * shape(input).width
        let width = shape(input).channels / route.groups
        text +=
          "  memcpy(\(map(index)) + \(next * places), \(map(input)) + "
          + "\(width * route.groupID * places), \(width * places) * sizeof(code_t));\n"
        next += width
      }
      return text
    case .reorg(let reorg):
      let stride = reorg.stride
      return
        "  space_to_depth(\(map(first)), \(shape(first).channels / (stride * stride)), "
        + "\(shape(first).height * stride), \(shape(first).width * stride), \(stride), "
        + "\(map(index)));\n"
    case .reorg3d(let reorg):
      return "  space_to_depth(\(map(first)), \(sides(first)), \(reorg.stride), \(map(index)));\n"
    case .dropout:
      return
        "  memcpy(\(map(index)), \(map(first)), \(shape(first).count) * sizeof(code_t));\n"
    case .convolutional, .depthwise, .localAveragePool, .averagePool, .shortcut, .scaleChannels,
      .sam, .squeezeExcitation, .batchNorm, .yolo, .gaussianYolo, .region:
      preconditionFailure("the layer computes")
    }
  }
}
