#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program to run.
struct ProgramCall {
  /// Its path, or its name, which is looked for on `PATH`.
  var program: String
  var arguments: [String]
  /// Variables such as `LC_ALL=C` in place of this process's own.
  var environment: [String] = []
}

/// What a program wrote to stdout and stderr together, at most 16 MiB, and how it ended: 124 when
/// it was ended for taking too long, 128 and more for a signal.
struct ProgramOutput: Equatable {
  var status: Int32
  var text: String
}

/// Runs a program to its end; `nil` when it cannot be started.
func capture(_ call: ProgramCall, secondsAtMost seconds: Double = 60) -> ProgramOutput? {
  captureAll([call], secondsAtMost: seconds)[0]
}

/// Runs programs side by side and returns their outputs in the same order; `nil` for those that
/// cannot be started. What still runs after `seconds` is ended.
func captureAll(_ calls: [ProgramCall], secondsAtMost seconds: Double) -> [ProgramOutput?] {
  var running = calls.map(RunningProgram.init)
  let deadline = monotonicSeconds() + seconds
  while true {
    let open = running.indices.filter { running[$0]?.isOpen == true }
    let left = deadline - monotonicSeconds()
    if open.isEmpty || left <= 0 { break }
    var polled = open.map { index in
      pollfd(fd: running[index]?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&polled, nfds_t(polled.count), Int32(min(left * 1000 + 1, 60_000))) >= 0 else {
      if errno == EINTR { continue }
      break
    }
    for (index, state) in zip(open, polled) where state.revents != 0 { running[index]?.read() }
  }
  return running.indices.map { running[$0]?.end() }
}

private struct RunningProgram {
  private var process = pid_t()
  private(set) var descriptor: Int32
  private var bytes: [UInt8] = []
  private(set) var isOpen = true

  init?(_ call: ProgramCall) {
    var descriptors: [Int32] = [0, 0]
    guard pipe(&descriptors) == 0 else { return nil }
    for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    descriptor = descriptors[0]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, descriptors[1], 1)
    posix_spawn_file_actions_adddup2(&actions, descriptors[1], 2)

    let words = ([call.program] + call.arguments).map { strdup($0) } + [nil]
    let names = call.environment.map { $0.prefix { $0 != "=" } + "=" }
    let variables = call.environment.map { strdup($0) }
    defer { for pointer in words + variables { free(pointer) } }
    var inherited: [UnsafeMutablePointer<CChar>?] = []
    var next = environ
    while let variable = next.pointee {
      let text = String(cString: variable)
      if !names.contains(where: { text.hasPrefix($0) }) { inherited.append(variable) }
      next += 1
    }
    let started = posix_spawnp(
      &process, call.program, &actions, nil, words, variables + inherited + [nil])
    close(descriptors[1])
    if started != 0 {
      close(descriptor)
      return nil
    }
  }

  mutating func read() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = buffer.withUnsafeMutableBytes { systemRead(descriptor, $0) }
    if count > 0, bytes.count < 16 << 20 {
      bytes += buffer[..<count]
    } else if count == 0 || count < 0 && errno != EINTR {
      isOpen = false
    }
  }

  func end() -> ProgramOutput {
    if isOpen { kill(process, SIGKILL) }
    close(descriptor)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    return ProgramOutput(status: isOpen ? 124 : code, text: String(decoding: bytes, as: UTF8.self))
  }
}

private func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
