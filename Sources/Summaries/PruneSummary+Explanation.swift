import Pruning
import Runs

extension PruneSummary {
  /// What the method may prune, and why not more.
  package static func explanation(of run: PruningRun) throws -> Lines {
    var lines = Lines()
    let explanation = try run.pruner.explanation()
    let list = { (layers: [Int]) in layers.map(String.init).joined(separator: " ") }
    lines.add("may lose channels: layers \(list(explanation.prunable))")
    for group in explanation.groups {
      lines.add("tied, \(group.channels) sets of channels: layers \(list(group.layers))")
    }
    for kept in explanation.kept {
      lines.add("kept: layers \(list(kept.layers)): \(kept.reason)")
    }
    if !explanation.beyondLegacy.isEmpty {
      lines.add(
        "not among those that '--scope legacy' would take: layers \(list(explanation.beyondLegacy))"
      )
    }
    if !explanation.onlyLegacy.isEmpty {
      lines.add(
        "only among those of '--scope legacy': layers \(list(explanation.onlyLegacy))")
    }
    if run.recipe.method.removesBlocks {
      let blocks = explanation.blocks.map { "\($0.layers.lowerBound)–\($0.layers.upperBound)" }
      lines.add("may go as a whole: layers \(blocks.joined(separator: ", "))")
    }
    lines.add()
    return lines
  }
}
