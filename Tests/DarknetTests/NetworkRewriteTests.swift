import Darknet
import Testing

@Suite struct NetworkRewriteTests {
  /// Layers: 0 conv, 1 conv, 2 conv, 3 shortcut to 1, 4 route of 0 and 3, 5 conv.
  private func network() throws -> (NetworkSpec, NetworkParameters) {
    let convolution = "[convolutional]\nfilters=4\nsize=1\nactivation=linear\n"
    let spec = try spec(
      convolution + convolution + convolution + "[shortcut]\nfrom=-2\n[route]\nlayers=0,-1\n"
        + convolution)
    return (spec, try countingParameters(spec))
  }

  private func references(_ configuration: Configuration) -> [String] {
    configuration.sections.compactMap { $0["layers"] ?? $0["from"] }
  }

  @Test func `without replacements nothing changes`() throws {
    let (spec, parameters) = try network()
    let result = try NetworkRewrite(spec, parameters).result()
    #expect(result.configuration == spec.configuration)
    #expect(result.parameters == parameters)
  }

  @Test func `references follow layers that are added`() throws {
    let (spec, parameters) = try network()
    var rewrite = NetworkRewrite(spec, parameters)
    let block = rewrite.replacements[1][0]
    let pool = Configuration.Section(name: "maxpool", entries: [.init(key: "size", value: "1")])
    rewrite.replacements[0].append(NetworkRewrite.Block(pool))
    rewrite.replacements[2].insert(NetworkRewrite.Block(pool), at: 0)
    #expect(rewrite.newIndices == [1, 2, 4, 5, 6, 7])
    let result = try rewrite.result()
    #expect(
      result.configuration.sections.map(\.name) == [
        "net", "convolutional", "maxpool", "convolutional", "maxpool", "convolutional", "shortcut",
        "route", "convolutional",
      ])
    // Layer 0's output is now the pool's, 1; the shortcut at 5 reads 2, three back.
    #expect(references(result.configuration) == ["-3", "1,-1"])
    #expect(result.parameters.layers[2] == block.parameters)
    #expect(result.parameters.layers[1].isEmpty)
  }

  @Test func `a residual block that is left out passes on what came in`() throws {
    let (spec, parameters) = try network()
    var rewrite = NetworkRewrite(spec, parameters)
    for layer in 2...3 { rewrite.replacements[layer] = [] }
    #expect(rewrite.newIndices == [0, 1, 1, 1, 2, 3])
    let result = try rewrite.result()
    #expect(references(result.configuration) == ["0,-1"])
    #expect(try NetworkSpec(result.configuration).layers.count == 4)
    #expect(result.parameters.layers[3] == parameters.layers[5])
  }

  @Test func `what reads the input by its number is refused`() throws {
    let (spec, parameters) = try network()
    var rewrite = NetworkRewrite(spec, parameters)
    rewrite.replacements[0] = []
    let error = #expect(throws: ConfigurationError.self) { try rewrite.result() }
    #expect(
      error?.description
        == "net.cfg:19: 'layers=0,-1' of layer 4 leads to the network's input, which is no layer")
  }

  @Test func `shared weights and mixed heads are followed too`() throws {
    let convolution = "[convolutional]\nfilters=22\nsize=1\nactivation=linear\n"
    let head = "[yolo]\nfrom=0,2\nanchors=4,4, 8,8, 9,9\nmask=0,1,2\nclasses=2\nnum=3\n"
    let own = try spec(
      convolution.replacing("22", with: "23") + "[dropout]\n"
        + convolution.replacing("22", with: "23") + head + head)
    var rewrite = NetworkRewrite(own, try countingParameters(own))
    rewrite.replacements[1] = []
    let result = try rewrite.result()
    #expect(references(result.configuration) == ["0,1", "0,1"])

    let shared = try spec(
      "[dropout]\n[convolutional]\nfilters=3\nsize=1\nactivation=linear\n"
        + "[convolutional]\nshare_index=1\nfilters=3\nsize=1\nactivation=linear\n")
    rewrite = NetworkRewrite(shared, try countingParameters(shared))
    rewrite.replacements[0] = []
    #expect(try rewrite.result().configuration.sections[2]["share_index"] == "0")
  }
}
