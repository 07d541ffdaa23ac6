import Darknet
import Foundation
import Testing
import _TestSupport

extension Workspace {
  /// The mAP of a network in what `quantize --json` wrote.
  fileprivate func map(_ network: String, in file: String = "q.json") throws -> Double {
    try #require((try json(file)[network] as? [String: Any])?["map"] as? Double)
  }

  /// Points of mAP@0.5:0.95 that are lost.
  fileprivate func lost(in file: String = "q.json") throws -> Double {
    100 * (try map("before", in: file) - map("after", in: file))
  }

  fileprivate func bytes(after file: String) throws -> Int {
    try #require((try json(file)["after"] as? [String: Any])?["weightsBytes"] as? Int)
  }
}

/// Limits of what may be lost, by a network whose weights are chosen such that bits cannot help.
///
/// Pictures are 4 × 4 squares of 8 × 8 pixels; bright ones are the objects.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct QuantizeLimitsTests {
  private static func picture(bright cells: [Int]) -> Data {
    var bytes = Data("P6\n32 32\n255\n".utf8)
    for place in 0..<32 * 32 {
      let isBright = cells.contains(place / 32 / 8 * 4 + place % 32 / 8)
      bytes += Data(repeating: isBright ? 255 : 0, count: 3)
    }
    return bytes
  }

  static func prepare(_ space: Workspace) throws {
    for folder in ["d/images", "d/labels"] {
      try FileManager.default.createDirectory(
        atPath: space.path(folder), withIntermediateDirectories: true)
    }
    for (list, pictures) in [("train", [[0, 5], [3, 10]]), ("val", [[2, 7], [8, 13]])] {
      var paths = ""
      for (number, cells) in pictures.enumerated() {
        let name = "\(list)\(number)"
        try space.write("d/images/\(name).ppm", picture(bright: cells))
        let lines = cells.map {
          "0 \(Double($0 % 4) / 4 + 0.125) \(Double($0 / 4) / 4 + 0.125) 0.25 0.25\n"
        }
        try space.write("d/labels/\(name).txt", lines.joined())
        paths += "images/\(name).ppm\n"
      }
      try space.write("d/\(list).txt", paths)
    }
    try space.write("d/d.names", "bright\n")
    try space.write("d/d.data", "classes=1\ntrain=train.txt\nvalid=val.txt\nnames=d.names\n")
  }

  /// Writes a pair; weights are 0 but for what `change` does.
  static func write(
    _ name: String, _ layers: String, in space: Workspace,
    change: (inout NetworkParameters) -> Void
  ) throws {
    let text = """
      [net]
      width=32
      height=32
      channels=3
      \(layers)
      [yolo]
      mask=0
      anchors=8,8
      classes=1
      num=1
      """
    let configuration = try Configuration(parsing: text, path: "\(name).cfg")
    let spec = try NetworkSpec(configuration)
    var parameters = NetworkParameters(
      layers: try spec.parameterLayout().map { slots in
        Dictionary(
          uniqueKeysWithValues: slots.map { slot in
            let values = [Float](repeating: 0, count: slot.count)
            return (slot.role, ParameterArray(shape: slot.shape, values: values))
          })
      })
    change(&parameters)
    try space.write("\(name).cfg", text)
    try WeightsFile.write(parameters, for: spec, to: space.path("\(name).weights"))
  }

  /// Two neighbours of one square cancel each other, whatever it shows; but their size is that of the
  /// step where one serves all weights.
  private static func fillWithOutliers(_ weights: inout [Float], from start: Int) {
    (weights[start], weights[start + 1]) = (10_000, -10_000)
  }

  private static let command =
    "quantize --data d/d.data --per-tensor --no-equalize --rounding nearest --calibration min-max "
    + "--output q --device cpu --json q.json "

  // Layer 0 has the mean of a square in its second output, by weights of 1/192: on steps of 10,000 / 2047
  // these are 0. So more bits do not help, and it stays float; layer 1 has only 40 and 0.
  @Test func `where more bits do not help, the layer that needs it stays float`() throws {
    try Workspace.with { space in
      try Self.prepare(space)
      let layers = """
        [convolutional]
        filters=2
        size=8
        stride=8
        activation=linear
        [convolutional]
        filters=6
        size=1
        activation=linear
        """
      try Self.write("n", layers, in: space) { parameters in
        var weights = [Float](repeating: 0, count: 2 * 192)
        Self.fillWithOutliers(&weights, from: 0)
        for place in 192..<384 { weights[place] = 1 / 192 }
        parameters.layers[0][.weight]?.values = weights
        // Objectness is 40·mean − 20, of the class 10.
        parameters.layers[1][.weight]?.values[2 * 4 + 1] = 40
        parameters.layers[1][.bias]?.values = [0, 0, 0, 0, -20, 10]
      }
      let command = Self.command + "--cfg n.cfg --weights n.weights "
      try space.succeed(command + "--quiet")
      #expect(try space.map("before") > 0.99 && space.map("after") == 0)
      // What finds nothing is not for a machine: rounding that learns is what may help.
      let useless = try space.output(of: command + "--overwrite")
      #expect(useless.contains("next, learn how weights are rounded:\n  pare quantize "))
      #expect(!useless.contains("pare export"))
      let text = try space.output(of: command + "--overwrite --max-drop 1")
      #expect(text.contains("activations raised to 16 bits and weights to 12: layer 1\n"))
      #expect(text.contains("left float, so that libtorch alone can run it: layer 0\n"))
      let json = try space.json("q.json")
      #expect(json["raisedLayers"] as? [Int] == [1] && json["freedLayers"] as? [Int] == [0])
      // 384 + 12 weights in a byte each, and 8 biases.
      #expect(text.contains("that is larger than plain 8 bits, with which the weights take 428 B"))
      #expect(text.contains(", 1 of 2 convolutions float; calibrated"))
      #expect(json["convolutions"] as? Int == 2 && json["floatConvolutions"] as? Int == 1)
      #expect(try space.lost() <= 1)
      // What was written is what was measured.
      try space.succeed("test --model q --data d/d.data --device cpu --json t.json --quiet")
      #expect(try space.json("t.json")["map"] as? Double == space.map("after"))
    }
  }

  @Test func `where nothing helps nothing is written, and one line says why`() throws {
    try Workspace.with { space in
      try Self.prepare(space)
      let layers = "[convolutional]\nfilters=6\nsize=8\nstride=8\nactivation=linear"
      try Self.write("n", layers, in: space) { parameters in
        var weights = [Float](repeating: 0, count: 6 * 192)
        // The width's row cancels itself.
        Self.fillWithOutliers(&weights, from: 2 * 192)
        for place in 4 * 192..<5 * 192 { weights[place] = 40 / 192 }
        parameters.layers[0][.weight]?.values = weights
        parameters.layers[0][.bias]?.values = [0, 0, 0, 0, -20, 10]
      }
      let run = try space.run(Self.command + "--cfg n.cfg --weights n.weights --max-drop 50")
      #expect(run.status == 1)
      let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("Error") }
      #expect(
        errors == [
          "Error: --max-drop 50: 100.00 points of mAP@0.5 or mAP@0.5:0.95 are lost with all layers raised to "
            + "16 bits, weights to 12; allow more, or try another '--calibration' or '--scheme'"
        ], "\(run.errors)")
      #expect(!space.exists("q") && !space.exists("q.json"))
    }
  }
}

/// Networks and options that leave nothing to quantize, or nothing to measure.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct QuantizeBadInputTests {
  private static let layers = "[convolutional]\nfilters=6\nsize=8\nstride=8\nactivation=linear"
  private static let command =
    "quantize --data d/d.data --cfg n.cfg --weights n.weights --output q --device cpu "
    + "--json q.json "

  // All values that layers give are 0, so ranges have no width.
  @Test(arguments: ["google", "dorefa", "pow2", "ternary", "binary"])
  func `weights of zero have steps and codes like others`(scheme: String) throws {
    try Workspace.with { space in
      try QuantizeLimitsTests.prepare(space)
      let chain = "[convolutional]\nfilters=4\nsize=3\npad=1\nactivation=leaky\n" + Self.layers
      try QuantizeLimitsTests.write("n", chain, in: space) { _ in }
      try space.succeed(Self.command + "--scheme \(scheme) --ends same --explain")
      let layers = try #require(try space.json("q.json")["layers"] as? [[String: Any]])
      let scales = layers.compactMap { $0["scale"] as? Double }
      #expect(scales.allSatisfy { $0 > 0 && $0.isFinite })
      #expect(!scales.isEmpty)
      try space.succeed("detect --model q --source d/images --output f --device cpu")
      let same = try space.output(
        of: "quantize --model q --verify --source d/images --device cpu")
      #expect(same.contains("the same codes in all of 2 layers"))
    }
  }

  @Test func `what cannot be quantized is one line, and leaves nothing behind`() throws {
    try Workspace.with { space in
      try QuantizeLimitsTests.prepare(space)
      try QuantizeLimitsTests.write("n", Self.layers, in: space) { _ in }
      try space.write("float.txt", "0 float float\n")
      let float = try space.run(Self.command + "--layer-bits float.txt")
      #expect(float.status == 1 && float.errors.contains("nothing would be quantized"))
      try space.write("far.txt", "0 8 8\n1 8 8\n")
      let far = try space.run(Self.command + "--layer-bits far.txt")
      #expect(far.status == 1 && far.errors.contains("far.txt:2: layer 1 cannot have these bits"))
      let broken = try space.run(Self.command + "--calibration percentile --percentile 40")
      #expect(broken.status == 64)
      // What only libtorch runs is said before pictures are read.
      let ends = try space.run(Self.command + "--ends float")
      #expect(ends.status == 1 && ends.errors.contains("nothing would be quantized"))
      try QuantizeLimitsTests.write("n", Self.layers, in: space) { parameters in
        parameters.layers[0][.weight]?.values[7] = .nan
      }
      let nan = try space.run(Self.command)
      #expect(nan.status == 1)
      for run in [float, ends, nan] {
        #expect(run.errors.split(separator: "\n").count { $0.hasPrefix("Error") } == 1)
      }
      #expect(!space.exists("q") && !space.exists("q.json"))
    }
  }

  @Test func `what whole numbers cannot compute is said before it calibrates`() throws {
    try Workspace.with { space in
      try QuantizeLimitsTests.prepare(space)
      let chain = "[convolutional]\nfilters=4\nsize=3\npad=1\nactivation=leaky\n" + Self.layers
      try QuantizeLimitsTests.write("n", chain, in: space) { _ in }
      try space.write("bits.txt", "0 float 8\n")
      let run = try space.run(Self.command + "--layer-bits bits.txt")
      #expect(run.status == 0)
      let said = try #require(
        run.errors.range(
          of: "layer 0 [convolutional] cannot be computed with whole numbers alone: its weights "
            + "are float; '--engine integer' and 'export' will refuse it"))
      let calibrated = try #require(run.errors.range(of: "calibrate"))
      #expect(said.lowerBound < calibrated.lowerBound)
      let refused = try space.run("export c --model q --output c")
      #expect(refused.status == 1 && refused.errors.contains("layer 0 [convolutional] cannot be "))
    }
  }
}

/// Limits of loss and size, by weights that others trained: what it finds in float is what there is to
/// find.
@Suite(.enabled(if: Workspace.isBuilt && realData != nil, "PARE_REALDATA is not set"))
struct RealLimitsTests {
  /// Writes five pictures with labels, and gives the beginning of a command.
  private static func prepare(_ space: Workspace) throws -> String {
    let root = try #require(realData)
    let folder = "\(root)/yolo-fastest"
    let pair =
      "--cfg \(folder)/yolo-fastest-1.1.cfg --weights \(folder)/yolo-fastest-1.1.weights "
    for name in ["m/images", "m/labels"] {
      try FileManager.default.createDirectory(
        atPath: space.path(name), withIntermediateDirectories: true)
    }
    for name in ["bus", "dog", "horses", "person", "zidane"] {
      try space.write(
        "m/images/\(name).jpg",
        Data(contentsOf: URL(fileURLWithPath: "\(root)/samples/\(name).jpg")))
    }
    try space.succeed(
      "detect \(pair) --source m/images --output f --conf-thres 0.3 --device cpu --json f.json --quiet"
    )
    var list = ""
    for image in try #require(space.json("f.json")["images"] as? [[String: Any]]) {
      let path = try #require(image["path"] as? String)
      let width = try #require(image["width"] as? Double)
      let height = try #require(image["height"] as? Double)
      var lines = ""
      for object in try #require(image["detections"] as? [[String: Any]]) {
        let box = try #require(object["box"] as? [Double])
        let (left, right) = (max(box[0], 0) / width, min(box[2], width) / width)
        let (top, bottom) = (max(box[1], 0) / height, min(box[3], height) / height)
        lines += "\(try #require(object["class"] as? Int)) \((left + right) / 2) "
        lines += "\((top + bottom) / 2) \(right - left) \(bottom - top)\n"
      }
      let name = try #require(path.split(separator: "/").last)
      try space.write("m/labels/\(name.dropLast(4)).txt", lines)
      list += "images/\(name)\n"
    }
    try space.write("m/list.txt", list)
    try space.write(
      "m/s.data", "classes=80\ntrain=list.txt\nvalid=list.txt\nnames=\(folder)/coco.names\n")
    return "quantize \(pair) --data m/s.data --force --overwrite --rounding nearest --device cpu "
  }

  // With 4 bits for activations most is lost, in the sums of shortcuts too, which have no weights.
  @Test func `what may be lost is held to on a real network`() throws {
    try Workspace.with { space in
      let command = try Self.prepare(space) + "--output q --json q.json --a-bit 4 "
      try space.succeed(command + "--quiet")
      #expect(try space.lost() > 20)
      let text = try space.output(of: command + "--max-drop 2")
      #expect(
        try text.contains("activations raised to 16 bits and weights to 12: layers ")
          && space.lost() <= 2)
      let raised = try #require(try space.json("q.json")["raisedLayers"] as? [Int])
      let layers = try #require(try space.json("q.json")["layers"] as? [[String: Any]])
      let weights = layers.filter { raised.contains($0["index"] as? Int ?? -1) }
        .map { $0["bits"] as? Int }
      #expect(!weights.isEmpty && weights.allSatisfy { $0 == 12 || $0 == nil })
    }
  }

  /// Bits by layer that are drawn, and lowered at random until they take no more than so many bytes.
  private static func drawn(
    _ weights: [Int: Int], within budget: Int, seed: UInt64
  ) -> [Int: Int] {
    var generator = SeededGenerator(seed: seed)
    var bits = weights.mapValues { _ in 0 }
    for layer in weights.keys.sorted() { bits[layer] = Int.random(in: 2...8, using: &generator) }
    func size() -> Int { weights.reduce(0) { $0 + ($1.value * (bits[$1.key] ?? 0) + 7) / 8 } }
    while size() > budget {
      let layer = generator.pick(bits.keys.filter { (bits[$0] ?? 0) > 2 }.sorted())
      bits[layer, default: 0] -= 1
    }
    // One bit more where it fits.
    for layer in weights.keys.sorted() where (bits[layer] ?? 8) < 8 {
      bits[layer, default: 0] += 1
      if size() > budget { bits[layer, default: 0] -= 1 }
    }
    return bits
  }

  @Test func `bits that are chosen lose less than uniform and random ones of the same size`() throws
  {
    try Workspace.with { space in
      let command = try Self.prepare(space) + "--ends same "
      try space.succeed(command + "--w-bit 5 --output u --json u.json --quiet")
      let budget = try space.bytes(after: "u.json")
      let text = try space.output(of: command + "--budget \(budget)B --output b --json b.json")
      #expect(try space.bytes(after: "b.json") <= budget)

      // The bits of each layer are said, and those of all.
      let layers = try #require(try space.json("b.json")["layers"] as? [[String: Any]])
      var weights: [Int: Int] = [:]
      var (sum, fewest, most) = (0, 16, 0)
      for layer in layers {
        guard let index = layer["index"] as? Int, let count = layer["weights"] as? Int,
          let bits = layer["bits"] as? Int
        else { continue }
        weights[index] = count
        sum += count * bits
        (fewest, most) = (min(fewest, bits), max(most, bits))
      }
      #expect(fewest < 5 && most == 8)
      let mean = Double(sum) / Double(weights.values.reduce(0, +))
      let json = try #require(try space.json("b.json")["averageWeightBits"] as? Double)
      #expect(abs(json - mean) < 1e-9 && mean <= 5.01)
      #expect(
        text.contains("weights of \(fewest) to 8 bits, \((mean * 10).rounded() / 10) on average"))
      #expect(text.contains("weights of 8 bits: layer") && !text.contains("weights of 8 bits,"))

      // It is read back as it was measured.
      let run = try space.run("test --model b --data m/s.data --device cpu --json t.json")
      #expect(run.status == 0 && run.errors.contains("on average"))
      #expect(try space.json("t.json")["map"] as? Double == space.map("after", in: "b.json"))

      let codes = weights.values.reduce(0) { $0 + ($1 * 5 + 7) / 8 }
      var losses = [try space.lost(in: "u.json")]
      for seed in 0..<2 as Range<UInt64> {
        let bits = Self.drawn(weights, within: codes, seed: seed)
        let lines = bits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value) 8\n" }
        try space.write("bits.txt", lines.joined())
        try space.succeed(command + "--layer-bits bits.txt --output r --json r.json --quiet")
        #expect(try space.bytes(after: "r.json") <= budget)
        losses.append(try space.lost(in: "r.json"))
      }
      let chosen = try space.lost(in: "b.json")
      #expect(losses.allSatisfy { chosen <= $0 }, "\(chosen) beside \(losses)")
    }
  }

  @Test func `a budget that is too small is told the least there is`() throws {
    try Workspace.with { space in
      let begin = try Self.prepare(space)
      for scheme in ["google", "pow2"] {
        let command = begin + "--scheme \(scheme) --output q --json q.json --quiet "
        let none = try space.run(command + "--budget 5%")
        let words = none.errors.split(whereSeparator: \.isWhitespace)
        let place = try #require(words.lastIndex { $0.hasSuffix("B'") })
        let least = try #require(Int(words[place].dropLast(2)))
        #expect(none.status == 1 && none.errors.contains("2 bits for every weight"))
        #expect(!space.exists("q"))
        let less = try space.run(command + "--budget \(least - 1)B")
        #expect(less.status == 1 && less.errors.contains("'--budget \(least)B' is the least"))
        try space.succeed(command + "--budget \(least)B")
        #expect(try space.bytes(after: "q.json") == least)
        try FileManager.default.removeItem(atPath: space.path("q"))
      }
    }
  }
}
