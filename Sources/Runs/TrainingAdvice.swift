import Boxes
import Pruning
import Reports
import Training

/// What the figures of a training say about the next step: whether to train longer, whether a
/// sparse training made the network sparse or broke it.
///
/// The end of a run and its page say the same (docs/formulas.md 5.11).
package struct TrainingAdvice {
  private let recipe: TrainingRecipe
  private let trend: TrainingTrend
  private let obstacles: TrainingObstacles
  /// Before the first epoch; nil where that was not judged.
  private let start: ValidationFigures?
  /// mAP@0.5 of the weights that are kept, which may be within chance of the highest.
  private let kept: Double?
  /// The share of scales near zero that a sparse training has reached, and the median; nil of
  /// another.
  private let sparsity: (silentShare: Double, median: Double)?
  /// ``Pruning/Pruner/harmlessShare()`` of its last weights; nil where that is not known.
  private let harmlessShare: Double?

  /// The share of scales near zero above which none tells what matters.
  private static let crushedShare = 0.95
  /// mAP@0.5 of a network that finds next to nothing.
  private static let brokenMap50 = 0.05
  /// A loss of mAP@0.5 in a sparse training that is worth a word.
  private static let notableLoss = 0.05

  /// Judges a training.
  ///
  /// - Parameters:
  ///   - trend: of all its epochs.
  ///   - kept: figures of the weights that are kept as the best.
  ///   - last: figures of the last one.
  ///   - start: those before the first one.
  ///   - obstacles: what may have kept it from learning.
  ///   - harmlessShare: of the channels, how much of a sparse network can go by its scales, where that
  ///     is known.
  package init(
    _ recipe: TrainingRecipe, _ trend: TrainingTrend, kept: EpochFigures?, last: EpochFigures?,
    start: ValidationFigures?, _ obstacles: TrainingObstacles, harmlessShare: Double? = nil
  ) {
    self.harmlessShare = harmlessShare
    (self.recipe, self.trend, self.start) = (recipe, trend, start)
    self.kept = kept?.map50 ?? trend.best
    self.obstacles = obstacles
    sparsity =
      recipe.sparsity == nil
      ? nil : last.flatMap { SparsityTechnique.progress(in: $0.techniques) }
  }

  /// As ``init(_:_:kept:last:start:_:harmlessShare:)``, from all epochs.
  ///
  /// - Parameter objects: to find in the validation pictures.
  package init(
    _ recipe: TrainingRecipe, _ history: [EpochFigures], objects: Int? = nil,
    kept: EpochFigures? = nil, start: ValidationFigures?, _ obstacles: TrainingObstacles,
    harmlessShare: Double? = nil
  ) {
    self.init(
      recipe, TrainingTrend(history, objects: objects), kept: kept, last: history.last,
      start: start, obstacles, harmlessShare: harmlessShare)
  }

  /// The best mAP@0.5 that the run has seen, before its first epoch too.
  private var best: Double? { [trend.best, start?.map50].compactMap(\.self).max() }

  /// Whether no epoch was better than what the training began with, where that counts.
  package var isStartBest: Bool {
    guard recipe.startRole == .counted, let start, start.map50 > 0, let best = trend.best else {
      return false
    }
    return best <= start.map50
  }

  /// Whether more epochs are likely to help: mAP rises, or is low and has not settled; of a poor network
  /// also where it has after few steps.
  package var isWorthLonger: Bool {
    if trend.isRising { return true }
    guard let worth, worth != .useful else { return false }
    return !trend.isSettled || worth == .poor && obstacles.steps < TrainingObstacles.fewSteps
  }

  /// Whether the best weights are below what is of use, and the highest epoch, which they are within
  /// chance of, is not.
  package var isOfUseByChance: Bool {
    guard worth == .low, !isStartBest, let highest = trend.best else { return false }
    return DetectionQuality.Worth(map50: highest) == .useful
  }

  /// What the best weights, be they those of the start, are good for; nil where nothing was measured.
  package var worth: DetectionQuality.Worth? {
    let start = recipe.startRole == .counted ? start?.map50 : nil
    return kept.map { DetectionQuality.Worth(map50: max($0, start ?? 0)) }
  }

  /// Whether the best weights miss most objects.
  package var isPoor: Bool { worth == .poor }

  /// What the run's record keeps; nil where nothing was measured, and of a sparse training, which may
  /// cost something.
  package var verdict: TrainingVerdict? {
    guard recipe.sparsity == nil, let worth else { return nil }
    let hasReasons = worth != .useful && !isOfUseByChance
    return TrainingVerdict(
      isWorthLonger: isWorthLonger, isSettled: trend.isSettled,
      reasons: hasReasons ? obstacles.reasons(isWorthLonger: isWorthLonger) : [],
      largerNetwork: hasReasons && !isWorthLonger ? obstacles.largerNetworkIfUnlearned : nil)
  }

  /// Whether the run was so short that more epochs are the first thing to try.
  package var hasFewSteps: Bool { obstacles.steps < TrainingObstacles.fewSteps }

  /// A learning rate that changes less of what the training began with.
  package var gentlerRate: Double { 0.3 * recipe.options.learningRate }

  /// The share of scales near zero that a sparse training has reached; nil of another.
  package var silentShare: Double? { sparsity?.silentShare }

  /// Whether a sparse training ended with next to nothing of what the network was worth.
  package var isBroken: Bool {
    guard recipe.sparsity != nil, let best, let last = trend.last else { return false }
    return last < Self.brokenMap50 && best >= 2 * Self.brokenMap50
  }

  /// Whether there are enough scales near zero to prune by them.
  package var isSparse: Bool { prunablePercent >= 10 }

  /// How much can go by scales near zero alone, in steps of 5 %: no more than the share of such scales,
  /// and nothing that pruning would find at work.
  package var prunablePercent: Int {
    guard let harmlessShare, !isCrushed else { return silentPercent }
    return min(silentPercent, Int((100 * harmlessShare).rounded()))
  }

  private var silentPercent: Int { min(Int((silentShare ?? 0) * 20) * 5, 90) }

  /// Whether so many scales are near zero that none tells what matters.
  private var isCrushed: Bool { (silentShare ?? 0) > Self.crushedShare }

  /// One sentence each, without a full stop; none where there is nothing to say.
  package var lines: [String] {
    guard recipe.sparsity != nil else { return linesOfTraining }
    guard let sparsity else { return [] }
    let share = Figures.percent(sparsity.silentShare, 0)
    var lines: [String] = []
    if isBroken, let end = trend.last {
      return [
        "the push broke the network: mAP@0.5 is \(Figures.fixed(end, 4)) at the end. Begin again with "
          + "what this run began with, with a weaker push and more epochs"
      ]
    }
    if isCrushed {
      lines.append(
        "\(share) of the scales are near zero, so they no longer tell what matters: the push was too "
          + "strong; less --sparsity, or fewer epochs, leave more of the network")
    } else if !isSparse, silentPercent > prunablePercent {
      lines.append(
        "the run did not make the network sparse enough: \(share) of the scales are below 0.01, but no "
          + "more than \(prunablePercent) % of the channels can go by them: others go with these that "
          + "are at work, or have scales that count beside the rest. Begin again with what this run "
          + "began with and push for longer, or prune by a score that is measured on pictures")
    } else if !isSparse {
      lines.append(
        "the run did not make the network sparse: \(share) of the scales are below 0.01, and half of "
          + "them are above \(Figures.significant(sparsity.median)). Begin again with what this run "
          + "began with and push for longer, or prune by a score that is measured on pictures")
    } else {
      lines.append(
        "\(share) of the scales are near zero: prune up to \(prunablePercent) % of the channels, and less "
          + "where that costs too much, which pruning measures"
          + (silentPercent > prunablePercent
            ? ". Of the others near zero some go only together with channels at work" : ""))
    }
    if let before = start?.map50 ?? trend.best, let end = trend.last,
      before - end >= Self.notableLoss
    {
      lines.append(
        "mAP@0.5 fell by \(Figures.fixed(100 * (before - end), 1)) points, from "
          + "\(Figures.fixed(before, 4)) \(start == nil ? "in the best epoch" : "before the training") to "
          + "\(Figures.fixed(end, 4)) in the last epoch: training after pruning may not win back all of "
          + "it; less --sparsity costs less")
    }
    return lines
  }

  private var linesOfTraining: [String] {
    guard let best = trend.best, let kept else { return [] }
    let reasons = verdict?.reasonLines ?? []
    if isStartBest, let start {
      return [
        "no epoch is better than what the training began with: mAP@0.5 was "
          + "\(Figures.fixed(start.map50, 4)) before, and \(Figures.fixed(best, 4)) at best. "
          + "model.weights holds what it began with. Train longer, or again with a lower rate "
          + "(--learning-rate \(Figures.significant(gentlerRate)) --nominal-batch 16)"
      ] + reasons
    }
    switch worth {
    case .poor: return poorness(of: kept, reasons)
    case .low: return lowness(of: kept) + (trend.isRising ? [] : reasons)
    case .useful, nil: break
    }
    if trend.isRising { return [rise] }
    return trend.isSettled ? ["mAP@0.5 has settled: \(settling)"] : []
  }

  /// That it still got better at the end.
  private var rise: String {
    "mAP@0.5 still rises: in the last quarter of the epochs it was "
      + "\(Figures.fixed(100 * (trend.gain ?? 0), 1)) points above that of the quarter before; train "
      + "longer first"
  }

  /// What is said of a network that misses most objects: how poor that is, and what may help.
  private func poorness(of best: Double, _ reasons: [String]) -> [String] {
    let figure =
      "an mAP@0.5 of \(Figures.fixed(best, 4)) is low: \(DetectionQuality.poorness), and "
      + DetectionQuality.usual
    let isUseless = "It is too poor to use"
    guard isWorthLonger else {
      return ["\(figure). \(isUseless), and \(settling)"] + reasons
    }
    guard best >= Self.brokenMap50 else {
      return ["\(figure). \(isUseless): train longer first"] + reasons
    }
    let start =
      obstacles.takesPublishedWeights
      ? ", or start from published weights (--weights FILE --pretrain)" : ""
    return ["\(figure). Train longer first\(start)"]
  }

  /// What is said of a network that is of little use: how low that is, and whether longer training may
  /// help.
  private func lowness(of best: Double) -> [String] {
    let figure =
      isOfUseByChance
      ? "an mAP@0.5 of \(Figures.fixed(best, 4)) is within chance of the highest, "
        + "\(Figures.fixed(trend.best ?? best, 4)), so whether it is low the pictures are too few to tell: "
        + DetectionQuality.usual
      : "an mAP@0.5 of \(Figures.fixed(best, 4)) is low: \(DetectionQuality.usual)"
    if trend.isSettled { return ["mAP@0.5 has settled: \(settling)", figure] }
    if trend.isRising { return [rise, figure] }
    let reason =
      trend.halfGain == nil
      ? "after so few epochs nothing shows whether it has settled"
      : trend.isWithinChance
        ? "it has not settled, though what it rose by in the last quarter of the epochs, "
          + "\(Figures.fixed(100 * (trend.gain ?? 0), 1)) points, may be chance on so few pictures"
        : "it goes up and down, and has not settled"
    return ["\(figure). Train longer first: \(reason)"]
  }

  /// What the second half of the epochs was worth.
  private var settling: String {
    let gain = trend.halfGain.map { max($0, 0) } ?? 0
    return "the second half of the epochs raised the best mAP@0.5 by "
      + "\(Figures.fixed(100 * gain, 1)) points, so training longer will bring little"
  }
}
