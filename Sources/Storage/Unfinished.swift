import Glibc
import Synchronization

/// What is to be taken away when the process is told to end: files and folders that are not whole yet,
/// locks, and folders that were made for results.
package enum Unfinished {
  private struct State {
    var trees: Set<String> = []
    var locks: Set<String> = []
    /// The outermost first.
    var folders: [String] = []
  }

  private static let state = Mutex(State())

  static func add(tree path: String) { state.withLock { _ = $0.trees.insert(path) } }
  static func remove(tree path: String) { state.withLock { _ = $0.trees.remove(path) } }
  static func add(lock path: String) { state.withLock { _ = $0.locks.insert(path) } }
  static func remove(lock path: String) { state.withLock { _ = $0.locks.remove(path) } }
  static func add(folders: [String]) { state.withLock { $0.folders += folders } }
  static func remove(folders: [String]) {
    state.withLock { $0.folders.removeAll { folders.contains($0) } }
  }

  /// Takes all of it away. The process must end then: what it would go on to write has lost its place.
  package static func removeAll() {
    state.withLock { state in
      for path in state.trees { removeTree(path) }
      for path in state.locks { unlink(path) }
      // Only what is empty goes.
      for path in state.folders.reversed() { rmdir(path) }
    }
  }
}
