import Diagnosis
import Foundation
import Testing

/// A failing log as CMake, make, gcc, nvcc and ld print it, from issues of opencv and opencv_contrib.
/// Its first lines, with `#%`, name the machine, the line of the first error, the cause, and what to
/// type.
private struct RecordedLog: CustomStringConvertible {
  var description: String
  var machine: String
  var line: Int
  var cause: String
  var commands: [String]
  var text: String

  init?(name: String, stored: String) {
    let lines = stored.split(separator: "\n", omittingEmptySubsequences: false)
    let marks = lines.prefix { $0.hasPrefix("#% ") }.map { $0.dropFirst(3) }
    let first = marks.first?.split(separator: " ") ?? []
    guard marks.count >= 2, first.count == 2, let line = Int(first[1]) else { return nil }
    description = name
    machine = String(first[0])
    self.line = line
    cause = String(marks[1])
    commands = marks.dropFirst(2).map { String($0.dropFirst(2)) }
    text = lines.dropFirst(marks.count).joined(separator: "\n")
  }

  static let all = files(in: "Logs").compactMap { RecordedLog(name: $0.name, stored: $0.text) }
}

@Suite struct BuildLogTests {
  private let plain = MachineFacts(MachineRecord())

  @Test func `enough logs are stored, and all can be read`() {
    #expect(RecordedLog.all.count >= 12)
    #expect(RecordedLog.all.count == files(in: "Logs").count)
  }

  @Test(arguments: RecordedLog.all.map(\.description))
  func `the first error of a log is found and explained`(name: String) throws {
    let log = try #require(RecordedLog.all.first { $0.description == name })
    let machine = try #require(RecordedMachine.named(log.machine))
    let failure = try #require(BuildLog(log.text).failure(on: MachineFacts(machine.record)))
    #expect(failure.line == log.line)
    #expect(failure.cause == log.cause)
    #expect(failure.commands == log.commands)
    #expect(failure.isKnown == (name != "unknown-with-colours"))
    for text in [failure.text, failure.cause, failure.fix] + failure.commands {
      #expect(!text.isEmpty && !text.contains("\n") && !text.contains("\u{1B}"))
    }
  }

  @Test func `the remedy names what is on the machine`() throws {
    let log = try #require(RecordedLog.all.first { $0.description == "gcc-too-new" })
    let machine = try #require(RecordedMachine.named("gcc-12-for-cuda-11.8"))
    let failure = BuildLog(log.text).failure(on: MachineFacts(machine.record))
    #expect(
      failure?.fix
        == "configure anew in an empty build folder with -D CUDA_HOST_COMPILER=/usr/bin/g++-11")
    let fermi = try #require(RecordedLog.all.first { $0.description == "architecture-of-fermi" })
    let pascal = try #require(RecordedMachine.named("pascal-with-cuda-13"))
    #expect(
      BuildLog(fermi.text).failure(on: MachineFacts(pascal.record))?.fix
        == "name the capability of your card alone: -D CUDA_ARCH_BIN=6.1")
  }

  @Test(arguments: [
    "", "\n\n", "[100%] Built target opencv_core\n", "-- Looking for error.h - found\n",
  ])
  func `a log without an error has none`(text: String) {
    #expect(BuildLog(text).failure(on: plain) == nil)
  }

  @Test func `an explained error counts before an unexplained one, and make's own lines last`() {
    let text = """
      x.cpp:1:1: error: ‘g’ was not declared in this scope
      make[2]: *** [x.cpp.o] Error 1
      c++: fatal error: Killed signal terminated program cc1plus
      """
    #expect(BuildLog(text).failure(on: plain)?.line == 3)
    let first = BuildLog("make[2]: *** [x.cpp.o] Error 1\nx.cpp:1:1: error: no\n")
    #expect(first.failure(on: plain)?.line == 2)
  }

  // A log that is cut anywhere must not end the program that reads it.
  @Test func `any part of a log is borne`() {
    for log in RecordedLog.all {
      for length in stride(from: 0, to: log.text.count, by: 7) {
        _ = BuildLog(String(log.text.prefix(length))).failure(on: plain)
      }
    }
  }
}
