import Darknet

/// A program as C: one source and a header of C99 without a library, and the weights as bytes, for
/// pictures of one size. It gives what ``IntegerRunner`` gives.
public struct CSource {
  /// The header.
  public private(set) var header = ""
  /// The source.
  public private(set) var source = ""
  /// The weights, little-endian, layer after layer.
  public private(set) var weights: [UInt8] = []
  /// Bytes of the block that all codes lie in.
  public let arenaBytes: Int

  private let program: IntegerProgram
  private let name: String
  private let input: FeatureShape
  private let shapes: [FeatureShape]
  private let plan: MemoryPlan
  private let element: NumberFile.Element

  /// Writes a program as C.
  ///
  /// - Parameters:
  ///   - name: what functions and files begin with, of letters, digits and `_`.
  ///   - width: of the pictures.
  ///   - height: of the pictures.
  /// - Throws: ``ConfigurationError`` for a size that the network cannot work at.
  public init(_ program: IntegerProgram, name: String, width: Int, height: Int) throws {
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
    writeSource()
    writeHeader()
  }

  /// A program around the source, for a machine with files: reads weights and a picture of raw bytes,
  /// and writes the numbers of all heads.
  public func exampleMain(name: String) -> String {
    let upper = name.uppercased()
    let counts = program.heads.map { shapes[$0.layer].count }
    let fields = counts.enumerated().map { "static int32_t head\($0.offset)[\($0.element)];" }
    let writes = counts.indices.map { "fwrite(head\($0), sizeof head\($0), 1, file);" }
    return """
      /* \(name) WEIGHTS PICTURE HEADS */
      #include <stdio.h>

      #include "\(name).h"

      static unsigned char weights[\(upper)_WEIGHTS_BYTES];
      static unsigned char picture[\(upper)_CHANNELS * \(upper)_HEIGHT * \(upper)_WIDTH];
      \(fields.joined(separator: "\n"))

      static int read_whole(const char *path, unsigned char *bytes, size_t count) {
        FILE *file = fopen(path, "rb");
        if (file == NULL) return 0;
        const size_t read = fread(bytes, 1, count, file);
        fclose(file);
        return read == count;
      }

      int main(int count, char **paths) {
        int32_t *heads[] = {\(counts.indices.map { "head\($0)" }.joined(separator: ", "))};
        if (count != 4 || !read_whole(paths[1], weights, sizeof weights) ||
            !read_whole(paths[2], picture, sizeof picture))
          return 2;
        if (\(name)_run(weights, picture, heads) != 0) return 3;
        FILE *file = fopen(paths[3], "wb");
        if (file == NULL) return 2;
        \(writes.joined(separator: "\n  "))
        return fclose(file) == 0 ? 0 : 2;
      }

      """
  }

  /// A name in C made of any text.
  public static func name(of text: String) -> String {
    let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return name.first.map { $0.isNumber } ?? true ? "net_" + name : name
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
      #define \(upper)_HEADS \(program.heads.count)

      """
    for (number, head) in program.heads.enumerated() {
      let shape = shapes[head.layer]
      text += """

        #define \(upper)_HEAD\(number)_CHANNELS \(shape.channels)
        #define \(upper)_HEAD\(number)_HEIGHT \(shape.height)
        #define \(upper)_HEAD\(number)_WIDTH \(shape.width)
        /* The raw output of channel c is heads[\(number)][...] times this. */
        extern const float \(name)_head\(number)_steps[\(shape.channels)];

        """
    }
    text += """

      /* Runs one picture: bytes [channels][height][width], weights the whole file of weights. heads[h]
         takes [channels][height][width] numbers. Not for two threads at once: there is one arena.
         Gives 0, or the number of a layer from 1 on where a sum does not fit into 32 bits. */
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
    let isWide = program.layers.contains { layer in
      if case .convolution = layer.operation { !layer.isNarrow } else { false }
    }
    source = """
      /* Written by pare. Whole numbers as in docs/formulas.md 10.15. */
      #include "\(name).h"

      #include <stddef.h>
      #include <string.h>

      typedef \(element.cName) code_t;
      typedef \(isWide ? "int64_t" : "int32_t") sum_t;
      #define FITS(sum) \(isWide ? "((sum) <= INT32_MAX && (sum) >= -INT32_MAX)" : "((void)(sum), 1)")

      static code_t arena[\(plan.count)];

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
  private func map(_ tensor: Int) -> String { "arena + \(offset(tensor))" }
  private func shape(_ tensor: Int) -> FeatureShape { tensor < 0 ? input : shapes[tensor] }
  private func zero(_ tensor: Int) -> Int { program.grid(of: tensor)?.zero ?? 0 }
  private func sides(_ tensor: Int) -> String {
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

  private func array(_ name: String, _ values: [Int], _ type: String = "int32_t") -> String {
    "static const \(type) \(name)[] = {\(list(values))};\n"
  }

  /// The constants of a requantization.
  private func rule(_ layer: IntegerLayer, _ requantization: Requantization) -> String {
    let index = layer.index
    var text = array("m\(index)", requantization.multipliers.map(\.multiplier))
    text += array("k\(index)", requantization.multipliers.map(\.shift), "uint8_t")
    let isLeaky = !requantization.negatives.isEmpty
    if isLeaky {
      text += array("nm\(index)", requantization.negatives.map(\.multiplier))
      text += array("nk\(index)", requantization.negatives.map(\.shift), "uint8_t")
    }
    if let table = requantization.table { text += array("t\(index)", table.codes, "code_t") }
    let negatives = isLeaky ? "nm\(index), nk\(index)" : "NULL, NULL"
    let table = requantization.table.map { "t\(index), \($0.first), \($0.codes.count)" }
    return text
      + "static const rule_t r\(index) = {m\(index), k\(index), \(negatives), "
      + "\(table ?? "NULL, 0, 0"), \(requantization.multipliers.count), "
      + "\(requantization.grid.zero), \(requantization.lowest), \(requantization.highest)};\n"
  }

  private mutating func write(
    _ layer: IntegerLayer, _ constants: inout String, _ calls: inout String
  ) {
    let (index, first) = (layer.index, layer.inputs[0])
    var requantization = layer.operation.requantization
    if case .averagePool(let mean) = layer.operation {
      requantization = mean.divided(by: shape(first).height * shape(first).width)
    }
    constants += requantization.map { rule(layer, $0) } ?? ""
    calls += "  /* \(index) \(layer.section) */\n"
    switch layer.operation {
    case .convolution(let convolution):
      writeConvolution(layer, convolution, &constants, &calls)
    case .passing(let spec): calls += pass(spec, layer)
    case .sum(let factors, _):
      for (number, factors) in factors.enumerated() {
        constants += array("f\(index)_\(number)", factors)
      }
      let summands = zip(layer.inputs, factors).enumerated().map { number, entry in
        "{\(map(entry.0)), f\(index)_\(number), \(entry.1.count == 1 ? 0 : 1), "
          + "\(shape(entry.0).channels), \(zero(entry.0))}"
      }
      calls += """
          {
            const summand_t summands[] = {\(summands.joined(separator: ", "))};
            add(summands, \(factors.count), \(shape(index).channels), \(shape(index).height * shape(index).width), &r\(index), \(map(index)));
          }

        """
    case .product:
      let maps = layer.inputs.map { input in
        let isPlace = shape(input).height * shape(input).width == 1
        return
          "\(map(input)), \(zero(input)), \(shape(input).channels == 1 ? 0 : isPlace ? 1 : shape(input).height * shape(input).width), \(isPlace ? 0 : 1)"
      }
      calls +=
        "  multiply(\(maps[0]), \(maps[1]), \(shape(index).channels), "
        + "\(shape(index).height * shape(index).width), &r\(index), \(map(index)));\n"
    case .averagePool:
      calls +=
        "  average_all(\(map(first)), \(zero(first)), \(shape(first).channels), "
        + "\(shape(first).height * shape(first).width), &r\(index), \(map(index)));\n"
    case .localAveragePool(let pool, _):
      calls +=
        "  average(\(map(first)), \(zero(first)), \(sides(first)), \(window(pool, index)), "
        + "&r\(index), \(map(index)));\n"
    case .enlargement(let spec, _):
      calls +=
        "  enlarge(\(map(first)), \(zero(first)), \(sides(first)), \(spec.stride), &r\(index), "
        + "\(map(index)));\n"
    case .affine(let factors, let biases, _):
      constants += array("w\(index)", factors) + array("b\(index)", biases)
      calls +=
        "  scale(\(map(first)), \(zero(first)), \(shape(first).channels), "
        + "\(shape(first).height * shape(first).width), w\(index), b\(index), &r\(index), "
        + "\(map(index)));\n"
    }
  }

  private mutating func writeConvolution(
    _ layer: IntegerLayer, _ convolution: IntegerConvolution, _ constants: inout String,
    _ calls: inout String
  ) {
    let (index, first, spec) = (layer.index, layer.inputs[0], convolution.spec)
    let range = Int(layer.weights.min() ?? 0)...Int(layer.weights.max() ?? 0)
    let bytes =
      range.lowerBound >= -128 && range.upperBound <= 127
      ? 1 : range.lowerBound >= -32768 && range.upperBound <= 32767 ? 2 : 4
    let start = weights.count
    for weight in layer.weights { weights.appendLittleEndian(Int(weight), count: bytes) }
    constants += array("b\(index)", convolution.biases)
    let heads = program.heads.indices.filter { program.heads[$0].source == index }
    let isLast = convolution.requantization == nil
    let target = isLast ? "NULL, heads[\(heads.first ?? 0)]" : "\(map(index)), NULL"
    calls += """
        if (!convolve(\(map(first)), \(zero(first)), \(sides(first)), \(sides(index)), \(spec.kernelSize),
                      \(spec.strideY), \(spec.strideX), \(spec.padding), \(spec.dilation), \(spec.groups), weights + \(start), \(bytes),
                      b\(index), \(isLast ? "NULL" : "&r\(index)"), \(target)))
          return \(index + 1);

      """
  }

  private func window(_ pool: PoolSpec, _ index: Int) -> String {
    "\(shape(index).height), \(shape(index).width), \(pool.size), \(pool.strideY), \(pool.strideX), "
      + "\(pool.leadingPadding)"
  }

  private func pass(_ spec: LayerSpec, _ layer: IntegerLayer) -> String {
    let (index, first) = (layer.index, layer.inputs[0])
    switch spec {
    case .maxPool(let pool):
      return
        "  maximum(\(map(first)), \(sides(first)), \(window(pool, index)), \(map(index)));\n"
    case .channelMaxPool(let pool):
      return
        "  channel_maximum(\(map(first)), \(shape(first).channels), \(pool.outChannels), "
        + "\(shape(first).height * shape(first).width), \(map(index)));\n"
    case .upsample(let upsample):
      return "  repeat(\(map(first)), \(sides(first)), \(upsample.stride), \(map(index)));\n"
    case .route(let route):
      var (text, next) = ("", 0)
      for input in layer.inputs {
        let places = shape(input).height * shape(input).width
        let width = shape(input).channels / route.groups
        text +=
          "  memcpy(\(map(index)) + \(next * places), \(map(input)) + "
          + "\(width * route.groupID * places), \(width * places) * sizeof(code_t));\n"
        next += width
      }
      return text
    case .reorg(let reorg):
      let stride = reorg.stride
      return
        "  space_to_depth(\(map(first)), \(shape(first).channels / (stride * stride)), "
        + "\(shape(first).height * stride), \(shape(first).width * stride), \(stride), "
        + "\(map(index)));\n"
    case .reorg3d(let reorg):
      return "  space_to_depth(\(map(first)), \(sides(first)), \(reorg.stride), \(map(index)));\n"
    case .dropout:
      return
        "  memcpy(\(map(index)), \(map(first)), \(shape(first).count) * sizeof(code_t));\n"
    case .convolutional, .depthwise, .localAveragePool, .averagePool, .shortcut, .scaleChannels,
      .sam, .squeezeExcitation, .batchNorm, .yolo, .gaussianYolo, .region:
      preconditionFailure("the layer computes")
    }
  }

  private func write(
    _ head: IntegerProgram.Head, _ number: Int, _ constants: inout String, _ calls: inout String
  ) {
    let channels = shapes[head.layer].channels
    let source = program.layers.first { $0.index == head.source }
    var steps = Array(repeating: program.grid(of: head.source)?.step ?? 1, count: channels)
    if let source, source.grid == nil, case .convolution(let convolution) = source.operation {
      steps = convolution.steps
      let twin = program.heads.firstIndex { $0.source == head.source } ?? number
      if twin != number {
        calls +=
          "  memcpy(heads[\(number)], heads[\(twin)], \(shapes[head.layer].count) * sizeof(int32_t));\n"
      }
    } else {
      calls += """
          for (size_t i = 0; i < \(shapes[head.layer].count); i++)
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
