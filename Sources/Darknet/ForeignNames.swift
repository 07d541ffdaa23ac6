import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Linux takes any bytes for a file's name; here names are text. A file whose name is not UTF-8 is
// told of, with its bytes written out (`caf\xE9.jpg`), and not read.

/// Why there is no file at `path` while somebody names one: it is there under a name that is not
/// UTF-8. Nil otherwise.
///
/// The path is one of a folder's listing, with bytes written out, or of a list in another encoding.
package func foreignNameReason(_ path: String) -> String? {
  let reason = "its name is not UTF-8; rename it"
  if path.contains("\\x"), isWrittenOut(path) { return reason }
  guard path.utf8.contains(where: { $0 >= 0x80 }) else { return nil }
  let isThere = ["GBK", "WINDOWS-1252", "ISO-8859-1"].contains { encoding in
    isFile(folderPath(of: path), fileName(of: path), in: encoding) || isFile("", path, in: encoding)
  }
  return isThere ? reason : nil
}

/// Whether there is something in `folder` whose name is `name` in an encoding.
private func isFile(_ folder: String, _ name: String, in encoding: String) -> Bool {
  guard let bytes = DecodedText.converted(Array(name.utf8), from: "UTF-8", to: encoding) else {
    return false
  }
  let start = folder.isEmpty ? "" : folder + "/"
  return (start.utf8.map { CChar(bitPattern: $0) } + bytes.map { CChar(bitPattern: $0) } + [0])
    .withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { access($0, F_OK) == 0 } ?? false
    }
}
