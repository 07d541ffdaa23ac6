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

/// A path from the root on, by the working folder; links stay as they are.
func absolutePath(_ path: String) -> String {
  guard !path.hasPrefix("/") else { return path }
  return resolvedPath(".").map { "\($0)/\(path)" } ?? path
}

/// Whether this user can write into a folder, or make it.
package func isWritableFolder(_ path: String) -> Bool {
  var path = path
  while access(path, F_OK) != 0, path.count > 1 { path = folder(of: path) }
  return access(path, W_OK) == 0
}

/// The text of a file of at most 16 MiB; `nil` when it cannot be read.
func readText(_ path: String) -> String? {
  readBytes(path).map { String(decoding: $0, as: UTF8.self) }
}

/// The first 16 MiB of a file; `nil` when it cannot be read.
func readBytes(_ path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  return readAll(descriptor)
}

/// Where a text begins among bytes.
func firstIndex(of text: String, in bytes: [UInt8]) -> Int? {
  guard let first = text.utf8.first else { return nil }
  let length = text.utf8.count
  return bytes.withUnsafeBytes { bytes in
    guard let base = bytes.baseAddress else { return nil }
    var start = 0
    while start + length <= bytes.count,
      let found = memchr(base + start, Int32(first), bytes.count - length - start + 1)
    {
      if memcmp(found, text, length) == 0 { return UnsafeRawPointer(found) - base }
      start = UnsafeRawPointer(found) - base + 1
    }
    return nil
  }
}

/// Where a link leads to by its own word, whether that is there or not, with a line feed.
func linkTarget(_ path: String) -> String? {
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = buffer.withUnsafeMutableBytes { bytes in
    bytes.withMemoryRebound(to: CChar.self) { characters in
      characters.baseAddress.map { readlink(path, $0, characters.count) } ?? -1
    }
  }
  return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) + "\n" : nil
}

/// The number of the user whose rights this process has; root's is 0.
func userIdentifier() -> Int { Int(geteuid()) }

/// A variable of this process's environment.
func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// The file that a command's name calls, by `PATH`; a path stays as it is.
func programPath(_ name: String) -> String? {
  if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
  return (environmentVariable("PATH") ?? "/usr/bin:/bin").split(separator: ":").lazy
    .map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 && isFile($0) }
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

func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
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

func trimmed(_ text: some StringProtocol) -> String {
  let body = text.drop(while: \.isWhitespace)
  guard let last = body.lastIndex(where: { !$0.isWhitespace }) else { return "" }
  return String(body[...last])
}

func firstLine(_ text: String) -> String {
  trimmed(text.split(separator: "\n").first.map(String.init) ?? "no reason given")
}
