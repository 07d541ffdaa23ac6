import ArgumentParsing
import Commands
import Diagnosis

extension DoctorCommand: Executable {
  package func execute() throws {
    let output = try JSONOutput(report)
    let checks = Examination(enginePath: Engine.path).checks()
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
