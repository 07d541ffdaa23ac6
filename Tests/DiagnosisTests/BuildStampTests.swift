import Diagnosis
import Foundation
import Testing

@Suite struct BuildStampTests {
  private func commit(
    stamp: String?, builtAfter seconds: Double = -10
  ) throws -> String? {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appending(path: "stamp-\(UUID().uuidString)")
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? manager.removeItem(at: folder) }
    let now = Date()
    for (name, text, date) in [
      ("pare.commit", stamp, now), ("pare", "", now - 10),
      ("pare-engine", "", now + seconds),
    ] {
      guard let text else { continue }
      let path = folder.appending(path: name).path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      try manager.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }
    return BuildStamp.commit(inFolder: folder.path)
  }

  @Test func `the commit is what was noted`() throws {
    #expect(try commit(stamp: "abc1234 with changes\n") == "abc1234 with changes")
  }

  @Test func `a program that was built later has no commit`() throws {
    #expect(try commit(stamp: "abc1234\n", builtAfter: 10) == nil)
  }

  @Test(arguments: [nil, "", "\n", "a\u{1B}[31m", String(repeating: "a", count: 81)])
  func `anything else is no commit`(stamp: String?) throws {
    #expect(try commit(stamp: stamp) == nil)
  }
}
