import Foundation
import Loading
import Networks
import Testing
import Torch
import _TorchSupport

@testable import Distillation

/// Two heads and two features of two pictures, in double precision, with values drawn at random.
struct DrawnBatch {
  let heads: [any DetectionHead]
  /// The student's outputs of both heads, its features, and a strategy's parameters.
  var inputs: [Tensor]
  let teacherOutputs: [Tensor]
  let teacherFeatures: [Tensor]
  let parameterNames: [String]
  let strategy: any DistillationStrategy
  let device: Device
  static let (width, height) = (32, 16)

  init(_ strategy: any DistillationStrategy, isEqual: Bool = false) throws {
    self.strategy = strategy
    device = .cpu
    let block = "[yolo] mask=0,1 anchors=20,12,9,14 classes=2 num=2 scale_x_y=1.1"
    heads = try toyHeads(
      width: Self.width, height: Self.height, [(16, 14, block), (8, 14, block)])
    let generator = try Generator(seed: 11)
    func drawn(_ shape: [Int], _ deviation: Double = 0.7) throws -> Tensor {
      try Tensor.normal(shape, deviation: deviation, generator: generator, dtype: .float64)
    }
    let shapes = [[2, 14, 1, 2], [2, 14, 2, 4]]
    let maps = [[2, 4, 1, 2], [2, 4, 2, 4]]
    teacherOutputs = try shapes.map { try drawn($0) }
    teacherFeatures = try maps.map { try drawn($0) }
    inputs =
      try isEqual
      ? (teacherOutputs + teacherFeatures).map { try $0.clone() }
      : shapes.map { try drawn($0) } + maps.map { try drawn($0) }
    let parameters = try strategy.parameters(for: Self.pairs, generator: Generator(seed: 7))
    parameterNames = parameters.map(\.name)
    inputs += try parameters.map { parameter in
      // What starts at zero or one is moved, so that all that depends on it shows.
      let start = try parameter.value.to(.float64)
      return try isEqual ? start : start + drawn(start.shape, 0.3)
    }
    inputs = try inputs.map { try $0.detach().requireGrad() }
  }

  /// The same numbers elsewhere: the networks' in one type, the parameters' in single precision.
  init(_ drawn: DrawnBatch, _ dtype: DType, on device: Device) throws {
    func moved(_ tensors: some Sequence<Tensor>, _ dtype: DType) throws -> [Tensor] {
      try tensors.map { try $0.detach().to(dtype).to(device).requireGrad() }
    }
    (strategy, heads, parameterNames) = (drawn.strategy, drawn.heads, drawn.parameterNames)
    self.device = device
    inputs =
      try moved(drawn.inputs.prefix(4), dtype) + moved(drawn.inputs.dropFirst(4), .float32)
    teacherOutputs = try moved(drawn.teacherOutputs, dtype)
    teacherFeatures = try moved(drawn.teacherFeatures, dtype)
  }

  static let pairs = [16, 8].enumerated().map { index, stride in
    FeaturePair(
      studentLayer: index, teacherLayer: index + 5, studentWidth: 4, teacherWidth: 4,
      stride: stride, place: index == 0 ? .neck : .headInput)
  }

  static let targets = [
    BatchTarget(imageIndex: 0, classIndex: 0, centerX: 0.3, centerY: 0.2, width: 0.5, height: 0.4),
    BatchTarget(imageIndex: 0, classIndex: 1, centerX: 0.8, centerY: 0.7, width: 0.3, height: 0.4),
    BatchTarget(imageIndex: 1, classIndex: 1, centerX: 0.6, centerY: 0.4, width: 0.6, height: 0.6),
  ]

  func view(_ output: Tensor, _ index: Int) throws -> HeadView {
    try HeadView(
      output, of: heads[index], inputWidth: Self.width, inputHeight: Self.height)
  }

  func losses(_ inputs: [Tensor]) throws -> StrategyLosses {
    let paired = try heads.indices.map { index in
      try PairedHeads(
        student: view(inputs[index], index), teacher: view(teacherOutputs[index], index),
        anchors: AnchorMatching(of: heads[index], stride: [16, 8][index], device: device))
    }
    let features = try Self.pairs.indices.map { index in
      try PairedFeatures(
        Self.pairs[index], student: inputs[2 + index], teacher: teacherFeatures[index])
    }
    // The teacher's rest: its outputs moved by a function of the features that is 0 at its own.
    let kernel = try Tensor.linspace(from: -1, to: 1, count: 14 * 4)
      .view([14, 4, 1, 1]).to(device)
    let batch = DistillationBatch(
      heads: paired, features: features,
      targets: DistillationTargets(
        Self.targets, inputWidth: Self.width, inputHeight: Self.height, device: device),
      isLabelled: try Tensor([1, 0] as [Float], device: device), seed: 3,
      runTeacher: { given in
        try given.indices.map { index in
          let moved = try (given[index] - teacherFeatures[index].precise())
            .conv2d(kernel.to(given[index].dtype))
          return try view(teacherOutputs[index] + moved, index)
        }
      })
    let parameters = Dictionary(
      uniqueKeysWithValues: zip(parameterNames, inputs.dropFirst(4)))
    return try strategy.losses(batch, parameters: parameters)
  }
}

@Suite struct GradientTests {
  /// All strategies, with their default options and as before.
  static let strategies: [any DistillationStrategy] =
    DistillationMethod.allCases.flatMap { method in
      [method.strategy] + [method.legacyStrategy].compactMap { $0 }
    } + [AttentionStrategy.legacy(number: 10)].compactMap { $0 } + [tempered]

  private static var tempered: any DistillationStrategy {
    var strategy = LogitsStrategy()
    strategy.temperature = 2.5
    return strategy
  }

  // Central differences of every number that the student or the strategy learns.
  @Test(arguments: strategies.indices)
  func `gradients are those of the formula`(index: Int) throws {
    let strategy = Self.strategies[index]
    let drawn = try DrawnBatch(strategy)
    let found = try drawn.losses(drawn.inputs).terms
    #expect(found.map(\.name) == strategy.lossNames)
    // A graph of its own for each term, since differentiating uses it up.
    let gradients = try found.indices.map { term in
      let value = try drawn.losses(drawn.inputs).terms[term].value
      return try Tensor.gradients(of: value, by: drawn.inputs).map { try $0?.toDoubles() }
    }
    let sizes = try found.map { abs(try $0.value.item()) }
    let step = 1e-6
    var steepest = [Double](repeating: 0, count: found.count)
    for (number, input) in drawn.inputs.enumerated() {
      let values = try input.detach().toDoubles()
      for element in values.indices {
        func terms(_ shift: Double) throws -> [Double] {
          var (moved, inputs) = (values, drawn.inputs)
          moved[element] += shift
          inputs[number] = try Tensor(moved, shape: input.shape)
          return try withoutGrad { try drawn.losses(inputs).terms.map { try $0.value.item() } }
        }
        let (above, below) = (try terms(step), try terms(-step))
        for term in found.indices {
          let slope = (above[term] - below[term]) / (2 * step)
          steepest[term] = max(steepest[term], abs(slope))
          let gradient = gradients[term][number]?[element] ?? 0
          #expect(
            abs(gradient - slope) <= 1e-5 * max(1, abs(slope), sizes[term] / 100),
            "\(strategy.name) \(found[term].name), input \(number), element \(element)")
        }
      }
    }
    #expect(steepest.allSatisfy { $0 > 1e-3 }, "\(strategy.name): \(steepest)")
  }

  @Test(arguments: strategies.indices)
  func `a teacher equal to the student gives no loss`(index: Int) throws {
    let strategy = Self.strategies[index]
    let drawn = try DrawnBatch(strategy, isEqual: true)
    let found = try drawn.losses(drawn.inputs)
    for term in found.terms {
      if strategy is MaskedStrategy {
        #expect(try term.value.item() > 0)
      } else if strategy is RelativeBoxStrategy, term.name == "boxes" {
        #expect(try term.value.item() == 0)
      } else {
        #expect(abs(try term.value.item()) < 1e-12, "\(strategy.name) \(term.name)")
      }
    }
    let total = try #require(try found.total())
    for gradient in try Tensor.gradients(of: total, by: drawn.inputs) {
      guard let gradient else { continue }
      #expect(try gradient.allFinite())
      guard !(strategy is MaskedStrategy) else { continue }
      #expect(try gradient.abs().amax().item() < 1e-9, "\(strategy.name)")
    }
  }

  /// The terms under autocast, and whether the gradients of their sum are finite.
  private func terms(_ drawn: DrawnBatch, _ precision: DType) throws -> [Double] {
    try withPrecision(precision, on: drawn.device) {
      let found = try drawn.losses(drawn.inputs)
      #expect(found.terms.allSatisfy { $0.value.dtype == .float32 && $0.value.shape == [] })
      try found.total()?.backward()
      for input in drawn.inputs { #expect(try input.grad?.allFinite() ?? true) }
      return try found.terms.map { try $0.value.item() }
    }
  }

  // Outputs and features come in half precision there; the losses are worked out in single
  // precision.
  @Test(arguments: strategies.indices)
  func `under autocast the losses are nearly the same`(index: Int) throws {
    let drawn = try DrawnBatch(Self.strategies[index])
    let exact = try drawn.losses(drawn.inputs).terms.map { try $0.value.item() }
    let found = try terms(DrawnBatch(drawn, .bfloat16, on: .cpu), .bfloat16)
    for (a, b) in zip(found, exact) { expectClose(a, b, within: 0.05) }
  }

  // TF32's 10 bits of mantissa, which convolutions have there unless told, are too few for 1e-4.
  @Test(
    .enabled(if: Device.cudaIsAvailable, "no GPU"), .libtorch(.exactProducts),
    arguments: strategies.indices)
  func `on a GPU the losses are the same`(index: Int) throws {
    // What masked hides is drawn otherwise there.
    guard !(Self.strategies[index] is MaskedStrategy) else { return }
    let drawn = try DrawnBatch(Self.strategies[index])
    let (host, device) = (
      try DrawnBatch(drawn, .float32, on: .cpu), try DrawnBatch(drawn, .float32, on: .cuda(0))
    )
    for (a, b) in zip(try terms(device, .float32), try terms(host, .float32)) {
      expectClose(a, b, within: 1e-4)
    }
    for (a, b) in zip(device.inputs, host.inputs) {
      let (found, expected) = (try a.grad?.toDoubles() ?? [], try b.grad?.toDoubles() ?? [])
      #expect(found.count == expected.count)
      let greatest = expected.map(abs).max() ?? 0
      for (x, y) in zip(found, expected) {
        #expect(abs(x - y) <= 1e-3 * max(greatest, 1e-6), "\(drawn.strategy.name)")
      }
    }
  }

  @Test(arguments: strategies.indices)
  func `no tensor outlives a batch`(index: Int) throws {
    let drawn = try DrawnBatch(Self.strategies[index])
    func pass() throws {
      let total = try #require(try drawn.losses(drawn.inputs).total())
      try total.backward()
      for input in drawn.inputs { try input.setGrad(nil) }
    }
    try pass()
    let before = TorchRuntime.liveTensorCountOfThread
    try pass()
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }
}
