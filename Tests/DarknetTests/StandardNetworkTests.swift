import Darknet
import Testing

/// The form of the rewritten network; that it computes the same is tested where networks run.
@Suite struct StandardNetworkTests {
  @Test func `squeeze and excitation becomes Darknet's blocks`() throws {
    let spec = try spec(
      "[convolutional]\nfilters=8\nsize=1\nactivation=none\n[se]\n[route]\nlayers=0,-1\n")
    let parameters = try countingParameters(spec)
    let standard = try StandardNetwork(spec, parameters)
    #expect(
      standard.configuration.sections.dropFirst(2).map(\.name) == [
        "avgpool", "convolutional", "convolutional", "convolutional", "scale_channels", "route",
      ])
    #expect(standard.configuration.sections[1]["activation"] == "linear")
    #expect(standard.configuration.sections[7]["layers"] == "0,-1")
    #expect(standard.newIndices == [0, 5, 6])
    #expect(standard.rewritten == ["se": 1])
    #expect(standard.parameters.layers[2][.weight]?.shape == [2, 8, 1, 1])
    #expect(
      standard.parameters.layers[2][.weight]?.values == parameters.layers[1][.squeeze]?.values)
    #expect(standard.parameters.layers[3][.bias]?.values == [Float](repeating: 3, count: 8))
    #expect(standard.parameters.layers[4][.weight]?.values == [Float](repeating: 1 / 6, count: 8))
    let written = try NetworkSpec(standard.configuration)
    guard case .scaleChannels(let product) = written.layers[5] else {
      Issue.record("layer 5 is no product")
      return
    }
    #expect(product.source == 0)
  }

  // γ/√(σ² + 1e-4) with γ = 3, σ² = 2.25 − 1e-4: 2; β − μ·2 with β = 1, μ = 4: −7.
  @Test func `batch normalization on its own becomes a convolution`() throws {
    let spec = try spec("[BatchNorm2d]\n")
    let parameters = NetworkParameters(layers: [
      [
        .gamma: ParameterArray(shape: [3], values: [3, 3, 3]),
        .beta: ParameterArray(shape: [3], values: [1, 1, 1]),
        .mean: ParameterArray(shape: [3], values: [4, 4, 4]),
        .variance: ParameterArray(shape: [3], values: [2.2499, 2.2499, 2.2499]),
      ]
    ])
    let standard = try StandardNetwork(spec, parameters)
    let layer = standard.parameters.layers[0]
    for value in layer[.weight]?.values ?? [] { #expect(abs(value - 2) < 1e-6) }
    for value in layer[.bias]?.values ?? [] { #expect(abs(value + 7) < 1e-6) }
    #expect(layer[.weight]?.shape == [3, 1, 1, 1])
    #expect(standard.configuration.sections[1]["groups"] == "3")
  }

  @Test(arguments: BuiltInNetwork.allCases)
  func `every built-in network has a standard form, or says what has none`(
    network: BuiltInNetwork
  ) throws {
    let spec = try NetworkSpec(
      network.configuration(classes: 2, width: 64, widthMultiple: 0.1))
    do {
      let standard = try StandardNetwork(spec, countingParameters(spec))
      let extensions: Set = ["depthwise", "se", "BatchNorm2d"]
      for section in standard.configuration.sections {
        #expect(!extensions.contains(section.name))
        #expect(section["activation"] != "h_swish")
      }
      let again = try NetworkSpec(standard.configuration)
      #expect(again.warnings.isEmpty)
      for (old, new) in standard.newIndices.enumerated() {
        #expect(spec.shapes[old] == again.shapes[new])
      }
      // Nothing is left to rewrite.
      let twice = try StandardNetwork(again, standard.parameters)
      #expect(twice.configuration == standard.configuration && twice.rewritten.isEmpty)
      if standard.rewritten.isEmpty { #expect(standard.configuration == spec.configuration) }
    } catch let error as ConfigurationError {
      #expect(network == .yolov3ASFF)
      #expect(
        error.description.hasSuffix(
          "[yolo], mixes the heads of other grids, which Darknet's own blocks cannot say"))
    }
  }

  @Test func `h_swish before a blur cannot be said`() throws {
    let spec = try spec(
      "[convolutional]\nfilters=3\nsize=3\npad=1\nstride=2\nantialiasing=1\nactivation=h_swish\n")
    let parameters = try countingParameters(spec)
    let error = #expect(throws: ConfigurationError.self) { try StandardNetwork(spec, parameters) }
    #expect(
      error?.description
        == "net.cfg:5: layer 0, [convolutional], has 'h_swish' before its blur, which Darknet's own "
        + "blocks cannot say")
  }
}
