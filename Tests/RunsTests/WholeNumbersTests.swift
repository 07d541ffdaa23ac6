import Darknet
import Datasets
import Inference
import Networks
import Testing
import Torch
import Training
import _TestSupport
import _TorchSupport
import _TrainingSupport

@testable import Quantization
@testable import Runs

/// What is said of quantized networks that whole numbers do not compute, or not for every picture.
@Suite(.libtorch(.determinism)) struct WholeNumbersTests {
  private final class Listener: RunObserver {
    var warnings: [String] = []
    func warn(_ line: String) { warnings.append(line) }
  }

  private static let ofSums = "32 bits do not hold every sum that "

  // 3 inputs up to 255 times weights up to 127, or up to 65535 times up to 32767.
  @Test(arguments: [8, 16]) func `sums that may not fit are told`(bits: Int) throws {
    let (network, state) = try parts(bits: bits)
    let listener = Listener()
    #expect(
      try listener.warnOfWholeNumbers(state, of: network)
        == (bits == 8 ? .allPictures : .picturesOfSmallSums))
    #expect(listener.warnings.count == (bits == 8 ? 0 : 1))
    #expect(listener.warnings.allSatisfy { $0.hasPrefix(Self.ofSums + "layer 0 can") })
  }

  @Test func `a bias that does not fit is told, and what was foreseen is not`() throws {
    let (network, state) = try parts(bits: 8)
    let listener = Listener()
    var kernels = state.kernels
    let kernel = try #require(kernels[0])
    kernels[0] = .init(weights: kernel.weights, bias: nil)
    let other = QuantizationState(
      options: state.options, plan: state.plan, kernels: kernels, grids: state.grids)
    #expect(try listener.warnOfWholeNumbers(other, of: network) == .nothing)
    #expect(
      listener.warnings == [
        "layer 0 [convolutional] cannot be computed with whole numbers alone: 32 bits do not hold "
          + "its bias in steps of its sums; fewer bits of weights or of what it reads make these "
          + "larger; '--engine integer' and 'export' will refuse it"
      ])
    listener.warnings = []
    let (plain, ends) = try parts(bits: 8, ends: .float)
    #expect(try listener.warnOfWholeNumbers(ends, of: plain) == .nothing)
    #expect(listener.warnings.isEmpty)
  }

  @Test func `a training on codes, and a quantization, end with it`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let data = tiny.folder + "/data/data.data"
    var options = QuantizationOptions()
    (options.weightBits, options.activationBits) = (16, 16)
    var recipe = try TrainingRecipe(
      cfg: folder.write(tiny.configuration.text, to: "n.cfg"), data: data)
    (recipe.options.epochs, recipe.options.batchSize) = (1, 2)
    (recipe.device, recipe.workers) = ("cpu", 1)
    recipe.quantization = .init(options)
    let trained = Listener()
    let training = try TrainingRun(
      recipe, output: OutputFolder(folder.file("run"), overwrite: false, kind: .training),
      observer: trained)
    _ = try training()
    #expect(training.wholeNumbers == .picturesOfSmallSums)
    #expect(trained.warnings.last?.hasPrefix(Self.ofSums) == true)
    var quantization = QuantizationRecipe(
      PairRecipe(cfg: folder.file("run/model.cfg"), weights: folder.file("run/model.weights")),
      data: data)
    (quantization.options, quantization.machine.device) = (options, "cpu")
    let quantized = Listener()
    let outcome = try QuantizationRun(quantization, observer: quantized)()
    #expect(quantized.warnings.last?.hasPrefix(Self.ofSums) == true && outcome.isWhole)
    #expect(outcome.wholeNumbers == .picturesOfSmallSums)
  }

  private func parts(
    bits: Int, ends: QuantizationOptions.Ends = .same
  ) throws -> (Network, QuantizationState) {
    let configuration = try Configuration(
      parsing: """
        [net]
        width=4
        height=4
        channels=3
        [convolutional]
        filters=2
        size=1
        activation=linear
        [convolutional]
        filters=6
        size=1
        activation=linear
        [yolo]
        mask=0
        anchors=4,4
        classes=1
        num=1
        """, path: "n.cfg")
    let network = try Network(
      configuration, randomParameters(NetworkSpec(configuration), seed: 6))
    var options = QuantizationOptions()
    (options.weightBits, options.activationBits, options.ends) = (bits, bits, ends)
    options.layerBits = [1: .init(weights: 8, activations: 8)]
    if ends == .float { options.layerBits = [:] }
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(Tensor.full([1, 3, 4, 4], 1))
    return (network, try calibration.finished())
  }
}
