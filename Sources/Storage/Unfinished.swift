import Glibc
import Synchronization

/// What is to be taken away when the process is told to end: files and folders that are not whole
/// yet, locks, and folders that were made for results.
package enum Unfinished {
  private struct State {
    var trees: Set<String> = []
    var locks: Set<String> = []
    /// The outermost first.
    var folders: [String] = []
  }

  private static let state = Mutex(State())
  /// Held while something is made and named here, and from the end's beginning on.
  private static let gate = Mutex(false)

  /// Does `body`, which makes something and names it here; the end does not come between.
  static func making<Result: Sendable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try gate.withLock { (_) throws(Failure) in try body() }
  }

  static func add(tree path: String) { state.withLock { _ = $0.trees.insert(path) } }
  static func remove(tree path: String) { state.withLock { _ = $0.trees.remove(path) } }
  static func add(lock path: String) { state.withLock { _ = $0.locks.insert(path) } }
  static func remove(lock path: String) { state.withLock { _ = $0.locks.remove(path) } }
  static func add(folders: [String]) { state.withLock { $0.folders += folders } }
  static func remove(folders: [String]) {
    state.withLock { $0.folders.removeAll { folders.contains($0) } }
  }

  /// Takes all of it away and ends the process, in which nothing more can be made meanwhile.
  package static func removeAll(andExit status: Int32) -> Never {
    gate.withLock { _ in
      state.withLock { state in
        // A file may be made in a tree while it goes; the next round takes it.
        for _ in 0..<3 { for path in state.trees { removeTree(path) } }
        for path in state.locks { unlink(path) }
        // Only what is empty goes.
        for path in state.folders.reversed() { rmdir(path) }
      }
      _exit(status)
    }
  }
}
