import Diagnosis
import Distillation
import Foundation
import Networks
import Reports
import Terminal
import Torch
import Training

extension RunDescription {
  /// A training run's.
  ///
  /// - Parameter version: of the program that trains.
  package init(_ request: TrainingRecipe, network: Network, version: String) {
    let options = request.options
    func size(_ width: Int, _ height: Int) -> String { "\(width)×\(height)" }
    var settings = [
      Fact("network", request.cfg), Fact("data", request.data), Fact("epochs", "\(options.epochs)"),
      Fact(
        "pictures a step",
        "\(options.batchSize * options.accumulationSteps) "
          + "(batches of \(options.batchSize), \(options.accumulationSteps) a step)"),
      Fact(
        "picture size",
        options.multiScale.map { "\($0.lowerBound) to \($0.upperBound) at random" }
          ?? size(options.imageWidth, options.imageHeight)),
      Fact("validation size", size(options.testWidth, options.testHeight)),
      Fact("optimizer", "\(options.method)".uppercased()),
      Fact(
        "learning rate",
        "\(Figures.significant(options.learningRate, 4)), at the end "
          + "\(Figures.significant(options.learningRate * options.finalLearningRate, 4))"),
      Fact(
        "learning rate of biases at the start of the warm-up",
        Figures.significant(
          options.warmupBiasRate ?? LearningRateSchedule.usualWarmupBiasRate, 4)),
      Fact("momentum", Figures.significant(options.momentum, 4)),
      Fact("weight decay", Figures.significant(options.weightDecay, 4)),
      Fact("arithmetic", options.precision.rawValue),
      Fact("moving average of the weights", options.usesAverage ? "yes" : "no"),
      Fact("seed", "\(options.seed)"),
    ]
    let changes = options.augmentation
    let augmentation: [(String, Double)] = [
      ("mosaic", options.isRectangular ? 0 : changes.mosaic), ("hue", changes.hue),
      ("saturation", changes.saturation), ("value", changes.value), ("rotation", changes.degrees),
      ("shift", changes.translation), ("scale", changes.scale), ("shear", changes.shear),
      ("flip", changes.horizontalFlip),
    ]
    let used = augmentation.filter { $0.1 != 0 }
      .map { "\($0.0) \(Figures.significant($0.1, 3))" }
    settings.append(
      Fact("augmentation", used.isEmpty ? "none" : used.joined(separator: ", ")))
    if let sparsity = request.sparsity {
      let words = [
        Figures.significant(sparsity, 4), request.sparsityScope?.rawValue,
        request.sparsitySchedule?.rawValue, request.sparsityUpdate?.rawValue,
      ]
      settings.append(Fact("sparsity", words.compactMap { $0 }.joined(separator: ", ")))
    }
    if let distillation = request.distillation {
      settings.append(
        Fact("teachers", distillation.teachers.map(\.weights).joined(separator: ", ")))
      let names = distillation.strategies.enumerated().map { index, record in
        let weight = distillation.weights?[index] ?? 1
        return record.strategy.name + (weight == 1 ? "" : " × \(Figures.significant(weight))")
      }.joined(separator: ", ")
      settings.append(
        Fact(
          "distillation",
          "\(names), \(distillation.schedule.rawValue), until "
            + "\(Figures.percent(distillation.until, 0)) of the epochs"))
    }
    settings += request.quantization?.facts(of: network.spec) ?? []
    if let unlabeled = request.unlabeled {
      settings.append(
        Fact(
          "pictures without labels",
          "\(unlabeled), \(Figures.percent(options.unlabelledShare ?? 0, 0)) of each batch"))
    }
    settings.append(Fact("loss", DetectionLoss(options).summary))
    settings += TrainingKeys.outcome(for: network.spec, options: options).facts
    let resumptions = request.resumptions ?? []
    var machine = Self.machine(network.device, version)
    if let started = request.started { machine.append(Fact("started", started)) }
    machine += resumptions.suffix(1).map { Fact("resumed", $0.date) }
    let commands = [request.command] + resumptions.map(\.command)
    self.init(
      command: commands.map(Self.typed).joined(separator: "\n"), settings: settings,
      machine: machine)
  }

  /// What stands on a page of its command and machine.
  ///
  /// - Parameters:
  ///   - arguments: of the process, the program first.
  ///   - version: of the program.
  package init(
    _ arguments: [String], settings: [Fact] = [], device: Device, version: String
  ) {
    self.init(
      command: Self.typed(arguments), settings: settings,
      machine: Self.machine(device, version) + [Fact("written", Self.now)])
  }

  /// A command line as it may be typed again; the program by its public name.
  private static func typed(_ arguments: [String]) -> String {
    shellCommand(["pare"] + arguments.dropFirst())
  }

  /// Where the program runs.
  private static func machine(_ device: Device, _ version: String) -> [Fact] {
    let machine = Machine.current()
    var facts = [
      Fact("Pare", version), Fact("libtorch", TorchRuntime.version),
      Fact("device", "\(device)"),
      Fact(
        "processor",
        "\(machine.cores) core\(machine.cores == 1 ? "" : "s")"
          + (machine.model.isEmpty ? "" : " of \(machine.model)")
          + ", \(TorchRuntime.cpuCapability)"),
      Fact("threads", "\(TorchRuntime.threadCount)"),
    ]
    if let memory = machine.memoryInBytes { facts.append(Fact("memory", gibibytes(memory))) }
    return facts
  }

  /// The time, as ISO 8601 writes it.
  package static var now: String {
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = .current
    return formatter.string(from: Date())
  }
}
