import ArgumentParsing
import Darknet
import Terminal

/// The files of a run folder that its names stand for.
package enum RunFiles {
  /// The cfg of all its weights.
  package static let cfg = "model.cfg"
  /// Weights of the epoch with the best validation.
  package static let best = "model.weights"
  /// Weights of the last epoch.
  package static let last = "last.weights"

  /// The weights of a run folder that `--weights` chooses: `best` (unless given), `last`, or a
  /// file.
  package static func weights(_ text: String?, in folder: String) -> String {
    switch text {
    case nil, "best", "best.weights": "\(folder)/\(best)"
    case "last", "last.weights": "\(folder)/\(last)"
    case let path?: path
    }
  }

  /// Refuses a word for a run's weights where no run is named, and one that is spelt like it.
  static func require(_ weights: String?, ofRun model: String?) throws {
    guard let weights, !weights.contains(where: { "/.".contains($0) }), !fileExists(weights) else {
      return
    }
    let words = ["best", "last"]
    if model == nil, words.contains(weights) {
      throw ValidationError(
        "'--weights \(weights)' names weights of a run: it goes with '--model <dir>', in place of '--cfg'"
      )
    }
    if model != nil, !words.contains(weights), let near = closest(to: weights, in: words) {
      throw ValidationError("'--weights \(weights)': did you mean '\(near)'?")
    }
  }

  /// A run's folder as it was named, without the slashes at its end. A bare name that nothing has here
  /// is that of a run in `runs`, where they are written, if there is one.
  static func folder(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let run = "runs/\(path)"
    guard !path.isEmpty, !path.contains("/"), !fileExists(path), fileExists("\(run)/\(cfg)") else {
      return path
    }
    return run
  }
}

/// A run folder, in place of a cfg and its weights.
package struct RunModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A run folder, in place of --cfg and --weights, or the name of one in runs/. Unless '--weights "
        + "best' or '--weights last' says which, its best weights are taken; 'prune' takes the last ones "
        + "of a sparse training, which are the sparsest.", valueName: "dir"),
    completion: .directory(holding: RunFiles.cfg))
  package var model: String?

  package init() {}

  package mutating func validate() throws {
    try requirePath("--model", model)
    model = model.map(RunFiles.folder)
  }
}

/// A network: its cfg and a file of weights that must be there, or the run folder that holds both.
package struct ModelOptions: ParsableArguments {
  @OptionGroup package var run: RunModelOptions

  @Option(
    name: .customLong("cfg"), help: ArgumentHelp("The network's cfg file.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  var givenCfg: String?

  @Option(
    name: .customLong("weights"),
    help: ArgumentHelp(
      "Its weights: .weights, .safetensors or .pt. A run folder holds model.weights of the best epoch "
        + "('best') and last.weights of the last one ('last'); its last.safetensors is the "
        + "checkpoint that 'train --resume' goes on from, and no weights.", valueName: "file"),
    completion: .file(extensions: Weights.extensions))
  var givenWeights: String?

  package init() {}

  /// The run folder, where one was named.
  package var folder: String? { run.model }
  /// Whether a run is named without saying which of its weights.
  package var leavesWeightsOpen: Bool { run.model != nil && givenWeights == nil }

  /// Takes a run's last weights.
  package mutating func takeLastWeights() { givenWeights = "last" }

  /// The cfg.
  package var cfg: String { givenCfg ?? run.model.map { "\($0)/\(RunFiles.cfg)" } ?? "" }
  /// The file of weights.
  package var weights: String {
    run.model.map { RunFiles.weights(givenWeights, in: $0) } ?? givenWeights ?? ""
  }

  package func validate() throws {
    try requirePath("--cfg", givenCfg)
    try RunFiles.require(givenWeights, ofRun: run.model)
    if run.model != nil {
      try require(givenCfg == nil, "'--model' brings its own cfg; leave out '--cfg'")
    } else {
      try require(
        givenCfg != nil, "Missing expected argument '--cfg <file>', or '--model <dir>' for both")
      try require(
        givenWeights != nil,
        "Missing expected argument '--weights <file>', or '--model <dir>' for both")
    }
    guard givenWeights == nil || Weights.path(givenWeights) != nil else {
      throw ValidationError(
        "'--weights \(givenWeights ?? "")' loads nothing, but this needs weights")
    }
  }
}

/// A network without weights: its cfg, or the run folder that holds it.
package struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A run folder, in place of --cfg, or the name of one in runs/.", valueName: "dir"),
    completion: .directory(holding: RunFiles.cfg))
  package var model: String?

  @Option(
    name: .customLong("cfg"), help: ArgumentHelp("The network's cfg file.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  var givenCfg: String?

  package init() {}

  /// The cfg.
  package var cfg: String { givenCfg ?? model.map { "\($0)/\(RunFiles.cfg)" } ?? "" }

  package mutating func validate() throws {
    try requirePath("--cfg", givenCfg)
    try requirePath("--model", model)
    model = model.map(RunFiles.folder)
    try require(
      model == nil || givenCfg == nil, "'--model' brings its own cfg; leave out '--cfg'")
    try require(
      model != nil || givenCfg != nil,
      "Missing expected argument '--cfg <file>', or '--model <dir>' in its place")
  }
}
