import Darknet
import Reports
import Training

/// Why a network was not pruned.
public enum PruningError: Error, Hashable, Sendable {
  /// The share is not in `0..<1`.
  case percentOutOfRange(Double)
  /// The share leaves a layer no channel above the threshold: a share of the network, or of some of
  /// its layers. `most` is the largest share of all its layers that leaves each of them some, where there
  /// is one share for all; `isDefault` says that nobody asked for it.
  case wouldEmpty(
    Double, emptying: Double, of: ClosedRange<Int>? = nil, most: Double?, isDefault: Bool = false)
  /// The share is at or beyond the one at which mAP was measured to break off.
  case beyondCliff(Double, cliff: Double)
  /// More was lost than is allowed, in points of the figure that lost the most.
  case losesTooMuch(PruningLoss, allowed: Double)
  /// A loss is limited, and the whole network finds next to nothing.
  case nothingToLose(PruningLoss)
  /// The parameters are those of another network.
  case parametersDoNotFit(ParameterMisfit)
  /// A parameter is NaN or infinite.
  case notFinite(layer: Int, role: ParameterRole, index: Int)
  /// A running variance is below zero.
  case negativeVariance(layer: Int, channel: Int)
  /// No residual block can go.
  case noBlocks
  /// No layer of the scope has scales that sparse training could push.
  case nothingToSparsify
  /// No channel in scope may go.
  case nothingToPrune(PruningScope)
  /// The score reads γ, and no convolution has batch normalisation.
  case noScales
  /// The score is measured on pictures, and no scores were given.
  case scoresMissing(ImportanceScore)
  /// Every γ in scope is the same: nothing says which channel matters.
  case scalesAllEqual(Float)
  /// Every score in scope is the same, by a score that is not |γ|.
  case scoresAllEqual(ImportanceScore, Float)
  /// More residual blocks are to go than there are.
  case tooFewBlocks(asked: Int, found: Int)
  /// No share of channels that may go reaches a target.
  case targetOutOfReach(String)
  /// No random network has the cost that was asked for.
  case noCandidate(tries: Int, share: Double, delta: Double)
  /// The pruned parameters do not fill the pruned cfg; the labels are wrong.
  case surgeryFailed(ParameterMisfit)
  /// The network has no output that a proof could be made on.
  case nothingToCompare
  /// The smaller network does not compute what the masked one does.
  case proofFailed(relativeDifference: Double)
}

extension PruningError: CustomStringConvertible {
  /// One line: what was found, what was expected, what to do.
  public var description: String {
    switch self {
    case .percentOutOfRange(let percent):
      "a share of \(percent) cannot be pruned, expected 0 or more and less than 1 (as in 0.6 or 60%)"
    case .wouldEmpty(let percent, let emptying, let layers, let most, let isDefault):
      "\(Self.text(percent)) of the channels"
        + (layers.map { " of layers \($0.lowerBound) to \($0.upperBound)" } ?? "")
        + (isDefault ? ", the default of --percent," : "")
        + " is too much: beyond \(Self.text(emptying)) of them a layer would lose all it has; "
        + (most.map {
          $0 < 0.0001
            ? ""
            : "'--percent \(Self.text($0))' empties none, whatever it costs ('--curve' measures that); "
        }
          ?? "ask for a smaller share of these layers; ")
        + "or add --force, which leaves such a layer its best channel (with a --score other than gamma, "
        + "'--normalize layer' may help)"
    case .beyondCliff(let percent, let cliff):
      "\(Self.text(percent)) of the channels is too much: at \(Self.text(cliff)) of them more than "
        + "\(Int(100 * PruningCurve.tolerance)) points of mAP@0.5 are lost; nothing was written; use a "
        + "smaller share, or --force and fine-tune"
    case .losesTooMuch(let loss, let allowed):
      "\(loss.worst.metric.title) \(loss.worst.change): more than the "
        + "\(Figures.fixed(allowed, 2)) points of --max-loss; nothing was written; use a smaller share or another --score ('--curve' shows what each share loses), or "
        + "leave --max-loss out and fine-tune"
    case .nothingToLose(let loss):
      "mAP@0.5:0.95 is \(Figures.fixed(loss.change.baseline, 4)) before pruning, so --max-loss has nothing to hold; "
        + "nothing was written; look at the network and its pictures first (pare test)"
    case .parametersDoNotFit(let misfit): "the weights belong to another cfg: \(misfit)"
    case .notFinite(let layer, let role, let index):
      "'\(role.rawValue)' of layer \(layer) is not a finite number at \(index); "
        + "the training diverged, prune an earlier checkpoint"
    case .negativeVariance(let layer, let channel):
      "the running variance of layer \(layer), channel \(channel), is negative; "
        + "the weights are damaged"
    case .nothingToSparsify:
      "no layer that '--sparsity-scope' selects has batch normalisation, so there are no scales to push"
    case .nothingToPrune(.all): "nothing to prune: every channel has to stay"
    case .nothingToPrune:
      "nothing to prune in the layers of '--scope legacy': every channel has to stay"
    case .noScales:
      "no convolution has batch normalisation, so there are no scales to judge channels by; "
        + "use another --score, such as l1"
    case .scoresMissing(let score):
      "the score '\(score.rawValue)' is measured on pictures: measure it first (MeasuredScores), or use "
        + "another score"
    case .noBlocks:
      "nothing to prune: the network has no residual block whose removal leaves the rest intact; 'pare "
        + "prune normal' removes channels"
    case .scalesAllEqual(0):
      "every batch normalisation scale is 0, so nothing says which channels matter; the sparsity "
        + "was too strong"
    case .scalesAllEqual(let value):
      "every batch normalisation scale is \(value), so nothing says which channels matter; "
        + "train with --sparsity first"
    case .scoresAllEqual(let score, let value):
      "every channel's score by '\(score.rawValue)' is \(value), so nothing says which channels "
        + "matter; use another --score"
    case .targetOutOfReach(let reason): "the target cannot be reached: \(reason)"
    case .noCandidate(let tries, let share, let delta):
      "none of \(tries) drawn networks has \(Self.text(max(share - delta, 0))) to "
        + "\(Self.text(share + delta)) of the multiplications, which '--percent "
        + "\(Self.text(1 - share)) --delta \(Figures.significant(delta))' leaves; use another --percent or "
        + "a larger --delta"
    case .tooFewBlocks(let asked, let found):
      "\(asked) residual blocks cannot be removed: the network has \(found) whose removal leaves "
        + "the rest intact"
    case .nothingToCompare:
      "the network has no detection head, so there is no output to prove the pruning on; nothing "
        + "was saved"
    case .proofFailed(let difference):
      "the pruned network differs from the masked one by \(difference) of the output's scale, "
        + "expected at most \(PruningProof.tolerance); nothing was saved"
    case .surgeryFailed(let misfit): "the pruned weights do not fit the pruned cfg: \(misfit)"
    }
  }

  /// The same of a share that nobody asked for.
  package var ofDefault: PruningError {
    guard case .wouldEmpty(let percent, let emptying, let layers, let most, _) = self else {
      return self
    }
    return .wouldEmpty(percent, emptying: emptying, of: layers, most: most, isDefault: true)
  }

  /// A share as a percentage of at most two decimals, rounded down, so that it can be typed.
  private static func text(_ share: Double) -> String {
    let hundredths = Int((share * 10_000 + 1e-6).rounded(.down))
    let decimals = hundredths % 100
    let digits =
      decimals % 10 == 0 ? "\(decimals / 10)" : decimals < 10 ? "0\(decimals)" : "\(decimals)"
    return "\(hundredths / 100)" + (decimals == 0 ? "" : ".\(digits)") + "%"
  }
}
