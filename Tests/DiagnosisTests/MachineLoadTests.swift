import Testing

@testable import Diagnosis

@Suite struct MachineLoadTests {
  // Of 2 cores 3 programs have two thirds each.
  @Test(arguments: [(1, false), (3, false), (3.01, true), (47.53, true)] as [(Double, Bool)])
  func `times are spoiled by more than three programs on two cores`(programs: Double, is: Bool) {
    let load = MachineLoad(programs: programs, cores: 2)
    #expect(load.spoilsTimes == `is`)
    #expect(load.words == "\(programs) programs at work on 2 cores")
  }

  @Test func `programs at work are the kernel's fourth word`() {
    #expect(MachineLoad.running("2.09 1.27 1.51 5/101 28349\n") == 5)
    for text in ["", "2.09 1.27 1.51", "2.09 1.27 1.51 x/101 1"] {
      #expect(MachineLoad.running(text) == nil)
    }
  }

  // (1 + 4 + 8) / 3 = 4.33.
  @Test func `a load is the mean of the looks`() {
    var watch = LoadWatch()
    #expect(watch.load(cores: 2) == nil)
    for running in [1, 4, 8] { watch.look(running: running) }
    let load = watch.load(cores: 2)
    #expect(load?.words == "4.33 programs at work on 2 cores")
    #expect(load?.spoilsTimes == true)
    #expect(watch.load(cores: 8)?.spoilsTimes == false)
  }
}
