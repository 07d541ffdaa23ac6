import Reports
import Terminal
import Torch
import Training

extension TrainingRun {
  /// What a reader wants to know first: the network, the pictures, the learning rate, the machine, the
  /// place.
  ///
  /// - Parameters:
  ///   - width: of the largest training pictures, in pixels; `height` likewise.
  ///   - resumes: whether the run goes on.
  func introduction(width: Int, height: Int, resumes: Bool) -> [String] {
    let options = recipe.options
    let size = options.multiScale.map { "\($0.lowerBound) to \($0.upperBound)" }
    var lines = [
      "network: \(displayed(recipe.cfg)), \(Figures.count(network.spec.parameterCount)) parameters, "
        + start,
      dataInWords,
      "pictures: \(size ?? "\(width)×\(height)") pixels, \(options.feeding.fit.rawValue), "
        + "\(options.batchSize) at a time, \(options.batchSize * options.accumulationSteps) a step, "
        + "\(counted(options.stepsPerEpoch(pictures: train.labelledCount), "step")) an epoch, "
        + counted(options.epochs, "epoch"),
    ]
    // What goes on has its learning rate told where that changes.
    if !resumes { lines.append(recipe.ratesInWords(pictures: train.labelledCount)) }
    lines += [
      "device: \(network.device)"
        + (network.device.isCUDA ? "" : " with \(counted(TorchRuntime.threadCount, "thread"))")
        + ", \(options.precision.rawValue)",
      "results: \(path)" + (validation == nil ? "" : "; \(bestInWords)"),
    ]
    return lines
  }

  private var dataInWords: String {
    let judged = validation.map { grouped($0.dataset.pictures.count) }
    let unlabelled =
      train.unlabelledCount > 0
      ? "\(grouped(train.unlabelledCount)) without labels "
        + "(\(recipe.options.unlabelledPerBatch) of each batch), " : ""
    return
      "data: \(displayed(recipe.data)), \(counted(train.labelledCount, "picture")) to train on, "
      + unlabelled + "\(judged.map { "\($0) to judge by" } ?? "none to judge by"); "
      + "\(counted(train.labelCount, "box", "boxes")), "
      + counted(train.names.count, "class", "classes")
  }

  private var bestInWords: String {
    "'kept' marks an epoch whose weights go into model.weights; the last so marked is the best epoch: the "
      + "latest within chance of the highest mAP@0.5"
      + (recipe.startRole == .counted
        ? "; where none is marked, model.weights holds those of the start" : "")
  }
}

extension TrainingRecipe {
  /// How the learning rate goes, in words.
  ///
  /// - Parameter pictures: to train on.
  func ratesInWords(pictures: Int) -> String {
    let schedule = options.schedule(batchesPerEpoch: options.batchesPerEpoch(pictures: pictures))
    let peak = Figures.significant(schedule.peak)
    let end = Figures.significant(schedule.peak * schedule.finalFraction)
    guard schedule.warmupBatches > 0 else {
      return "learning rate: from \(peak) down to \(end), without a warm-up"
    }
    let biases =
      switch (schedule.warmupBiasRate, beginning) {
      case (0, .wholeNetwork): "biases too, because the network is trained already"
      case (0, _): "biases too"
      case (let rate, _):
        "biases, which learn first, go from \(Figures.significant(rate)) to \(peak)"
      }
    return "learning rate: from 0 to \(peak) in "
      + "\(counted(schedule.warmupBatches, "batch", "batches")) of warm-up, then down to \(end); "
      + biases
  }
}
