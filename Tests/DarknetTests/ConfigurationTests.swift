import Testing

@testable import Darknet

@Suite struct ConfigurationRoundTripTests {
  @Test func `the canonical text parses to an equal configuration`() throws {
    let text = "[net]\nwidth=32\nheight=32\nchannels=3\n\n[convolutional]\nfilters=2\nsize=1\n"
    let cfg = try Configuration(parsing: text, path: "a.cfg")
    #expect(try Configuration(parsing: cfg.text, path: "b.cfg") == cfg)
    #expect(cfg.sections[1]["filters"] == "2")
  }
}
