import Foundation
import Glibc
import Synchronization
import Testing

extension Workspace {
  /// Draws a small data set and writes a small network's cfg.
  func prepare() throws {
    try takeOver("prepare") { space in
      try space.succeed(
        "dataset synthetic --size 64 --images 12 --validation 4 --test 4 --output d --quiet")
      try space.succeed(
        "config new yolov4-tiny --classes 4 --width-multiple 0.125 --img-size 64 --output n.cfg "
          + "--quiet")
    }
  }

  /// Also trains for two epochs.
  func train(_ options: String = "--epochs 2") throws {
    try takeOver("train \(options)") { space in
      try space.prepare()
      try space.succeed(
        "train --cfg n.cfg --data d/d.data --batch-size 4 --device cpu --output r --json r.json "
          + "--quiet \(options)")
    }
  }

  /// What `body` writes into an empty folder: done for the first test that asks, copied for all.
  ///
  /// - Parameter name: another one for each `body`.
  func takeOver(_ name: String, _ body: (Workspace) throws -> Void) throws {
    try Templates.workspace(named: name, madeBy: body).copy(into: self)
  }

  /// Copies all that is here, as if the commands had run there: text names the other folder.
  private func copy(into other: Workspace) throws {
    let copying = Process()
    copying.executableURL = URL(filePath: "/bin/cp")
    copying.arguments = ["-a", folder.path + "/.", other.folder.path]
    try copying.run()
    copying.waitUntilExit()
    try #require(copying.terminationStatus == 0)
    let (old, new) = (Data(folder.path.utf8), Data(other.folder.path.utf8))
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      guard ["json", "html"].contains(URL(filePath: name).pathExtension) else { continue }
      var data = try other.bytes(name)
      guard data.range(of: old) != nil else { continue }
      while let range = data.range(of: old) { data.replaceSubrange(range, with: new) }
      try other.write(name, data)
    }
  }
}

/// Workspaces that tests copy; removed when the process ends.
private enum Templates {
  private static let all = Mutex<[String: Template]>([:])
  private static let removal: Void = { _ = atexit { Templates.removeAll() } }()

  static func workspace(
    named name: String, madeBy body: (Workspace) throws -> Void
  ) throws -> Workspace {
    removal
    let template = all.withLock { all in
      let template = all[name] ?? Template()
      all[name] = template
      return template
    }
    return try template.workspace(madeBy: body)
  }

  private static func removeAll() {
    for template in all.withLock({ Array($0.values) }) { template.remove() }
  }

  private final class Template: Sendable {
    private let made = Mutex<Result<Workspace, any Error>?>(nil)

    /// Others that want the same wait meanwhile.
    func workspace(madeBy body: (Workspace) throws -> Void) throws -> Workspace {
      try made.withLock { made in
        if let made { return try made.get() }
        let result = Result {
          let workspace = try Workspace()
          try body(workspace)
          return workspace
        }
        made = result
        return try result.get()
      }
    }

    func remove() {
      made.withLock { made in
        if let folder = try? made?.get().folder { try? FileManager.default.removeItem(at: folder) }
      }
    }
  }
}
