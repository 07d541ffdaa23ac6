import Glibc

/// Memory of the running process, in bytes.
public enum MemoryUsage {
  /// What it holds in memory now; nil where `/proc` does not say.
  public static var resident: Int? {
    // proc(5): size, resident, ..., in pages.
    guard let text = text(of: "/proc/self/statm"),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The most it ever held in memory; nil where `/proc` does not say.
  public static var peak: Int? {
    guard let text = text(of: "/proc/self/status"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first
    else { return nil }
    return Int(kibibytes).map { $0 * 1024 }
  }

  private static func text(of path: String) -> String? {
    guard let bytes = try? readFile(path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
