import Foundation
import Storage
import Testing

@testable import Runs

/// Signals end processes, so each is sent to one of its own.
@Suite struct InterruptionTests {
  @Test func `work that saves is told, and ends with the signal's status`() async {
    let result = await #expect(
      processExitsWith: .exitCode(143), observing: [\.standardErrorContent]
    ) {
      Interruption.listen()
      precondition(!Interruption.isRequested && Interruption.signal == nil)
      raise(SIGTERM)
      precondition(Interruption.isRequested && Interruption.signal == SIGTERM)
      exit(Interruption.exitStatus)
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(said.contains("stopping (SIGTERM): saving what there is"))
  }

  // Two at once are one request, as 'timeout' hands on what the terminal sent; after half a second the
  // next one is meant.
  @Test func `a second Ctrl-C ends at once`() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Interruption.listen()
      raise(SIGINT)
      raise(SIGINT)
      usleep(600_000)
      raise(SIGINT)
      exit(0)
    }
  }

  @Test func `a terminal that closes twice is one request`() async {
    await #expect(processExitsWith: .exitCode(129)) {
      signal(SIGHUP, SIG_DFL)
      Interruption.listen()
      raise(SIGHUP)
      usleep(600_000)
      raise(SIGHUP)
      exit(Interruption.exitStatus)
    }
  }

  @Test func `work that saves nothing ends when what is unfinished is gone`() async throws {
    let path = FileManager.default.temporaryDirectory.path + "/pare-unfinished-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: path) }
    await #expect(processExitsWith: .exitCode(130)) {
      // What is ignored from the beginning, as in the background of a script, would stay so.
      signal(SIGINT, SIG_DFL)
      Interruption.tidyAtEnd()
      let path = FileManager.default.temporaryDirectory.path + "/pare-unfinished-\(getppid())"
      let output = try OutputFolder(path, overwrite: false, kind: .test)
      try output.fill { folder in
        try Data([1]).write(to: URL(filePath: folder + "/a"))
        raise(SIGINT)
        sleep(30)
      }
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    let left = try FileManager.default.contentsOfDirectory(
      atPath: FileManager.default.temporaryDirectory.path)
    #expect(!left.contains { $0.contains("pare-unfinished-\(getpid())") })
  }
}
