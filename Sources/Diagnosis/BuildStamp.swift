#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The commit that programs were built from, as `make` notes it in a file beside them.
package enum BuildStamp {
  static let name = "pare.commit"

  /// The commit of the programs in a folder; `nil` where it is not noted, or where one of them was
  /// built later.
  package static func commit(inFolder folder: String) -> String? {
    guard let noted = modified(folder + "/" + name),
      let text = readText(folder + "/" + name).map(trimmed), (1...80).contains(text.count),
      text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
    else { return nil }
    for program in ["pare", "pare-engine"] {
      if let built = modified(folder + "/" + program), built > noted { return nil }
    }
    return text
  }

  /// The commit of the running program.
  package static var commit: String? {
    executablePath().flatMap { commit(inFolder: folder(of: $0)) }
  }

  /// Seconds since 1970.
  private static func modified(_ path: String) -> Double? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    #if canImport(Darwin)
      let time = information.st_mtimespec
    #else
      let time = information.st_mtim
    #endif
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
