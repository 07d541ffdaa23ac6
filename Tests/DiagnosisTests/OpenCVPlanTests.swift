import Foundation
import Testing

@testable import Diagnosis

@Suite struct OpenCVPlanTests {
  /// A plan for a recorded machine, by the remark in its stored file's first line:
  /// `#% MACHINE VERSION [contrib] [prefix=DIR] [capability=N] [modules=A,B] [cpu]`.
  private func plan(_ line: Substring) throws -> OpenCVPlan {
    let words = line.split(separator: " ").dropFirst().map(String.init)
    let machine = try #require(RecordedMachine.named(words[0]))
    let version = try #require(Version(words[1]))
    func value(_ name: String) -> String? {
      words.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
    var choices = OpenCVPlan.Choices()
    choices.prefix = value("prefix")
    choices.isPrefixOwn = choices.prefix?.hasPrefix("/home/") ?? false
    choices.capabilities = value("capability").flatMap { Version($0) }.map { [$0] } ?? []
    choices.modules = value("modules")?.split(separator: ",").map(String.init) ?? []
    choices.withCUDA = !words.contains("cpu")
    let path = value("source") ?? "/home/user/opencv-\(version)"
    let contrib =
      words.contains("contrib") ? "/home/user/opencv_contrib-\(version)" : value("contrib")
    return OpenCVPlan(
      MachineFacts(machine.record),
      source: OpenCVSource(path: path, version: version, contrib: contrib), choices: choices)
  }

  /// The plan, or what is in its way, as the stored files have it.
  private func text(_ plan: OpenCVPlan) -> String {
    guard !plan.obstacles.isEmpty else { return plan.script }
    return plan.obstacles.map { check in
      "\(check.name): \(check.found); expected \(check.expected)"
        + (check.cause.isEmpty ? "" : "; \(check.cause)") + "; \(check.fix)\n"
    }.joined()
  }

  @Test func `enough plans are stored`() { #expect(files(in: "Plans").count >= 8) }

  // Every line was read and judged when it was stored; PARE_RECORD=1 stores them anew.
  @Test(arguments: files(in: "Plans").map(\.name))
  func `a machine's plan is the stored one, line by line`(name: String) throws {
    let stored = try #require(files(in: "Plans").first { $0.name == name }?.text)
    let head = try #require(stored.split(separator: "\n").first)
    let found = "\(head)\n" + text(try plan(head))
    if ProcessInfo.processInfo.environment["PARE_RECORD"] != nil {
      let folder = URL(filePath: #filePath).deletingLastPathComponent()
      try found.write(
        to: folder.appending(path: "Resources/Plans/\(name).txt"), atomically: true, encoding: .utf8
      )
      return
    }
    for (line, other) in zip(
      stored.split(separator: "\n", omittingEmptySubsequences: false),
      found.split(separator: "\n", omittingEmptySubsequences: false))
    {
      #expect(line == other)
    }
    #expect(stored == found)
  }

  @Test(arguments: files(in: "Plans").filter { !$0.text.contains("; expected ") }.map(\.name))
  func `a plan is a script that bash can read, with a reason behind each switch`(name: String)
    throws
  {
    let stored = try #require(files(in: "Plans").first { $0.name == name }?.text)
    let plan = try plan(try #require(stored.split(separator: "\n").first))
    let output = try #require(
      capture(ProgramCall(program: "bash", arguments: ["-n", "-c", plan.script])))
    #expect(output == ProgramOutput(status: 0, text: ""))
    for entry in plan.switches { #expect(!entry.reason.isEmpty && !entry.reason.contains("\n")) }
    #expect(Set(plan.switches.map(\.name)).count == plan.switches.count)
    // The functions that Scripts/build-opencv-cuda calls.
    for step in ["packages", "unpack", "configure", "compile", "put", "register", "try_out"] {
      #expect(plan.script.contains("\n\(step)() {\n"))
    }
  }

  @Test func `the steps give CMake the switches word by word`() throws {
    let plan = try plan("#% container-cuda 4.8.0 contrib prefix=/home/user/it's here")
    #expect(plan.prefix == "/home/user/it's")
    let script =
      plan.script
      + "cmake() { printf '%s|' \"$@\"; }; mkdir() { :; }; cd() { :; }; configure -G Ninja"
    let output = try #require(
      capture(ProgramCall(program: "bash", arguments: ["-euc", script])))
    #expect(output.text.hasPrefix("/home/user/opencv-4.8.0|-D|CMAKE_BUILD_TYPE=Release|-D|"))
    #expect(output.text.contains("|-D|CMAKE_INSTALL_PREFIX=/home/user/it's|-D|"))
    #expect(output.text.contains("|-D|CUDA_ARCH_PTX=|-D|"))
    #expect(output.text.hasSuffix("|-G|Ninja|"))
  }

  // 5 GiB are there: two compilers of CUDA code, or five of C++, but for 6 cores.
  @Test func `memory bounds how many files are compiled at once`() throws {
    #expect(try plan("#% jetson-orin-nano 4.8.0 contrib").jobs == 2)
    #expect(try plan("#% jetson-orin-nano 4.8.0 contrib cpu").jobs == 5)
    #expect(try plan("#% desktop-fits 4.8.0 contrib cpu").jobs == 16)
    let none = OpenCVPlan(
      MachineFacts(MachineRecord()),
      source: OpenCVSource(path: "/o", version: Version(4, 8)))
    #expect(none.jobs == 1)
  }

  @Test func `a full disk is in the way`() throws {
    var record = try #require(RecordedMachine.named("desktop-fits")).record
    record["df -B1 --output=avail ."] = .init(status: 0, text: "Avail\n\(6 << 30)\n")
    let source = OpenCVSource(path: "/o", version: Version(4, 8), contrib: "/c")
    #expect(OpenCVPlan(MachineFacts(record), source: source).obstacles.map(\.name) == ["disk"])
    var choices = OpenCVPlan.Choices()
    choices.withCUDA = false
    let plain = OpenCVPlan(MachineFacts(record), source: source, choices: choices)
    #expect(plain.obstacles.isEmpty)
  }
}

@Suite struct OpenCVSourceTests {
  private func folder(_ body: (URL) throws -> Void) throws {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appending(path: "opencv-\(UUID().uuidString)")
    defer { try? manager.removeItem(at: folder) }
    for path in ["opencv-4.8.0/modules/core/include/opencv2/core", "empty"] {
      try manager.createDirectory(
        at: folder.appending(path: path), withIntermediateDirectories: true)
    }
    try """
    #define CV_VERSION_MAJOR    4
    #define CV_VERSION_MINOR    8
    #define CV_VERSION_REVISION 0
    """.write(
      to: folder.appending(path: "opencv-4.8.0/modules/core/include/opencv2/core/version.hpp"),
      atomically: true, encoding: .utf8)
    try body(folder)
  }

  @Test func `a folder tells its version, and contrib is found beside it`() throws {
    try folder { folder in
      let path = folder.path + "/opencv-4.8.0"
      var source = try OpenCVSource.read(path, contrib: nil)
      #expect(source == OpenCVSource(path: path, version: Version(4, 8, 0)))
      let module = folder.appending(path: "opencv_contrib-4.8.0/modules/cudev")
      try FileManager.default.createDirectory(at: module, withIntermediateDirectories: true)
      try "".write(
        to: module.appending(path: "CMakeLists.txt"), atomically: true, encoding: .utf8)
      source = try OpenCVSource.read(path, contrib: nil)
      #expect(source.contrib?.hasSuffix("/opencv_contrib-4.8.0") == true)
      #expect(throws: OpenCVSourceError.noContrib(folder.path + "/empty")) {
        try OpenCVSource.read(path, contrib: folder.path + "/empty")
      }
    }
  }

  @Test func `an archive tells its version by its name`() throws {
    try folder { folder in
      for (name, version) in [
        ("opencv-3.4.20.zip", Version(3, 4, 20)), ("opencv_4.6.0+dfsg.orig.tar.xz", Version(4, 6)),
      ] {
        let path = folder.path + "/" + name
        try "".write(toFile: path, atomically: true, encoding: .utf8)
        let source = try OpenCVSource.read(path, contrib: nil)
        #expect(source.version == version && source.isArchive)
      }
      let path = folder.path + "/master.zip"
      try "".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: OpenCVSourceError.namelessArchive(path)) {
        try OpenCVSource.read(path, contrib: nil)
      }
      let old = folder.path + "/opencv-2.4.13.zip"
      try "".write(toFile: old, atomically: true, encoding: .utf8)
      #expect(throws: OpenCVSourceError.tooOld(old, Version(2, 4, 13))) {
        try OpenCVSource.read(old, contrib: nil)
      }
      #expect(throws: OpenCVSourceError.absent(folder.path + "/empty")) {
        try OpenCVSource.read(folder.path + "/empty", contrib: nil)
      }
      #expect(throws: OpenCVSourceError.absent(folder.path + "/none-4.5.zip")) {
        try OpenCVSource.read(folder.path + "/none-4.5.zip", contrib: nil)
      }
    }
  }
}
