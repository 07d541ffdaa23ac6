import Dispatch

/// Does `body` for ranges that make up `0..<count`, on so many threads.
///
/// - Parameter body: called for one range a thread; what it writes belongs to that range alone.
func inParallel(_ count: Int, threads: Int, _ body: (Range<Int>) -> Void) {
  let parts = min(max(threads, 1), count)
  guard parts > 1 else { return body(0..<count) }
  withoutActuallyEscaping(body) { body in
    // The ranges share nothing, and all are done before this returns.
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      body(part * count / parts..<(part + 1) * count / parts)
    }
  }
}
