import Testing

@testable import Diagnosis

@Suite struct MachineRecordTests {
  @Test func `a record is read as it is written`() {
    let text = """
      # A machine.
      # ok GPU: none
      $ gcc --version
      gcc (Debian 12.2.0-14) 12.2.0

      $ pkg-config --modversion opencv4
      not found
      ? 1
      $ cat /empty
      $ cat /proc/loadavg
      0.1 0.2 0.3

      """
    let record = MachineRecord(parsing: text)
    #expect(
      record.commands == [
        "gcc --version", "pkg-config --modversion opencv4", "cat /empty", "cat /proc/loadavg",
      ])
    #expect(record.output("gcc --version") == "gcc (Debian 12.2.0-14) 12.2.0\n\n")
    #expect(record["pkg-config --modversion opencv4"]?.status == 1)
    #expect(record.output("pkg-config --modversion opencv4") == nil)
    #expect(record.file("/empty") == "")
    #expect(record.file("/proc/loadavg") == "0.1 0.2 0.3\n")
    #expect(record["nvcc --version"] == nil)
    #expect(MachineRecord(parsing: record.text(remark: "again")) == record)
  }

  @Test func `what looks like a mark in an answer is no mark`() {
    var record = MachineRecord()
    record["a"] = MachineRecord.Answer(status: 0, text: "$ b\n? 3\n")
    let again = MachineRecord(parsing: record.text(remark: ""))
    #expect(again.commands == ["a"])
    #expect(again["a"]?.status == 0)
  }

  @Test func `versions are compared by number`() {
    #expect(Version("470.199.02x")?.description == "470.199.02")
    #expect(Version("11.4.0-1ubuntu1") == Version(11, 4, 0))
    #expect(Version("12") == Version(12, 0) && Version(12).hashValue == Version(12, 0).hashValue)
    #expect(Version(9, 10) > Version(9, 9, 9) && Version(8, 0) < Version(8, 0, 1))
    #expect(Version("x1") == nil && Version("") == nil && Version("v1.2") == nil)
    #expect(Version.following("release ", in: "tools, release 11.8, V11.8.89") == Version(11, 8))
    #expect(Version("99999999999999999999") == nil)
  }

  @Test func `programs run side by side and are ended when they take too long`() {
    let outputs = captureAll(
      [
        ProgramCall(
          program: "sh", arguments: ["-c", "echo $WORD; exit 3"], environment: ["WORD=a b"]),
        ProgramCall(program: "sleep", arguments: ["30"]),
        ProgramCall(program: "no-such-program", arguments: []),
        ProgramCall(program: "sh", arguments: ["-c", "kill -9 $$"]),
        // More than a pipe holds.
        ProgramCall(program: "sh", arguments: ["-c", "head -c 200000 /dev/zero; cat"]),
      ], secondsAtMost: 1)
    #expect(outputs[0] == ProgramOutput(status: 3, text: "a b\n"))
    #expect(outputs[1] == ProgramOutput(status: 124, text: ""))
    #expect(outputs[2] == nil)
    #expect(outputs[3]?.status == 137)
    #expect(outputs[4]?.status == 0 && outputs[4]?.text.utf8.count == 200_000)
  }
}
