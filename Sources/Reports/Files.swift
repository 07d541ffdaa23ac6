import Glibc
import Storage

// Files as bytes, without Foundation.

/// The bytes of a file; nil when there is none.
func readFile(_ path: String) throws(ReportsError) -> [UInt8]? {
  do { return try RegularFile(opening: path).bytes() } catch {
    if error == .system(SystemError(ENOENT)) { return nil }
    throw .unreadable(path: path, reason: "\(error)")
  }
}

/// Writes a file that appears whole or not at all.
func writeFile(_ bytes: [UInt8], to path: String) throws(ReportsError) {
  do { try AtomicFile.write(bytes, to: path) } catch {
    throw .unwritable(path: path, reason: "\(error)")
  }
}
