import Reports
import Testing

@Suite struct RunTimeTests {
  // The first five seconds do not count: what is done from 10.75 epochs at 104 s to 12.75 at 144 s
  // is 20 s an epoch, and 7.25 of 20 are left.
  @Test func `what is left follows from what was done after the first seconds`() {
    var run = RunTime(epochs: 20, done: 10.5, at: 100)
    #expect(run.secondsLeft(done: 10.5, at: 100) == nil)
    run.progressed(done: 10.75, at: 104)
    #expect(run.secondsLeft(done: 10.75, at: 104) == nil)
    run.progressed(done: 12.75, at: 144)
    #expect(run.secondsAnEpoch(done: 12.75, at: 144) == 20)
    #expect(run.secondsLeft(done: 12.75, at: 144) == 145)
    #expect(run.secondsLeft(done: 20, at: 289) == 0)
    #expect(run.secondsLeft(done: 21, at: 309) == 0)
  }

  // The first seconds end at 0.9 epochs; a validation of 2 s is no 20 s an epoch. Within an epoch a
  // twentieth of it is enough, 0.25 s for 0.05.
  @Test func `little of an epoch does not stand for its validation`() {
    var run = RunTime(epochs: 4, done: 0.2, at: 0)
    run.progressed(done: 0.9, at: 4.9)
    #expect(run.secondsAnEpoch(done: 0.94, at: 5.1) == nil)
    run.endedEpoch(done: 1, at: 7.4)
    #expect(run.secondsLeft(done: 1, at: 7.4) == nil)
    #expect(run.secondsLeft(done: 1.3, at: 9) == nil)
    var long = RunTime(epochs: 4, done: 0, at: 0)
    long.progressed(done: 0.25, at: 4)
    #expect(long.secondsAnEpoch(done: 0.5, at: 8) == 16)
    #expect(long.secondsAnEpoch(done: 1, at: 16) == 16)
  }

  // A slow first epoch of 30 s, then 4, 6 and 5 s: their median is 5 s, then that of 4, 6, 5 and
  // 100 is (5 + 6) / 2. What is left goes down within an epoch.
  @Test func `the median of the last epochs counts, and the first one does not`() {
    var run = RunTime(epochs: 10, done: 0.1, at: 0)
    for (done, time) in [(1.0, 30.0), (2, 34), (3, 40), (4, 45)] {
      run.endedEpoch(done: done, at: time)
    }
    #expect(run.secondsLeft(done: 4, at: 45) == 30)
    #expect(run.secondsLeft(done: 4.5, at: 47) == 27.5)
    run.endedEpoch(done: 5, at: 145)
    #expect(run.secondsAnEpoch(done: 5, at: 145) == 5.5)
    #expect(run.secondsLeft(done: 5, at: 145) == 27.5)
  }

  // Five at 20 s make the older ones of 5 s count no more.
  @Test func `a machine that slows down is noticed`() {
    var run = RunTime(epochs: 100, done: 0, at: 0)
    var time = 0.0
    for epoch in 1...10 {
      time += epoch <= 5 ? 5 : 20
      run.endedEpoch(done: Double(epoch), at: time)
    }
    #expect(run.secondsLeft(done: 10, at: time) == 1800)
  }
}
