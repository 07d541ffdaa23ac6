import Darknet
import Foundation
import Testing
import _TestSupport

/// Broken cfgs and weights given to the program itself: one line, no crash, no hang, no memory that
/// a file claims but does not hold.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct BrokenFilesTests {
  @Test func `broken cfgs cost a line and little memory`() throws {
    try Workspace.with { space in
      let sound = try BuiltInNetwork.yolov4Tiny.configuration(classes: 2, width: 64).text
      try space.write("a.cfg", sound)
      let usual = try space.smallestMemory("config check a.cfg")
      var generator = SeededGenerator(seed: 5)
      let spoilt = spoiltLines(of: sound)
      for number in 0..<160 {
        let text =
          number % 2 == 0
          ? Array(spoilt[Int.random(in: 0..<spoilt.count, using: &generator)].utf8)
          : mutated(Array(sound.utf8), &generator)
        try space.write("a.cfg", Data(text))
        try space.expectPlainEnd("config check a.cfg", memory: usual + 2 * text.count)
      }
    }
  }

  @Test func `networks that claim much cost little`() throws {
    try Workspace.with { space in
      let convolution = "[convolutional]\nfilters=65536\nsize=1\nactivation=linear\n"
      let net = "[net]\nwidth=64\nheight=64\nchannels=3\n"
      // 65536 · 65535 weights are 16 GiB.
      try space.write("claims.cfg", net + convolution + convolution.replacing("6", with: "5"))
      try space.write("few.weights", Data(count: 4096))
      let line = "doctor --quick --cfg claims.cfg --json -"
      let usual = try space.smallestMemory(line)
      let errors = try space.expectPlainEnd(
        line + " --weights few.weights", memory: usual + 2 * 4096)
      #expect(errors.contains("cut short, or do not belong to this cfg: has 4096 bytes"))
    }
  }

  @Test func `broken weights cost a line and little memory`() throws {
    try Workspace.with { space in
      try space.succeed("config new yolo-fastest-1.1 --classes 2 --output n.cfg --quiet")
      let spec = try NetworkSpec(contentsOf: space.path("n.cfg"))
      let header: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
      let sound = header + [UInt8](repeating: 0, count: spec.weightsByteCount - 20)
      try space.write("a.weights", Data(sound))
      let line = "doctor --quick --cfg n.cfg --weights a.weights --quiet"
      let usual = try space.smallestMemory(line)
      var generator = SeededGenerator(seed: 6)
      for _ in 0..<60 {
        let bytes = mutated(sound, &generator)
        try space.write("a.weights", Data(bytes))
        try space.expectPlainEnd(line, memory: usual + 2 * bytes.count)
      }
    }
  }
}

extension Workspace {
  /// The address space, in bytes, in which a line succeeds; to 4 MiB.
  fileprivate func smallestMemory(_ line: String) throws -> Int {
    let run = try run(line)
    try #require(run.status == 0, "pare \(line): \(run.errors)")
    return try #require(
      stride(from: 16 << 20, through: 4 << 30, by: 4 << 20).first {
        try self.run(line, memoryLimit: $0).status == 0
      })
  }

  /// Runs a line, which ends well or with one line within 15 s (on a busy machine), in so much
  /// address space.
  ///
  /// - Returns: what it wrote to standard error.
  @discardableResult
  fileprivate func expectPlainEnd(_ line: String, memory: Int) throws -> String {
    let start = ContinuousClock.now
    let (status, errors) = try run(line, memoryLimit: memory)
    #expect(ContinuousClock.now - start < .seconds(15))
    #expect(status == 0 || status == 1, "\(status): \(errors)")
    #expect(errors.filter { $0 == "\n" }.count == Int(status), "\(errors)")
    return errors
  }
}
