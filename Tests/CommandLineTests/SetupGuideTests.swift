import Foundation
import Testing

/// The lines of docs/setup.md, as far as they run without a card, and `doctor` with its engine.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct SetupGuideTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let guide =
    (try? String(
      contentsOf: root.appending(path: "docs/setup.md"), encoding: .utf8)) ?? ""
  private static let machines = root.appending(path: "Tests/DiagnosisTests/Resources/Machines").path

  /// What the guide's reader has: a failed build's log, OpenCV and contrib of 4.8.0 side by side.
  private func prepare(_ space: Workspace) throws {
    try space.write("make.log", "c++: fatal error: Killed signal terminated program cc1plus\n")
    let header = "opencv-4.8.0/modules/core/include/opencv2/core/version.hpp"
    let contrib = "opencv_contrib-4.8.0/modules/cudev/CMakeLists.txt"
    for file in [header, contrib] {
      try FileManager.default.createDirectory(
        atPath: (space.path(file) as NSString).deletingLastPathComponent,
        withIntermediateDirectories: true)
    }
    try space.write(contrib, "")
    try space.write(
      header,
      "#define CV_VERSION_MAJOR 4\n#define CV_VERSION_MINOR 8\n#define CV_VERSION_REVISION 0\n")
    try FileManager.default.createSymbolicLink(
      atPath: space.path("Tests"), withDestinationPath: Self.root.appending(path: "Tests").path)
  }

  @Test func `every call of doctor runs`() throws {
    var calls: [String] = []
    for match in Self.guide.matches(of: /(?:    |`)pare (doctor[^`\n]*)/) {
      let call = String(match.1)
      if !calls.contains(call) { calls.append(call) }
    }
    #expect(calls.count >= 6 && calls.contains("doctor"))
    try Workspace.with { space in
      try prepare(space)
      for call in calls {
        let run = try space.everything(of: call)
        // This machine may lack something; wrong usage and crashes have another status.
        let isOfThisMachine = call == "doctor" || call.contains("--record")
        #expect(run.status == 0 || run.status == 1 && isOfThisMachine, "\(call): \(run.text)")
      }
      #expect(space.exists("machine.txt"))
    }
  }

  @Test func `the recorded machine is judged as the guide shows`() throws {
    let call = try #require(Self.guide.firstMatch(of: /`pare (doctor --machine Tests\/[^`]*)`/))
    let shown = try #require(Self.guide[call.range.upperBound...].firstMatch(of: /```\n([^`]*)```/))
    try Workspace.with { space in
      try prepare(space)
      #expect(try space.output(of: String(call.1)) == String(shown.1))
    }
  }

  // On a recorded machine, so that a card is there, or none, as the guide has it.
  @Test func `every call of the script runs dry`() throws {
    let calls = Self.guide.matches(of: /\ {4}Scripts\/(build-opencv-cuda [^\n]*)/).map {
      String($0.1)
    }
    #expect(calls.count >= 3)
    try Workspace.with { space in
      try prepare(space)
      for call in calls {
        var line = "\(Self.root.path)/Scripts/\(call)"
        if call.contains("--uninstall") {
          line = line.replacing("/usr/local", with: space.path("local"))
          try FileManager.default.createDirectory(
            atPath: space.path("local/opencv-4.8.0/lib"), withIntermediateDirectories: true)
          let library = "local/opencv-4.8.0/lib/libopencv_core.so"
          try space.write(library, "")
          try space.write("local/opencv-4.8.0/pare-opencv.manifest", space.path(library) + "\n")
        } else {
          let name = call.contains("--capability") ? "several-cudas" : "desktop-fits"
          if !call.contains("--dry-run") { line += " --dry-run" }
          line += " --machine \(Self.machines)/\(name).txt"
        }
        let run = try shell(line, in: space)
        #expect(run.status == 0, "\(call): \(run.output)")
        if let capability = call.firstMatch(of: /--capability (\S+)/) {
          #expect(run.output.contains("-D CUDA_ARCH_BIN=\(capability.1)"), "\(run.output)")
        } else if !call.contains("--uninstall") {
          #expect(run.output.contains("-D WITH_CUDA=ON"), "\(run.output)")
        }
      }
      #expect(!space.exists("local/opencv-4.8.0"))
    }
  }

  private func shell(
    _ line: String, in space: Workspace
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", "PARE=\(Workspace.program) exec \(line) 2>&1"]
    process.currentDirectoryURL = space.folder
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  @Test func `the engine computes and decodes, unless doctor is to be quick`() throws {
    try Workspace.with { space in
      _ = try space.run("doctor --json full.json")
      _ = try space.run("doctor --quick --json quick.json")
      func statuses(_ name: String) throws -> [String: String] {
        let checks = try #require(try space.json(name)["checks"] as? [[String: Any]])
        return Dictionary(
          checks.map { ($0["name"] as? String ?? "", $0["status"] as? String ?? "") }
        ) { $1 }
      }
      let full = try statuses("full.json")
      #expect(full["cpu"] == "ok" && full["pictures"] == "ok", "\(full)")
      let quick = try statuses("quick.json")
      #expect(quick["processor"] == "ok" && quick["cpu"] == nil && quick["pictures"] == nil)
    }
  }
}
