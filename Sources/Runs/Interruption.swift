#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Foundation
import Storage
import Synchronization
import Terminal

/// Signals that ask the work to save and end: Ctrl-C (SIGINT), SIGTERM, and SIGHUP, which comes
/// when a terminal closes. A second Ctrl-C ends the process at once.
///
/// A program calls ``listen()`` before its work, and gives ``isRequested`` as the answer of its
/// observer's `shouldStop`; the run then saves, and the program ends with ``exitStatus``.
public enum Interruption {
  private static let first = Atomic<Int32>(0)
  /// Milliseconds on the system's clock.
  private static let time = Atomic<Int>(0)

  /// Whether the work should save and end.
  public static var isRequested: Bool { signal != nil }

  /// The signal that came first.
  public static var signal: Int32? {
    let number = first.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// What the process is to end with: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
  public static var exitStatus: Int32 { 128 + (signal ?? SIGINT) }

  /// Whether the work saves and ends by itself; otherwise a signal ends the process.
  private static let saves = Atomic<Bool>(false)
  /// The writing end of the pipe to the thread that takes away what is unfinished.
  private static let pipeEnd = Atomic<Int32>(-1)

  /// Lets signals end the process at once, but not before what is unfinished is taken away: for work
  /// that has nothing to save.
  ///
  /// A thread of our own does that, for a signal handler may not. (Dispatch's signal sources put
  /// their handlers in place late, over those of ``listen()``.)
  public static func tidyAtEnd() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let readingEnd = ends[0]
    pipeEnd.store(ends[1], ordering: .releasing)
    Thread.detachNewThread {
      var number: UInt8 = 0
      while read(readingEnd, &number, 1) != 1 { guard errno == EINTR else { return } }
      StatusLine.clearInSignalHandler()
      let words = "stopped before the end; what was unfinished is taken away\n"
      // A pipe that nobody reads must not keep the process.
      if isatty(2) == 1 { _ = write(2, words, words.utf8.count) }
      Unfinished.removeAll(andExit: 128 + Int32(number))
    }
    for number in signals where isIgnored(system(number, handler)) {
      // What is ignored from the beginning, as by 'nohup', stays so.
      system(number, SIG_IGN)
    }
    unblock()
  }

  /// Starts listening: from now on the work saves and ends. Each signal is confirmed on stderr at
  /// once.
  public static func listen() {
    saves.store(true, ordering: .releasing)
    system(SIGINT, handler)
    system(SIGTERM, handler)
    // 'nohup' has it ignored, and means it.
    if isIgnored(system(SIGHUP, handler)) { system(SIGHUP, SIG_IGN) }
    unblock()
  }

  /// Programs that start others from worker threads pass on a mask that blocks every signal.
  private static func unblock() {
    var listened = sigset_t()
    sigemptyset(&listened)
    for number in signals { sigaddset(&listened, number) }
    pthread_sigmask(SIG_UNBLOCK, &listened, nil)
  }

  private static let signals = [SIGINT, SIGTERM, SIGHUP]
  private static let handler: @convention(c) (Int32) -> Void = { Interruption.take($0) }

  @discardableResult
  private static func system(
    _ number: Int32, _ handler: (@convention(c) (Int32) -> Void)?
  ) -> (@convention(c) (Int32) -> Void)? {
    #if canImport(Glibc)
      Glibc.signal(number, handler)
    #else
      Darwin.signal(number, handler)
    #endif
  }

  private static func isIgnored(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Only calls that a signal handler may make.
  private static func take(_ number: Int32) {
    let saved = errno
    defer { errno = saved }
    guard saves.load(ordering: .acquiring) else {
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(pipeEnd.load(ordering: .acquiring), &byte, 1)
      return
    }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let milliseconds = Int(now.tv_sec) * 1000 + Int(now.tv_nsec) / 1_000_000
    let (isFirst, _) = first.compareExchange(
      expected: 0, desired: number, ordering: .relaxed)
    if isFirst {
      time.store(milliseconds, ordering: .relaxed)
      switch number {
      case SIGINT: say("stopping: saving what there is; Ctrl-C again ends at once, without it\n")
      case SIGTERM: say("stopping (SIGTERM): saving what there is\n")
      default: say("stopping (SIGHUP): saving what there is\n")
      }
      return
    }
    // 'timeout' and the like hand on what the terminal sent to all: that is one request. A closing
    // terminal may send SIGHUP more than once.
    guard number != SIGHUP, milliseconds - time.load(ordering: .relaxed) > 500 else { return }
    _exit(128 + number)
  }

  private static func say(_ words: StaticString) {
    StatusLine.clearInSignalHandler()
    _ = write(2, words.utf8Start, words.utf8CodeUnitCount)
  }
}
