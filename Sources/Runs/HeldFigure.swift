import Pruning
import Reports

/// What a search came to.
struct SettledRequest {
  /// How much goes.
  var request: PruningRequest
  /// What the whole network has and what may remain, where that is enough already.
  var met: String?
}

/// A figure that a pruning brings within a budget, in the words of the option that asks for it.
struct HeldFigure {
  /// What it is of; nil for milliseconds of a picture.
  let figure: PruningTarget.Figure?
  /// How much may remain.
  let budget: PruningTarget.Budget
  /// What the whole network has.
  let whole: Double

  /// The most that may remain.
  var limit: Double { budget.amount(of: whole) }

  /// The option that asks for it.
  var option: String {
    switch figure {
    case .parameters: "--params"
    case .macs: "--macs"
    case .weightsBytes: "--weights-size"
    case nil: "--latency"
    }
  }

  /// An amount: "34,643 parameters", "0.61 ms a picture".
  func told(_ amount: Double) -> String {
    figure.map { "\(Figures.grouped(Int(amount.rounded()))) \($0.words)" }
      ?? "\(Figures.fixed(amount, 2)) ms a picture"
  }

  /// An amount with what it is of the whole: "34,643 parameters (36.2 % of the network's)".
  private func toldWithShare(_ amount: Double) -> String {
    "\(told(amount)) (\(Figures.percent(amount / whole)) of the network's)"
  }

  /// That the whole network is small or fast enough.
  var met: String {
    figure == nil
      ? "a picture takes \(Figures.fixed(whole, 2)) ms, and may take \(Figures.fixed(limit, 2))"
      : "the network has \(told(whole)), and \(amountAlone(limit)) may remain"
  }

  /// An amount beside one that is told with its name.
  private func amountAlone(_ amount: Double) -> String {
    figure == nil ? Figures.fixed(amount, 2) + " ms" : Figures.grouped(Int(amount.rounded()))
  }

  /// The most that may remain, as a share too where it was asked for as one.
  private var limitInWords: String {
    switch budget {
    case .share(let share): "\(amountAlone(limit)) (\(Figures.percent(share)))"
    case .amount: amountAlone(limit)
    }
  }

  /// What was reached, beside what was asked for.
  func reached(_ amount: Double) -> String {
    "\(toldWithShare(amount)) remain, and \(limitInWords) may"
  }

  /// What to type where no less than an amount can remain, in the budget's own terms; nil where that is
  /// the whole.
  func typed(_ amount: Double) -> String? {
    // Times are never the same twice.
    let amount = figure == nil ? 1.05 * amount : amount
    guard amount < 0.999 * whole else { return nil }
    if case .share = budget {
      let thousandths = (1000 * amount / whole - 1e-6).rounded(.up)
      return "\(option) \(Figures.significant(thousandths / 10))%"
    }
    guard let figure else { return "\(option) \(Figures.atLeast(amount))ms" }
    let units: [(name: String, size: Double)] = [("G", 1e9), ("M", 1e6), ("K", 1e3), ("", 1)]
    // With three digits, the last one rounded up.
    var unit = 1.0
    while unit * 1000 <= amount { unit *= 10 }
    let rounded = (amount / unit).rounded(.up) * unit
    let scale = units.first { $0.size <= rounded } ?? ("", 1)
    return "\(option) \(Figures.significant(rounded / scale.size))\(scale.name)"
      + (figure == .weightsBytes ? "B" : "")
  }

  /// That no less than an amount can remain, and what to type.
  ///
  /// - Parameters:
  ///   - least: what remains at the largest share that may go.
  ///   - forced: what remains at the largest share there is.
  ///   - isForced: whether that one may go.
  func outOfReach(least: Double, forced: Double, isForced: Bool) -> PruningError {
    var words = "at least \(toldWithShare(least)) remain"
    if !isForced { words += " where no layer loses all its channels" }
    words += ", and \(limitInWords) may"
    if case .amount(let amount) = budget, amount < 1, figure != nil {
      words += " (a share has its sign, as \(Figures.significant(100 * amount))%)"
    }
    var advice = typed(least).map { ["type '\($0)'"] } ?? []
    if !isForced, forced < least {
      let typed = forced <= limit ? "add --force" : typed(forced).map { "type '\($0) --force'" }
      advice += typed.map { ["\($0), which leaves such a layer its best channel"] } ?? []
    }
    words += "; " + (advice.isEmpty ? "no pruning helps" : advice.joined(separator: ", or "))
    return .targetOutOfReach(words)
  }
}

extension PruningOutcome {
  /// What a target asked for and what was reached, each with what it is a share of; nil where the target
  /// is none of a figure that can be told.
  package var targetInWords: String? {
    let rows = measured.rows
    switch recipe.target {
    case .size(let figure, let budget):
      let values = rows.map { Double(figure.value($0)) }
      return HeldFigure(figure: figure, budget: budget, whole: values[0]).reached(values[1])
    case .latency(let budget):
      guard let before = rows[0].milliseconds, let after = rows[1].milliseconds else { return nil }
      return HeldFigure(figure: nil, budget: budget, whole: before).reached(after)
    case nil, .loss, .bestCandidate, .stages: return nil
    }
  }
}

extension PruningTarget.Figure {
  /// Of a network that was measured.
  fileprivate func value(_ network: MeasuredNetwork) -> Int {
    switch self {
    case .parameters: network.parameters
    case .macs: network.macs
    case .weightsBytes: network.weightsBytes
    }
  }
}
