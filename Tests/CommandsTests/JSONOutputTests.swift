import Commands
import Darknet
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct JSONOutputTests {
  /// A fresh folder; removed by the caller's `defer`.
  private func temporaryFolder() throws -> String {
    var template = Array("/tmp/pare-json-XXXXXX".utf8CString)
    return try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  private func text(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  @Test func `a file is written whole and replaced`() throws {
    let folder = try temporaryFolder()
    let path = folder + "/result.json"
    defer {
      unlink(path)
      rmdir(folder)
    }
    let output = try JSONOutput(path)
    #expect(text(path) == nil)
    try output.write(["valid": true])
    #expect(text(path) == "{\n  \"writtenBy\": \"pare 0.1.0\",\n  \"valid\": true\n}\n")
    try JSONOutput(path).write(["valid": false])
    #expect(text(path) == "{\n  \"writtenBy\": \"pare 0.1.0\",\n  \"valid\": false\n}\n")
    #expect(rmdir(folder) != 0)  // nothing but the result is left
  }

  @Test func `nothing is written unless asked for`() throws {
    func unwanted() -> JSONValue {
      Issue.record("the value must not be made")
      return nil
    }
    try JSONOutput(nil as String?).write(unwanted())
  }

  @Test(arguments: [
    ("/no/such/folder/a.json", "No such file or directory"),
    ("/tmp", "it is a folder"),
  ])
  func `a path that cannot be written is refused at once`(path: String, reason: String) {
    let error = #expect(throws: FileError.self) { try JSONOutput(path) }
    #expect(error == .cannotWrite(path: path, reason: reason))
    #expect(error?.description == "\(path): cannot be written: \(reason)")
  }

  @Test func `a full disk is an error and devices are written into`() throws {
    try JSONOutput("/dev/null").write(["a": 1])
    let full = try JSONOutput("/dev/full")
    let error = #expect(throws: FileError.self) { try full.write(["a": 1]) }
    #expect(error == .cannotWrite(path: "/dev/full", reason: "No space left on device"))
  }
}
