import Darknet
import Testing

@testable import Quantization

/// What is chosen where nothing is said.
@Suite struct QuantizationOptionsTests {
  @Test func `pictures alone: by scheme and bits`() {
    let usual = QuantizationOptions.byPictures()
    #expect(usual.activationRange == .minMax && usual.weightRange == .minMax)
    #expect(usual.isEqualized && usual.rounding == .layers && usual.ends == .same)
    let few = QuantizationOptions.byPictures(weightBits: 4)
    #expect(few.weightRange == .squaredError && few.ends == .eightBits && few.weightBits == 4)
    let short = QuantizationOptions.byPictures(activationBits: 6)
    #expect(short.weightRange == .minMax && short.ends == .eightBits)
    #expect(short.activationRange == .squaredError && few.activationRange == .minMax)
    // One layer of few bits makes the steps of all those of the least squared error.
    let mixed = QuantizationOptions.byPictures(
      layerBits: [3: .init(weights: 4, activations: 8)])
    #expect(mixed.weightRange == .squaredError && mixed.ends == .same)
    #expect(mixed.layerBits[3]?.weights == 4 && mixed.activationRange == .minMax)
    let read = QuantizationOptions.byPictures(layerBits: [3: .init(weights: 8, activations: 7)])
    #expect(read.activationRange == .squaredError && read.weightRange == .minMax)
    for scheme in QuantizationScheme.allCases {
      let options = QuantizationOptions.byPictures(scheme)
      #expect(options.isEqualized == scheme.hasUniformWeights)
      #expect((options.rounding == .layers) == scheme.hasUniformWeights)
      #expect(throws: Never.self) { try options.check() }
    }
    #expect(QuantizationOptions.byPictures(.dorefa, weightBits: 4).ends == .float)
  }

  @Test func `a limit holds for first and last layers, and for bits of single layers`() throws {
    var options = QuantizationOptions.byPictures(weightBits: 7)
    options.mostWeightBits = 7
    #expect(options.ends == .eightBits)
    #expect(options.bits(isEnd: true) == .init(weights: 7, activations: 8))
    #expect(options.limited(12) == 7)
    try options.check()
    options.layerBits = [3: .init(weights: 8, activations: 8)]
    #expect(throws: QuantizationError.tooManyWeightBits(8, most: 7)) { try options.check() }
    options.layerBits = [3: .init(weights: nil, activations: 16)]
    try options.check()
    options.mostWeightBits = nil
    #expect(options.bits(isEnd: true).weights == 8)
  }

  @Test func `8 bits are rounded to the nearest, but for the few weights of a depthwise channel`()
    throws
  {
    func spec(_ groups: Int) throws -> NetworkSpec {
      try NetworkSpec(
        Configuration(
          parsing: "[net]\nwidth=32\nheight=32\nchannels=4\n[convolutional]\nfilters=4\nsize=3\n"
            + "stride=1\npad=1\ngroups=\(groups)\nactivation=linear\n[convolutional]\nfilters=18\n"
            + "size=1\nstride=32\nactivation=linear\n[yolo]\nmask=0,1,2\nanchors=1,1,2,2,3,3\nnum=3\n"
            + "classes=1\n", path: "n.cfg"))
    }
    // Groups of two read two channels each.
    for (groups, isNearest) in [(1, true), (2, true), (4, false)] {
      let spec = try spec(groups)
      #expect(spec.hasDepthwiseConvolutions != isNearest)
      #expect((QuantizationOptions.byPictures(of: spec).rounding == .nearest) == isNearest)
      #expect(QuantizationOptions.byPictures(weightBits: 7, of: spec).rounding == .layers)
      #expect(QuantizationOptions.byPictures(.pow2, of: spec).rounding == .layers)
      #expect(
        QuantizationOptions.byPictures(layerBits: [0: .init(weights: 4, activations: 8)], of: spec)
          .rounding == .layers)
    }
  }

  @Test func `dorefa has one step for all weights of a layer`() throws {
    var options = QuantizationOptions(scheme: .dorefa)
    try options.check()
    options.isPerChannel = true
    #expect(throws: QuantizationError.oneStep(.dorefa)) { try options.check() }
  }

  @Test func `trained: the ends have 8 bits beside fewer`() {
    #expect(QuantizationOptions.byTraining(.lsq).ends == .same)
    let few = QuantizationOptions.byTraining(.lsq, weightBits: 4, activationBits: 4)
    #expect(few.ends == .eightBits && few.rounding == .nearest && !few.isEqualized)
    #expect(QuantizationOptions.byTraining(.ternary).ends == .eightBits)
  }

  @Test(arguments: [0.5, 0, 1.001, Double.nan])
  func `a percentile that leaves nothing, or more than all, is refused`(share: Double) {
    var options = QuantizationOptions()
    options.activationRange = .percentile(share)
    let error = #expect(throws: QuantizationError.self) { try options.check() }
    #expect(error?.description.contains("more than 0.5, at most 1") == true)
  }
}
