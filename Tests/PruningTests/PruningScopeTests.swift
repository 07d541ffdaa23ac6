import Darknet
import Testing

@testable import Pruning

/// Rules A and B (docs/formulas.md 6.2).
@Suite struct PruningScopeTests {
  private func conv(_ filters: Int = 2) -> String {
    "[convolutional]\nbatch_normalize=1\nfilters=\(filters)\nsize=1\nactivation=leaky\n"
  }

  private func spec(_ sections: String...) throws -> NetworkSpec {
    let text = "[net]\nwidth=8\nheight=8\nchannels=2\n" + sections.joined()
    return try NetworkSpec(Configuration(parsing: text, path: "test.cfg"))
  }

  @Test func `legacy rules leave out what the old code could not see past`() throws {
    let spec = try spec(
      conv(),  // 0: before a pyramid
      "[maxpool]\nsize=3\nstride=1\n", "[route]\nlayers=-2\n", conv(),  // 3: before an upsample
      "[upsample]\nstride=2\n", conv(4),  // 5: before a grouped route
      "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n", conv(),  // 7: before a depthwise block
      "[depthwise]\nbatch_normalize=1\nfilters=2\nsize=3\npad=1\nactivation=relu\n", conv(),
      // 9 and 10 are added by 11, whose source is a convolution; 12 by 13, whose source is 11.
      conv(), "[shortcut]\nfrom=-2\n", conv(), "[shortcut]\nfrom=-2\n", conv())
    let rules = try PruningScope.shortcut.exclusions(spec)
    #expect(rules[0] == .beforeSpatialPyramid)
    #expect(rules[3] == .beforeUpsample(layer: 4))
    #expect(rules[5] == .beforeGroupedRoute(layer: 6))
    #expect(rules[7] == .beforeDepthwise(layer: 8))
    #expect(try PruningScope.shortcut.selectedLayers(spec) == [9, 10, 12, 14])
    #expect(try PruningScope.normal.selectedLayers(spec) == [14])
    #expect(try PruningScope.normal.exclusions(spec)[9] == .inShortcut(layer: 11))
    #expect(try PruningScope.layer.selectedLayers(spec) == [10, 12])
    // The last one is the network's output; nothing else is beyond the algebra.
    #expect(try PruningScope.all.selectedLayers(spec) == [0, 3, 5, 7, 8, 9, 10, 12])
    #expect(try PruningScope.all.exclusions(spec)[14] == .networkOutput)
  }
}
