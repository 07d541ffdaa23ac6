import ArgumentParsing
import Boxes
import Darknet
import Diagnosis
import Terminal

/// A command to type after a result, with the paths that belong to it.
///
/// All commands build and print theirs here: ``Commands/ReportOptions/suggest(_:)``.
package struct NextCommand: Hashable, Sendable, CustomStringConvertible {
  /// What stands after the program, one word an argument.
  package var words: [String]
  /// The program that is run.
  package var program = "pare"
  /// Whether it is typed after the command that is told before it, not in its place.
  package var isAfterwards = false

  /// A command of so many words.
  package init(_ words: String...) { self.words = words }

  /// A command of another program, to be typed after the one before it.
  package init(afterwards program: String, _ words: [String]) {
    (self.program, self.words, isAfterwards) = (program, words, true)
  }

  /// A command with more words at its end.
  package static func + (command: NextCommand, words: [String]) -> NextCommand {
    var command = command
    command.words += words
    return command
  }

  /// Options with a value, where there is one.
  package func with(_ option: String, _ value: String?) -> NextCommand {
    value.map { self + [option, $0] } ?? self
  }

  /// The command as a shell takes it: words with spaces and the like are quoted.
  package var description: String { shellCommand([program] + words) }

  /// What is for the reader to fill in, as documents and help screens write it too: capital letters,
  /// with the ending that the file has.
  package enum Placeholder: String, CaseIterable, Sendable {
    case data = "DATA.data"
    case picture = "PICTURE.jpg"
    case run = "RUN"
    case cfg = "NETWORK.cfg"

    /// What to put in its place.
    var meaning: String {
      switch self {
      case .data: "your data set's .data file, as 'pare dataset import' writes it"
      case .picture: "a picture of yours, or a folder of pictures"
      case .run: "the network's folder"
      case .cfg: "the network's file"
      }
    }
  }

  /// What ends a command's output: why, and the command on a line of its own that is not broken, so
  /// that it can be copied.
  ///
  /// - Parameters:
  ///   - purpose: "measure it".
  ///   - isFirst: whether it is the one to type; others come after it.
  package func text(_ purpose: String, isFirst: Bool = true) -> String {
    let missing = Placeholder.allCases.filter { words.contains($0.rawValue) }
      .map { "\($0.rawValue): \($0.meaning)" }
    let hint = missing.isEmpty ? "" : " (\(missing.joined(separator: "; ")))"
    let start = isFirst ? "next" : isAfterwards ? "then" : "or"
    return "\(start), \(purpose)\(hint):\n".escapedLines + "  "
      + description.escaped
  }
}

/// A command to type next, and what for: "measure it".
package typealias NextStep = (purpose: String, command: NextCommand)

extension ReportOptions {
  /// Says what to type next after a command that has done its work, unless JSON goes to stdout or
  /// nothing but results is asked for.
  ///
  /// - Parameter steps: the most useful first; the others are told as what may be done in its place.
  package func suggest(_ steps: [NextStep]) throws(StreamError) {
    guard printsTables, !quiet else { return }
    for (number, step) in steps.enumerated() {
      try StandardStream.output.write(step.command.text(step.purpose, isFirst: number == 0) + "\n")
    }
  }
}

// MARK: - Words of networks and data sets

extension NextCommand {
  /// The options that name a pair: its run folder where that means the same.
  package static func model(cfg: String, weights: String) -> [String] {
    let suffix = "/" + RunFiles.cfg
    guard cfg.hasSuffix(suffix), case let folder = String(cfg.dropLast(suffix.count)),
      !folder.isEmpty
    else { return ["--cfg", cfg, "--weights", weights] }
    switch weights {
    case "\(folder)/\(RunFiles.best)": return ["--model", folder]
    case "\(folder)/\(RunFiles.last)": return ["--model", folder, "--weights", "last"]
    default: return ["--cfg", cfg, "--weights", weights]
    }
  }

  /// The option that names the split of a data set for final figures: its test pictures, where it has
  /// any; none where those of validation serve; those of training where there are no others.
  package static func finalSplit(of data: String?) -> [String] {
    guard let data, let file = try? DataFile(contentsOf: data) else { return [] }
    if file.test != nil { return ["--split", "test"] }
    return file.valid == nil ? ["--split", "train"] : []
  }

  /// The option that lets `detect` show what a network finds at its best confidence; none where that is
  /// the usual one, or not known.
  ///
  /// - Parameter best: where precision and recall balance best.
  package static func confidence(best: Double?) -> [String] {
    guard let best, best > 0, case let used = DetectionQuality.rounded(confidence: best),
      Float(used) != Detection.usualConfidence
    else { return [] }
    return ["--conf-thres", used > 0 ? "\(used)" : "0"]
  }

  /// What a new cfg leads to: its anchors, unless they were chosen for it, are held against the boxes
  /// of the data set that is plain to see, and replaced in the file where others are much better; then
  /// it is trained.
  package static func afterNew(
    cfg: String, classes: Int, hasOwnAnchors: Bool
  ) -> [(purpose: String, command: NextCommand)] {
    let training = firstTraining(cfg: cfg, classes: classes)
    guard !hasOwnAnchors, let place = training.command.words.firstIndex(of: "--data") else {
      return [training]
    }
    let data = training.command.words[place + 1]
    return [
      (
        "see whether its anchors suit your boxes, and take better ones if not",
        NextCommand("anchors", "--data", data, "--cfg", cfg, "--output", cfg, "--overwrite")
      ), training,
    ]
  }

  /// The first training of a cfg, on the data set that is plain to see (``FoundData``). Else a data set is
  /// to be filled in, and those that there are to choose from are named.
  ///
  /// - Parameters:
  ///   - weights: the options that name what it starts from.
  ///   - data: the data set, where it is known.
  ///   - purpose: "train it".
  package static func firstTraining(
    cfg: String, classes: Int?, weights: [String] = [], data: String? = nil,
    _ purpose: String = "train it"
  ) -> (purpose: String, command: NextCommand) {
    let network = ["--cfg", cfg] + weights
    if let data { return (purpose, train(network, on: data)) }
    let fitting = FoundData.all(near: folderPath(of: cfg)).filter { $0.file.classes == classes }
    let choice = FoundData.choice(fitting, for: cfg)
    let others = choice == nil ? fitting.prefix(5).map(\.path) : []
    return (
      purpose + (others.isEmpty ? "" : ", on \(others.joined(separator: " or "))"),
      train(network, on: choice?.path ?? Placeholder.data.rawValue)
    )
  }

  /// Of a folder with more in it than this, cfgs may be missed.
  private static let mostFiles = 200

  /// The cfg that is plain to see for a `.data` file: that beside it with its name, or that name here,
  /// or the only one here of as many classes; nil where there is none.
  ///
  /// - Parameter name: what the cfg is called here.
  private static func cfg(of data: String, _ name: String, classes: Int) -> String? {
    if let own = ["\(stem(data, ".data")).cfg", name].first(where: { fits($0, classes) }) {
      return own
    }
    let fitting = cfgsHere(classes)
    return fitting.count == 1 ? fitting[0] : nil
  }

  private static func fits(_ cfg: String, _ classes: Int) -> Bool {
    fileExists(cfg) && (try? NetworkSpec(contentsOf: cfg))?.classes == classes
  }

  /// The cfgs here of so many classes.
  private static func cfgsHere(_ classes: Int) -> [String] {
    (MissingFile.contents(of: ".") ?? []).filter { $0.hasSuffix(".cfg") }
      .prefix(mostFiles).filter { fits($0, classes) }
  }

  /// The cfg that is plain to see for a `.data` file; else one to be filled in.
  package static func cfg(of data: String) -> String {
    let classes = (try? DataFile(contentsOf: data))?.classes
    return classes.flatMap {
      cfg(of: data, "\(stem(fileName(of: data), ".data")).cfg", classes: $0)
    }
      ?? Placeholder.cfg.rawValue
  }

  /// What makes a trained network of a data set: the training where there is a cfg with as many
  /// classes, or several to choose from; else a cfg for it.
  ///
  /// - Parameters:
  ///   - source: the data set that it was made of, which a new cfg is called after; itself unless
  ///     given.
  ///   - cfg: the one that was named; the one that is plain to see unless given.
  ///   - size: pixels of the network's input, where a size was asked for.
  ///   - hasGraphicsProcessor: whether training can use a GPU; without one a small network is made.
  package static func network(
    for data: String, madeOf source: String? = nil, cfg: String? = nil, classes: Int,
    size: [Int] = [],
    hasGraphicsProcessor: Bool = GraphicsProcessors.present().isUsable
  ) -> (purpose: String, command: NextCommand) {
    let name = stem(fileName(of: source ?? data), ".data") + ".cfg"
    let known =
      cfg.flatMap { (try? NetworkSpec(contentsOf: $0))?.classes == classes ? $0 : nil }
      ?? (cfg == nil ? Self.cfg(of: data, name, classes: classes) : nil)
    if let known { return ("train it", train(["--cfg", known], on: data)) }
    let several = cfg == nil ? cfgsHere(classes).sorted() : []
    if !several.isEmpty {
      return (
        "train it, with \(several.prefix(5).joined(separator: " or "))",
        train(["--cfg", Placeholder.cfg.rawValue], on: data)
      )
    }
    return make(
      "yolov4-tiny", classes: classes, size: size, output: name,
      hasGraphicsProcessor: hasGraphicsProcessor)
  }

  /// What makes a cfg: without a GPU one of half the width, at the small size unless one is asked for.
  ///
  /// - Parameters:
  ///   - network: the name of a built-in one.
  ///   - size: pixels of its input, where a size was asked for.
  ///   - anchors: those that it gets, in pixels of that size, or of the network's own.
  ///   - output: the file; with a number where there is one.
  package static func make(
    _ network: String, classes: Int, size: [Int] = [], anchors: String? = nil, output: String,
    hasGraphicsProcessor: Bool = GraphicsProcessors.present().isUsable
  ) -> (purpose: String, command: NextCommand) {
    var make = NextCommand("config", "new", network, "--classes", "\(classes)")
    if !hasGraphicsProcessor { make.words += ["--width-multiple", "0.5"] }
    let size = size.isEmpty && !hasGraphicsProcessor ? [smallSize] : size
    if !size.isEmpty { make.words += ["--img-size"] + size.map(String.init) }
    let purpose = "make a \(hasGraphicsProcessor ? "" : "small ")network"
    let whose = anchors == nil ? " for it" : " with them"
    let reason = hasGraphicsProcessor ? "" : ", as there is no GPU here"
    return (
      purpose + whose + reason, make.with("--anchors", anchors) + ["--output", unused(output)]
    )
  }

  /// The input size of networks that are trained without a GPU, in pixels.
  package static let smallSize = 224

  /// The option that calls a training after the network that it begins with: "--name pruned-tuned" of
  /// the folder `runs/pruned`. `--name` numbers it where there is such a run.
  ///
  /// - Parameters:
  ///   - suffix: what is done to the network: "tuned".
  ///   - network: the options that name it.
  package static func name(_ suffix: String, of network: [String]) -> [String] {
    let values = Dictionary(zip(network, network.dropFirst()).map { ($0, $1) }) { first, _ in first
    }
    let path = values["--model"] ?? values["--cfg"].map { stem($0, ".cfg") } ?? ""
    let name = fileName(of: absolutePath(path)).drop { $0 == "." }
    // Of "pruned-tuned" and "pruned-tuned-2" the next is "pruned-tuned" with a number.
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    let unnumbered = parts.last?.allSatisfy(\.isNumber) == true ? parts.dropLast() : parts[...]
    let base = unnumbered.last == suffix[...] ? unnumbered.dropLast() : parts[...]
    return ["--name", (base + [suffix[...]]).filter { !$0.isEmpty }.joined(separator: "-")]
  }

  /// The first training of a network.
  package static func train(_ network: [String], on data: String) -> NextCommand {
    NextCommand("train") + network + ["--data", data, "--epochs", "200", "--name", "dense"]
  }

  /// A path where nothing is yet: this one, or with a number before its ending.
  package static func unused(_ path: String) -> String {
    unusedPath(path)
  }

  /// A path without its ending, where it has that one.
  private static func stem(_ path: String, _ ending: String) -> String {
    path.hasSuffix(ending) ? String(path.dropLast(ending.count)) : path
  }
}

extension ModelOptions {
  /// The words that name the network again.
  package var words: [String] { NextCommand.model(cfg: cfg, weights: weights) }
}

extension InputSizeOptions {
  /// The words that ask for the size again.
  package var words: [String] {
    imgSize.isEmpty ? [] : ["--img-size"] + imgSize.map(String.init)
  }
}

extension FeedingOptions {
  /// The words that ask for the feeding again.
  package var words: [String] {
    (resize.map { ["--resize", $0.rawValue] } ?? []) + (nms.map { ["--nms", $0.rawValue] } ?? [])
  }
}

extension InputScaleOptions {
  /// The words that ask for the scale again.
  package var words: [String] { inputScale.map { ["--input-scale", $0.rawValue] } ?? [] }
}
