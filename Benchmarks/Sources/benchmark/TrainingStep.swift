import Darknet
import Datasets
import Loading
import Networks
import Torch
import Training

/// The step that `pare train` makes: forward, loss, backward, SGD. Nothing but the step.
struct TrainingStep {
  let network: Network
  private let loss = DetectionLoss()
  private let optimizer: Optimizer
  private let rates = LearningRateSchedule(peak: 1e-4, epochs: 1, warmupBatches: 0)

  init(_ configuration: Configuration, layout: MemoryFormat = .channelsLast) throws {
    network = try Network(configuration)
    try network.move(to: .cpu, memoryFormat: layout)
    optimizer = try Optimizer(network.allParameters)
  }

  func callAsFunction(_ images: Tensor, _ targets: [BatchTarget]) throws {
    let value = try loss(
      network(images, .training), heads: network.heads, targets: targets,
      inputWidth: images.shape[3], inputHeight: images.shape[2], overlapShare: 1)
    try (value.total * (Double(images.shape[0]) / 64)).backward()
    try optimizer.step(rates(epoch: 0, batch: 0))
  }

  /// Pictures of noise with 8 boxes each, as `reference_step.py` makes them.
  func randomBatch(_ options: Options) throws -> (images: Tensor, targets: [BatchTarget]) {
    let images = try Tensor.uniform(
      [options.batch, network.spec.net.channels, options.size, options.size],
      generator: Generator(seed: 0))
    var random = SampleRandom(seed: 0)
    let targets = (0..<(options.batch * 8)).map { index in
      BatchTarget(
        imageIndex: index % options.batch, classIndex: index % network.classCount,
        centerX: .random(in: 0.1..<0.9, using: &random),
        centerY: .random(in: 0.1..<0.9, using: &random),
        width: .random(in: 0.05..<0.45, using: &random),
        height: .random(in: 0.05..<0.45, using: &random))
    }
    return try (images.to(network.memoryFormat), targets)
  }
}

/// Prints pictures per second of our step and, where a Python is given, of PyTorch's, taken in
/// turn.
func measureTrainingStep(_ options: Options) throws {
  let cfg = try options.requiredCfg()
  let configuration = try Configuration(contentsOf: cfg)
  let steps = try options.layouts.map { try TrainingStep(configuration, layout: $0) }
  let batches = try steps.map { try $0.randomBatch(options) }
  let script = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let layouts = ["channels_last", "contiguous"]

  var ours = [Samples](repeating: Samples(), count: steps.count)
  var reference = [Samples](repeating: Samples(), count: layouts.count)
  var ratios = [Samples](repeating: Samples(), count: steps.count)
  for round in 0..<options.rounds {
    var medians: [Double] = []
    for index in steps.indices {
      let run = { try steps[index](batches[index].images, batches[index].targets) }
      if round == 0 { try run() }
      try run()
      var samples = Samples()
      for _ in 0..<options.repeats {
        let speed = try Double(options.batch) / seconds(run)
        samples.append(speed)
        ours[index].append(speed)
      }
      medians.append(samples.median)
    }
    guard let python = options.python else { continue }
    var best = 0.0
    for (index, layout) in layouts.enumerated() {
      let line = try output(
        of: python,
        [
          "/\(script)/reference_step.py", cfg, "--batch", "\(options.batch)", "--size",
          "\(options.size)", "--threads", "\(options.threads)", "--repeats", "\(options.repeats)",
          "--layout", layout,
        ])
      guard let speed = line.split(separator: " ").first.flatMap({ Double($0) }) else {
        throw Problem(description: "reference_step.py: '\(line)' is not a speed")
      }
      reference[index].append(speed)
      best = max(best, speed)
    }
    for index in steps.indices { ratios[index].append(medians[index] / best) }
  }
  print("\(cfg): batch \(options.batch), \(options.size) px, fp32; pictures/s, median (range)")
  for (index, layout) in options.layouts.enumerated() {
    print("  ours, \(layout): \(ours[index])")
  }
  guard options.python != nil else { return }
  for (index, layout) in layouts.enumerated() { print("  PyTorch, \(layout): \(reference[index])") }
  for (index, layout) in options.layouts.enumerated() {
    print("  ours, \(layout), over the better PyTorch of each round: \(ratios[index])")
  }
}
