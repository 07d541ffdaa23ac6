import Commands
import Darknet
import Datasets
import Runs
import Storage
import Summaries

extension AnchorsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    if let output { try ResultFile.cfg.require(output, overwrites: overwrite) }
    let observer = ConsoleObserver(report)
    let known = try RunDataset.chosen(data, ofRun: network.model, observer)
    let run = try AnchorsRun(recipe(known), observer: observer)
    let outcome = try run()
    try report.say(outcome.lines(of: run))
    let isWritten = try output.map { try write(run.configuration(outcome), to: $0) }
    try report.tell(outcome.summary(of: run, self, isWritten: isWritten), json)
  }

  /// Writes the cfg, where that changes anything.
  ///
  /// - Returns: whether it does.
  private func write(_ configuration: Configuration?, to output: String) throws -> Bool {
    guard let configuration, let cfg = network.cfg else { return false }
    guard
      try resolvedPath(output) != resolvedPath(cfg)
        || configuration != Configuration(contentsOf: cfg)
    else { return false }
    try writeAtomically(configuration.text, to: output)
    return true
  }

  private func recipe(_ known: (data: String, isSingleClass: Bool)) -> AnchorsRecipe {
    var recipe = AnchorsRecipe(data: known.data)
    recipe.isSingleClass = known.isSingleClass
    (recipe.split, recipe.cfg) = (split, network.cfg)
    if let size = network.size { (recipe.width, recipe.height) = (size.width, size.height) }
    recipe.count = clusters
    recipe.method =
      switch method {
      case .iou: .iou
      case .legacy: .legacy
      }
    (recipe.mutations, recipe.seed) = (mutations, seed)
    return recipe
  }
}
