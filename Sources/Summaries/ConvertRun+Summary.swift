import Commands
import Darknet
import Runs

extension ConvertRun {
  /// What is told of files that were written.
  package func summary(_ rewriting: Rewriting?) throws -> Summary {
    var summary = Summary()
    if let rewriting { summary.lines.add(rewriting.line) }
    summary.lines.add(recipe.files)
    summary.json = .members(["files": recipe.files.map(absolute)])
    // No other command takes weights that are no numbers.
    if model.isFinite { summary.next = try next }
    return summary
  }

  /// Whole networks can be looked through; parts and folded numbers are for training or others.
  private var next: [NextStep] {
    get throws {
      guard let output = recipe.outputs.first else { return [] }
      let cfg = recipe.standardCfg ?? recipe.cfg
      switch output.form {
      case .darknet, .safetensors:
        return [
          (
            "see that it finds what it found",
            NextCommand("detect") + NextCommand.model(cfg: cfg, weights: output.path)
              + ["--source", NextCommand.Placeholder.picture.rawValue]
          )
        ]
      case .backbone:
        return [
          NextCommand.firstTraining(
            cfg: cfg, classes: try NetworkSpec(contentsOf: cfg).classes,
            weights: ["--weights", output.path],
            data: RunDataset(ofPair: recipe.cfg, recipe.weights).path,
            "train a network on top of it")
        ]
      case .fused: return []
      }
    }
  }
}

extension ConvertRun.Rewriting {
  /// "30 layers for 24, rewritten: 3 depthwise, 1 se".
  var line: String {
    let blocks = blocks.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return "\(layers) layers for \(layersBefore), "
      + (blocks.isEmpty
        ? "which were standard already" : "rewritten: \(blocks.joined(separator: ", "))")
  }
}
