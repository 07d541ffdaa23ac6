import Foundation
import Testing

/// How many threads the engine uses, and how they wait.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct ThreadsTests {
  @Test func `a small network runs on one thread unless told otherwise`() throws {
    try Workspace.with { space in
      try space.prepare()
      let profile = "profile --cfg n.cfg --latency --repeats 1 --device cpu --quiet --json p.json"
      try space.succeed(profile)
      #expect(try space.json("p.json")["threads"] as? Int == 1)
      try space.succeed(profile + " --threads 2")
      #expect(try space.json("p.json")["threads"] as? Int == 2)
    }
  }

  // A run resumed on another machine uses as many as it had: its figures depend on it.
  @Test func `a run remembers the number of threads that was chosen for it`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      #expect(try space.json("r/request.json")["threads"] as? Int == 1)
    }
  }

  @Test func `the engine bounds the spin of waiting threads when it is started by itself`() throws {
    try Workspace.with { space in
      try space.prepare()
      let process = Process()
      process.executableURL = URL(filePath: Workspace.program + "-engine")
      process.arguments =
        "profile --cfg n.cfg --latency --repeats 1000000 --device cpu --quiet"
        .split(separator: " ").map(String.init)
      process.currentDirectoryURL = space.folder
      process.environment = ProcessInfo.processInfo.environment.filter {
        $0.key != "GOMP_SPINCOUNT" && $0.key != "OMP_WAIT_POLICY"
      }
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      defer {
        process.terminate()
        process.waitUntilExit()
      }
      // The variables that the program was given when it last started, as the kernel tells them.
      let path = "/proc/\(process.processIdentifier)/environ"
      let end = Date() + 60
      var isSet = false
      while !isSet, process.isRunning, Date() < end {
        let text = FileManager.default.contents(atPath: path).map {
          String(decoding: $0, as: UTF8.self)
        }
        isSet = (text ?? "").split(separator: "\0").contains("GOMP_SPINCOUNT=1000")
        if !isSet { Thread.sleep(forTimeInterval: 0.02) }
      }
      #expect(isSet)
    }
  }
}
