import Glibc

/// What reading a file cost this process.
struct Measurement {
  /// Of the processor, in seconds: how busy the machine is with other things does not count.
  var seconds: Double
  /// Resident memory at its peak, beyond what there was before, in bytes.
  var peakGrowth: Int

  /// Runs `body` and measures it.
  ///
  /// - Throws: ``Failure`` where the kernel does not count.
  static func of(_ body: () -> Void) throws(Failure) -> Measurement {
    // Memory that earlier work has freed must not serve this one unseen.
    releaseFreeMemory()
    try resetPeak()
    let before = try status("VmRSS")
    let start = processorSeconds()
    body()
    let seconds = processorSeconds() - start
    return Measurement(seconds: seconds, peakGrowth: max(0, try status("VmHWM") - before))
  }

  /// glibc's `malloc_trim(0)`, whose header the module of Glibc leaves out.
  private static func releaseFreeMemory() {
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
  }

  struct Failure: Error, CustomStringConvertible { var description: String }

  /// Makes the present memory the peak (Linux, proc_pid_clear_refs(5)).
  private static func resetPeak() throws(Failure) {
    guard let file = fopen("/proc/self/clear_refs", "w") else {
      throw Failure(description: "/proc/self/clear_refs cannot be written")
    }
    defer { fclose(file) }
    guard fputs("5", file) >= 0 else {
      throw Failure(description: "/proc/self/clear_refs takes no 5")
    }
  }

  /// A figure of `/proc/self/status`, in bytes.
  private static func status(_ key: String) throws(Failure) -> Int {
    guard let file = fopen("/proc/self/status", "r") else {
      throw Failure(description: "/proc/self/status cannot be read")
    }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let words = text.split(whereSeparator: \.isWhitespace)
      if words.count == 3, words[0] == key + ":", let kibibytes = Int(words[1]) {
        return kibibytes * 1024
      }
    }
    throw Failure(description: "/proc/self/status has no \(key)")
  }

  private static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime]
      .reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }
}
