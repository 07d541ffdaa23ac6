import ArgumentParsing
import Commands
import Darknet
import Diagnosis
import Terminal

extension DoctorCommand {
  /// What is asked: of this machine, or of one that was written down.
  func machineRecord() throws -> MachineRecord {
    guard let machine else {
      return .ofThisMachine(forBuilding: plan != nil || explain != nil || record != nil)
    }
    let record = MachineRecord(parsing: try contents(of: machine))
    guard !record.commands.isEmpty else { throw RecordError.empty(machine) }
    return record
  }

  /// Writes down this machine, unless a file of that name is there.
  func write(_ machineRecord: MachineRecord) throws {
    guard let path = record else { return }
    guard !fileExists(path) else { throw FileError.exists(path: path) }
    let platform = MachineFacts(machineRecord).platform
    try writeAtomically(
      machineRecord.text(remark: "\(platform.name), as 'pare doctor --record' found it."), to: path)
  }

  // MARK: - Plan

  /// Prints the script, or what is in its way.
  func printPlan(_ plan: Plan, on facts: MachineFacts, _ output: JSONOutput) throws {
    let source = try OpenCVSource.read(source ?? "", contrib: contrib)
    var choices = OpenCVPlan.Choices()
    choices.withCUDA = plan == .openCVWithCUDA
    choices.prefix = prefix.map { absolutePath($0) }
    choices.isPrefixOwn = choices.prefix.map(isWritableFolder) ?? false
    choices.capabilities = (capability ?? "").split(separator: ",").compactMap { Version($0) }
    choices.modules = (modules ?? "").split(separator: ",").map(String.init)
    let result = OpenCVPlan(facts, source: source, choices: choices)
    let obstacles = result.obstacles
    if report.printsTables {
      try show(obstacles.isEmpty ? [String(result.script.dropLast())] : lines(obstacles))
    }
    try output.write(
      .members([
        "script": obstacles.isEmpty ? result.script : nil,
        "switches": result.switches.map { entry in
          JSONValue.members([
            "name": entry.name, "value": entry.value, "reason": entry.reason,
          ])
        },
        "jobs": result.jobs, "prefix": result.prefix,
        "obstacles": obstacles.map(json),
      ]))
    guard obstacles.isEmpty else {
      throw DoctorError(failed: obstacles, tellsCauses: !report.printsTables)
    }
  }

  // MARK: - Explain

  /// Finds the first error of a log.
  func explain(_ path: String, on facts: MachineFacts, _ output: JSONOutput) throws {
    guard let failure = BuildLog(try contents(of: path)).failure(on: facts) else {
      if report.printsTables { try show(["\(path): no error in it"]) }
      try output.write(.members(["found": false]))
      return
    }
    if report.printsTables {
      var rows = [
        ["error", "\(path):\(failure.line): \(failure.text)"], ["cause", failure.cause],
        ["what to do", failure.fix],
      ]
      rows += failure.commands.map { ["", "  " + $0] }
      try show(columns(rows))
    }
    try output.write(
      .members([
        "found": true, "known": failure.isKnown, "line": failure.line, "error": failure.text,
        "cause": failure.cause, "fix": failure.fix, "commands": failure.commands,
      ]))
  }

  private func contents(of path: String) throws(FileError) -> String {
    String(decoding: try readFile(path, limit: 64 << 20), as: UTF8.self)
  }

  func json(_ check: Check) -> JSONValue {
    .members([
      "name": check.name, "status": check.status.rawValue, "found": check.found,
      "expected": check.expected, "cause": check.cause, "fix": check.fix,
      "commands": check.commands,
    ])
  }
}

/// Why a file tells nothing of a machine.
enum RecordError: Error, Equatable, CustomStringConvertible {
  case empty(String)

  var description: String {
    switch self {
    case .empty(let path):
      "\(path): no record of a machine; 'pare doctor --record FILE' writes one"
    }
  }
}
