import Foundation
import Testing

@testable import Diagnosis

@Suite struct EngineTrialTests {
  private let right = Check("cpu", .ok, found: "right", expected: "right numbers")

  @Test func `lines are read as they were written`() {
    let check = Check(
      "cuda:0", .failed, found: "3 numbers wrong", expected: "none", cause: "heat",
      fix: "cool it", commands: ["sudo cool", "reboot"])
    for line in [TrialLine.begin("pictures"), .check(check), .check(right), .end] {
      #expect(TrialLine(line.text) == line)
    }
    #expect(TrialLine.check(right).text == "pare-trial\tcheck\tcpu\tok\tright\tright numbers\t\t")
    // What would end a field or a line becomes a space.
    #expect(TrialLine(TrialLine.begin("a\tb\nc").text) == .begin("a b c"))
    for other in [
      "", "check", "pare-trial", "pare-trial\tbegin", "pare-trial\tcheck\tcpu\tfine\t\t\t\t",
    ] {
      #expect(TrialLine(other) == nil, "\(other)")
    }
  }

  @Test func `an engine that ends as it should says all`() {
    let trial = EngineTrial(enginePath: "/e/pare-engine")
    let text = [
      "a library's notice", TrialLine.begin("cpu").text, TrialLine.check(right).text,
      TrialLine.end.text,
    ].joined(separator: "\n")
    #expect(trial.checks(ProgramOutput(status: 0, text: text)) == [right])
  }

  @Test(
    arguments: [
      (132, "", "engine", "ended by signal 4 (illegal instruction) while starting", "AVX2"),
      (
        139, "cuda:0", "cuda:0", "ended by signal 11 while computing on cuda:0; it said: no device",
        "called by itself"
      ),
      (
        124, "cuda", "cuda", "no end within 120 s while looking for a GPU; it said: no device",
        "dmesg"
      ),
      (137, "pictures", "pictures", "ended by signal 9 while decoding pictures", "memory"),
      (0, "", "engine", "ended before it was done while starting", "called by itself"),
      (1, "", "engine", "ended with 1 while starting", "called by itself"),
    ] as [(Int32, String, String, String, String)])
  func `what ends the engine early is a finding`(
    status: Int32, begun: String, name: String, found: String, fix: String
  ) {
    let trial = EngineTrial(enginePath: "/e/pare-engine")
    var lines = begun.isEmpty ? [] : [TrialLine.check(right).text, TrialLine.begin(begun).text]
    if found.contains("it said") { lines.append("  no device") }
    let checks = trial.checks(ProgramOutput(status: status, text: lines.joined(separator: "\n")))
    // What was known before stays.
    #expect(checks.count == (begun.isEmpty ? 1 : 2))
    let check = checks[checks.count - 1]
    #expect(check.name == name && check.status == .failed)
    #expect(check.found == "the engine: " + found)
    #expect(check.fix.contains(fix), "\(check.fix)")
  }

  @Test func `an engine that ends badly after all is told`() {
    let text = [TrialLine.check(right).text, TrialLine.end.text].joined(separator: "\n")
    let checks = EngineTrial(enginePath: "e").checks(ProgramOutput(status: 134, text: text))
    #expect(checks.map(\.name) == ["cpu", "engine"])
    #expect(checks.last?.found == "the engine: ended by signal 6 while ending")
  }

  @Test func `an engine that hangs is ended`() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("pare-engine-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "#!/bin/sh\nprintf 'pare-trial\\tbegin\\tcuda:0\\n'\nexec sleep 60\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    let start = ContinuousClock.now
    let checks = EngineTrial(enginePath: path, secondsAtMost: 1).checks()
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(checks.map(\.found) == ["the engine: no end within 1 s while computing on cuda:0"])
    #expect(checks.map(\.cause) == ["the GPU or its driver does not answer"])
    let absent = EngineTrial(enginePath: path + "-not").checks()
    #expect(absent.map(\.found) == ["'\(path)-not' cannot be run"])
  }
}
