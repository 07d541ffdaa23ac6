import Testing

/// Sums of a network in whole numbers that 32 bits do not hold.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct QuantizeSumsTests {
  private static let command =
    "quantize --data d/d.data --cfg n.cfg --weights n.weights --per-tensor --output q --device cpu "

  // Objectness is −4 in dark squares, and −4 + 192·5 in bright ones, of 8 × 8 × 3 values of 1.
  private static func prepare(_ space: Workspace) throws {
    try QuantizeLimitsTests.prepare(space)
    let layers = "[convolutional]\nfilters=6\nsize=8\nstride=8\nactivation=linear"
    try QuantizeLimitsTests.write("n", layers, in: space) { parameters in
      var weights = [Float](repeating: 0, count: 6 * 192)
      for place in 4 * 192..<5 * 192 { weights[place] = 5 }
      parameters.layers[0][.weight]?.values = weights
      parameters.layers[0][.bias]?.values = [0, 0, 0, 0, -4, 4]
    }
  }

  // 192 products of 65,535 and a weight of 16 bits. The first bright square of the picture is the third of
  // the first row.
  @Test func `a sum that does not fit is told to programs before it is an error`() throws {
    try Workspace.with { space in
      try Self.prepare(space)
      try space.succeed(Self.command + "--w-bit 16 --a-bit 16 --quiet")
      let run = try space.run(
        "quantize --model q --verify --source d/images/val0.ppm --device cpu --json v.json")
      #expect(run.status == 1)
      #expect(
        run.errors.contains("Error: layer 0 [convolutional]: a sum of channel 4 is "),
        "\(run.errors)")
      #expect(run.errors.contains("which 32 bits do not hold (row 0, column 2); quantize with"))
      let json = try space.json("v.json")
      #expect(json["isSame"] as? Bool == false && json["pictures"] as? Int == 1)
      let overflow = try #require(json["overflow"] as? [String: Any])
      #expect((overflow["picture"] as? String)?.hasSuffix("d/images/val0.ppm") == true)
      for (key, value) in [("layer", 0), ("channel", 4), ("row", 0), ("column", 2), ("bits", 32)] {
        #expect(overflow[key] as? Int == value, "\(key)")
      }
      #expect(try #require(overflow["sum"] as? Int) > Int(Int32.max), "\(overflow)")
    }
  }

  @Test func `where sums may not fit, a look at them is next and no export`() throws {
    try Workspace.with { space in
      try Self.prepare(space)
      let plain = try space.everything(of: Self.command)
      #expect(plain.text.contains("\n  pare export c --model q "), "\(plain.text)")
      #expect(!plain.text.contains("--verify"))
      let wide = try space.everything(of: Self.command + "--w-bit 16 --a-bit 16 --overwrite")
      #expect(wide.status == 0 && wide.text.contains("32 bits do not hold every sum"))
      #expect(
        wide.text.contains("\n  pare quantize --model q --verify --source PICTURE.jpg\n"),
        "\(wide.text)")
      #expect(!wide.text.contains("pare export"))
    }
  }
}
