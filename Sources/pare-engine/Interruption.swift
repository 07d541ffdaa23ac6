#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Synchronization

/// Ctrl-C: the first asks the work to save and end, the second ends the process at once.
enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Whether the work should save and end.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Starts listening to SIGINT and SIGTERM.
  static func listen() {
    let handler: @convention(c) (Int32) -> Void = { number in
      if Interruption.count.wrappingAdd(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
    }
    signal(SIGINT, handler)
    signal(SIGTERM, handler)
    // Programs that start others from worker threads pass on a mask that blocks every signal.
    var listened = sigset_t()
    sigemptyset(&listened)
    sigaddset(&listened, SIGINT)
    sigaddset(&listened, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &listened, nil)
  }
}
