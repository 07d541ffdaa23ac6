#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The path of the running program's file, links resolved; `nil` where the system does not tell.
package func executablePath() -> String? { resolvedPath("/proc/self/exe") }

/// A path without links; `nil` when nothing is there.
func resolvedPath(_ path: String) -> String? {
  guard let pointer = realpath(path, nil) else { return nil }
  defer { free(pointer) }
  return String(cString: pointer)
}

/// The text of a file of at most 16 MiB; `nil` when it cannot be read.
func readText(_ path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  return String(decoding: readAll(descriptor), as: UTF8.self)
}

private func readAll(_ descriptor: Int32) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while bytes.count < 16 << 20 {
    let count = buffer.withUnsafeMutableBytes { systemRead(descriptor, $0) }
    if count > 0 {
      bytes += buffer[..<count]
    } else if count == 0 || errno != EINTR {
      break
    }
  }
  return bytes
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}

func isFile(_ path: String) -> Bool {
  var information = stat()
  return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
}

/// Names in a folder without `.` and `..`; empty when it cannot be read.
func entries(ofFolder path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

func freeBytes(_ path: String) -> Int? {
  var information = statvfs()
  guard statvfs(path, &information) == 0 else { return nil }
  let (bytes, overflow) = Int(information.f_bavail)
    .multipliedReportingOverflow(by: Int(information.f_frsize))
  return overflow ? nil : bytes
}

/// Cores that the scheduler may put this process on.
func usableCores() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

/// The dynamic loader's program, for asking about libraries.
var loaderPath: String {
  #if arch(arm64)
    "/lib/ld-linux-aarch64.so.1"
  #else
    "/lib64/ld-linux-x86-64.so.2"
  #endif
}

/// Runs a program to its end and returns its exit status and what it wrote to stdout and stderr
/// together; `nil` when it cannot be started. The environment is this process's own plus
/// `environment`.
func capture(
  _ program: String, _ arguments: [String], environment: [String]
) -> (status: Int32, text: String)? {
  var descriptors: [Int32] = [0, 0]
  guard pipe(&descriptors) == 0 else { return nil }
  for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, descriptors[1], 1)
  posix_spawn_file_actions_adddup2(&actions, descriptors[1], 2)

  let words = ([program] + arguments).map { strdup($0) } + [nil]
  let variables = environment.map { strdup($0) }
  defer { for pointer in words + variables { free(pointer) } }
  var inherited: [UnsafeMutablePointer<CChar>?] = []
  var next = environ
  while let variable = next.pointee {
    inherited.append(variable)
    next += 1
  }
  var process = pid_t()
  let started = posix_spawn(
    &process, program, &actions, nil, words, variables + inherited + [nil])
  close(descriptors[1])
  defer { close(descriptors[0]) }
  guard started == 0 else { return nil }
  let bytes = readAll(descriptors[0])
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0, errno == EINTR {}
  let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  return (code, String(decoding: bytes, as: UTF8.self))
}

/// What the driver's library says that it supports; `nil` when it cannot be loaded.
func driverCUDAVersion() -> Int? {
  guard let library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) else { return nil }
  defer { dlclose(library) }
  guard let symbol = dlsym(library, "cuDriverGetVersion") else { return nil }
  typealias Function = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
  var version: Int32 = 0
  guard unsafeBitCast(symbol, to: Function.self)(&version) == 0 else { return nil }
  return Int(version)
}

/// Replaces this process by another program, which keeps the process number, the terminal and
/// every signal. Returns only when that fails, with the system's reason.
package func replaceProcess(by program: String, arguments: [String]) -> String {
  let words = ([program] + arguments).map { strdup($0) } + [nil]
  defer { for pointer in words { free(pointer) } }
  execv(program, words)
  return String(cString: strerror(errno))
}

func trimmed(_ text: String) -> String {
  let body = text.drop(while: \.isWhitespace)
  guard let last = body.lastIndex(where: { !$0.isWhitespace }) else { return "" }
  return String(body[...last])
}

func firstLine(_ text: String) -> String {
  trimmed(text.split(separator: "\n").first.map(String.init) ?? "no reason given")
}
