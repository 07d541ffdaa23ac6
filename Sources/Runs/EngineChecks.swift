import Darknet
import Diagnosis
import Quantization
import Torch
import Vision

/// The engine's part of `pare doctor`: a convolution on each device and a picture of each format,
/// compared with what they must give.
package struct EngineChecks {
  /// The GPUs that libtorch sees, and why it sees none.
  package struct Processors {
    package var count: Int
    package var reason: String

    package init(count: Int, reason: String) { (self.count, self.reason) = (count, reason) }

    /// Those that are there; asking loads libtorch's part for them.
    package static func seen() -> Processors {
      Processors(count: Device.cudaCount, reason: Device.cudaReason)
    }
  }

  /// Is told each line as soon as it is known.
  package var tell: (TrialLine) throws -> Void
  /// Looks for GPUs.
  package var processors: () -> Processors = Processors.seen

  /// Whose codes are looked at, where it has some.
  package var pair: (cfg: String, weights: String)?

  package init(
    of pair: (cfg: String, weights: String)? = nil, tell: @escaping (TrialLine) throws -> Void
  ) {
    (self.pair, self.tell) = (pair, tell)
  }

  /// Tries the processor, then pictures and codes, then the GPUs: what may hang comes last. GPUs are looked for
  /// before anything is computed, for libtorch sees none once it has begun without them.
  package func perform() throws {
    try tell(.begin("cuda"))
    let seen = processors()
    try computation(on: .cpu, [.float32])
    try tell(.begin("pictures"))
    try tell(.check(Self.check(PictureFormat.allCases.map { ($0, PictureTrial.outcome(of: $0)) })))
    try codes()
    if seen.count == 0, GraphicsProcessors.present().isUsable {
      try tell(.check(Self.unseen(seen.reason)))
    }
    for index in 0..<seen.count { try computation(on: .cuda(index), [.float32, .float16]) }
    try tell(.end)
  }

  /// Looks at the codes beside the pair's weights; a cfg that cannot be read has been told of.
  private func codes() throws {
    guard let pair, let spec = try? NetworkSpec(contentsOf: pair.cfg),
      let path = quantizationPath(beside: pair.weights)
    else { return }
    try tell(.begin("codes"))
    try tell(.check(Self.check(codesAt: path, of: pair, spec)))
  }

  static func check(
    codesAt path: String, of pair: (cfg: String, weights: String), _ spec: NetworkSpec
  ) -> Check {
    do {
      let state = try QuantizationFile.read(
        path, for: spec, cfg: pair.cfg, weights: pair.weights)
      return Check("codes", .ok, found: "\(path) fits: \(state.summary)")
    } catch {
      return Check(
        "codes", .failed, found: "\(error)", expected: "the codes of these weights",
        fix: "quantize the weights again, or take \(path) away, so that they are used in float")
    }
  }

  private func computation(on device: Device, _ dtypes: [DType]) throws {
    try tell(.begin("\(device)"))
    let trial = ConvolutionTrial()
    var outcomes: [(DType, ConvolutionTrial.Outcome)] = []
    do {
      for dtype in dtypes { outcomes.append((dtype, try trial.outcome(on: device, dtype))) }
      try tell(.check(Self.check(device, outcomes)))
    } catch let error as TorchError {
      try tell(.check(Self.check(device, error)))
    }
  }

  /// The finding of a device that computed.
  static func check(_ device: Device, _ outcomes: [(DType, ConvolutionTrial.Outcome)]) -> Check {
    let wrong = outcomes.filter { $0.1.wrong > 0 }
    let expected = "the numbers that plain arithmetic gives"
    guard wrong.isEmpty else {
      return Check(
        "\(device)", .failed,
        found: wrong.map {
          "\($0.1.wrong) of \($0.1.count) numbers of a convolution wrong in \($0.0)"
        }
        .joined(separator: ", "),
        expected: expected,
        cause: device.isCUDA
          ? "the card, its driver or its memory is faulty" : "the processor or libtorch is faulty",
        fix: device.isCUDA
          ? "compute with '--device cpu' until another card or driver gives the right numbers"
          : "run 'make setup' in pare's source folder, then build again; else try another machine")
    }
    let times = outcomes.map { "\($0.0) \(milliseconds($0.1.milliseconds))" }
      .joined(separator: ", ")
    let first = outcomes.first.map { milliseconds($0.1.firstMilliseconds) } ?? "none"
    return Check(
      "\(device)", .ok,
      found: "a convolution gives the right numbers: \(times); the first \(first)",
      expected: expected)
  }

  /// The finding of a device on which libtorch gave up.
  static func check(_ device: Device, _ error: TorchError) -> Check {
    Check(
      "\(device)", .failed, found: "no convolution: \(error)",
      expected: "the numbers that plain arithmetic gives",
      fix: device.isCUDA
        ? "update NVIDIA's driver, or free the card's memory; '--device cpu' does without it"
        : "run 'make setup' in pare's source folder, then build again")
  }

  /// The finding where a card is there that libtorch does not see.
  static func unseen(_ reason: String) -> Check {
    Check(
      "cuda", .warning, found: "libtorch sees no GPU: \(reason)", expected: "a GPU to compute on",
      fix: "look at CUDA_VISIBLE_DEVICES and the checks above; the CPU is used until then")
  }

  /// The finding about pictures.
  static func check(_ outcomes: [(PictureFormat, PictureTrial.Outcome)]) -> Check {
    var right: [String] = []
    var absent: [PictureFormat] = []
    var wrong: [String] = []
    for (format, outcome) in outcomes {
      switch outcome {
      case .right: right.append(format.name)
      case .notBuiltIn: absent.append(format)
      case .wrong(let reason): wrong.append(reason)
      }
    }
    let expected = "a picture of each format decoded rightly"
    let list = right.isEmpty ? "none" : right.joined(separator: ", ")
    let without = absent.map(\.name).joined(separator: ", ")
    guard wrong.isEmpty else {
      return Check(
        "pictures", .failed, found: wrong.joined(separator: "; "), expected: expected,
        cause: "OpenCV, or the library that it decodes by, does not fit its headers",
        fix: "install the distribution's OpenCV anew, or build yours again; the others are right: "
          + list)
    }
    // AVIF came with OpenCV 4.8, and pictures of it are rare.
    let isUsual = absent.isEmpty || absent == [.avif]
    return Check(
      "pictures", isUsual ? .ok : .warning,
      found: "decoded rightly: \(list)"
        + (absent.isEmpty
          ? "" : "; this OpenCV is built without \(without): convert such pictures to PNG"),
      expected: expected,
      fix: isUsual ? "" : "build Pare with an OpenCV that has \(without)")
  }

  private static func milliseconds(_ value: Double) -> String {
    let digits = value < 10 ? 100.0 : 1
    let rounded = (value * digits).rounded() / digits
    return digits == 1 ? "\(Int(rounded)) ms" : "\(rounded) ms"
  }
}
