import Reports

/// What to do about a pruning, in one line, from all that is known of it.
///
/// What was measured comes first: what the scales of batch normalisation say is a guess beside it,
/// and is only told where nothing was measured, or as the reason of a loss.
public struct PruningAdvice: Hashable, Sendable {
  /// Pictures that there are.
  public enum Pictures: Hashable, Sendable {
    case none, unlabelled, labelled
  }

  /// What the scales say.
  public var verdict: PruningVerdict
  /// How channels were chosen.
  public var method: PruningMethod
  /// What can be measured on.
  public var pictures: Pictures
  /// Whether the smaller network is the network itself.
  public var removesNothing = false
  /// Whether how much goes was searched for.
  public var isSearched = false
  /// Why nothing had to go for a target: what the whole network has, and what may remain; nil where
  /// something had to.
  public var targetMet: String?
  /// What it cost; nil where nothing was measured.
  public var loss: PruningLoss?
  /// Whether the network is to be trained before use, whatever the pruning itself cost.
  public var isShort = false
  /// Whether statistics were re-estimated.
  public var recalibrates = false
  /// Whether that was measured to cost more by itself than it can win back.
  public var recalibrationCosts = false
  /// The largest measured share that is not beyond the cliff; nil without a curve.
  public var reach: Double?

  /// What is known without measuring.
  public init(_ verdict: PruningVerdict, _ method: PruningMethod, pictures: Pictures) {
    (self.verdict, self.method, self.pictures) = (verdict, method, pictures)
  }

  /// Whether the network has to be trained before use, as far as is known.
  public var callsForTuning: Bool {
    guard !removesNothing else { return false }
    if isShort { return true }
    return loss?.callsForTuning ?? true
  }

  /// Whether a search found nothing to take by scales that tell nothing.
  public var wantsOtherScore: Bool {
    removesNothing && isSearched && targetMet == nil && method.score == .scaleMagnitude
      && !verdict.isSparse
  }

  /// Whether γ decides, and means nothing yet: hardly any is near zero.
  private var isBlind: Bool {
    guard method.score == .scaleMagnitude else { return false }
    switch verdict.advice {
    case .notJudged, .ready, .strengthTooLarge: return false
    case .trainSparser, .denseWithFewClasses, .denseWithManyClasses: return !verdict.isSparse
    }
  }
}

extension PruningAdvice: CustomStringConvertible {
  /// One line.
  public var description: String {
    if wantsOtherScore { return "nothing went, for \(blindness): \(betterScore)" }
    if removesNothing, targetMet != nil {
      return
        "the target is met without pruning; ask for less than there is to get a smaller network"
    }
    if removesNothing { return "nothing went; ask for more to get a smaller network" }
    guard let loss else { return unmeasured }
    switch loss.judgement {
    case .nothingToLose:
      return
        "look at the network first: it finds next to nothing on these pictures, pruned or not, so "
        + "no loss can show"
    case .gain, .noDifference, .smallLoss:
      if isShort { return "train it, then compare it with the network that you began with" }
      return "compare it with the network that you began with, before you use it"
    case .unclear:
      if isShort { return "train it, then compare it with the network that you began with" }
      return "measure it on more pictures, or fine-tune to be sure"
    case .loss:
      let parts = [reason, remedy].filter { !$0.isEmpty }
      return parts.isEmpty ? "fine-tune" : parts.joined(separator: "; ")
    }
  }

  /// What the scales alone let expect.
  private var unmeasured: String {
    let measure =
      pictures == .none
      ? "pictures (--data) would tell what is lost" : "labels would tell what is lost"
    if method.removesBlocks { return "whole blocks went: always fine-tune; \(measure)" }
    if isBlind { return "\(blindness): \(betterScore); \(measure)" }
    guard method.score == .scaleMagnitude, method.judgement != .random else {
      return "expect a loss and fine-tune; \(measure)"
    }
    return switch verdict.advice {
    case .ready: "what goes has scales near zero, which is no promise; \(measure)"
    case .strengthTooLarge: "\(verdict.advice); \(measure)"
    case .notJudged: measure
    case .trainSparser, .denseWithFewClasses, .denseWithManyClasses:
      "\(atWork): expect a loss, or train sparser; \(measure)"
    }
  }

  /// Why so much was lost.
  private var reason: String {
    if method.removesBlocks { return "whole blocks went: always fine-tune" }
    if method.judgement == .random { return "shares were drawn: always fine-tune" }
    if isBlind { return "\(blindness): \(betterScore)" }
    guard method.score == .scaleMagnitude else {
      return method.score.needsPictures
        ? "" : "scores by \(method.score.rawValue) are not measured: \(betterScore)"
    }
    return switch verdict.advice {
    case .ready where !recalibrates && !recalibrationCosts:
      "what went had scales near zero, so --recalibrate may win some of it back"
    case .ready, .notJudged: ""
    case .strengthTooLarge: "\(verdict.advice)"
    case .trainSparser, .denseWithFewClasses, .denseWithManyClasses:
      "\(atWork): train sparser, or fine-tune"
    }
  }

  /// What else there is.
  private var remedy: String {
    guard method.judgement.takesOneShare else { return "" }
    guard let reach else {
      return "--curve measures other shares, and refuses one beyond the cliff"
    }
    return reach > 0
      ? "on the curve, up to \(Figures.fixed(100 * reach, 0)) % of the channels loses less than "
        + "\(Figures.fixed(100 * PruningCurve.tolerance, 0)) points of mAP@0.5"
      : "on the curve, 10 % of the channels already loses more than "
        + "\(Figures.fixed(100 * PruningCurve.tolerance, 0)) points of mAP@0.5"
  }

  private var blindness: String { "the scales are not sparse, so they do not tell what matters" }

  /// The score that tells something where γ does not.
  private var betterScore: String {
    switch pictures {
    case .labelled: "--score taylor measures it on the training pictures"
    case .unlabelled: "--score rank measures it on the training pictures, without labels"
    case .none: "with pictures (--data) --score taylor measures it"
    }
  }

  /// What of that which went is at work.
  private var atWork: String {
    guard case .trainSparser(let share) = verdict.advice else {
      return "what went is at work"
    }
    return "\(max(Int(100 * share), 1)) % of what went has scales at work"
  }
}
