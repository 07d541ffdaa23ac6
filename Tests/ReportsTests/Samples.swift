import Glibc
import Storage

@testable import Reports

/// A folder of its own for one test, removed with the files in it.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/pare-reports-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw ReportsError.unwritable(path: "/tmp", reason: "\(SystemError())")
  }
  let folder = String(
    decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer {
    for name in entries(of: folder) { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }
  return try body(folder)
}

/// Names in a folder, without the two dots.
func entries(of folder: String) -> [String] {
  guard let directory = opendir(folder) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// Bytes from hexadecimal digits; white space is skipped.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}

/// The text of a file.
func text(of path: String) throws -> String {
  String(decoding: try readFile(path) ?? [], as: UTF8.self)
}
