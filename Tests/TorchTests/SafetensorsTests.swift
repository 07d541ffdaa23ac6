import Foundation
import Testing

@testable import Torch

@Suite struct SafetensorsTests {
  private func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.path + "/safetensors-\(UUID().uuidString)"
  }

  /// Calls `body` with the path of a file of these bytes.
  @discardableResult
  private func withFile<Result>(
    _ bytes: [UInt8], _ body: (String) throws -> Result
  ) throws -> Result {
    let path = temporaryPath()
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  private func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
      + Array(header.utf8) + data
  }

  @Test func `every type comes back as it was`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let values = try Tensor([0, 1, 2, 3, 250, 7] as [Float], shape: [2, 3])
    var tensors: [(name: String, tensor: Tensor)] = []
    for dtype in DType.allCases {
      tensors.append((dtype.rawValue, try values.to(dtype)))
    }
    tensors.append(("scalar", try Tensor.scalar(2.5)))
    tensors.append(("empty", try Tensor.zeros([0, 4])))
    tensors.append(("transposed", try values.transposed()))
    tensors.append(("learned", try values.clone().requireGrad()))
    try writeSafetensors(tensors, metadata: ["step": "7", "α \"\\\n\u{1}": "🙂\t"], to: path)

    let file = try SafetensorsFile(contentsOf: path)
    #expect(file.metadata == ["step": "7", "α \"\\\n\u{1}": "🙂\t"])
    #expect(Set(file.names) == Set(tensors.map(\.name)))
    #expect(file.names.first == "float64")
    for (name, tensor) in tensors {
      let read = try file.tensor(name)
      #expect(read.dtype == tensor.dtype && read.shape == tensor.shape, "\(name)")
      #expect(try read.toDoubles() == tensor.toDoubles(), "\(name)")
      #expect(try file.shape(of: name) == tensor.shape)
      #expect(try file.dtype(of: name) == tensor.dtype)
      #expect(!read.requiresGrad)
    }
    #expect(try file.tensors().count == tensors.count)
    #expect(file.contains("scalar") && !file.contains("other"))
    #expect(torchError { _ = try file.tensor("other") } == .missingTensor("other", path: path))
    // The data starts and stays aligned.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) } % 8 == 0)
  }

  @Test func `a file as other writers make it is read`() throws {
    let header =
      #"{ "b":{"shape":[2],"data_offsets":[4,8],"dtype":"I16"},"#
      + #" "__metadata__":{"format":"pt\/\u00e9\ud83d\ude42"}, "a\n":{"dtype":"U8","#
      + "\"shape\":[1,4],\n\t\"data_offsets\":[0,4]}}   "
    try withFile(file(header, [1, 2, 3, 4, 0xFF, 0xFF, 0, 1])) { path in
      let file = try SafetensorsFile(contentsOf: path)
      #expect(file.names == ["a\n", "b"])
      #expect(file.metadata == ["format": "pt/é🙂"])
      #expect(try file.tensor("a\n").toInts() == [1, 2, 3, 4])
      #expect(try file.tensor("b").toInts() == [-1, 256])
    }
    try withFile(file("{}")) { path in
      let names = try SafetensorsFile(contentsOf: path).names
      #expect(names.isEmpty)
    }
  }

  static let malformed: [(String, Int, String)] = [
    ("", 0, "expected '{'"),
    ("[]", 0, "expected '{'"),
    (" {}", 0, "expected '{'"),
    ("{", 0, "ends inside of a value"),
    ("{}x", 0, "trailing garbage"),
    ("{},", 0, "trailing garbage"),
    (#"{"a"}"#, 0, "separated by a colon"),
    (#"{"a":}"#, 0, "unallowed token"),
    (#"{"a":{}}"#, 0, "lacks"),
    (#"{"a":[1]}"#, 0, "expected tensor 'a' to be an object"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "lacks"),
    (#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, 4, "has type 'F33'"),
    (#"{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}"#, 4, "expected"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "expected a whole number"),
    (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, "expected a whole number"),
    (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, 4, "after array element"),
    (#"{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}"#, 4, "expected a whole number"),
    (#"{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}"#, 4, "expected a list of numbers"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "expected begin and end"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "expected begin and end"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, 4, "more than 2 numbers"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "expected 8"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "the file has 8"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "the file has 3"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "expected 0"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, "should not"),
    (#"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, "should not"),
    (
      #"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}"#, 4,
      "expected a whole number below"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
      "fewer than memory"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
      "fewer than memory"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#, 6, "expected 4"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, "appears twice"
    ),
    (#"{"__metadata__":{"a":1}}"#, 0, "expected"),
    (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "appears twice"),
    (#"{"__metadata__":{"a":"\x"}}"#, 0, "occurs before a character which it may not"),
    (#"{"__metadata__":{"a":"\u12g4"}}"#, 0, "hex"),
    (#"{"__metadata__":{"a":"b"#, 0, "ends inside of a value"),
    ("{\"__metadata__\":{\"a\":\"\n\"}}", 0, "invalid character inside string"),
  ]

  @Test(arguments: malformed.indices)
  func `a header that is wrong says how`(index: Int) throws {
    let (header, dataCount, expected) = Self.malformed[index]
    try withFile(file(header, [UInt8](repeating: 0, count: dataCount))) { path in
      let error = torchError { _ = try SafetensorsFile(contentsOf: path) }
      guard case .malformedFile(path, let reason) = error else {
        Issue.record("\(header) gave \(String(describing: error))")
        return
      }
      #expect(reason.contains(expected), "\(header) gave \(reason)")
    }
  }

  @Test func `a name with control characters or without end stays one line`() throws {
    let header = #"{"a\n\u001b":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#
    try withFile(file(header, [0, 0, 0, 0])) { path in
      let message = torchError { _ = try SafetensorsFile(contentsOf: path) }.map { "\($0)" }
      #expect(
        message?.hasSuffix("tensor 'a\u{FFFD}\u{FFFD}' of shape [2] has 4 bytes, expected 8")
          == true)
    }
    let long = TorchError.missingTensor(String(repeating: "a", count: 5000), path: "b")
    #expect("\(long)".unicodeScalars.count == 1001 && "\(long)".hasSuffix("a…"))
  }

  @Test func `sixty-five dimensions and text that is not UTF-8 are refused`() throws {
    let ones = [String](repeating: "1", count: 65).joined(separator: ",")
    let many = #"{"a":{"dtype":"U8","shape":[\#(ones)],"data_offsets":[0,1]}}"#
    var latin = file(#"{"__metadata__":{"a":"?"}}"#)
    latin[latin.count - 4] = 0xE9
    for bytes in [file(many, [0]), latin] {
      try withFile(bytes) { path in
        #expect(throws: TorchError.self) { try SafetensorsFile(contentsOf: path) }
      }
    }
  }

  @Test(arguments: [0, 7, 8, 15]) func `short files are refused`(count: Int) throws {
    try withFile([UInt8](repeating: 0x10, count: count)) { path in
      guard case .malformedFile = torchError({ _ = try SafetensorsFile(contentsOf: path) }) else {
        Issue.record("\(count) bytes were taken")
        return
      }
    }
  }

  @Test func `a bool that is not one is refused`() throws {
    let header = #"{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#
    try withFile(file(header, [1, 2])) { path in
      let file = try SafetensorsFile(contentsOf: path)
      #expect(throws: TorchError.self) { try file.tensor("a") }
    }
  }

  @Test func `any cut and any changed byte is an error or a file, never a crash`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try writeSafetensors(
      ["w": Tensor([1, 2, 3] as [Float]), "b": Tensor([true, false])], metadata: ["k": "v"],
      to: path)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    for length in bytes.indices {
      try withFile(Array(bytes[..<length])) { path in
        #expect(throws: TorchError.self) { try SafetensorsFile(contentsOf: path) }
      }
    }
    var refused = 0
    for i in bytes.indices {
      for change: UInt8 in [0x01, 0x80] {
        var changed = bytes
        changed[i] ^= change
        try withFile(changed) { path in
          if torchError({ _ = try SafetensorsFile(contentsOf: path).tensors() }) != nil {
            refused += 1
          }
        }
      }
    }
    #expect(refused > bytes.count)
  }

  @Test func `paths that are no files are refused`() throws {
    let missing = temporaryPath()
    #expect(
      torchError { _ = try SafetensorsFile(contentsOf: missing) }
        == .file(path: missing, reason: "cannot be read: No such file or directory"))
    #expect(
      torchError { _ = try SafetensorsFile(contentsOf: "/tmp") }
        == .file(path: "/tmp", reason: "cannot be read: it is a folder"))
    mkfifo(missing, 0o600)
    defer { unlink(missing) }
    #expect(
      torchError { _ = try SafetensorsFile(contentsOf: missing) }
        == .file(path: missing, reason: "cannot be read: it is a pipe, not a file"))
  }

  @Test func `a write that is refused leaves the old file and nothing else`() throws {
    let directory = temporaryPath()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/a.safetensors"
    let x = try Tensor([1, 2] as [Float])
    try writeSafetensors(["x": x], to: path)
    #expect(throws: TorchError.self) { try writeSafetensors([("x", x), ("x", x)], to: path) }
    #expect(throws: TorchError.self) { try writeSafetensors(["__metadata__": x], to: path) }
    #expect(throws: TorchError.self) { try writeSafetensors(["x": x], to: directory) }
    #expect(try SafetensorsFile(contentsOf: path).tensor("x").toFloats() == [1, 2])
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["a.safetensors"])
    #expect(throws: TorchError.self) {
      try writeSafetensors(["x": x], to: directory + "/no/such/folder")
    }
    // An open file keeps what it was when another takes its name.
    let old = try SafetensorsFile(contentsOf: path)
    try writeSafetensors(["x": x * 2], to: path)
    #expect(try old.tensor("x").toFloats() == [1, 2])
    #expect(try SafetensorsFile(contentsOf: path).tensor("x").toFloats() == [2, 4])
  }
}
