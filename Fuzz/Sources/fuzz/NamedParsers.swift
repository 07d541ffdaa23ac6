import Checkpoints
import Darknet
import Networks
import Torch

/// A zip archive: its directory, and every entry that it lists.
func zipParser() -> Parser {
  let entries = [("x/data.pkl", seedPickles[0]), ("x/data/0", seedStorage), ("x/version", [0x33])]
  let narrow = zip(entries)
  return Parser(
    name: "zip",
    seeds: [narrow, zip(entries, isWide: true), zip([]), narrow + Array("PK".utf8)],
    words: [
      "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", "\0\0\0\0",
      "\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}", "\u{1}\0", "\u{8}\0",
    ]
  ) { file in
    let archive = try ZipArchive(contentsOf: file.path)
    var total = 0
    for entry in archive.entries {
      do {
        let bytes = try archive.bytes(of: entry)
        try require(bytes.count == entry.byteCount, "an entry of another size")
        try require(try archive.bytes(of: entry) == bytes, "an entry that changes")
        total += bytes.count
      } catch let error as CheckpointError {
        try requireOneLine(error)
      }
    }
    try require(total <= file.bytes.count, "more bytes than the file has")
    _ = try PyTorchFile(contentsOf: file.path).names
  }
}

/// The pickle of a checkpoint, in an archive whose checksums are right.
func pickleParser() throws -> Parser {
  let archive = try ScratchFile("pickle.pt")
  return Parser(
    name: "pickle", seeds: seedPickles,
    words: [
      "X\u{1}\0\0\0a", "K\u{1}", "(", ")", "]", "}", "t", "R", "Q", "N", "u", "e", "s", "a", "b",
      "d",
      "l", "o", "0", "1", "2", "q\u{1}", "h\u{1}", "j\u{1}\0\0\0", "r\u{1}\0\0\0", "I7\n", "L7L\n",
      "F.5\n", "S'a'\n", "Va\n", "g1\n", "p1\n", "P1\n", "T\u{1}\0\0\0a", "U\u{1}a", "C\u{1}a",
      "B\u{1}\0\0\0a", "M\u{1}\0", "J\u{1}\0\0\0", "G\0\0\0\0\0\0\0\0", "cposix\nsystem\n",
      "iposix\nsystem\n", "ccollections\nOrderedDict\n", "ctorch\nSize\n", "ctorch\nFloatStorage\n",
      "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_parameter\n", ".",
    ]
  ) { file in
    try archive.fill(
      zip([
        ("x/data.pkl", file.bytes), ("x/data/0", seedStorage),
        ("x/byteorder", Array("little".utf8)),
      ]))
    let checkpoint = try PyTorchFile(contentsOf: archive.path)
    for name in checkpoint.names {
      let shape = try checkpoint.shape(of: name)
      _ = try checkpoint.type(of: name)
      let count = shape.reduce(1, *)
      // A stride of 0 repeats one number as often as a shape says.
      guard count <= 1 << 16 else { continue }
      do {
        try require(try checkpoint.floats(name).count == count, "values do not fill the shape")
      } catch let error as CheckpointError {
        try requireOneLine(error)
      }
    }
  }
}

/// The header and names of a safetensors file, read as a network's parameters.
func safetensorsParser() throws -> Parser {
  let spec = try NetworkSpec(Configuration(parsing: namedNetwork, path: "x.cfg"))
  let other = try NetworkSpec(
    Configuration(
      parsing: namedNetwork.replacing("filters=6", with: "filters=7")
        .replacing("classes=1", with: "classes=2"), path: "y.cfg"))
  let plain = NetworkParameters(
    layers: try spec.parameterLayout().map { slots in
      Dictionary(
        uniqueKeysWithValues: slots.map {
          let values = [Float](repeating: 0.5, count: $0.count)
          return ($0.role, ParameterArray(shape: $0.shape, values: values))
        })
    })
  let seeds = try ParameterNaming.allCases.map {
    safetensors(try NamedWeights.arrays(of: plain, for: spec, naming: $0))
  }
  return Parser(
    name: "safetensors", seeds: seeds + [escapedHeader],
    words: [
      "\"", "\\", "\\u0041", "\\uD83D\\uDE00", "{", "}", "[", "]", ",", ":", "0", "1", "-1", "F32",
      "F16", "BF16", "F64", "I64", "U8", "BOOL", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
      "\"__metadata__\":{},", "module_list.0.", "Conv2d.weight", "0.beta", "\0\0\0\0",
    ]
  ) { file in
    let tensors = try SafetensorsFile(contentsOf: file.path)
    for name in tensors.names { _ = try tensors.shape(of: name) }
    for spec in [spec, other] {
      do {
        let contents = try NamedWeights.readByShape(tensors, for: spec)
        _ = contents.skipped.map(\.description)
        try require(
          contents.loaded.allSatisfy { !contents.parameters.layers[$0].isEmpty }, "an empty layer")
        let parameters = try NamedWeights.read(tensors, for: spec)
        _ = try NamedWeights.arrays(of: parameters, for: spec, naming: .pare)
        _ = try NamedWeights.arrays(of: parameters, for: spec, naming: .stateDictionary)
      } catch let error where !(error is BrokenPromise) {
        try requireOneLine(error)
      }
    }
  }
}
