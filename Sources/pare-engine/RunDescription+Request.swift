import Commands
import Diagnosis
import Foundation
import Networks
import Reports
import Runs
import Terminal
import Torch
import Training

extension RunDescription {
  /// A training run's.
  init(_ request: TrainingRecipe, network: Network) {
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
    settings.append(Fact("loss", DetectionLoss(options).summary))
    settings += TrainingKeys.outcome(for: network.spec, options: options).facts
    self.init(
      command: Self.commandLine(request.command), settings: settings,
      machine: Self.machine(device: network.device))
  }

  /// Where the program runs.
  static func machine(device: Device) -> [Fact] {
    let machine = Machine.current()
    var facts = [
      Fact("Pare", PareCommand.version), Fact("libtorch", TorchRuntime.version),
      Fact("device", "\(device)"),
      Fact(
        "processor",
        "\(machine.cores) core\(machine.cores == 1 ? "" : "s")"
          + (machine.model.isEmpty ? "" : " of \(machine.model)")
          + ", \(TorchRuntime.cpuCapability)"),
      Fact("threads", "\(TorchRuntime.threadCount)"),
    ]
    if let memory = machine.memoryInBytes { facts.append(Fact("memory", gibibytes(memory))) }
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = .current
    facts.append(Fact("written", formatter.string(from: Date())))
    return facts
  }

  /// Arguments as they may be typed again; the program by its public name.
  static func commandLine(_ arguments: [String]) -> String {
    shellCommand(["pare"] + arguments.dropFirst())
  }
}
