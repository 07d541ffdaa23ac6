import Glibc
import Synchronization

/// The line at the bottom of a terminal that is drawn over itself, such as a progress bar.
///
/// There is one at a time. ``StandardStream`` takes it away before it writes anything else, and
/// puts it back after a line break: nothing is ever printed into it.
package enum StatusLine {
  private static let lock = Mutex(State())
  /// For signal handlers, which must not wait for the lock.
  private static let isShown = Atomic<Bool>(false)

  private struct State {
    /// What is drawn, or would be if the cursor stood at the start of a line.
    var text: String?
    /// Where it goes; a test puts something else here.
    var descriptor: Int32 = 2
    /// Whether signals that would end the process take the line away first.
    var isListening = false
  }

  /// Carriage return, then erase to the end of the line.
  private static let erasure = "\r\u{1B}[K"

  /// Draws the line, over the one that is there.
  package static func show(_ text: String) {
    lock.withLock { state in
      if !state.isListening {
        state.isListening = true
        tidyUpOnSignals()
      }
      state.text = text
      isShown.store(true, ordering: .relaxed)
      put("\r" + text + "\u{1B}[K", to: state.descriptor)
    }
  }

  /// Takes the line away.
  package static func clear() {
    lock.withLock { state in
      guard state.text != nil else { return }
      state.text = nil
      isShown.store(false, ordering: .relaxed)
      put(erasure, to: state.descriptor)
    }
  }

  /// Ends the line, which stays on the screen.
  package static func leave() {
    lock.withLock { state in
      guard state.text != nil else { return }
      state.text = nil
      isShown.store(false, ordering: .relaxed)
      put("\n", to: state.descriptor)
    }
  }

  /// Where nobody listens to Ctrl-C, it ends the process, and the line goes first.
  private static func tidyUpOnSignals() {
    let handler: @convention(c) (Int32) -> Void = { number in
      StatusLine.clearInSignalHandler()
      signal(number, SIG_DFL)
      raise(number)
    }
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      guard sigaction(number, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil
      else { continue }
      signal(number, handler)
    }
  }

  /// Takes the line away for good; may be called by a signal handler.
  package static func clearInSignalHandler() {
    guard isShown.load(ordering: .relaxed) else { return }
    let bytes: (UInt8, UInt8, UInt8, UInt8) = (0x0D, 0x1B, 0x5B, 0x4B)
    withUnsafeBytes(of: bytes) { _ = write(2, $0.baseAddress, $0.count) }
  }

  /// Does `body`, which writes `text` to a stream, with the line out of the way.
  static func standingAside(
    for stream: StandardStream, _ text: String, _ body: () throws(StreamError) -> Void
  ) throws(StreamError) {
    var failure: StreamError?
    lock.withLock { state in
      let mustMove = state.text != nil && isatty(stream.rawValue) == 1
      if mustMove { put(erasure, to: state.descriptor) }
      do throws(StreamError) { try body() } catch { failure = error }
      if mustMove, text.utf8.last == UInt8(ascii: "\n"), let line = state.text {
        put(line + "\u{1B}[K", to: state.descriptor)
      }
    }
    if let failure { throw failure }
  }

  // A closed stream is no reason to stop the work.
  private static func put(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
        let written = write(descriptor, start, rest.count)
        if written > 0 { rest = rest.dropFirst(written) }
        if written == 0 || (written < 0 && errno != EINTR) { return }
      }
    }
  }
}
