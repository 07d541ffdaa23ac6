import Darknet
import Testing

@Suite struct NetworkParametersTests {
  static let network = """
    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    activation=relu
    [depthwise]
    filters=8
    size=3
    activation=relu
    [convolutional]
    filters=4
    groups=2
    size=1
    activation=relu
    [shortcut]
    from=-1,-1
    weights_type=per_feature
    [shortcut]
    from=-1
    weights_type=per_channel
    [se]
    reduction=2
    [BatchNorm2d]
    [dropout]
    """

  @Test func `the layout is the order of the file`() throws {
    let layout = try spec(Self.network).parameterLayout()
    #expect(
      layout.map { $0.map(\.role) } == [
        [.beta, .gamma, .mean, .variance, .weight], [.bias, .weight], [.bias, .weight],
        [.weight], [.weight], [.squeeze, .excite], [.beta, .gamma, .mean, .variance], [],
      ])
    #expect(
      layout.map { $0.map(\.shape) } == [
        [[4], [4], [4], [4], [4, 3, 3, 3]], [[8], [8, 1, 3, 3]], [[4], [4, 4, 1, 1]], [[3]],
        [[2, 4]], [[2, 4], [4, 2]], [[4], [4], [4], [4]], [],
      ])
  }

  @Test func `what is measured rather than trained does not count as a parameter`() throws {
    let spec = try spec(Self.network)
    // 8 + 108, 8 + 72, 4 + 16, 3, 8, 8 + 8, 8
    #expect(spec.parameterCount == 116 + 80 + 20 + 3 + 8 + 16 + 8)
    #expect(spec.weightsByteCount == 20 + 4 * (spec.parameterCount + 8 + 8))
  }

  @Test func `arrays that no training gives are found`() throws {
    var parameters = try countingParameters(spec(Self.network))
    #expect(parameters.firstImplausibleArray() == nil)
    parameters.layers[6][.variance]?.values[3] = -1
    #expect(parameters.firstImplausibleArray()?.layer == 6)
    #expect(parameters.firstImplausibleArray()?.role == .variance)
    parameters.layers[2][.weight]?.values[15] = .infinity
    #expect(parameters.firstImplausibleArray()?.layer == 2)
    parameters.layers[0][.beta]?.values[0] = .nan
    #expect(parameters.firstImplausibleArray()?.role == .beta)
  }
}
