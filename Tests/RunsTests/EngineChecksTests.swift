import Darknet
import Diagnosis
import Quantization
import Testing
import Torch
import Vision
import _TestSupport

@testable import Runs

@Suite struct EngineChecksTests {
  @Test func `this machine computes and decodes rightly`() throws {
    var lines: [TrialLine] = []
    try EngineChecks { lines.append($0) }.perform()
    #expect(lines.first == .begin("cuda") && lines.last == .end)
    let checks = lines.compactMap { line in
      if case .check(let check) = line { check } else { nil }
    }
    let devices = (0..<Device.cudaCount).map { "cuda:\($0)" }
    #expect(checks.map(\.name) == ["cpu", "pictures"] + devices)
    #expect(checks.allSatisfy { $0.status == .ok }, "\(checks)")
    // Each is named before it is begun, so that what hangs or crashes has a name.
    for check in checks {
      let begun = try #require(lines.firstIndex(of: .begin(check.name)))
      #expect(lines[begun + 1] == .check(check))
    }
  }

  // A file that is no quantization, and none at all.
  @Test func `codes beside the weights have to be theirs`() throws {
    let folder = try TemporaryFolder()
    let cfg = try folder.write(
      BuiltInNetwork.yolov3Tiny.configuration(classes: 1, width: 32, height: 32).text,
      to: "model.cfg")
    let weights = try folder.write("", to: "model.weights")
    func checks() throws -> [Check] {
      var checks: [Check] = []
      try EngineChecks(of: (cfg, weights)) {
        if case .check(let check) = $0, check.name == "codes" { checks.append(check) }
      }.perform()
      return checks
    }
    #expect(try checks().isEmpty)
    let path = try folder.write("random bytes", to: QuantizationFile.name)
    let found = try #require(checks().first)
    #expect(found.status == .failed && found.found.contains(path) && found.fix.contains(path))
  }

  // libtorch that has computed on the processor first sees no GPU any more.
  @Test func `GPUs are looked for before anything is computed`() throws {
    var told: [String] = []
    var checks = EngineChecks { line in
      if case .check(let check) = line { told.append(check.name) }
    }
    checks.processors = {
      told.append("looked for")
      return .init(count: 0, reason: "none")
    }
    try checks.perform()
    #expect(told.starts(with: ["looked for", "cpu", "pictures"]), "\(told)")
  }

  private func outcome(wrong: Int) -> ConvolutionTrial.Outcome {
    ConvolutionTrial.Outcome(
      wrong: wrong, count: 512, firstMilliseconds: 812.4, milliseconds: 0.0851)
  }

  @Test func `a device is judged by its numbers`() {
    let fine = EngineChecks.check(
      .cuda(1), [(.float32, outcome(wrong: 0)), (.float16, outcome(wrong: 0))])
    #expect(fine.name == "cuda:1" && fine.status == .ok && fine.fix.isEmpty)
    #expect(
      fine.found
        == "a convolution gives the right numbers: float32 0.09 ms, float16 0.09 ms; the first 812 ms"
    )
    let wrong = EngineChecks.check(
      .cuda(0), [(.float32, outcome(wrong: 0)), (.float16, outcome(wrong: 7))])
    #expect(wrong.status == .failed && wrong.fix.contains("--device cpu"))
    #expect(wrong.found == "7 of 512 numbers of a convolution wrong in float16")
    let processor = EngineChecks.check(.cpu, [(.float32, outcome(wrong: 512))])
    #expect(processor.status == .failed && !processor.fix.contains("--device cpu"))
    let error = EngineChecks.check(.cuda(0), .libtorch("out of memory"))
    #expect(error.status == .failed && error.found.hasPrefix("no convolution: "))
    #expect(error.found.contains("out of memory"))
  }

  @Test func `formats are judged by their pictures`() {
    let all = EngineChecks.check([(.jpeg, .right), (.png, .right)])
    #expect(all.status == .ok && all.found == "decoded rightly: JPEG, PNG")
    // AVIF is rare and came late; a build without WebP lacks something.
    let usual = EngineChecks.check([(.jpeg, .right), (.avif, .notBuiltIn)])
    #expect(usual.status == .ok && usual.fix.isEmpty)
    #expect(
      usual.found
        == "decoded rightly: JPEG; this OpenCV is built without AVIF: convert such pictures to PNG")
    let small = EngineChecks.check([(.jpeg, .right), (.webp, .notBuiltIn), (.avif, .notBuiltIn)])
    #expect(small.status == .warning && small.fix.hasSuffix("has WebP, AVIF"))
    let broken = EngineChecks.check([(.jpeg, .right), (.png, .wrong("PNG: corrupt PNG: x"))])
    #expect(broken.status == .failed && broken.found == "PNG: corrupt PNG: x")
    #expect(broken.fix.hasSuffix("the others are right: JPEG"))
  }
}
