import Reports
import Testing

@Suite struct RunTimeTests {
  // From 10.5 epochs at 100 s to 12.5 at 140 s: 20 s an epoch, and 7.5 of 20 are left.
  @Test func `what is left follows from what was done since the start`() {
    let run = RunTime(epochs: 20, done: 10.5, at: 100)
    #expect(run.secondsLeft(done: 10.5, at: 100) == nil)
    #expect(run.secondsLeft(done: 12.5, at: 140) == 150)
    #expect(run.secondsLeft(done: 20, at: 290) == 0)
    #expect(run.secondsLeft(done: 21, at: 310) == 0)
  }
}
