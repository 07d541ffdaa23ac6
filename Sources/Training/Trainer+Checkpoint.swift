import Darknet
import Datasets
import Foundation
import Networks
import Reports
import Torch

extension Trainer {
  /// Writes everything that a run needs to go on from here.
  func saveCheckpoint() throws {
    state.averagedSteps = average?.steps ?? 0
    state.lossSums = try lossSums.toDoubles()
    state.history = history.mark
    var tensors = try network.allParameters.map { (name: "network.\($0.name)", tensor: $0.value) }
    tensors += optimizer.state
    if state.pending > 0 {
      // Those of all processes, without a change to this one's own; none lacks one that another
      // has.
      if communicator.size > 1 { _ = try optimizer.gradients }
      let waiting = try optimizer.waitingGradients.map {
        (name: $0.name, tensor: communicator.size > 1 ? try $0.tensor.clone() : $0.tensor)
      }
      try communicator.sumInPlace(waiting.map(\.tensor))
      tensors += waiting
    }
    if let average {
      tensors += try average.network.allParameters.map {
        (name: "average.\($0.name)", tensor: $0.value)
      }
    }
    if let scaler { tensors += scaler.state }
    tensors += added.map { (name: "technique.\($0.name)", tensor: $0.tensor) }
    for technique in techniques {
      guard let bytes = try technique.state() else { continue }
      tensors.append(
        (Self.stateName(technique), try Tensor([UInt8](bytes), shape: [bytes.count])))
    }
    if communicator.isFirst {
      try Checkpoint(state: state, tensors: tensors).write(to: folder.checkpointPath)
    }
    try communicator.barrier()
  }

  private static func stateName(_ technique: any TrainingTechnique) -> String {
    "technique.\(technique.name)"
  }

  /// Takes up the folder's checkpoint.
  func resume() throws {
    let path = folder.checkpointPath
    let (saved, file) = try Checkpoint.read(path)
    try check(saved, path: path)
    // All of it is compared with its checksums before anything is changed.
    for name in file.names { _ = try file.tensor(name) }
    history = try RunHistory(
      path: folder.historyPath, upTo: saved.history, isWritten: communicator.isFirst)
    let device = network.device
    let tensor = { (name: String) in try file.tensor(name, device: device) }
    try withoutGrad {
      for parameter in try network.allParameters {
        _ = try parameter.value.copyInPlace(tensor("network.\(parameter.name)"))
      }
      for parameter in try average?.network.allParameters ?? [] {
        _ = try parameter.value.copyInPlace(tensor("average.\(parameter.name)"))
      }
      for entry in added {
        _ = try entry.tensor.copyInPlace(tensor("technique.\(entry.name)"))
      }
    }
    try optimizer.load(tensor)
    // They are the sum over all processes.
    if saved.pending > 0, communicator.isFirst {
      try optimizer.loadGradients(file, device: device)
    }
    try scaler?.load(tensor)
    average?.restore(steps: saved.averagedSteps)
    for technique in techniques {
      guard file.contains(Self.stateName(technique)) else {
        guard try technique.state() == nil else {
          throw TrainingError.checkpointDoesNotFit(
            path: path, reason: "it has no state of '\(technique.name)'")
        }
        continue
      }
      try technique.restore(Data(file.tensor(Self.stateName(technique)).toUInt8s()))
    }
    if saved.environment != state.environment {
      observer.remark(
        "resumed in another environment (\(state.environment); before: \(saved.environment)): "
          + "the result can differ from an uninterrupted run's in the last digits")
    }
    if saved.epoch < options.epochs {
      observer.remark(
        "resumed from \(path) "
          + (saved.batch == batchesPerEpoch
            ? "after the last batch of epoch \(saved.epoch + 1), before its validation"
            : "at epoch \(saved.epoch + 1), batch \(saved.batch + 1)"))
    } else {
      observer.remark("\(path): all \(options.epochs) epochs are done")
    }
    if saved.options.epochs != options.epochs {
      tellExtension(from: saved)
      keepLastWeights(of: saved)
    }
    state = saved
    state.take(options)
    state.environment = TrainingEnvironment.current
    lossSums = try Tensor(saved.lossSums.map(Float.init), device: device)
  }

  /// Says what another number of epochs does to the learning rate.
  private func tellExtension(from saved: Checkpoint.State) {
    let before = saved.options.schedule(batchesPerEpoch: batchesPerEpoch)
    // The rate of the last batch, and the one that follows.
    let last = before(
      epoch: max(saved.epoch - (saved.batch == 0 ? 1 : 0), 0), batch: max(saved.totalBatches - 1, 0)
    ).rate
    let next = schedule(epoch: saved.epoch, batch: saved.totalBatches).rate
    let change = "from \(Figures.significant(last)) to \(Figures.significant(next))"
    observer.remark(
      "the run has \(options.epochs) epochs now, it had \(saved.options.epochs): the learning rate "
        + "goes on as in a run of \(options.epochs), which takes it \(change) here"
        + (next > 1.01 * last
          ? " and down again to the end; mAP may fall at first"
            // Only where the run gets longer (``Checkpoint/State/take(_:)``).
            + (options.epochs > saved.options.epochs
              ? ", model.weights stays what it is until an epoch is better" : "")
          : ""))
  }

  /// Keeps the last weights of a run that had ended, which the next epoch would replace: they may be the
  /// ones to go on with, as those of a sparse training are.
  private func keepLastWeights(of saved: Checkpoint.State) {
    guard communicator.isFirst, options.epochs > saved.options.epochs,
      saved.epoch >= saved.options.epochs, let kept = folder.keepLastWeights(epoch: saved.epoch)
    else { return }
    observer.remark("\(kept): the last weights so far, for those of later epochs replace them")
  }

  private func check(_ saved: Checkpoint.State, path: String) throws {
    func refuse(_ reason: String) -> TrainingError {
      .checkpointDoesNotFit(path: path, reason: reason)
    }
    guard saved.configurationHash == state.configurationHash else {
      throw refuse("the checkpoint belongs to another cfg, or the run's cfg was changed")
    }
    guard saved.dataFingerprint == state.dataFingerprint else {
      let unlabelled = dataset.pictures.suffix(dataset.unlabelledCount).first.map {
        ", or the pictures without labels in \(folderPath(of: $0.path))"
      }
      throw refuse(
        "the training data\(unlabelled ?? "") has changed since the checkpoint was written")
    }
    if let before = saved.techniques, before != techniques.map(\.name) {
      let words = before.isEmpty ? "none" : before.joined(separator: ", ")
      throw refuse("the checkpoint was made with other techniques (\(words))")
    }
    var own = saved.options
    own.epochs = options.epochs
    guard own == options else {
      throw refuse("the checkpoint was made with other options; resume with the run's own")
    }
    guard saved.epoch <= options.epochs else {
      throw TrainingError.fewerEpochs(path: folder.path, asked: options.epochs, done: saved.epoch)
    }
    // Its last epoch would be one that has begun beyond it.
    if saved.epoch == options.epochs, saved.batch > 0 {
      throw TrainingError.fewerEpochs(
        path: folder.path, asked: options.epochs, done: saved.epoch + 1)
    }
    let batches = saved.epoch.multipliedReportingOverflow(by: batchesPerEpoch)
    guard saved.epoch >= 0, (0...batchesPerEpoch).contains(saved.batch), !batches.overflow,
      saved.totalBatches == batches.partialValue + saved.batch,
      (0...saved.batch).contains(saved.pending), saved.steps >= 0, saved.imagesSeen >= 0,
      saved.averagedSteps >= 0, saved.history.epochs == saved.epoch, saved.history.bytes >= 0,
      saved.lossSums.count == lossNames.count,
      saved.epoch < options.epochs || saved.batch == 0
    else { throw refuse("its place in the run is none that a run can have") }
  }
}
