import Commands
import Networks
import Runs
import Summaries
import Training

extension ConvertCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    for (output, form) in zip(recipe.outputs, outputs.map(\.format)) {
      for path in output.files { try form.kind.require(path, overwrites: overwrite) }
    }
    if let standardCfg { try ResultFile.cfg.require(standardCfg, overwrites: overwrite) }
    try RunFolder.require(model.folder, weights: model.weights)
    let run = try ConvertRun(
      recipe, alsoWriting: [report.json].compactMap { $0 }, observer: ConsoleObserver(report))
    try report.tell(run.summary(run()), json)
  }

  private var recipe: ConvertRecipe {
    var recipe = ConvertRecipe(
      cfg: model.cfg, weights: model.weights,
      outputs: outputs.map { .init($0.path, .init($0.format)) })
    recipe.standardCfg = standardCfg
    recipe.naming = tensorNames ?? recipe.naming
    recipe.allowsNotFinite = allowNan
    return recipe
  }
}

extension ConvertCommand.Format {
  /// What an earlier file of this form is.
  fileprivate var kind: ResultFile {
    switch self {
    case .darknet, .backbone: .weights
    case .safetensors: .safetensors
    case .fused: .numbers
    }
  }
}

extension ConvertRecipe.Form {
  fileprivate init(_ format: ConvertCommand.Format) {
    switch format {
    case .darknet: self = .darknet
    case .safetensors: self = .safetensors
    case .backbone(let layers): self = .backbone(layers: layers)
    case .fused: self = .fused
    }
  }
}
