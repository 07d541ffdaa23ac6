import ArgumentParsing
import Checkpoints
import Commands
import Darknet
import Diagnosis
import Terminal

extension DoctorCommand: Executable {
  package func execute() throws {
    let output = try JSONOutput(report)
    let checks = Examination(enginePath: Engine.path).checks() + inputChecks()
    if report.printsTables {
      try show(columns(checks.map { [$0.status.rawValue, $0.name, $0.found] }))
      try show(
        checks.filter { !$0.fix.isEmpty }.map { "\n\($0.name): \($0.found)\n  fix: \($0.fix)" })
    }
    try output.write(
      .members([
        "checks": checks.map { check in
          JSONValue.members([
            "name": check.name, "status": check.status.rawValue, "found": check.found,
            "expected": check.expected, "fix": check.fix,
          ])
        }
      ]))
    let failed = checks.filter { $0.status == .failed }
    if let first = failed.first { throw DoctorError.found(failed.count, first) }
  }

  /// The checks of the network and data set that were named.
  private func inputChecks() -> [Check] {
    var checks: [Check] = []
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
            fix: warnings == 0 ? "" : "'pare config check \(cfg)' lists them"))
        spec = found
      } catch {
        checks.append(
          Check(
            "cfg", .failed, found: "\(error)", expected: "a Darknet cfg",
            fix: "correct the cfg; 'pare config new' writes one"))
      }
    }
    if let weights, let spec { checks.append(weightsCheck(weights, spec)) }
    if let data { checks.append(dataCheck(data, classes: spec?.classes)) }
    return checks
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
      let count = parameters.layers.joined().reduce(0) { sum, entry in
        sum + entry.value.values.count { !$0.isFinite }
      }
      return Check(
        "weights", count == 0 ? .ok : .failed,
        found: count == 0 ? "\(path) fits" : "\(path): \(counted(count, "value")) not finite",
        expected: expected, fix: count == 0 ? "" : "take weights from before training diverged")
    } catch {
      return Check(
        "weights", .failed, found: "\(error)", expected: expected,
        fix: "use the cfg that these weights belong to, or load what fits with '--pretrain'")
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
      return failed("\(error)", "correct the file; 'pare dataset import' writes one")
    }
  }
}

/// What `doctor` ends with when something must be fixed.
enum DoctorError: Error, Equatable, CustomStringConvertible {
  case found(Int, Check)

  var description: String {
    switch self {
    case .found(let count, let check):
      (count == 1 ? "" : "\(count) checks failed, first ") + "\(check.name): \(check.found)"
    }
  }
}
