import Quantization
import Testing

@testable import Summaries

/// What a training on codes is advised with after a quantization by pictures.
@Suite struct TrainingOnCodesTests {
  private func words(
    _ scheme: QuantizationScheme, _ weights: Int, _ activations: Int, isSymmetric: Bool? = nil
  ) -> String {
    var options = QuantizationOptions.byPictures(
      scheme, weightBits: weights, activationBits: activations)
    options.isSymmetric = isSymmetric
    return options.wordsOfTraining.joined(separator: " ")
  }

  @Test func `with few bits the scheme that loses least is advised`() {
    #expect(words(.google, 8, 8) == "--quantize google")
    #expect(words(.google, 6, 8) == "--quantize google --w-bit 6")
    #expect(words(.google, 4, 8) == "--quantize lsq+ --w-bit 4")
    #expect(words(.google, 2, 3) == "--quantize lsq+ --w-bit 2 --a-bit 3")
    // Its offsets learn, so it is never around zero; and powers of two stay what they are.
    #expect(
      words(.google, 4, 4, isSymmetric: true)
        == "--quantize google --w-bit 4 --a-bit 4 --symmetric")
    #expect(words(.pow2, 4, 4) == "--quantize pow2 --w-bit 4 --a-bit 4")
  }
}
