import Darknet
import Foundation
import Storage
import Terminal
import Training

/// How far a training is whose weights are used before its end.
package struct RunProgress: Hashable, Sendable {
  /// The run's folder.
  package let folder: String
  /// Whole epochs that are done.
  package let done: Int
  /// Epochs of the whole run.
  package let epochs: Int
  /// Whether a process trains in it.
  package let isRunning: Bool

  /// Nil where a folder holds no training, or one that has come to its end.
  package init?(of folder: String) {
    let run = RunFolder(path: folder)
    guard fileExists(run.requestPath),
      let recipe = try? TrainingRecipe(contentsOf: run.requestPath)
    else { return nil }
    let history = try? Data(contentsOf: URL(filePath: run.historyPath), options: .mappedIfSafe)
    // Runs of earlier versions have no such file.
    guard history != nil || !fileExists(run.recordPath) else { return nil }
    self.folder = folder
    done = history?.count { $0 == UInt8(ascii: "\n") } ?? 0
    epochs = recipe.options.epochs
    isRunning = FolderLock.isHeld(folder)
    if done >= epochs { return nil }
  }

  private var place: String {
    "\(grouped(done)) of \(counted(epochs, "epoch")) \(done == 1 || epochs == 1 ? "is" : "are") done"
  }

  private var command: String {
    fileExists(RunFolder(path: folder).checkpointPath)
      ? "\(quotedCommand(["pare", "train", "--resume", "--output", folder])) goes on with it"
      : "it has no checkpoint from which it could go on"
  }

  /// What its weights are, in one line.
  package var words: String {
    isRunning
      ? "\(folder) is still in training: \(place); its weights are those so far"
      : "the training in \(folder) was interrupted: \(place), and its weights are those so far; "
        + command
  }

  /// Why it has no weights yet.
  package var emptiness: String {
    isRunning
      ? "is not written yet, for \(folder) is still in training: \(place)"
      : "was not written, for the training in \(folder) was interrupted: \(place); \(command)"
  }
}

extension RunObserver {
  /// Says of the weights of a run that its training has not come to its end; nothing of others.
  ///
  /// - Throws: ``RunError`` where it has not written them yet.
  package func tellProgress(ofWeights weights: String) throws {
    let folder = folderPath(of: weights)
    guard ["model.weights", "last.weights"].contains(fileName(of: weights)),
      let progress = RunProgress(of: folder)
    else { return }
    guard fileExists(weights) else {
      throw RunError.unusable(weights, reason: progress.emptiness)
    }
    note(progress.words)
  }
}
