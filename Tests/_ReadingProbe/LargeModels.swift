import Darknet

// Files of networks and their weights.

extension LargeFile {
  /// A network of 2.1 million parameters.
  static let convolutions = """
    [net]
    width=32
    height=32
    channels=1024
    [convolutional]
    filters=2048
    size=1
    activation=linear
    """

  fileprivate static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

extension [LargeFile] {
  static var configurations: [LargeFile] {
    let net = "[net]\nwidth=32\nheight=32\nchannels=3\n"
    let limit = Configuration.maximumBytes
    return [
      LargeFile("too large", net, repeating: "[dropout]\n"),
      .small("layers", net, repeating: "[dropout]\n", limit: limit),
      .small("sections", net, repeating: "[a]\n", limit: limit),
      .small("keys", net + "[convolutional]\n", repeating: "a=1\n", limit: limit),
      .small("equal keys", net, repeating: "width=1\n", limit: limit),
      .small("a long list", net + "[route]\nlayers=", repeating: "0,", limit: limit),
      .small("anchors", net + "[yolo]\nmask=0\nanchors=", repeating: "1,", limit: limit),
      .small("a long value", net + "[convolutional]\nfilters=", repeating: "1", limit: limit),
      .small("line breaks", repeating: "\n", limit: limit),
    ]
  }

  static var dataFiles: [LargeFile] {
    let limit = DataFile.maximumBytes
    return [
      LargeFile("too large", "classes=1\n", repeating: "a=b\n"),
      .small("keys", "classes=1\n", repeating: "a=b\n", limit: limit),
      .small("a long value", "classes=", repeating: "1", limit: limit),
      .small("line breaks", "classes=1\n", repeating: "\n", limit: limit),
    ]
  }

  static var weights: [LargeFile] {
    let header = LargeFile.little(0, 4) + LargeFile.little(2, 4) + [UInt8](repeating: 0, count: 12)
    let count = 4 * (1024 * 2048 + 2048)
    return [
      LargeFile("valid") { header + [UInt8](repeating: 0, count: count) },
      LargeFile("too long") { header + [UInt8](repeating: 0, count: count + (4 << 20)) },
      LargeFile("too short") { header + [UInt8](repeating: 0, count: count / 2) },
      LargeFile("no header") { [UInt8](repeating: 0xFF, count: count) },
    ]
  }

  /// PyTorch's archives.
  static var checkpoints: [LargeFile] {
    func archive(_ pickle: [UInt8]) -> [UInt8] { StoredZip.archive([("x/data.pkl", pickle)]) }
    func pickle(_ name: String, _ piece: String, count: Int = LargeFile.size) -> LargeFile {
      LargeFile(name) {
        let pieces = [UInt8](String(repeating: piece, count: count / piece.utf8.count).utf8)
        return archive([0x80, 2] + pieces + [UInt8](".".utf8))
      }
    }
    return [
      LargeFile("valid") {
        let count = LargeFile.size / 4
        return StoredZip.archive([
          ("x/data.pkl", StoredZip.pickle(ofFloats: count)),
          ("x/data/0", [UInt8](repeating: 0, count: 4 * count)),
        ])
      },
      pickle("lists", "]", count: 999_990), pickle("dictionaries", "}", count: 999_990),
      pickle("many lists", "]"), pickle("marks", "("), pickle("marks and lists", "(]"),
      pickle("memo", "Nq\u{1}0"), pickle("texts", "X\u{1}\0\0\0a"),
      pickle("one line", "I1"),
      LargeFile("long text") {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: LargeFile.size)
        return archive(
          [0x80, 2] + [UInt8]("X".utf8) + LargeFile.little(text.count, 4) + text + [UInt8](".".utf8)
        )
      },
      LargeFile("text that claims much") {
        archive([0x80, 2] + [UInt8]("X".utf8) + LargeFile.little(0x7FFF_FFFF, 4))
      },
      LargeFile("entries") {
        StoredZip.archive((0..<80_000).map { ("x/\(1_000_000 + $0)", []) })
      },
      LargeFile("zeros") {
        [UInt8]("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: LargeFile.size)
      },
    ]
  }

  static var safetensors: [LargeFile] {
    func file(_ header: [UInt8], data: Int = 0) -> [UInt8] {
      LargeFile.little(header.count, 8) + header + [UInt8](repeating: 0, count: data)
    }
    func header(_ name: String, _ head: String = "{", _ piece: String, _ tail: String) -> LargeFile
    {
      LargeFile(name) { file(LargeFile("", head, repeating: piece, tail).bytes()) }
    }
    let empty = #"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#
    return [
      LargeFile("valid") {
        file(
          [UInt8](#"{"a":{"dtype":"F32","shape":[2097152],"data_offsets":[0,8388608]}}"#.utf8),
          data: LargeFile.size)
      },
      header("tensors", "{", "\"%\":\(empty),", "\"a\":\(empty)}"),
      header("metadata", #"{"__metadata__":{"#, "\"%\":\"\",", "\"a\":\"\"}}"),
      header("nesting", "{\"a\":", "[", "}"),
      header("long name", "{\"", "a", "\":\(empty)}"),
      header("long number", "{\"a\":{\"shape\":[", "1", "]}}"),
      header("many sizes", "{\"a\":{\"shape\":[", "1,", "1]}}"),
      header("open quote", "{\"a", "a", ""),
      LargeFile("header that claims much") { LargeFile.little(1 << 40, 8) + [UInt8]("{}".utf8) },
    ]
  }
}

/// Zip archives of stored entries, as torch.save writes them.
private enum StoredZip {
  static func archive(_ entries: [(name: String, contents: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, contents) in entries {
      let start = file.count
      // The checksum is left 0, as PyTorch writes it where it was told to compute none.
      let common = fields((0, 8), (0, 4), (contents.count, 4), (contents.count, 4))
      let nameLength = fields((name.utf8.count, 2))
      file += fields((0x0403_4B50, 4), (20, 2)) + common + nameLength + fields((0, 2))
      file += Array(name.utf8) + contents
      directory += fields((0x0201_4B50, 4), (20, 2), (20, 2)) + common + nameLength
      directory += fields((0, 8), (0, 4), (start, 4)) + Array(name.utf8)
    }
    // The number of entries has 2 bytes: a zip64 record holds the true one.
    let (start, end, count) = (file.count, file.count + directory.count, entries.count)
    file += directory
    file += fields((0x0606_4B50, 4), (44, 8), (45, 4), (0, 8), (count, 8), (count, 8))
    file += fields((directory.count, 8), (start, 8))
    file += fields((0x0706_4B50, 4), (0, 4), (end, 8), (1, 4))
    return file + fields((0x0605_4B50, 4), (0, 4), (-1, 4), (-1, 8), (0, 2))
  }

  /// `{"a": tensor}` of one dimension, by Python's `pickletools`.
  static func pickle(ofFloats count: Int) -> [UInt8] {
    func text(_ text: String) -> [UInt8] {
      Array("X".utf8) + fields((text.utf8.count, 4)) + Array(text.utf8)
    }
    func number(_ value: Int) -> [UInt8] { Array("J".utf8) + fields((value, 4)) }
    func code(_ text: String) -> [UInt8] { Array(text.utf8) }
    var pickle: [UInt8] = [0x80, 2]
    pickle += code("}") + text("a") + code("ctorch._utils\n_rebuild_tensor_v2\n(")
    pickle += code("(") + text("storage") + code("ctorch\nFloatStorage\n")
    pickle += text("0") + text("cpu") + number(count) + code("tQ") + number(0)
    pickle += code("(") + number(count) + code("t(") + number(1) + code("tNNtR")
    return pickle + code("s.")
  }

  /// Numbers, each in so many bytes.
  private static func fields(_ numbers: (Int, Int)...) -> [UInt8] {
    numbers.flatMap { LargeFile.little($0.0, $0.1) }
  }
}
