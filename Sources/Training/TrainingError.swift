import Darknet
import Terminal

/// What can stop a training run.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A loss that is no number any more.
  case nonFiniteLoss(term: String?, epoch: Int, batch: Int, remedies: [String] = [])
  /// The labels know classes that the network does not.
  case tooFewClasses(data: Int, network: Int)
  /// Nothing to learn from.
  case noLabels
  /// A replaced layer whose copy has other parameters than the layer itself, or the very same.
  case copyDiffers(parameter: String)
  /// A technique that steers by validation, in a run that has none.
  case needsEvaluation(technique: String)
  /// A checkpoint of another run.
  case checkpointDoesNotFit(path: String, reason: String)
  /// A folder that has no checkpoint.
  case nothingToResume(path: String)
  /// A history that is not the checkpoint's.
  case damagedHistory(path: String, reason: String)
  /// Fewer epochs than a run has already.
  case fewerEpochs(path: String, asked: Int, done: Int)
  /// A kind of head that no loss is known for.
  case noLoss(head: String, layer: Int)
  /// An option with a value that makes no sense.
  case invalidOption(String, reason: String)

  /// One line: what happened and what to do.
  public var description: String {
    switch self {
    case .nonFiniteLoss(let term, let epoch, let batch, let remedies):
      return
        "the loss\(term.map { "'s term '\($0)'" } ?? "") is not a finite number in epoch \(epoch + 1), batch \(batch + 1): "
        + "begin anew with \((remedies + ["a lower --learning-rate"]).joined(separator: " or ")), and --overwrite or another --output; to resume this run "
        + "would end the same way"
    case .tooFewClasses(let data, let network):
      return "the data has \(data) classes, the network \(network): "
        + "write a fitting cfg with 'pare config new NAME --classes \(data)'"
    case .noLabels:
      return "none of the training pictures has a label, so there is nothing to learn from"
    case .copyDiffers(let parameter):
      return "a copy of the network must have parameters of its own with the same names, which "
        + "\(parameter) is not: a replaced layer does not copy itself"
    case .needsEvaluation(let technique):
      return
        "\(technique) follows the validation, and the run has none: name a 'valid' list in the "
        + ".data file and test every few epochs with '--evaluate-every 1'"
    case .checkpointDoesNotFit(let path, let reason):
      return "\(path): \(reason)"
    case .nothingToResume(let path):
      let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
      return
        "\(path): no checkpoint to resume from, so the run cannot go on; its weights, where there are "
        + "some, can be trained further: "
        + quotedCommand(["pare", "train", "--model", folder, "--output", unusedPath(folder)])
    case .damagedHistory(let path, let reason):
      return "\(path): \(reason); start a new run from last.weights beside it with --weights"
    case .fewerEpochs(let path, let asked, let done):
      return "\(path): --epochs \(asked) is fewer than the \(done) that are done or begun"
    case .noLoss(let head, let layer):
      return
        "layer \(layer): no loss is known for a \(head), so a network with it cannot be trained"
    case .invalidOption(let name, let reason):
      return "\(name): \(reason)"
    }
  }
}
