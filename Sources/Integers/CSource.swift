import Darknet

/// A program as C: one source and a header of C99 without a library, and the weights as bytes, for
/// pictures of one size. It gives what ``IntegerRunner`` gives.
public struct CSource {
  /// The header.
  public private(set) var header = ""
  /// The source.
  public private(set) var source = ""
  /// The weights, little-endian, layer after layer.
  public internal(set) var weights: [UInt8] = []
  /// Bytes of the block that all codes lie in.
  public let arenaBytes: Int
  /// Bytes that a layer needs beside it.
  public private(set) var scratchBytes = 0
  /// Bytes of the codes of all layers and of the input, if none shared a place.
  public let separateBytes: Int
  /// Bytes of the largest layer with all that it reads: with less no plan can do.
  public let largestStepBytes: Int

  let program: IntegerProgram
  /// What functions and files begin with.
  public let name: String
  /// The picture that it takes.
  package let input: FeatureShape
  let shapes: [FeatureShape]
  let plan: MemoryPlan
  private let element: NumberFile.Element

  /// Writes a program as C.
  ///
  /// - Parameters:
  ///   - name: what functions and files begin with; see ``isName(_:)``.
  ///   - width: of the pictures.
  ///   - height: of the pictures.
  /// - Throws: ``IntegerError/wrongName(_:)``, ``ConfigurationError`` for a size that the network
  ///   cannot work at.
  public init(_ program: IntegerProgram, name: String, width: Int, height: Int) throws {
    guard Self.isName(name) else { throw IntegerError.wrongName(name) }
    (self.program, self.name) = (program, name)
    let spec = program.spec
    input = FeatureShape(channels: spec.net.channels, height: height, width: width)
    let isOwn = (width, height) == (spec.net.width, spec.net.height)
    shapes = isOwn ? spec.shapes : try spec.shapes(width: width, height: height)
    plan = MemoryPlan(program, shapes: shapes, input: input)
    let grids = [program.inputGrid] + program.layers.compactMap(\.grid)
    element = NumberFile.Element(
      holding: (grids.map(\.lowest).min() ?? 0)...(grids.map(\.highest).max() ?? 0))
    arenaBytes = plan.count * element.byteCount
    separateBytes = plan.separateCount * element.byteCount
    largestStepBytes = plan.largestStepCount * element.byteCount
    writeSource()
    writeHeader()
  }

  /// What the numbers of each head go through, times their steps, before they are decoded.
  package var headActivations: [String] {
    program.heads.map { program.activation(before: $0).rawValue }
  }

  /// A program around the source, for a machine with files: reads weights and a picture of raw bytes,
  /// and writes the numbers of all heads.
  public var exampleMain: String {
    let upper = name.uppercased()
    let counts = program.heads.map { shapes[$0.source].count }
    let fields = counts.enumerated().map { "static int32_t head\($0.offset)[\($0.element)];" }
    let writes = counts.indices.map { "fwrite(head\($0), sizeof head\($0), 1, file);" }
    return """
      /* \(name) WEIGHTS PICTURE HEADS */
      #include <stdio.h>
      #include <string.h>

      #include "\(name).h"

      static unsigned char weights[\(upper)_WEIGHTS_BYTES];
      static unsigned char picture[\(upper)_CHANNELS * \(upper)_HEIGHT * \(upper)_WIDTH];
      \(fields.joined(separator: "\n"))

      static int read_whole(const char *path, unsigned char *bytes, size_t count) {
        FILE *file = fopen(path, "rb");
        if (file == NULL) return 0;
        /* A .npy file begins with a header, whose length is in its bytes 8 and 9. */
        unsigned char start[10];
        const int is_npy = fread(start, 1, sizeof start, file) == sizeof start
            && memcmp(start, "\\x93NUMPY", 6) == 0;
        const long header = is_npy ? 10L + start[8] + 256L * start[9] : 0;
        const size_t read = fseek(file, header, SEEK_SET) == 0 ? fread(bytes, 1, count, file) : 0;
        const int ends_there = fgetc(file) == EOF;
        fclose(file);
        return read == count && ends_there;
      }

      int main(int count, char **paths) {
        int32_t *heads[] = {\(counts.indices.map { "head\($0)" }.joined(separator: ", "))};
        if (count != 4) {
          fprintf(stderr, "usage: %s WEIGHTS PICTURE HEADS\\n"
                  "PICTURE: \(ProgramDump.picture) of a dump, or \(input.width)x\(input.height) raw bytes of each channel,\\n"
                  "channel after channel.\\n"
                  "HEADS is written: what the heads give, not decoded, as int32.\\n", paths[0]);
          return 2;
        }
        const size_t sizes[] = {sizeof weights, sizeof picture};
        unsigned char *bytes[] = {weights, picture};
        for (int i = 0; i < 2; i++) {
          if (read_whole(paths[i + 1], bytes[i], sizes[i])) continue;
          fprintf(stderr, "%s: cannot be read, or has other than %lu bytes\\n", paths[i + 1],
                  (unsigned long)sizes[i]);
          return 2;
        }
        const int failed = \(name)_run(weights, picture, heads);
        if (failed != 0) {
          fprintf(stderr, "layer %d: a sum is too large; quantize with fewer bits of weights or\\n"
                  "activations\\n", failed - 1);
          return 3;
        }
        FILE *file = fopen(paths[3], "wb");
        if (file != NULL) {
          \(writes.joined(separator: "\n    "))
          if (fclose(file) == 0) return 0;
        }
        fprintf(stderr, "%s: cannot be written\\n", paths[3]);
        return 2;
      }

      """
  }

  /// A name in C made of any text.
  public static func name(of text: String) -> String {
    let name = text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return isName(String(name)) ? String(name) : "net_" + name.prefix(longestName - 4)
  }

  /// Whether files and functions can have a name. In the source it always has an ending, `NAME_run`, so
  /// that words and functions of C are names too.
  public static func isName(_ name: String) -> Bool {
    name.utf8.count <= longestName && name.first?.isLetter == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      && !otherFiles.contains(name.lowercased())
  }

  /// The most letters of a name.
  static let longestName = 64
  /// What is called `.c` or `.h` beside the files of the name: the example, and the headers that both
  /// include. Some disks do not tell capitals from small letters.
  static let otherFiles = ["main", "stddef", "stdint", "stdio", "string"]

  /// Bytes of each weight of a layer whose codes lie in a range: 1, 2 or 4, signed.
  public static func byteCount(ofWeightsIn codes: ClosedRange<Int>) -> Int {
    NumberFile.Element(holding: min(codes.lowerBound, -1)...max(codes.upperBound, 0)).byteCount
  }

  // MARK: Header

  private mutating func writeHeader() {
    let upper = name.uppercased()
    var text = """
      /* \(name): a detector in whole numbers, written by pare. */
      #ifndef \(upper)_H
      #define \(upper)_H

      #include <stdint.h>

      #define \(upper)_CHANNELS \(input.channels)
      #define \(upper)_HEIGHT \(input.height)
      #define \(upper)_WIDTH \(input.width)
      #define \(upper)_WEIGHTS_BYTES \(weights.count)
      #define \(upper)_ARENA_BYTES \(arenaBytes)
      #define \(upper)_SCRATCH_BYTES \(scratchBytes)
      #define \(upper)_HEADS \(program.heads.count)

      """
    for (number, head) in program.heads.enumerated() {
      let shape = shapes[head.source]
      text += """

        #define \(upper)_HEAD\(number)_CHANNELS \(shape.channels)
        #define \(upper)_HEAD\(number)_HEIGHT \(shape.height)
        #define \(upper)_HEAD\(number)_WIDTH \(shape.width)
        /* The raw output of channel c is this function of heads[\(number)][...] times the step. */
        #define \(upper)_HEAD\(number)_ACTIVATION "\(program.activation(before: head).rawValue)"
        extern const float \(name)_head\(number)_steps[\(shape.channels)];

        """
    }
    text += """

      /* Runs one picture: bytes [channels][height][width], weights the whole file of weights. heads[h]
         takes [channels][height][width] numbers. Not for two threads at once: there is one arena.
         Gives 0, or the number of a layer from 1 on where a sum is too large: of a convolution beyond
         32 bits, of a mean from 2^32 on. */
      int \(name)_run(const unsigned char *weights, const unsigned char *picture,
                      int32_t *const *heads);

      #endif

      """
    header = text
  }

  // MARK: Source

  private mutating func writeSource() {
    var (constants, calls) = ("", "")
    let lines = program.inputCodes.map(String.init).joined(separator: ", ")
    constants += "static const int32_t input_codes[256] = {\(lines)};\n"
    for layer in program.layers { write(layer, &constants, &calls) }
    for (number, head) in program.heads.enumerated() { write(head, number, &constants, &calls) }
    let scratch = writeScratch()
    let isWide = !program.layersThatMayOverflow.isEmpty
    source = """
      /* Written by pare. Whole numbers as in docs/formulas.md 10.15. */
      #include "\(name).h"

      #include <stddef.h>
      #include <string.h>

      typedef \(element.cName) code_t;
      typedef \(entry.cName) entry_t;
      typedef \(isWide ? "int64_t" : "int32_t") sum_t;
      #define FITS(sum) \(isWide ? "((sum) <= INT32_MAX && (sum) >= -INT32_MAX)" : "((void)(sum), 1)")

      static code_t arena[\(plan.count)];
      \(scratch)
      \(CTemplate.rule)
      \(CTemplate.functions(used: program.layers))
      \(constants)
      int \(name)_run(const unsigned char *weights, const unsigned char *picture,
                      int32_t *const *heads) {
        for (size_t i = 0; i < \(input.count); i++)
          arena[\(offset(-1)) + i] = (code_t)input_codes[picture[i]];
      \(calls)  (void)weights;
        return 0;
      }

      """
  }

  private func offset(_ tensor: Int) -> Int { plan.offsets[tensor] ?? 0 }
  func map(_ tensor: Int) -> String { "arena + \(offset(tensor))" }
  func shape(_ tensor: Int) -> FeatureShape { tensor < 0 ? input : shapes[tensor] }
  func zero(_ tensor: Int) -> Int { program.grid(of: tensor)?.zero ?? 0 }
  func sides(_ tensor: Int) -> String {
    "\(shape(tensor).channels), \(shape(tensor).height), \(shape(tensor).width)"
  }

  private func list(_ values: [Int]) -> String {
    var (text, line) = ("", "")
    for value in values {
      if line.utf8.count > 88 {
        text += line + "\n  "
        line = ""
      }
      line += "\(value), "
    }
    return text + line
  }

  func array(_ name: String, _ values: [Int], _ type: String = "int32_t") -> String {
    "static const \(type) \(name)[] = {\(list(values))};\n"
  }

  /// The type that holds the entries of all tables.
  private var entry: NumberFile.Element {
    let tables = program.layers.flatMap { $0.operation.rules.compactMap(\.rule.table) }
    let codes = tables.flatMap { [$0.codes.min() ?? 0, $0.codes.max() ?? 0] }
    return NumberFile.Element(holding: (codes.min() ?? 0)...(codes.max() ?? 0))
  }

  /// Numbers that a layer keeps while it runs: a channel before its blur, or what a gate is made of.
  private mutating func writeScratch() -> String {
    var (channel, gate) = (0, 0)
    for layer in program.layers {
      switch layer.operation {
      case .convolution(let convolution) where convolution.blur != nil:
        let shape = convolution.spec.outputShape(of: shape(layer.inputs[0]))
        channel = max(channel, shape.height * shape.width)
      case .gate(let made, _): gate = max(gate, made.channels + made.width)
      default: break
      }
    }
    scratchBytes = 4 * (channel + gate)
    return (channel > 0 ? "static int32_t channel[\(channel)];\n" : "")
      + (gate > 0 ? "static int32_t gate_values[\(gate)];\n" : "")
  }

  /// The constants of a requantization.
  ///
  /// - Parameter index: the layer's, with the name of the step where there are several.
  func rule(_ index: String, _ requantization: Requantization) -> String {
    var text = array("m\(index)", requantization.multipliers.map(\.multiplier))
    text += array("k\(index)", requantization.multipliers.map(\.shift), "uint8_t")
    let isLeaky = !requantization.negatives.isEmpty
    if isLeaky {
      text += array("nm\(index)", requantization.negatives.map(\.multiplier))
      text += array("nk\(index)", requantization.negatives.map(\.shift), "uint8_t")
    }
    if let table = requantization.table { text += array("t\(index)", table.codes, "entry_t") }
    let negatives = isLeaky ? "nm\(index), nk\(index)" : "NULL, NULL"
    let table = requantization.table.map { "t\(index), \($0.first), \($0.codes.count)" }
    return text
      + "static const rule_t r\(index) = {m\(index), k\(index), \(negatives), "
      + "\(table ?? "NULL, 0, 0"), \(requantization.multipliers.count), "
      + "\(requantization.grid.zero), \(requantization.lowest), \(requantization.highest)};\n"
  }

  private func write(
    _ head: IntegerProgram.Head, _ number: Int, _ constants: inout String, _ calls: inout String
  ) {
    let channels = shapes[head.source].channels
    let source = program.layers.first { $0.index == head.source }
    var steps = Array(repeating: program.grid(of: head.source)?.step ?? 1, count: channels)
    if let source, source.grid == nil, case .convolution(let convolution) = source.operation {
      steps = convolution.steps
      let twin = program.heads.firstIndex { $0.source == head.source } ?? number
      if twin != number {
        calls +=
          "  memcpy(heads[\(number)], heads[\(twin)], \(shapes[head.source].count) * sizeof(int32_t));\n"
      }
    } else {
      calls += """
          for (size_t i = 0; i < \(shapes[head.source].count); i++)
            heads[\(number)][i] = (int32_t)arena[\(offset(head.source)) + i] - \(zero(head.source));

        """
    }
    // Nine digits say a float exactly.
    let texts = steps.map { "\(Double(Float($0)))f" }
    constants +=
      "const float \(name)_head\(number)_steps[\(channels)] = {\(texts.joined(separator: ", "))};\n"
  }
}

extension NumberFile.Element {
  /// Its type in C.
  fileprivate var cName: String {
    switch self {
    case .uint8: "uint8_t"
    case .int8: "int8_t"
    case .uint16: "uint16_t"
    case .int16: "int16_t"
    case .int32: "int32_t"
    }
  }
}
