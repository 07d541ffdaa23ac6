import Glibc

/// Makes the values of 0, 1, 2 … on several threads ahead of the one that takes them, in order.
///
/// At most `ahead` values exist at a time, finished or in the making: that bounds the memory.
/// Which thread makes a value never shows in it. ``close()``, or letting go of the object, ends
/// and joins the threads. ``next()`` belongs to one thread.
package final class OrderedWorkers<Value: Sendable>: @unchecked Sendable {
  private let shared: Shared
  private var threads: [pthread_t] = []

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - workers: threads; with 0 (or when none can be started) ``next()`` does the work itself.
  ///   - ahead: values that may exist at a time, at least 1.
  ///   - range: the numbers to make values of.
  package init(
    workers: Int, ahead: Int, range: Range<Int>, make: @escaping @Sendable (Int) -> Value
  ) {
    shared = Shared(ahead: max(ahead, 1), range: range, make: make)
    for _ in 0..<min(max(workers, 0), range.count) {
      guard let thread = startThread({ [shared] in shared.work() }) else { break }
      threads.append(thread)
    }
  }

  deinit { close() }

  /// The next value; nil after the last, or when closed.
  package func next() -> Value? {
    threads.isEmpty ? shared.makeNext() : shared.take()
  }

  /// Ends the threads, once each has finished the value it is making.
  package func close() {
    shared.close()
    for thread in threads { pthread_join(thread, nil) }
    threads.removeAll()
  }

  /// What the threads share; it outlives the owner until the last of them is done.
  private final class Shared: @unchecked Sendable {
    private let lock = ConditionLock()
    private let ahead: Int
    private let end: Int
    private let make: @Sendable (Int) -> Value
    private var nextToMake: Int
    private var nextToTake: Int
    private var finished: [Int: Value] = [:]
    private var isClosed = false

    init(ahead: Int, range: Range<Int>, make: @escaping @Sendable (Int) -> Value) {
      (self.ahead, end, self.make) = (ahead, range.upperBound, make)
      (nextToMake, nextToTake) = (range.lowerBound, range.lowerBound)
    }

    func work() {
      while let number = claim() {
        let value = make(number)
        lock.withLock { finished[number] = value }
      }
    }

    /// The next number to make, once there is room for its value; nil when there is none.
    private func claim() -> Int? {
      lock.withLock(when: { isClosed || nextToMake >= end || nextToMake < nextToTake + ahead }) {
        guard !isClosed, nextToMake < end else { return nil }
        nextToMake += 1
        return nextToMake - 1
      }
    }

    func take() -> Value? {
      lock.withLock(when: { isClosed || nextToTake >= end || finished[nextToTake] != nil }) {
        guard !isClosed, let value = finished.removeValue(forKey: nextToTake) else { return nil }
        nextToTake += 1
        return value
      }
    }

    func makeNext() -> Value? {
      let number = lock.withLock { () -> Int? in
        guard !isClosed, nextToTake < end else { return nil }
        nextToTake += 1
        return nextToTake - 1
      }
      return number.map(make)
    }

    func close() { lock.withLock { isClosed = true } }
  }
}

/// Starts a thread that runs `body`; nil when the system has none left.
private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
  var thread = pthread_t()
  let argument = Unmanaged.passRetained(ThreadBody(run: body))
  let status = pthread_create(
    &thread, nil,
    { argument in
      if let argument {
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
      }
      return nil
    }, argument.toOpaque())
  if status == 0 { return thread }
  argument.release()
  return nil
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A mutex with one condition, on which every change is announced.
package final class ConditionLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` alone, and wakes those that wait.
  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    try withLock(when: { true }, body)
  }

  /// Waits until `isReady`, runs `body` alone, and wakes those that wait.
  package func withLock<Result>(
    when isReady: () -> Bool, _ body: () throws -> Result
  ) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    while !isReady() { pthread_cond_wait(condition, mutex) }
    return try body()
  }
}
