import Testing

@testable import Torch

@Suite struct ConvolutionTrialTests {
  // Inputs 1 2 / 3 4, weights 1...9, bias 10. Above left the kernel's middle, 5, lies on 1:
  // 5·1 + 6·2 + 8·3 + 9·4 = 77; above right 4·1 + 5·2 + 7·3 + 8·4 = 67; below left
  // 2·1 + 3·2 + 5·3 + 6·4 = 47; below right 1·1 + 2·2 + 4·3 + 5·4 = 37. The bias adds 10 to each.
  @Test func `plain arithmetic gives the answer that is worked out by hand`() throws {
    var trial = ConvolutionTrial()
    (trial.channels, trial.outChannels, trial.side) = (1, 1, 2)
    (trial.input, trial.weights, trial.bias) = ([1, 2, 3, 4], Array(1...9), [10])
    #expect(trial.answer == [87, 77, 57, 47])
    #expect(try trial.outcome(on: .cpu).wrong == 0)
    // A second channel out has weights and a bias of its own: 1 in the middle alone keeps the input.
    trial.outChannels = 2
    trial.weights += [0, 0, 0, 0, 1, 0, 0, 0, 0]
    trial.bias += [-1]
    #expect(trial.answer == [87, 77, 57, 47, 0, 1, 2, 3])
    #expect(try trial.outcome(on: .cpu).wrong == 0)
  }

  @Test func `numbers that are not the right ones are counted`() {
    #expect(ConvolutionTrial.wrongCount([87.004, 77, 57.2, 46.9], [87, 77, 57, 47]) == 0)
    #expect(ConvolutionTrial.wrongCount([87, 78, .nan, 46], [87, 77, 57, 47]) == 3)
    #expect(ConvolutionTrial.wrongCount([87], [87, 77, 57, 47]) == 3)
  }

  @Test func `the processor gives the right numbers`() throws {
    let trial = ConvolutionTrial()
    let outcome = try trial.outcome(on: .cpu)
    #expect(outcome.wrong == 0 && outcome.count == 32 * 24 * 24)
    #expect(outcome.firstMilliseconds > 0 && outcome.milliseconds > 0)
    // Numbers of both signs, many different ones, all exact in float16.
    let answer = trial.answer
    #expect(Set(answer).count > 100)
    #expect(answer.allSatisfy { abs($0) <= 872 })
  }

  @Test(.enabled(if: Device.cudaIsAvailable), arguments: [DType.float32, .float16])
  func `a GPU gives the right numbers`(dtype: DType) throws {
    #expect(try ConvolutionTrial().outcome(on: .cuda(0), dtype).wrong == 0)
  }
}
