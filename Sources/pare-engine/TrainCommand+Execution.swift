import ArgumentParsing
import Commands
import Darknet
import Datasets
import Foundation
import Glibc
import Inference
import Runs
import Summaries
import Terminal
import Training

extension TrainCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: run.output)
    // Before the first file is there: who sees it may already send a signal.
    Interruption.listen()
    let training = try run.resume ? resumed() : started()
    // It holds the folder's lock.
    defer { withExtendedLifetime(training) {} }
    let result = try resumable(in: training.path) {
      try training(
        description: RunDescription(
          training.recipe, network: training.network, version: PareCommand.version))
    }
    let gain = try training.conclude(result, version: PareCommand.version)
    try gain?.writePages(in: training.path, command: training.recipe.command)
    let summary = TrainingSummary(result, of: training, gain: gain)
    // Before anything is printed: a reader that has gone must not cost the file.
    try json.write(summary.json)
    if !summary.isComplete { throw Stopped(summary.stopped) }
    guard report.printsTables else { return }
    // Everything is written: that nobody reads along is no failure of the run.
    do {
      try Console.print(summary.lines)
      try report.suggest(summary.next())
    } catch let error as StreamError where error.isBrokenPipe || error.number == EBADF {}
  }
}

extension TrainCommand {
  /// Trains. Pictures that have gone, and disks that are full, end that with the way on.
  private func resumable<Result>(in path: String, _ train: () throws -> Result) throws -> Result {
    do { return try train() } catch let error where error is DatasetError || error is FileError {
      guard fileExists(RunFolder(path: path).checkpointPath) else { throw error }
      throw RunError.endedEarly("\(error)", run: displayed(path))
    }
  }

  /// A new run.
  private func started() throws -> TrainingRun {
    try RunFolder.require(input.model, weights: input.weights)
    let spec = try NetworkSpec(contentsOf: input.cfg ?? "")
    // A run knows it by its whole path; an error names it as it was typed.
    if let data = input.data { _ = try DataFile(contentsOf: data) }
    let observer = ConsoleObserver(report)
    let training = try TrainingRun(
      TrainingRecipe(self, spec: spec),
      output: OutputFolder(
        run.output ?? (run.overwrite ? run.namedFolder : nil), overwrite: run.overwrite,
        kind: .training, name: run.name), observer: observer)
    if schedule.leavesStepsOpen, training.recipe.takesSmallSteps {
      observer.remark(TrainingOptions.remarkOnSmallSteps)
    }
    return training
  }

  /// The run of a folder, with its own options.
  private func resumed() throws -> TrainingRun {
    let folder = run.output ?? (run.name == nil ? input.model : nil)
    let path = try folder ?? RunFolder.newest(named: run.name)
    do {
      return try TrainingRun(
        resuming: path, change: { try $0.extend(by: self, run: path) },
        observer: ConsoleObserver(report))
    } catch let error as DataError where input.data == nil {
      throw RunError.dataIsGone("\(error.advised)", run: displayed(path))
    } catch FileError.cannotRead(let data, let reason)
      where input.data == nil && data.hasSuffix(".data")
    {
      throw RunError.dataIsGone(
        "\(FileError.cannotRead(path: data, reason: reason))", run: displayed(path))
    }
  }
}
