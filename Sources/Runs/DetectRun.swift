import Boxes
import Darknet
import Inference
import Terminal
import Training
import Vision

/// One run of `detect`: source after source is read, looked at, drawn and listed.
///
/// What cannot be read is skipped and listed, what cannot be written is a failure; neither ends the
/// run. Results are seen as they come; where they replace older ones, these stay until all is
/// whole.
///
/// ```swift
/// let recipe = DetectRecipe(
///   PairRecipe(cfg: "model.cfg", weights: "model.weights"), sources: ["street.jpg"])
/// let run = try DetectRun(
///   recipe, output: OutputFolder(nil, overwrite: false, kind: .detections, grows: true))
/// let outcome = try run { print($0.source, $0.found.count) }
/// ```
public final class DetectRun {
  /// What was asked for.
  public let recipe: DetectRecipe
  /// What finds things.
  public let detector: Detector
  /// The codes that it runs on; nil of a float network.
  public let codes: PairCodes?
  /// Where results go.
  public let output: OutputFolder
  /// What is looked at.
  public var sources: [PictureSource] { places.sources }

  let places: DetectionPlaces
  let observer: any RunObserver
  var outcome = DetectionOutcome()

  /// Opens the pair and finds the sources; refuses what would be written over.
  ///
  /// - Parameters:
  ///   - output: where results go; made when the sources are known.
  ///   - others: files that the caller will write, which must not be among what is read.
  ///   - observer: is told what happens, and may stop the run; nobody is told unless given.
  /// - Throws: an error of the files or the machine; ``RunError``.
  public init(
    _ recipe: DetectRecipe, output: @autoclosure () throws -> OutputFolder,
    alsoWriting others: [String] = [], observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    let named = try recipe.sources.flatMap { try Self.sources(of: $0) }
    var seen: Set<String> = []
    let sources = named.filter { source in
      source.path.map { seen.insert(absolute($0)).inserted } ?? true
    }
    if sources.count < named.count {
      let repeated = counted(named.count - sources.count, "repeated source")
      observer.warn("\(repeated) left out: each file is looked at once")
    }
    self.output = try output()
    places = DetectionPlaces(recipe, sources, self.output)
    try places.refuseSources(others)
    (detector, codes) = try recipe.detector(observer)
  }

  /// What an argument names; refuses a list that names nothing that is there.
  private static func sources(of argument: String) throws -> [PictureSource] {
    let sources = try PictureSource.sources(of: argument)
    let isThere = sources.contains { $0.path.map { fileExists($0) || $0 == argument } ?? true }
    guard isThere, !sources.isEmpty else {
      throw RunError.unusable(
        argument,
        reason: "none of the files that it lists is there; the first is \(sources[0])")
    }
    return sources
  }

  /// Looks at all sources, or until the observer asks to stop, and puts the results in their place.
  ///
  /// - Parameter each: takes what was found in each source; what it throws ends the run.
  public func callAsFunction(
    each: (SourceDetections) throws -> Void = { _ in }
  ) throws -> DetectionOutcome {
    outcome = DetectionOutcome()
    let painter = DetectionPainter(names: detector.names)
    if let problem = painter.fontProblem { observer.warn(problem) }
    // A single one is there at once, or has a bar of its own; where it cannot be read, that alone is
    // said.
    let hasBar = sources.count > 1
    if hasBar { observer.begin("detect", pictures: sources.count) }
    var files = DetectionFiles(
      output: output, names: detector.names, savesText: recipe.savesText,
      savesJSON: recipe.savesResults)
    do {
      defer { if hasBar { observer.end() } }
      while outcome.looked < sources.count, !observer.shouldStop {
        let next = outcome.looked
        let group = next..<sideBySide(from: next)
        let found =
          sources[next].isPicture
          ? try pictures(group, painter, &files) : [try video(next, painter, &files)]
        for found in found.compactMap(\.self) {
          outcome.sources.append(found)
          try each(found)
        }
        outcome.looked = group.upperBound
        if hasBar { observer.advance(to: outcome.looked) }
      }
    }
    outcome.wasStopped = observer.shouldStop
    if outcome.isUsed { finish(files) }
    let hasVideos = outcome.skipped.contains { $0.isVideo }
    // Of a single source that is all there is to say, and it is said at the end.
    if outcome.isUsed || sources.count > 1 {
      observer.list(
        outcome.skipped.map(\.reason), what: hasVideos ? "sources skipped" : "pictures skipped",
        one: nil)
    }
    observer.list(outcome.broken.map(\.reason), what: "videos could be read in part", one: nil)
    observer.list(
      outcome.unwritten.map(\.reason), what: "files could not be written",
      one: "file could not be written")
    return outcome
  }

  /// Puts the results in their place. Older ones go only when all of the new are there.
  private func finish(_ files: DetectionFiles) {
    _ = writing("\(output.path)/\(DetectionFiles.results)") { try files.finish() }
    let isWhole = outcome.isComplete && outcome.unwritten.isEmpty
    do { try output.commit(adding: !isWhole) } catch {
      outcome.unwritten.append(.init(path: absolute(output.path), reason: "\(error)"))
    }
  }

  /// Writes something, and says where it will be; a failure is kept, and the work goes on.
  func writing(_ path: String, _ body: () throws -> Void) -> String? {
    do {
      try output.naming(body)
      return path
    } catch {
      outcome.unwritten.append(.init(path: absolute(path), reason: "\(error)"))
      return nil
    }
  }

  func skip(_ source: PictureSource, _ reason: String) {
    outcome.skipped.append(
      .init(path: source.fullName, reason: reason, isVideo: !source.isPicture))
  }
}

extension PictureSource {
  /// Its absolute path where it is a file; else what it is.
  package var fullName: String { path.map(absolute) ?? "\(self)" }
}

extension DetectRecipe {
  /// What finds things as the recipe says.
  fileprivate func detector(
    _ observer: any RunObserver
  ) throws -> (detector: Detector, codes: PairCodes?) {
    let model = try pair.model(observer)
    let device = try openDevice(machine.device, threads: machine.threads)
    let feeding = try model.feeding(pair.feeding.wishes, savesPadding: savesPadding)
    observer.tellFeeding(feeding, of: model)
    try setThreads(
      machine.threads, for: [(model.spec, feeding.width, feeding.height)], on: device)
    let (source, given) = try model.givenNames(self.names, data: data)
    if given.isEmpty {
      observer.remark(
        "classes are called by their number; --names takes a file with their names")
    } else if self.names == nil, data == nil, source != model.namesPathOfCfg {
      observer.remark("--names \(source): beside the weights")
    }
    let names = try model.names(self.names, data: data, warn: observer.warn)
    let settings = boxes.settings(
      feeding, classes: try classNumbers(names, count: model.spec.classes ?? 0))
    let (network, codes) = try model.usedNetwork(on: device, machine, observer)
    let detector = Detector(
      try machine.engine.engine(network, precision: machine.precision),
      feeding: feeding, names: names, settings: settings, savesPadding: savesPadding)
    return (detector, codes)
  }

  /// The numbers of the classes to keep, which may be named.
  private func classNumbers(_ names: [String], count: Int) throws -> [Int] {
    try classes.map { text in
      if let number = Int(text) {
        guard number < count else {
          throw RunError.unusable(
            "--classes \(number)", reason: "the network has classes 0 to \(count - 1)")
        }
        return number
      }
      let number =
        names.firstIndex(of: text)
        ?? names.firstIndex { $0.lowercased() == text.lowercased() }
      guard let number, number < count else {
        let near = closest(to: text, in: names)
        let most = near == nil ? 20 : 5
        throw RunError.unusable(
          "--classes \(text)",
          reason: "no such class; "
            + (text.split(separator: ",").count > 1
              ? "classes stand apart, with blanks between them; " : "")
            + (near.map { "did you mean '\($0)'? " } ?? "")
            + "expected a number or one of " + names.prefix(most).joined(separator: ", ")
            + (names.count > most ? ", …" : ""))
      }
      return number
    }
  }
}
