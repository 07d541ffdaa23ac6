import Pruning
import Runs

extension PruneRun {
  /// Prints what the method may prune, and why not more.
  func explain(_ run: PruningRun) throws {
    let explanation = try run.pruner.explanation()
    let list = { (layers: [Int]) in layers.map(String.init).joined(separator: " ") }
    try Console.print("may lose channels: layers \(list(explanation.prunable))")
    for group in explanation.groups {
      try Console.print("tied, \(group.channels) sets of channels: layers \(list(group.layers))")
    }
    for kept in explanation.kept {
      try Console.print("kept: layers \(list(kept.layers)): \(kept.reason)")
    }
    if !explanation.beyondLegacy.isEmpty {
      try Console.print(
        "not among those of '--scope legacy': layers \(list(explanation.beyondLegacy))")
    }
    if !explanation.onlyLegacy.isEmpty {
      try Console.print(
        "only among those of '--scope legacy': layers \(list(explanation.onlyLegacy))")
    }
    if recipe.method.removesBlocks {
      let blocks = explanation.blocks.map { "\($0.layers.lowerBound)–\($0.layers.upperBound)" }
      try Console.print("may go as a whole: layers \(blocks.joined(separator: ", "))")
    }
    try Console.print()
  }
}
