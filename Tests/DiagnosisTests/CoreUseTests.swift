import Testing

@testable import Diagnosis

@Suite struct CoreUseTests {
  private let status =
    "Name:\tpare\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1,3\nMems_allowed:\t1\n"

  // user nice system idle iowait irq softirq steal guest guest_nice
  private let before = """
    cpu  500 0 100 9000 100 0 0 0 0 0
    cpu0 100 0 50 2000 50 0 0 0 0 0
    cpu1 100 0 50 2000 50 0 0 0 0 0
    cpu2 100 0 50 2000 50 0 0 0 0 0
    cpu3 100 0 50 2000 50 0 0 0 0 0
    intr 12345
    """
  // Of 10 ticks core 0 worked 8 and core 1 none; core 2 may not be used; core 3 worked 5, 2 of them
  // for another machine of the host.
  private let after = """
    cpu  530 0 110 9013 102 0 0 2 0 0
    cpu0 107 0 51 2002 50 0 0 0 0 0
    cpu1 100 0 50 2009 51 0 0 0 0 0
    cpu2 110 0 50 2000 50 0 0 0 0 0
    cpu3 102 0 51 2004 51 0 0 2 0 0
    intr 12399
    """

  @Test func `cores at work are counted among those that may be used`() {
    let use = CoreUse(stat: after, status: status)
    let working = use.workingCores(since: CoreUse(stat: before, status: status))
    #expect(abs(working - (0.8 + 0 + 0.5)) < 1e-9)
    #expect(use.count == 3)
    let all = CoreUse(stat: after, status: "").workingCores(
      since: CoreUse(stat: before, status: ""))
    #expect(abs(all - 2.3) < 1e-9)
  }

  @Test(arguments: ["", "cpu0", "cpu0 a b c d e", "cpux 1 2 3 4 5", "cpu0 9 9 9 9"])
  func `what the kernel does not say counts nothing`(stat: String) {
    let use = CoreUse(stat: stat, status: "Cpus_allowed_list: 5-1,x,-")
    #expect(use.workingCores(since: use) == 0)
    #expect(use.workingCores(since: CoreUse(stat: before, status: status)) == 0)
  }
}
