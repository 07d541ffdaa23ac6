import ArgumentParsing
import Checkpoints
import Commands
import Darknet
import Diagnosis
import Terminal

extension DoctorCommand: Executable {
  package func execute() throws {
    let output = try JSONOutput(report)
    let machineRecord = try machineRecord()
    try write(machineRecord)
    let facts = MachineFacts(machineRecord)
    if let plan { return try printPlan(plan, on: facts, output) }
    if let explain { return try self.explain(explain, on: facts, output) }
    // Of another machine only its record is here.
    var checks =
      machine == nil
      ? Examination(enginePath: Engine.path, facts: facts).checks() + inputChecks() : facts.checks()
    if report.printsTables { try show(findings(checks)) }
    // What is found by reading is told before the engine begins.
    if machine == nil, !quick,
      !checks.contains(where: { $0.name == "engine" && $0.status == .failed })
    {
      let count = checks.count
      checks += EngineTrial(enginePath: Engine.path, pair: pair).checks()
      if report.printsTables { try show(Array(findings(checks)[count...])) }
    }
    if report.printsTables { try show(remedies(checks)) }
    try output.write(.members(["checks": checks.map(json)]))
    let failed = checks.filter { $0.status == .failed }
    guard failed.isEmpty else {
      throw DoctorError(failed: failed, tellsCauses: !report.printsTables)
    }
  }

  /// A line a check, then what to do.
  func lines(_ checks: [Check]) -> [String] { findings(checks) + remedies(checks) }

  /// A line a check; what several have in common is told once.
  private func findings(_ checks: [Check]) -> [String] {
    var causes: [String: String] = [:]
    var rows: [[String]] = []
    for check in checks {
      let isTold = check.status != .ok && causes[check.found] != nil
      // As wide as the widest, since more lines may follow.
      let status = check.status.rawValue
      rows.append([
        status + String(repeating: " ", count: 7 - status.count), check.name,
        isTold ? "for the same reason as \(causes[check.found] ?? "")" : check.found,
      ])
      if !isTold { causes[check.found] = check.name }
    }
    return columns(rows)
  }

  /// What to do, once for all checks that it is the remedy of; nothing where all is well.
  private func remedies(_ checks: [Check]) -> [String] {
    var fixes: [(remedy: [String], names: [String])] = []
    for check in checks where !check.fix.isEmpty {
      let text = (check.cause.isEmpty ? "" : check.cause + "; ") + check.fix
      let remedy = [text] + check.commands.map { "  " + $0 }
      if let index = fixes.firstIndex(where: { $0.remedy == remedy }) {
        if !fixes[index].names.contains(check.name) { fixes[index].names.append(check.name) }
      } else {
        fixes.append((remedy, [check.name]))
      }
    }
    guard !fixes.isEmpty else { return [] }
    return ["", "what to do"]
      + columns(
        fixes.flatMap { fix in
          zip(
            ["  " + fix.names.joined(separator: ", ") + ":"] + fix.remedy.map { _ in "" },
            fix.remedy
          )
          .map { [$0, $1] }
        })
  }

  /// The options that name the pair, where both of its files are there.
  private var pair: [String] {
    guard let cfg, let weights, fileExists(cfg), fileExists(weights) else { return [] }
    return ["--cfg", cfg, "--weights", weights]
  }

  /// The checks of the network and data set that were named.
  private func inputChecks() -> [Check] {
    var checks: [Check] = []
    if let folder = run.model, !fileExists("\(folder)/\(RunFiles.cfg)") {
      let advice = MissingFile(folder)?.folderAdvice().map { "; \($0)" } ?? ""
      let found =
        fileExists(folder)
        ? "\(folder) is no run folder: it holds no \(RunFiles.cfg)"
        : "\(folder) is not there\(advice)"
      checks.append(
        Check(
          "model", .failed, found: found, expected: "a run folder",
          fix: "name the folder that 'pare train' or 'pare prune' wrote"))
      if let data { checks.append(dataCheck(data, classes: nil)) }
      return checks
    }
    var spec: NetworkSpec?
    if let cfg {
      do {
        let found = try NetworkSpec(contentsOf: cfg)
        let warnings = found.warnings.count
        checks.append(
          Check(
            "cfg", warnings == 0 ? .ok : .warning,
            found: summary(of: found) + (warnings == 0 ? "" : ", \(warnings) warnings"),
            expected: "a cfg without warnings",
            fix: warnings == 0
              ? "" : "\(quotedCommand(["pare", "config", "check", cfg])) lists them"))
        spec = found
      } catch {
        checks.append(
          Check(
            "cfg", .failed, found: "\(error)" + advice(cfg, "cfg"), expected: "a Darknet cfg",
            fix: remedy(ofCfg: cfg)))
      }
    }
    if let weights {
      // No figure of theirs can be judged without a cfg, and it is that which has to be mended.
      checks.append(
        spec.map { weightsCheck(weights, $0) }
          ?? Check("weights", .warning, found: "not checked: that needs the cfg"))
    }
    if let data { checks.append(dataCheck(data, classes: spec?.classes)) }
    return checks
  }

  /// What to do about a cfg that cannot be read: often another file was named.
  private func remedy(ofCfg path: String) -> String {
    guard let kind = FileKind(of: path), kind != .cfg else {
      return "correct the cfg; 'pare config new' writes one"
    }
    let others = [("--data", data), ("--weights", weights)]
    if let other = others.first(where: { $0.1.flatMap(FileKind.init(of:)) == .cfg }),
      let cfg = other.1
    {
      return "the files are swapped: --cfg \(cfg) \(other.0) \(path)"
    }
    return "name the network's cfg: \(path) is \(kind.words); 'pare config new' writes a cfg"
  }

  /// What may have been meant by a path that leads nowhere.
  private func advice(_ path: String, _ endings: String...) -> String { advice(path, endings) }

  private func advice(_ path: String, _ endings: [String]) -> String {
    MissingFile(path)?.advice(endings: endings).map { "; \($0)" } ?? ""
  }

  private func weightsCheck(_ path: String, _ spec: NetworkSpec) -> Check {
    guard !path.hasSuffix(".safetensors") else {
      return Check("weights", .ok, found: "\(path): .safetensors, which the engine checks")
    }
    let expected = "\(grouped(spec.weightsByteCount)) bytes"
    do {
      if WeightsFile.backboneLayers(ofFileName: path) != nil {
        let backbone = try WeightsFile.readBackbone(path, for: spec)
        return Check(
          "weights", .ok, found: "\(path): the first \(counted(backbone.loaded.count, "layer"))")
      }
      let parameters =
        path.hasSuffix(".pt") || path.hasSuffix(".pth")
        ? try NamedWeights.read(PyTorchFile(contentsOf: path), for: spec)
        : try WeightsFile.read(path, for: spec)
      let layers = parameters.layersWithoutFiniteValues
      let names = layers.map { "\($0) [\(spec.section(ofLayer: $0).name)]" }
      return Check(
        "weights", layers.isEmpty ? .ok : .failed,
        found: layers.isEmpty
          ? "\(path) fits"
          : "\(path): NaN or infinity in \(layers.count == 1 ? "layer" : "layers") "
            + names.joined(separator: ", "),
        expected: expected,
        fix: layers.isEmpty ? "" : "take weights from before training diverged")
    } catch {
      return Check(
        "weights", .failed, found: "\(error)" + advice(path, Weights.extensions),
        expected: expected,
        fix: (isShort(error)
          ? "fetch the file again, for its download may have broken off; or " : "")
          + "use the cfg that these weights belong to, or load what fits with '--pretrain'")
    }
  }

  /// Whether a file has fewer bytes than its network needs.
  private func isShort(_ error: any Error) -> Bool {
    if case .sizeMismatch(let mismatch) = error as? WeightsError {
      mismatch.bytes < mismatch.expectedBytes
    } else {
      false
    }
  }

  private func dataCheck(_ path: String, classes: Int?) -> Check {
    func failed(_ found: String, _ fix: String) -> Check {
      Check("data", .failed, found: found, expected: "a .data file with its lists", fix: fix)
    }
    do {
      let data = try DataFile(contentsOf: path)
      _ = try data.classNames()
      var parts = [data.classes == 1 ? "1 class" : "\(data.classes) classes"]
      for split in DataFile.Split.allCases where data.list(split) != nil {
        let pictures = try data.pictures(split)
        parts.append(
          "\(split.rawValue) \(grouped(pictures.count)) \(pictures.count == 1 ? "picture" : "pictures")"
        )
        if let missing = pictures.first(where: { !fileExists($0) }) {
          let count = pictures.count { !fileExists($0) }
          return failed(
            "\(path): \(grouped(count)) \(count == 1 ? "picture" : "pictures") of '\(split.rawValue)' "
              + "missing, first "
              + missing,
            "correct the paths in \(data.list(split) ?? path)")
        }
      }
      if let classes, classes != data.classes {
        return failed(
          "\(path): \(data.classes) classes, but the cfg has \(classes)",
          "'pare config new' writes a cfg for \(data.classes) classes")
      }
      return Check("data", .ok, found: parts.joined(separator: ", "))
    } catch {
      return failed(
        "\(error)" + advice(path, "data"), "correct the file; 'pare dataset import' writes one")
    }
  }
}

/// What `doctor` ends with when something must be fixed.
struct DoctorError: Error, Equatable, CustomStringConvertible {
  var failed: [Check]
  /// Whether the causes are part of the message; else they stand above it.
  var tellsCauses: Bool

  var description: String {
    var seen: Set<String> = []
    let names = failed.map(\.name).filter { seen.insert($0).inserted }
    let checks = names.count == 1 ? "a check failed" : "\(names.count) checks failed"
    guard tellsCauses, let first = failed.first else {
      return checks + ": " + names.joined(separator: ", ")
    }
    return (failed.count == 1 ? "" : "\(failed.count) checks failed, first ")
      + "\(first.name): \(first.found)"
  }
}
