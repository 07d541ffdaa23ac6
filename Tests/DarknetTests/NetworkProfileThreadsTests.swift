import Darknet
import Testing

@Suite struct NetworkProfileThreadsTests {
  /// Two convolutions of 4 to 4 channels and 1×1 at side × side: 16 × side² operations each, and a
  /// pool, which has none.
  private func profile(side: Int) throws -> NetworkProfile {
    let convolution = "[convolutional]\nfilters=4\nsize=1\nactivation=linear\n"
    let text =
      "[net]\nwidth=\(side)\nheight=\(side)\nchannels=4\n" + convolution + convolution
      + "[maxpool]\nsize=2\nstride=2\n"
    return try NetworkSpec(Configuration(parsing: text, path: "net.cfg")).profile(
      width: side, height: side)
  }

  // 3,000,000 operations a layer make one thread. At 500 pixels a layer has 4,000,000.
  @Test(arguments: [
    (1, 64, 1), (2, 64, 2), (3, 64, 4), (9, 64, 12), (9, 2, 2), (1000, 64, 64), (9, 1, 1),
    (9, 0, 1),
  ])
  func `threads follow the work of a layer up to the cores`(
    batch: Int, cores: Int, expected: Int
  ) throws {
    let profile = try profile(side: 500)
    #expect(profile.macs == 8_000_000)
    #expect(profile.suggestedThreads(batchSize: batch, cores: cores) == expected)
  }

  @Test func `the smallest networks get one thread, larger ones all of a small machine`() throws {
    func threads(_ widths: Double, size: Int, batch: Int) throws -> Int {
      try NetworkSpec(
        BuiltInNetwork.yolov4Tiny.configuration(classes: 4, width: size, widthMultiple: widths)
      ).profile(width: size, height: size).suggestedThreads(batchSize: batch, cores: 2)
    }
    #expect(try threads(0.25, size: 160, batch: 1) == 1)
    #expect(try threads(0.125, size: 160, batch: 8) == 1)
    #expect(try threads(0.5, size: 160, batch: 8) == 2)
    #expect(try threads(1, size: 416, batch: 1) == 2)
  }
}
