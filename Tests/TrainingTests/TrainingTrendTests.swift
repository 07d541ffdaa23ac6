import Testing
import Training

@Suite struct TrainingTrendTests {
  private func trend(_ values: [Double?], objects: Int? = nil) -> TrainingTrend {
    TrainingTrend(
      values.enumerated().map { epoch, value in
        var figures = EpochFigures(
          epoch: epoch, losses: [], learningRate: 0.01, imagesPerSecond: 1)
        figures.map50 = value
        return figures
      }, objects: objects)
  }

  // Quarters of eight are two: (0.6 + 0.7)/2 − (0.5 + 0.5)/2 = 0.15.
  @Test func `the last quarter is held against the one before`() throws {
    let rising = trend([0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7])
    #expect(abs(try #require(rising.gain) - 0.15) < 1e-12)
    #expect(rising.isRising)
    #expect(rising.best == 0.7 && rising.last == 0.7)
    let settled = trend([0.1, 0.2, 0.3, 0.4, 0.71, 0.7, 0.71, 0.7])
    #expect(!settled.isRising && settled.best == 0.71 && settled.last == 0.7)
  }

  // The last quarter, 0.5 and 0.4, is 0.1 above the one before, and falls.
  @Test func `what falls within the last quarter rises no more`() throws {
    let falling = trend([0.1, 0.1, 0.2, 0.3, 0.35, 0.35, 0.5, 0.4])
    #expect(abs(try #require(falling.gain) - 0.1) < 1e-12 && !falling.isRising)
  }

  // 0.35 − 0.2 = 0.15, and rising; but 0.6 was reached before the learning rate began anew.
  @Test func `what comes back from a fall does not rise`() throws {
    let restarted = trend([0.1, 0.2, 0.6, 0.5, 0.2, 0.2, 0.3, 0.4])
    #expect(abs(try #require(restarted.gain) - 0.15) < 1e-12 && !restarted.isRising)
  }

  // The first four epochs were a run of their own, which reached 0.5. Made twice as long, it falls first
  // and then comes to 0.51, or to 0.53: more by 0.01, or by 0.03.
  @Test(arguments: [(0.51, true), (0.53, false)])
  func `a run that was made twice as long settles where that brought little`(
    end: Double, isSettled: Bool
  ) throws {
    let extended = trend([0.1, 0.3, 0.4, 0.5, 0.3, 0.3, 0.4, end])
    #expect(abs(try #require(extended.halfGain) - (end - 0.5)) < 1e-12)
    #expect(extended.isSettled == isSettled && extended.isRising == !isSettled)
  }

  // 0.195 − 0.135 = 0.06, of which the last epoch loses 0.01 again.
  @Test func `a small step back does not end a rise`() throws {
    let noisy = trend([0.02, 0.02, 0.06, 0.06, 0.13, 0.14, 0.2, 0.19])
    #expect(abs(try #require(noisy.gain) - 0.06) < 1e-12 && noisy.isRising)
  }

  // 0.48 − 0.44 = 0.04, on the way to 0.49. Of 30 objects chance is √(0.49 · 0.51 / 30) / 2 = 0.0456,
  // of 50 it is 0.0353.
  @Test func `a rise that few pictures may show by chance is none`() {
    let values = [0.3, 0.35, 0.4, 0.4, 0.43, 0.45, 0.47, 0.49]
    #expect(trend(values).isRising && trend(values, objects: 50).isRising)
    let few = trend(values, objects: 30)
    #expect(!few.isRising && few.isWithinChance && !few.isSettled)
  }

  // Only judged epochs count; with fewer than eight there are no quarters.
  @Test func `few epochs show no trend`() {
    let few = trend([0.1, nil, 0.2, 0.3, nil, 0.4, 0.5, 0.6, 0.7])
    #expect(few.gain == nil && few.halfGain == nil && !few.isRising && !few.isSettled)
    let none = trend([nil, nil])
    #expect(none.best == nil && !none.isRising)
  }
}
