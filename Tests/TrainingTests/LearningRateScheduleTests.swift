import Testing

@testable import Training

@Suite struct LearningRateScheduleTests {
  let schedule = LearningRateSchedule(
    peak: 0.01, finalFraction: 0.05, epochs: 10, warmupBatches: 100, momentum: 0.937)

  @Test func `the warm-up starts at zero, biases at a tenth, momentum at 0.9`() {
    let values = schedule(epoch: 0, batch: 0)
    #expect(values.rate == 0)
    #expect(values.biasRate == 0.1)
    #expect(values.momentum == 0.9)
    #expect(values.weightDecay == 0)
    #expect(values.warmup == 0)
  }

  // Half way: 0.01/2; 0.1 + (0.01 − 0.1)/2 = 0.055; (0.9 + 0.937)/2 = 0.9185.
  @Test func `the warm-up is linear`() {
    let values = schedule(epoch: 0, batch: 50)
    #expect(abs(values.rate - 0.005) < 1e-12)
    #expect(abs(values.biasRate - 0.055) < 1e-12)
    #expect(abs(values.momentum - 0.9185) < 1e-12)
    #expect(abs(values.weightDecay - 2.5e-4) < 1e-12)
  }

  // Half way from 0 to 0.01 for biases too.
  @Test func `biases may begin with another rate`() {
    var options = TrainingOptions()
    (options.epochs, options.warmupBatches) = (10, 100)
    #expect(options.schedule(batchesPerEpoch: 50).warmupBiasRate == 0.1)
    options.warmupBiasRate = 0
    let schedule = options.schedule(batchesPerEpoch: 50)
    #expect(schedule(epoch: 0, batch: 0).biasRate == 0)
    #expect(abs(schedule(epoch: 0, batch: 50).biasRate - 0.005) < 1e-12)
    #expect(schedule(epoch: 5, batch: 250).biasRate == schedule(epoch: 5, batch: 250).rate)
  }

  // Epoch 5 of 10: cos(π/2) = 0, so 0.01·(0.95/2 + 0.05) = 0.00525.
  @Test func `after the warm-up half a cosine by epoch`() {
    let values = schedule(epoch: 5, batch: 500)
    #expect(abs(values.rate - 0.00525) < 1e-12)
    #expect(values.biasRate == values.rate)
    #expect(values.warmup == 1)
  }

  @Test func `without warm-up the first batch has the full rate`() {
    let schedule = LearningRateSchedule(epochs: 1, warmupBatches: 0)
    #expect(schedule(epoch: 0, batch: 0).rate == 0.01)
  }
}
