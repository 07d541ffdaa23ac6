import Darknet
import Testing
import _TestSupport

/// A corpus of broken cfgs and weights: every line of a network of all blocks spoilt in turn.
@Suite struct BrokenConfigurationsTests {
  /// All blocks but heads of other kinds.
  static let everyBlock =
    smallNetwork(NetworkParametersTests.network) + """

      [maxpool]
      size=2
      stride=1
      [upsample]
      stride=2
      [reorg3d]
      stride=2
      [local_avgpool]
      size=2
      stride=1
      [route]
      layers=-1,-2
      groups=2
      group_id=1
      [avgpool]
      [scale_channels]
      from=-2
      [sam]
      from=-1
      [convolutional]
      filters=21
      size=1
      activation=linear
      [yolo]
      mask=0,1,2
      anchors=4,4, 8,8, 16,16
      classes=2
      num=3

      """

  @Test func `each is accepted or refused in one line, at once`() throws {
    let sound = try NetworkSpec(Configuration(parsing: Self.everyBlock, path: "net.cfg"))
    #expect(sound.warnings.isEmpty)
    let corpus = spoiltLines(of: Self.everyBlock)
    #expect(corpus.count > 400)
    var refused = 0
    for text in corpus {
      let start = ContinuousClock.now
      do {
        let spec = try NetworkSpec(Configuration(parsing: text, path: "net.cfg"))
        _ = try spec.profile(width: 96, height: 64)
      } catch {
        refused += 1
        let message = "\(error)"
        #expect(message.hasPrefix("net.cfg"), "\(message)")
        #expect(!message.contains("\n") && message.utf8.count < 1000, "\(message)")
      }
      // It takes milliseconds; a busy machine may keep a thread waiting for seconds.
      #expect(ContinuousClock.now - start < .seconds(15))
    }
    // The others have a value that makes sense, or a key that nobody needs.
    #expect(refused > corpus.count / 2)
  }

  @Test func `weights cut anywhere are refused before anything is read`() throws {
    let spec = try NetworkSpec(Configuration(parsing: Self.everyBlock, path: "net.cfg"))
    let folder = try TemporaryFolder()
    try WeightsFile.write(countingParameters(spec), for: spec, to: folder.file("a.weights"))
    let bytes = try folder.bytes(of: "a.weights")
    let cuts =
      [0, 1, 11, 12, 15, 16, 19, 20, 21] + Array(stride(from: 24, to: bytes.count, by: 31))
    #expect(cuts.count > 50)
    for length in cuts where length < bytes.count {
      let error = #expect(throws: WeightsError.self) {
        try WeightsFile.read(bytes: Array(bytes.prefix(length)), path: "a.weights", for: spec)
      }
      #expect(error?.description.hasPrefix("a.weights: ") == true)
    }
  }
}
