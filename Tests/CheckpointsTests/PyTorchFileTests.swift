import Checkpoints
import Darknet
import Foundation
import Testing
import _TestSupport

@Suite struct PyTorchFileTests {
  /// The number `index` of the fixtures' recipe, and the `count - 1` after it.
  private func counting(_ index: Int, _ count: Int) -> [Float] {
    (index..<index + count).map { Float($0) / 64 }
  }

  @Test(arguments: ["checkpoint.pt", "state.pt", "protocol-4.pt"])
  func `a state dict that PyTorch saved gives the whole network`(name: String) throws {
    let file = try PyTorchFile(contentsOf: fixture(name))
    let parameters = try NamedWeights.read(file, for: network())
    // The recipe counts up in the order of the state dict.
    let layers = parameters.layers
    #expect(
      layers[0][.weight] == ParameterArray(shape: [4, 3, 1, 1], values: counting(0, 12)))
    #expect(layers[0][.gamma]?.values == counting(12, 4))
    #expect(layers[0][.beta]?.values == counting(16, 4))
    #expect(layers[0][.mean]?.values == counting(20, 4))
    #expect(layers[0][.variance]?.values == counting(24, 4))
    #expect(
      layers[1][.weight] == ParameterArray(shape: [4, 1, 3, 3], values: counting(28, 36)))
    #expect(layers[1][.variance]?.values == counting(76, 4))
    // sigmoid(0)·2/2 = 0.5 and sigmoid(1)·2/2 = 1 / (1 + 1/e).
    #expect(layers[2][.weight]?.values == [0.5, Float(1 / (1 + 1 / M_E))])
    #expect(layers[3][.squeeze] == ParameterArray(shape: [1, 4], values: counting(80, 4)))
    #expect(layers[3][.excite] == ParameterArray(shape: [4, 1], values: counting(84, 4)))
    #expect(layers[4][.gamma]?.values == counting(88, 4))
    #expect(layers[4][.beta]?.values == counting(92, 4))
    #expect(
      layers[5][.weight] == ParameterArray(shape: [18, 4, 1, 1], values: counting(104, 72)))
    #expect(layers[5][.bias]?.values == counting(176, 18))
    #expect(layers[6].isEmpty && parameters.imagesSeen == 0)
  }

  // The fixture's network has one class, 3·(5 + 1) filters before its head; this one two, 3·(5 +
  // 2). What differs is layer 5 alone; layer 6, the head, has nothing to load.
  @Test func `a network with other classes takes what fits by shape`() throws {
    let file = try PyTorchFile(contentsOf: fixture("checkpoint.pt"))
    let other = try network(networkWithEveryKindOfParameter(classes: 2))
    let contents = try NamedWeights.readByShape(file, for: other)
    #expect(contents.loaded == [0, 1, 2, 3, 4] && contents.skipped.map(\.layer) == [5])
    for skipped in contents.skipped { expectOneLine("\(skipped)") }
    let whole = try NamedWeights.read(file, for: network())
    #expect(Array(contents.parameters.layers[..<5]) == Array(whole.layers[..<5]))
    #expect(contents.parameters.layers[5].isEmpty)
    // A reduction of 2 has squeeze [2, 4] where the file has [1, 4].
    let wider = try NamedWeights.readByShape(
      file, for: network(networkWithEveryKindOfParameter(reduction: 2)))
    #expect(wider.loaded == [0, 1, 2, 4, 5] && wider.skipped.map(\.layer) == [3])
    let own = try NamedWeights.readByShape(file, for: network())
    #expect(own.parameters == whole && own.skipped.isEmpty)
  }

  @Test func `every type of number is read`() throws {
    let file = try PyTorchFile(contentsOf: fixture("types.pt"))
    let expected: [(String, [Float])] = [
      ("float64", [0.5, -2]), ("float32", [0.5, -2]),
      ("float16", [0.5, -65504, 0x1p-24, .infinity]),
      // −3·10³⁸ has the bits FF61 B1E6…, of which bfloat16 keeps FF62.
      ("bfloat16", [0.5, Float(bitPattern: 0xFF62_0000)]),
      ("int64", [1_099_511_627_776, -1]), ("int32", [7, -1]), ("int16", [7, -1]),
      ("int8", [7, -1]), ("uint8", [7, 255]), ("bool", [1, 0]), ("parameter", [1.5]),
    ]
    for (name, values) in expected {
      #expect(try file.floats(name) == values, "\(name)")
      #expect(try file.shape(of: name) == [values.count])
      #expect(try file.type(of: name).rawValue == (name == "parameter" ? "float32" : name))
    }
    // Plain values of the dictionary are no tensors.
    #expect(!file.names.contains("list") && !file.names.contains("size"))
  }

  // 0 1 2 3 | 4 5 6 7 | 8 9 10 11, and looks into it.
  @Test func `views are read through their strides`() throws {
    let file = try PyTorchFile(contentsOf: fixture("types.pt"))
    let expected: [(String, [Int], [Float])] = [
      ("base", [3, 4], (0..<12).map { Float($0) }),
      ("transposed", [4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]),
      ("row", [4], [4, 5, 6, 7]), ("column", [3], [1, 5, 9]), ("corner", [2, 2], [6, 7, 10, 11]),
      ("expanded", [2, 3], [4, 4, 4, 4, 4, 4]), ("scalar", [], [2.5]), ("empty", [0, 3], []),
    ]
    for (name, shape, values) in expected {
      #expect(try file.shape(of: name) == shape)
      #expect(try file.floats(name) == values, "\(name)")
    }
    #expect(throws: CheckpointError.missingTensor("nothing", path: file.path)) {
      try file.floats("nothing")
    }
  }

  @Test(arguments: [
    (
      "before-1.6.pt",
      "is a pickle of the form before PyTorch 1.6; save it anew with "
        + "torch.save(torch.load(FILE, map_location='cpu'), NEWFILE) in a newer PyTorch"
    ),
    (
      "module.pt",
      "asks for 'torch.nn.modules.conv.Conv2d', which is refused: only tensors, containers, "
        + "numbers and text are read; save the model's state_dict() instead"
    ),
    (
      "script.pt",
      "is not a PyTorch checkpoint: it is a TorchScript program; save the model's state_dict() "
        + "instead"
    ),
  ])
  func `what is no state dict says what it is`(name: String, expected: String) throws {
    let path = try fixture(name)
    let error = #expect(throws: CheckpointError.self) { try PyTorchFile(contentsOf: path) }
    #expect(error.map { "\($0)" } == "\(path): \(expected)")
  }

  @Test func `other files say what they are`() throws {
    #expect(
      try refusal(of: Array("<html>".utf8))
        == "x.pt: is not a PyTorch checkpoint: it is no zip archive, which torch.save writes")
    #expect(
      try refusal(of: [])
        == "x.pt: is not a PyTorch checkpoint: it is no zip archive, which torch.save writes")
    #expect(
      try refusal(of: ZipWriter(entries: [ZipWriter.Entry(name: "a", contents: [1])]).bytes)
        == "x.pt: is not a PyTorch checkpoint: the archive holds no data.pkl")
    var big = ZipWriter.checkpoint(Pickle.dictionary(Pickle.tensor()))
    big.entries.append(ZipWriter.Entry(name: "x/byteorder", contents: Array("big".utf8)))
    #expect(
      try refusal(of: big.bytes)
        == "x.pt: is not a PyTorch checkpoint: its numbers are big-endian; save it anew")
    #expect(
      try refusal(of: ZipWriter.checkpoint(Array("].".utf8)).bytes)
        == "x.pt: holds no state dict, neither at its top nor under 'model' or 'state_dict'")
    let error = #expect(throws: CheckpointError.self) {
      try PyTorchFile(contentsOf: "/nowhere/a.pt")
    }
    #expect(
      error.map { "\($0)" } == "/nowhere/a.pt: cannot be read: No such file or directory")
  }

  // The header of an entry says some things twice, and only one of them is read.
  @Test func `a changed byte is noticed or changes nothing`() throws {
    let original = try bytes(fixture("state.pt"))
    let spec = try network()
    let expected = try NamedWeights.read(PyTorchFile(contentsOf: fixture("state.pt")), for: spec)
    var refused = 0
    for place in stride(from: 0, to: original.count, by: 3) {
      var changed = original
      changed[place] ^= 0x41
      try withFile(changed) { path in
        do {
          let found = try NamedWeights.read(PyTorchFile(contentsOf: path), for: spec)
          #expect(found == expected, "byte \(place)")
        } catch {
          expectOneLine("\(error)")
          refused += 1
        }
      }
    }
    #expect(refused > 500)
  }

  @Test func `a file cut short is refused at every length`() throws {
    let original = try bytes(fixture("state.pt"))
    for length in stride(from: 0, to: original.count, by: 29) {
      _ = try refusal(of: Array(original.prefix(length)))
    }
  }
}
