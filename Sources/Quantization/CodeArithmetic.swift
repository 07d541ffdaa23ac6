import Darknet
import Integers
import Networks
import Torch

/// A layer on codes with libtorch: the sums and codes of an ``IntegerOperation``, exact in float64.
///
/// Tensors between layers have values, code less zero times step; each layer finds the whole numbers
/// in them again.
struct CodeArithmetic {
  let operation: IntegerOperation
  private let inputs: [CodeGrid]
  /// Codes of a kernel.
  let weight: Parameter?
  /// Input channels whose products float32 adds up exactly; nil where float64 is needed.
  private let exactParts: [Range<Int>]?
  /// What the operation has by lane, `[1, lanes, 1, 1]`.
  private let lanes: [Lane: Parameter]

  private enum Lane: Hashable {
    case biases, steps, weights, squeeze, excite
    case summand(Int)
    /// Of a rule of the operation, by its place.
    case multipliers(Int), negatives(Int), table(Int)
  }

  /// - Parameters:
  ///   - weight: codes of the kernel of a convolution.
  ///   - name: what the parameters' names begin with.
  init(
    _ operation: IntegerOperation, inputs: [CodeGrid], weight: Tensor?, name: String
  ) throws {
    (self.operation, self.inputs) = (operation, inputs)
    self.weight = try weight.map {
      try Parameter("\(name).weight", QuantizedLayer.group, $0.detach().clone())
    }
    var lanes: [Lane: Parameter] = [:]
    func keep(
      _ lane: Lane, _ word: String, _ values: [Double], shape: [Int]? = nil
    ) throws {
      lanes[lane] = try Parameter(
        "\(name).\(word)", QuantizedLayer.group,
        Tensor(values).view(shape ?? [1, values.count, 1, 1]))
    }
    switch operation {
    case .convolution(let convolution):
      try keep(.biases, "bias", convolution.biases.map(Double.init))
      try keep(.steps, "step", convolution.steps)
    case .sum(let factors, _):
      for (place, factors) in factors.enumerated() {
        try keep(.summand(place), "factor\(place)", factors.map(Double.init))
      }
    case .affine(let weights, let biases, _):
      try keep(.weights, "scale", weights.map(Double.init))
      try keep(.biases, "bias", biases.map(Double.init))
    case .gate(let gate, _):
      try keep(
        .squeeze, "squeeze", gate.squeeze.map(Double.init), shape: [gate.width, gate.channels])
      try keep(
        .excite, "excite", gate.excite.map(Double.init), shape: [gate.channels, gate.width])
    case .passing, .product, .blurredMaximum, .averagePool, .localAveragePool, .enlargement: break
    }
    for (place, (step, rule)) in operation.rules.enumerated() {
      let word = step.isEmpty ? "" : "\(step)."
      try keep(.multipliers(place), "\(word)multiplier", rule.multipliers.map(\.value))
      if !rule.negatives.isEmpty {
        try keep(.negatives(place), "\(word)negative", rule.negatives.map(\.value))
      }
      if let table = rule.table {
        let codes = table.codes.map(Double.init)
        try keep(.table(place), "\(word)table", codes, shape: [codes.count])
      }
    }
    self.lanes = lanes
    exactParts = try weight.flatMap { weight in
      guard case .convolution(let convolution) = operation else { return nil }
      return try Self.exactParts(weight, convolution.spec, reach: inputs[0].largestMagnitude)
    }
  }

  private init(
    _ other: CodeArithmetic, weight: Parameter?, lanes: [Lane: Parameter]
  ) {
    (operation, inputs, exactParts) = (other.operation, other.inputs, other.exactParts)
    (self.weight, self.lanes) = (weight, lanes)
  }

  func copy() throws -> CodeArithmetic {
    CodeArithmetic(self, weight: try weight?.copy(), lanes: try lanes.mapValues { try $0.copy() })
  }

  var parameters: [Parameter] {
    [weight].compactMap(\.self) + lanes.values.sorted { $0.name < $1.name }
  }

  /// Ranges of input channels over which Σ |weight|·|code| stays below 2^24, so that float32 holds
  /// every sum of products whatever its order.
  private static func exactParts(
    _ weight: Tensor, _ spec: ConvolutionSpec, reach: Int
  ) throws -> [Range<Int>]? {
    let sizes = try weight.detach().abs().to(.float64).sum(dims: [2, 3]) * Double(reach)
    let channels = sizes.shape[1]
    func isExact(_ part: Range<Int>) throws -> Bool {
      let sums = try sizes.narrow(dim: 1, start: part.lowerBound, count: part.count).sum(dims: [1])
      return try sums.amax().item() < 0x1p24
    }
    var count = 1
    while count <= channels {
      let parts = (0..<count).map { $0 * channels / count..<($0 + 1) * channels / count }
      if try parts.allSatisfy(isExact) { return parts }
      guard spec.groups == 1 else { return nil }
      count += 1
    }
    return nil
  }

  // MARK: What it does

  /// The layer's values.
  ///
  /// - Parameters:
  ///   - tensors: what the layer reads, values on their grids.
  ///   - change: something that is done to the values of a convolution's sums.
  func callAsFunction(
    _ tensors: [Tensor], _ convolution: Convolution?, _ context: LayerContext,
    changing change: ((Tensor) throws -> Tensor)?
  ) throws -> Tensor {
    let whole = try zip(tensors, inputs).map { tensor, grid in
      try (tensor / grid.step).rounded()
    }
    var sums = try sums(of: whole, convolution)
    if let change {
      let steps = try lane(.steps)
      sums = try (change((sums * steps).to(.float32)).to(.float64) / steps).rounded()
    }
    guard let last = operation.rules.indices.last else {
      let values = try (sums * lane(.steps)).to(.float32)
      return try convolution.map { try $0.activated(values, context) } ?? values
    }
    var multipliers = try lane(.multipliers(last))
    switch operation {
    case .convolution(let convolution):
      guard let blur = convolution.blur else { break }
      sums = try blurred(codes(of: sums, by: lane(.multipliers(0)), rule: 0), blur)
    case .averagePool(let requantization):
      multipliers = try multiplier(
        requantization.divided(by: tensors[0].shape[2] * tensors[0].shape[3]), sums.device)
    case .localAveragePool(let pool, _):
      let ones = try Tensor.ones(
        [1, 1] + whole[0].shape.suffix(2), dtype: .float64, device: sums.device)
      let counts = try summed(pool, ones).clamped(min: 1)
      multipliers = try multipliers.view([-1])
        .indexSelect(dim: 0, (counts - 1).to(.int64).reshaped([-1])).reshaped(counts.shape)
    default: break
    }
    let step = operation.rules[last].rule.grid.step
    return try codes(of: sums, by: multipliers, rule: last).to(.float32) * step
  }

  private func lane(_ lane: Lane) throws -> Tensor {
    guard let parameter = lanes[lane] else { throw NetworkError.missingParameter(.weight) }
    return parameter.value
  }

  /// The multiplier that a rule has for all lanes.
  private func multiplier(_ rule: Requantization, _ device: Device) throws -> Tensor {
    try Tensor.scalar(rule.multipliers[0].value, dtype: .float64, device: device)
  }

  /// Codes of sums, less zero, by a rule of the operation.
  private func codes(of sums: Tensor, by multipliers: Tensor, rule place: Int) throws -> Tensor {
    let rule = operation.rules[place].rule
    let zero = Double(rule.grid.zero)
    var scaled = try sums * multipliers
    // Below zero the product that is nearer to it.
    if lanes[.negatives(place)] != nil {
      scaled = try scaled.maximum(sums * lane(.negatives(place)))
    }
    let codes = try scaled.rounded()
    guard let table = rule.table else {
      return try codes.clamped(min: Double(rule.lowest) - zero, max: Double(rule.highest) - zero)
    }
    let places = try (codes - Double(table.first))
      .clamped(min: 0, max: Double(table.codes.count - 1)).to(.int64)
    return try lane(.table(place)).indexSelect(dim: 0, places.reshaped([-1]))
      .reshaped(codes.shape) - zero
  }

  /// Sums of a blur over codes.
  private func blurred(_ codes: Tensor, _ blur: IntegerBlur) throws -> Tensor {
    // Means of powers of two are exact.
    try codes.blurred(by: blur.spec) * Double(blur.total)
  }

  /// A map times the factors of its channels.
  private func gated(_ x: Tensor, _ gate: IntegerGate) throws -> Tensor {
    func layer(_ x: Tensor, _ kernel: Lane, _ place: Int) throws -> Tensor {
      try codes(
        of: x.linear(lane(kernel)), by: lane(.multipliers(place)).reshaped([1, -1]), rule: place)
    }
    let mean = gate.means(over: x.shape[2] * x.shape[3])
    let means = try codes(
      of: x.sum(dims: [2, 3]), by: multiplier(mean, x.device), rule: 0)
    let zero = Double(gate.rules[2].rule.grid.zero)
    let factors = try layer(layer(means, .squeeze, 1), .excite, 2) + zero
    return try x * factors.unsqueezed(2).unsqueezed(3)
  }

  /// The exact sums, float64.
  private func sums(of whole: [Tensor], _ convolution: Convolution?) throws -> Tensor {
    switch operation {
    case .convolution:
      guard let convolution, let weight = weight?.value else {
        throw NetworkError.missingParameter(.weight)
      }
      return try products(whole[0], weight, convolution) + lane(.biases)
    case .passing: return whole[0]
    case .sum(let factors, _):
      var sum = Tensor?.none
      for (place, tensor) in whole.enumerated() {
        let width = min(tensor.shape[1], whole[0].shape[1])
        var factor = try lane(.summand(place))
        if factors[place].count > 1 { factor = try factor.narrow(dim: 1, start: 0, count: width) }
        let part = try tensor.narrow(dim: 1, start: 0, count: width).to(.float64) * factor
        let missing = whole[0].shape[1] - width
        let wide = missing == 0 ? part : try part.padded([0, 0, 0, 0, 0, missing])
        sum = try sum.map { try $0 + wide } ?? wide
      }
      return sum ?? whole[0]
    case .product: return try whole[0].to(.float64) * whole[1].to(.float64)
    case .gate(let gate, _): return try gated(whole[0].to(.float64), gate)
    case .blurredMaximum(let pool, let blur):
      return try blurred(whole[0].maxima(pool).to(.float64), blur)
    case .averagePool: return try whole[0].to(.float64).sum(dims: [2, 3], keepDim: true)
    case .localAveragePool(let pool, _): return try summed(pool, whole[0].to(.float64))
    case .enlargement(let spec, _):
      return try whole[0].upsampledNearest(scale: spec.stride).to(.float64)
    case .affine: return try whole[0].to(.float64) * lane(.weights) + lane(.biases)
    }
  }

  private func summed(_ pool: PoolSpec, _ x: Tensor) throws -> Tensor {
    let (before, after) = (pool.leadingPadding, pool.trailingPadding)
    let means = try x.padded([before, after, before, after])
      .avgPool2d(kernel: (pool.size, pool.size), stride: (pool.strideY, pool.strideX))
    return try (means * Double(pool.size * pool.size)).rounded()
  }

  private func products(
    _ x: Tensor, _ weight: Tensor, _ convolution: Convolution
  ) throws -> Tensor {
    // On a GPU libraries may take ways that are not exact in float32.
    guard let exactParts, !x.device.isCUDA else {
      return try convolution.convolved(x.to(.float64), weight: weight.to(.float64), bias: nil)
        .rounded()
    }
    var sum = Tensor?.none
    for part in exactParts {
      let isWhole = exactParts.count == 1
      let products = try convolution.convolved(
        isWhole ? x : x.narrow(dim: 1, start: part.lowerBound, count: part.count),
        weight: isWhole ? weight : weight.narrow(dim: 1, start: part.lowerBound, count: part.count),
        bias: nil
      ).to(.float64)
      sum = try sum.map { try $0 + products } ?? products
    }
    return sum ?? x
  }
}
