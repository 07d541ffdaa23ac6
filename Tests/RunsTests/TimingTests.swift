import Diagnosis
import Inference
import Testing

@testable import Runs

@Suite struct TimingTests {
  private func words(programs: Double) -> [String] {
    // The middle half of 1 to 8: the third and the seventh.
    let latencies = [1.0, 2].map { factor in
      Latency(samples: (1...8).map { factor * Double($0) })
    }
    return Timing(latencies: latencies, load: MachineLoad(programs: programs, cores: 2))
      .words(["before", "after"])
  }

  @Test func `times of a busy machine say that they are not to be trusted`() {
    let times =
      "times: fastest of 8 passes in turn, in ms; half of them took 3.00 to 7.00 (before), 6.00 to "
      + "14.00 (after)"
    #expect(words(programs: 2) == [times])
    #expect(
      words(programs: 47.5) == [
        times,
        "these times are not to be trusted: 47.5 programs at work on 2 cores; end other programs, or "
          + "wait, and measure again",
      ])
  }

  @Test func `predictions that were stored have no times`() {
    #expect(Timing(latencies: [], load: nil).words(["a"]).isEmpty)
  }
}
