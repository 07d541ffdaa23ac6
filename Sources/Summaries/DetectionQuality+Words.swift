import Boxes
import Commands
import Darknet
import Inference
import Quantization
import Reports
import Runs
import Storage
import Training

extension DetectionQuality {
  /// That a network is too poor to be used, or of little use, and by which figures; nil where it is of
  /// use.
  package func warning(of name: String) -> String? {
    let figure = "mAP@0.5 is \(Figures.fixed(map50, 4))"
    let found: String
    switch worth {
    case .poor:
      found =
        "\(name) is too poor to be used: \(figure); \(Self.poorness), and \(Self.usual)"
    case .low: found = "\(name) is of little use yet: \(figure), and \(Self.usual)"
    case .useful: return nil
    }
    guard recall > 0 else { return found }
    return found + "; at its best it \(finding)"
  }

  /// How much is found and right at its best confidence, each the mean of the classes' own shares: "finds
  /// 50 % of the objects".
  var finding: String {
    "finds \(Figures.percent(recall, 0)) of the objects, and \(Figures.percent(precision, 0)) of its "
      + "boxes are right (means over the classes)"
  }

  /// The same in a line, where it is no news: a measurement or a training has said it at length.
  package func reminder(of name: String) -> String? {
    let figure = "mAP@0.5 is \(Figures.fixed(map50, 4)) on its validation pictures"
    return switch worth {
    case .poor: "\(name) is too poor to be used: \(figure)"
    case .low: "\(name) is of little use yet: \(figure)"
    case .useful: nil
    }
  }
}

/// What helps a network that is poor or of little use, by what its run says of itself.
package struct Remedy {
  /// What is said of it, one line each.
  package let lines: [String]
  /// What for.
  package let purpose: String
  /// What to type.
  package let command: NextCommand
  /// Both.
  var step: NextStep { (purpose, command) }

  /// Both, of a network that something is to be made of when it is better.
  ///
  /// - Parameter made: what is done to it then, such as "pruned".
  func before(_ made: String) -> NextStep { ("\(purpose), before it is \(made)", command) }

  /// Looks at the run of a network; nil for one whose run made it sparse, which is pruned and trained
  /// again in any case, and while it is in training.
  ///
  /// - Parameters:
  ///   - network: the options that name it.
  ///   - data: the `.data` file; to be filled in unless given.
  package init?(training network: [String], on data: String?, isSingleClass: Bool) {
    let folder = network.first == "--model" ? network[1] : nil
    let run = folder.map(RunFolder.init(path:))
    let recipe = run.flatMap { run in
      fileExists(run.requestPath) ? try? TrainingRecipe(contentsOf: run.requestPath) : nil
    }
    guard recipe?.sparsity == nil, !(run.map { FolderLock.isHeld($0.path) } ?? false) else {
      return nil
    }
    if recipe == nil, let codes = Self.codes(of: network) {
      let change = folder.flatMap(Self.change)
      // Where the codes cost nothing that counts, the float network is what has to get better.
      if let change, change != .loss {
        guard let float = folder.flatMap(Self.float),
          let remedy = Remedy(training: float, on: data, isSingleClass: isSingleClass)
        else { return nil }
        let step = remedy.before("quantized")
        self.init(lines: remedy.lines, purpose: step.purpose, command: step.command)
        return
      }
      // Codes that pictures chose: training moves the float weights to where these lose less.
      self.init(
        lines: [],
        purpose: change == nil
          ? "train it on its codes" : "win back what the codes cost, by training on them",
        command: .trainingOnCodes(
          network,
          ["--data", data ?? NextCommand.Placeholder.data.rawValue]
            + (isSingleClass ? ["--single-cls"] : []), codes))
      return
    }
    let verdict = folder.flatMap(TrainingVerdict.init(ofRun:))
    if let folder, let verdict, !verdict.isWorthLonger,
      verdict.isSettled || !verdict.reasons.isEmpty
    {
      let settled = verdict.isSettled ? ["training it longer brought little"] : []
      self.init(
        lines: settled + verdict.reasonLines,
        lookingAt: data ?? NextCommand.Placeholder.data.rawValue, with: folder)
    } else if let run, let recipe, fileExists(run.checkpointPath), recipe.canGoOn(in: run.path),
      recipe.teacherDoubts.isEmpty
    {
      // A run that was stopped goes on as it was meant to.
      let epochs = RunProgress(of: run.path) == nil ? recipe.options.epochs : nil
      self.init(resuming: run.path, after: epochs)
    } else {
      self.init(
        tuning: network, on: data, isSingleClass: isSingleClass,
        withoutTeacher: recipe?.distillation != nil, codes: recipe?.quantization?.options)
    }
  }

  /// As ``init(training:on:isSingleClass:)``, on the data set of the network's run where that is known.
  package init?(of model: ModelOptions) {
    guard let folder = model.folder, case .known(let data, let isSingle) = RunDataset(ofRun: folder)
    else {
      // A pair of files lies in a run too, mostly.
      let run = TrainingRecipe.findAll(cfg: model.cfg, weights: model.weights)
        .first { fileExists($0.data) }
      self.init(
        training: model.words, on: (run?.data).map(displayed),
        isSingleClass: run?.isSingleClass ?? false)
      return
    }
    self.init(training: model.words, on: data, isSingleClass: isSingle)
  }

  /// What the codes are like that lie beside a network's weights; nil of a float network.
  private static func codes(of network: [String]) -> QuantizationOptions? {
    let weights =
      network.first == "--model"
      ? RunFolder(path: network[1]).weightsPath
      : network.firstIndex(of: "--weights").map { network[$0 + 1] }
    guard network.count <= 2 || network.first != "--model" else { return nil }
    return weights.flatMap(QuantizationFile.find(beside:)).flatMap(QuantizationFile.options(of:))
  }

  /// What quantizing the network of a folder came to; nil where that is not known.
  private static func change(_ folder: String) -> DifferenceJudgement? {
    (try? ModelDescription(contentsOf: RunFolder(path: folder).modelPath))?.change
  }

  /// The options that name the float network that `quantize` made a folder of; nil where that is gone.
  private static func float(_ folder: String) -> [String]? {
    guard let recipe = try? QuantizationRecipe(contentsOf: RunFolder(path: folder).recipePath),
      case let pair = recipe.pair, fileExists(pair.cfg), fileExists(pair.weights)
    else { return nil }
    return NextCommand.model(cfg: pair.cfg, weights: pair.weights).map(displayed)
  }

  private init(lines: [String], purpose: String, command: NextCommand) {
    (self.lines, self.purpose, self.command) = (lines, purpose, command)
  }

  private static let longer = "train it longer"

  /// A training that begins with the network, where its run cannot go on or should not.
  ///
  /// - Parameter codes: of a run that trained on codes, what these are like.
  init(
    tuning network: [String], on data: String?, isSingleClass: Bool, withoutTeacher: Bool,
    codes: QuantizationOptions?
  ) {
    let data =
      ["--data", data ?? NextCommand.Placeholder.data.rawValue]
      + (isSingleClass ? ["--single-cls"] : [])
    self.init(
      lines: [], purpose: withoutTeacher ? "train it longer, without the teacher" : Self.longer,
      command: codes.map { .trainingOnCodes(network, data, $0) }
        ?? NextCommand("train") + network + data + ["--epochs", "100"]
        + NextCommand.name("tuned", of: network))
  }

  /// More epochs of a run.
  ///
  /// - Parameter epochs: how many it had; nil for one that was stopped before its end.
  init(resuming run: String, after epochs: Int?) {
    self.init(
      lines: [], purpose: Self.longer,
      command: NextCommand("train", "--resume", "--output", run)
        + (epochs.map { ["--epochs", "\(NextCommand.longer($0))"] } ?? []))
  }

  /// More epochs of a run that has ended; nil where it cannot go on.
  init?(prolonging run: String) {
    let folder = RunFolder(path: run)
    guard fileExists(folder.checkpointPath), fileExists(folder.requestPath),
      let recipe = try? TrainingRecipe(contentsOf: folder.requestPath), recipe.canGoOn(in: run)
    else { return nil }
    self.init(resuming: run, after: recipe.options.epochs)
  }

  /// A look at what the network learned from.
  init(lines: [String] = [], lookingAt data: String, with run: String) {
    self.init(
      lines: lines, purpose: "look for what is wrong with the labels or the anchors",
      command: NextCommand("dataset", "check", "--data", data, "--model", run))
  }
}

extension NextCommand {
  /// How many epochs to train where so many were too few.
  package static func longer(_ epochs: Int) -> Int { max(100, 2 * epochs) }

  /// What a network is compared with those for that it was made of.
  static func comparison(with origins: [String]) -> String {
    "compare it with the \(origins.count == 1 ? "network" : "networks") that it comes from"
  }
}
