import Checkpoints
import Foundation
import Testing

/// Pickles that no `torch.save` writes: each is refused in one line, and nothing of it runs.
@Suite struct PickleMachineTests {
  private static let command: [UInt8] =
    Pickle.text("touch /tmp/pare-was-here") + [0x85]  // TUPLE1

  private func message(_ value: [UInt8]) throws -> String {
    try refusal(of: ZipWriter.checkpoint(Pickle.dictionary(value)).bytes)
  }

  private func refused(_ name: String) -> String {
    "x.pt: asks for '\(name)', which is refused: only tensors, containers, numbers and text are "
      + "read; save the model's state_dict() instead"
  }

  @Test func `a tensor is what it says`() throws {
    let pickle = Pickle.dictionary(Pickle.tensor())
    try withFile(ZipWriter.checkpoint(pickle).bytes) { path in
      let file = try PyTorchFile(contentsOf: path)
      #expect(file.names == ["a"])
      #expect(try file.floats("a") == [1])
    }
  }

  @Test func `no spelling of a call is followed`() throws {
    let system = Pickle.global("posix", "system")
    let stack = Pickle.text("posix") + Pickle.text("system") + [0x93]
    let cases: [([UInt8], String)] = [
      (system + Self.command + Array("R".utf8), "posix.system"),
      (stack + Self.command + Array("R".utf8), "posix.system"),
      (Array("(".utf8) + Self.command + Array("iposix\nsystem\n".utf8), "posix.system"),
      (Array("(".utf8) + system + Self.command + Array("o".utf8), "posix.system"),
      (system + Self.command + [0x81], "posix.system"),
      (system + Self.command + Array("}".utf8) + [0x92], "posix.system"),
      (Pickle.global("builtins", "eval"), "builtins.eval"),
      (Pickle.global("torch", "load"), "torch.load"),
      (Pickle.global("torch", "QInt8Storage"), "torch.QInt8Storage"),
      (Pickle.global("torch.serialization", "_load"), "torch.serialization._load"),
      (Pickle.global("collections", "OrderedDict.fromkeys"), "collections.OrderedDict.fromkeys"),
      ([0x82, 7], "extension code 7"), ([0x83, 7, 1], "extension code 263"),
      ([0x84, 7, 0, 0, 0], "extension code 7"),
      (Array("Pkey\n".utf8), "persistent object key"), ([0x97], "a buffer outside of the file"),
      (
        Pickle.global("a\tb", String(repeating: "c", count: 500)),
        "a\\x09b." + String(repeating: "c", count: 56) + "…"
      ),
    ]
    for (pickle, name) in cases { #expect(try message(pickle) == refused(name)) }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/pare-was-here"))
  }

  @Test func `what has no sense says where`() throws {
    let ordered = Pickle.global("collections", "OrderedDict")
    // `a` sits at byte 3, so that the value begins at byte 9.
    let cases: [([UInt8], String)] = [
      ([0xFF], "byte 9 of its pickle: there is no instruction 255"),
      (Array("R".utf8), "byte 9 of its pickle: no list where one belongs"),
      (Array("t".utf8), "byte 9 of its pickle: it has no mark"),
      (Array("000".utf8), "byte 11 of its pickle: it has no mark"),
      (Array("(R".utf8), "byte 10 of its pickle: its stack is empty"),
      (Array("h\u{5}".utf8), "byte 9 of its pickle: nothing was remembered as 5"),
      (Array("g5\n".utf8), "byte 9 of its pickle: nothing was remembered as 5"),
      (Array("gx\n".utf8), "byte 9 of its pickle: no number of a memo"),
      (Array("K\u{1}Nb".utf8), "byte 12 of its pickle: attributes of plain data"),
      (Array("N)R".utf8), "byte 11 of its pickle: a call of plain data"),
      (Array("K\u{1}Na".utf8), "byte 12 of its pickle: it appends to no list"),
      (Array("](Nu".utf8), "byte 12 of its pickle: it sets an entry of no dictionary"),
      (Array("}(Nu".utf8), "byte 12 of its pickle: a key without a value"),
      (Array("(o".utf8), "byte 10 of its pickle: a call of nothing"),
      (Array("Sabc\n".utf8), "byte 9 of its pickle: text without quotes"),
      ([0x8C, 1, 0xFF], "byte 9 of its pickle: text that is not UTF-8"),
      (
        Array("X".utf8) + little(1 << 31, 4),
        "byte 9 of its pickle: 2147483648 bytes reach beyond its end"
      ),
      (
        [0x8D] + little(.max, 8),
        "byte 9 of its pickle: 9223372036854775807 bytes reach beyond its end"
      ),
      ([0x8E] + little(-1, 8), "byte 9 of its pickle: it ends in a number"),
      ([0x8B] + little(-1, 4), "byte 9 of its pickle: 4294967295 bytes reach beyond its end"),
      ([0x80, 6], "byte 9 of its pickle: it has a protocol after 5"),
      (Array("NQ".utf8), "byte 10 of its pickle: no list where one belongs"),
      (Array(")Q".utf8), "byte 10 of its pickle: a persistent object that is no storage"),
      (
        Pickle.text("a") + Array("N".utf8) + [0x93],
        "byte 16 of its pickle: a class whose name is not text"
      ),
      (
        ordered + Array(")}".utf8) + Pickle.text("k") + Array("Ns".utf8) + [0x92],
        "byte 44 of its pickle: a call with named arguments"
      ),
      (
        Pickle.global("torch", "Size") + Array(")R".utf8),
        "byte 22 of its pickle: a torch.Size without sizes"
      ),
      (
        Pickle.global("torch", "FloatStorage") + Array(")R".utf8),
        "byte 30 of its pickle: a storage that is made, not stored"
      ),
      (
        Pickle.global("torch._utils", "_rebuild_parameter") + Array("N".utf8) + [0x85]
          + Array("R".utf8),
        "byte 44 of its pickle: a parameter without a tensor"
      ),
      (
        Pickle.global("torch._utils", "_rebuild_tensor_v2") + Array(")R".utf8),
        "byte 43 of its pickle: a tensor without a storage"
      ),
    ]
    for (pickle, reason) in cases {
      let message = try message(pickle)
      #expect(message == "x.pt: is damaged: \(reason)")
    }
  }

  @Test func `a tensor must lie in its storage`() throws {
    let cases: [[UInt8]] = [
      Pickle.tensor(sizes: [2]), Pickle.tensor(offset: 1), Pickle.tensor(offset: -1),
      Pickle.tensor(sizes: [1, 1]), Pickle.tensor(count: 1, sizes: [3], strides: [1 << 62]),
      Pickle.tensor(sizes: [1 << 32, 1 << 32], strides: [0, 0]),
      Pickle.tensor(count: .max, sizes: [.max], strides: [2]),
    ]
    for tensor in cases {
      #expect(try message(tensor).contains("outside of its storage"), "\(tensor)")
    }
    #expect(try message(Pickle.tensor(sizes: [-1])).contains("a size below zero"))
    #expect(
      try message(Pickle.tensor(sizes: Array(repeating: 1, count: 65))).contains("65 dimensions"))
  }

  @Test func `a storage must be the file that its pickle says`() throws {
    #expect(try message(Pickle.tensor(key: "1")) == "x.pt: is damaged: it has no 'x/data/1'")
    #expect(
      try message(Pickle.tensor(key: "../data.pkl"))
        == "x.pt: is damaged: it has no 'x/data/../data.pkl'")
    #expect(
      try message(Pickle.tensor(count: 2))
        == "x.pt: is damaged: 'x/data/0' has 4 bytes, its pickle says 2 elements of 4")
    #expect(
      try message(Pickle.tensor(count: .max))
        == "x.pt: is damaged: 'x/data/0' has 4 bytes, its pickle says 9223372036854775807 elements "
        + "of 4")
  }

  // Nested lists, references to themselves, a list that is copied: what fills the call stack or the
  // memory of an unpickler that follows them.
  @Test func `bombs end in one line`() throws {
    let clock = ContinuousClock()
    let deep = [UInt8](repeating: UInt8(ascii: "]"), count: 60_000)
    let closed = deep + [UInt8](repeating: UInt8(ascii: "a"), count: 59_999)
    let marks = [UInt8](repeating: UInt8(ascii: "("), count: 900_000)
    let cycle = Array("]q\u{0}h\u{0}a".utf8)
    // A list of 100 pairs that becomes a dictionary 20,000 times.
    let pairs = Array("](".utf8) + (0..<100).flatMap { _ in Array("NN".utf8) + [0x86] }
    let list = pairs + Array("e".utf8) + [0x85] + Array("q\u{1}0".utf8)
    let copies = (0..<20_000).flatMap { _ in Array("h\u{0}h\u{1}R0".utf8) }
    let ordered = Pickle.global("collections", "OrderedDict") + Array("q\u{0}0".utf8)
    let many = [UInt8](repeating: UInt8(ascii: "N"), count: 1_100_000)
    let long = [UInt8](String(repeating: "N0", count: 550_000).utf8)
    let lists = [UInt8](String(repeating: "]0", count: 300_000).utf8)
    let start = clock.now
    #expect(try message(closed).contains("no state dict"))
    #expect(try message(marks).contains("more values at a time than any state dict"))
    #expect(try message(many).contains("more values at a time than any state dict"))
    #expect(try message(lists).contains("holds more than 262144 values"))
    #expect(try message(cycle).contains("no state dict"))
    #expect(try message(ordered + list + copies).contains("holds more than 262144 values"))
    #expect(try message(long).contains("more than 1000000 instructions"))
    #expect(clock.now - start < .seconds(60))
  }

  @Test func `a pickle cut anywhere is refused`() throws {
    let whole = Pickle.dictionary(Pickle.tensor())
    for length in 0..<whole.count {
      let message = try refusal(of: ZipWriter.checkpoint(Array(whole.prefix(length))).bytes)
      #expect(message.hasPrefix("x.pt: "), "\(length)")
    }
  }

  // Protocol 0 as Python 2 wrote it: {'a': tensor, 'n': 12, 'l': 3L, 'f': 0.5, 'u': u'x'}.
  @Test func `the oldest protocol is read too`() throws {
    let plain = "S'n'\np1\nI12\nsS'l'\nL3L\nsS\"f\"\nF0.5\nsVu\nVx\nsS'o'\n(lp2\nI1\nas"
    let tensor =
      Array("(dp0\n\(plain)S'a'\n".utf8) + Pickle.tensor() + Array("s.".utf8)
    try withFile(ZipWriter.checkpoint(tensor).bytes) { path in
      let file = try PyTorchFile(contentsOf: path)
      #expect(file.names == ["a"])
    }
  }
}
