import Diagnosis
import Testing

@Suite struct MachineFactsTests {
  /// Every finding that is not `ok`, with the lines to type, and those `ok` ones that are expected.
  private func findings(of machine: RecordedMachine) -> Set<String> {
    var lines: Set<String> = []
    for check in MachineFacts(machine.record).checks() {
      let reason = check.status != .ok && !check.cause.isEmpty ? check.cause : check.found
      let line = "\(check.status.rawValue) \(check.name): \(reason)"
      if check.status != .ok {
        lines.insert(([line] + check.commands.map { "  $ " + $0 }).joined(separator: "\n"))
      } else if machine.expected.contains(where: { $0.hasPrefix("ok \(check.name): ") }) {
        lines.insert(line)
      }
    }
    return lines
  }

  private func expected(of machine: RecordedMachine) -> Set<String> {
    var blocks: [String] = []
    for line in machine.expected {
      if line.hasPrefix("  "), let last = blocks.popLast() {
        blocks.append(last + "\n" + line)
      } else {
        blocks.append(line)
      }
    }
    return Set(blocks)
  }

  @Test func `enough machines are written down`() {
    #expect(RecordedMachine.all.count >= 25)
  }

  @Test(arguments: RecordedMachine.all)
  func `what is wrong with a machine is found, and nothing else`(machine: RecordedMachine) {
    let (found, wanted) = (findings(of: machine), expected(of: machine))
    #expect(!wanted.isEmpty)
    let missing = wanted.subtracting(found).sorted().joined(separator: "\n")
    let surplus = found.subtracting(wanted).sorted().joined(separator: "\n")
    #expect(missing == "", "not found, where this was:\n\(surplus)")
    #expect(surplus == "")
  }

  @Test(arguments: RecordedMachine.all)
  func `every warning says what to do, on one line each`(machine: RecordedMachine) {
    for check in MachineFacts(machine.record).checks() {
      #expect(check.status == .ok || !check.fix.isEmpty, "\(check)")
      for text in [check.found, check.expected, check.cause, check.fix] + check.commands {
        #expect(!text.contains("\n"), "\(check)")
      }
      #expect(!check.commands.contains(""), "\(check)")
    }
  }

  @Test func `a record that says nothing raises no alarm but for what is missing`() {
    let checks = MachineFacts(MachineRecord()).checks()
    #expect(checks.first { $0.name == "GPU" }?.found == "none; the CPU is used")
    #expect(
      Set(checks.filter { $0.status != .ok }.map(\.name))
        == ["processor", "compilers", "pkg-config"])
  }

  // Each command's answer in turn is replaced by nonsense: rules must bear what machines print.
  @Test(arguments: [
    "", "\n", "x", ":::", "=> =>", "release ", "99999999999999999999.1", "\u{0}|1|",
  ])
  func `any answer is borne`(nonsense: String) throws {
    let machine = try #require(RecordedMachine.named("two-opencvs"))
    for command in machine.record.commands {
      var record = machine.record
      record[command] = MachineRecord.Answer(status: 0, text: nonsense)
      #expect(!MachineFacts(record).checks().isEmpty)
      record[command] = MachineRecord.Answer(status: 127, text: nonsense)
      #expect(!MachineFacts(record).checks().isEmpty)
      record[command] = nil
      #expect(!MachineFacts(record).checks().isEmpty)
    }
  }

  @Test func `this machine is judged by its own record`() {
    let record = MachineRecord.ofThisMachine()
    #expect(record.file("/proc/meminfo")?.contains("MemTotal:") == true)
    #expect(record.output("uname -srm")?.hasPrefix("Linux ") == true)
    let names = MachineFacts(record).checks().map(\.name)
    #expect(names.contains("GPU") && names.contains("compilers"))
    // Written down and read again it says the same.
    let again = MachineRecord(parsing: record.text(remark: "a test"))
    #expect(MachineFacts(again).checks() == MachineFacts(record).checks())
  }
}
