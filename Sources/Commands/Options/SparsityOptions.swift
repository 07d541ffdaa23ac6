import ArgumentParsing

/// Which normalisation scales are made sparse (docs/formulas.md 6.2).
package enum SparsityScopeChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case normal, shortcut, layer, all
}

/// How the strength of sparse training changes over a run (docs/formulas.md 6.3).
package enum SparsityScheduleChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case constant
  /// A hundredth after half of the epochs.
  case global
  /// A hundredth for the largest 15 % of the scales after half of the epochs.
  case local
  /// A hundredth for the largest 35 % after 0.4 of them.
  case localEarly = "local-early"
  /// Steered by validation.
  case auto
}

/// How the penalty acts on the scales.
package enum SparsityUpdateChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case subgradient, proximal
}

/// Sparse training: an L1 penalty on normalisation scales.
///
/// The old spellings are folded into ``sparsity`` and ``sparsityScope``: sparse training is on
/// when `-sr`, `--s` or `--prune` of at least 0 is given, or any of the main options.
package struct SparsityOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Strength of the L1 penalty per optimizer step, the greatest one with 'auto'; 0 is off. 0.001 "
        + "suits long runs; short ones need more, and say so at their start.",
      valueName: "strength"))
  package var sparsity: Double?

  @Option(
    help: ArgumentHelp("Layers that are made sparse; 'all' unless given.", valueName: "scope"))
  package var sparsityScope: SparsityScopeChoice?

  @Option(
    help: ArgumentHelp(
      "How the strength changes: 'global' lowers it after half of the epochs, 'local' and "
        + "'local-early' for the largest scales alone, 'auto' starts small and follows the "
        + "validation; 'constant' unless given.",
      valueName: "schedule"))
  package var sparsitySchedule: SparsityScheduleChoice?

  @Option(
    help: ArgumentHelp(
      "With a local schedule, the share of the scales that recovers, the largest: as many as pruning "
        + "is to leave. 0.15, or 0.35 with 'local-early', unless given.",
      valueName: "fraction"))
  package var sparsityKeep: Double?

  @Option(
    help: ArgumentHelp(
      "With 'auto', points of mAP@0.5 below the best that the strength may cost; 2 unless given.",
      valueName: "points"), transform: points)
  package var sparsityBand: Double?

  @Option(
    help: ArgumentHelp(
      "Whether the penalty is added to gradients, or shrinks scales to exact zeros; "
        + "'subgradient' unless given.",
      valueName: "kind"))
  package var sparsityUpdate: SparsityUpdateChoice?

  @Option(
    help: ArgumentHelp(
      "With 'proximal', what scales are multiplied by while training, and the weights after them "
        + "divided by: below 1 scales reach zero sooner.",
      valueName: "factor"))
  package var sparsityRescale: Double?

  @Flag(
    name: [
      .customLong("sparsity-regularization"), .customLong("sr", withSingleDash: true),
    ], help: ArgumentHelp("As '--sparsity 0.001'.", visibility: .hidden))
  var isOn = false

  @Option(
    name: .customLong("s"),
    help: ArgumentHelp("As '--sparsity'.", valueName: "strength", visibility: .hidden))
  var strength: Double?

  @Option(
    name: .customLong("prune"),
    help: ArgumentHelp(
      "As '--sparsity-scope': 0 normal, 1 shortcut, 2 layer; -1 is off.", valueName: "n",
      visibility: .hidden))
  var scopeNumber: Int?

  package init() {}

  package mutating func validate() throws {
    sparsity = try merged(("--sparsity", sparsity), ("--s", strength))
    try require("--sparsity", sparsity, in: 0...1)
    try require("--prune", scopeNumber, in: -1...2)
    let numbered: SparsityScopeChoice? =
      switch scopeNumber {
      case 0: .normal
      case 1: .shortcut
      case 2: .layer
      default: nil
      }
    sparsityScope = try merged(
      ("--sparsity-scope", sparsityScope?.rawValue), ("--prune", numbered?.rawValue)
    ).flatMap(SparsityScopeChoice.init)
    try require("--sparsity-keep", sparsityKeep, in: 0.01...0.99)
    try require(
      sparsityKeep == nil || [.local, .localEarly].contains(sparsitySchedule),
      "'--sparsity-keep' needs '--sparsity-schedule local' or 'local-early'")
    try require("--sparsity-band", sparsityBand, in: 0...100, unit: " points")
    try require(
      sparsityBand == nil || sparsitySchedule == .auto,
      "'--sparsity-band' needs '--sparsity-schedule auto'")
    try require("--sparsity-rescale", sparsityRescale, in: 0.0001...10_000)
    try require(
      sparsityRescale == nil || sparsityUpdate == .proximal,
      "'--sparsity-rescale' needs '--sparsity-update proximal'")
    let isAsked =
      isOn || sparsityScope != nil || sparsitySchedule != nil || sparsityUpdate != nil
    if sparsity == nil, isAsked { sparsity = 0.001 }
    if sparsity == 0 { sparsity = nil }
    if sparsity == nil {
      (sparsityScope, sparsitySchedule, sparsityUpdate) = (nil, nil, nil)
      (sparsityKeep, sparsityBand, sparsityRescale) = (nil, nil, nil)
    } else if sparsityScope == nil {
      sparsityScope = .all
    }
  }
}
