import Diagnosis
import Testing

@Suite struct MachineTests {
  @Test func `the kernel's files are read`() {
    var machine = Machine()
    machine.read(
      cpuinfo: """
        processor\t: 0
        model name\t: Example CPU @ 2.00GHz
        flags\t\t: fpu avx avx2 fma avx512f avx512_vnni

        processor\t: 1
        model name\t: Another
        """)
    machine.read(meminfo: "MemTotal:       8388608 kB\nMemAvailable:   4194304 kB\nX: y\n")
    machine.cores = 8
    machine.freeDiskInBytes = 5 << 30
    #expect(machine.model == "Example CPU @ 2.00GHz")
    #expect(machine.instructionSets == ["AVX2", "FMA", "AVX-512", "VNNI"])
    #expect(
      machine.checks() == [
        Check(
          "processor", .ok, found: "8 cores of Example CPU @ 2.00GHz, AVX2 FMA AVX-512 VNNI",
          expected: "AVX2"),
        Check(
          "memory", .ok, found: "4.0 GiB available of 8.0 GiB", expected: "2.0 GiB available"),
        Check("disk", .ok, found: "5.0 GiB free here", expected: "1.0 GiB free"),
      ])
  }

  @Test func `a container's limits count`() {
    var machine = Machine()
    machine.cores = 64
    machine.memoryInBytes = 64 << 30
    machine.limit(cpu: "250000 100000\n", memory: "1073741824\n")
    #expect(machine.cores == 2)
    #expect(machine.memoryInBytes == 1 << 30)
    machine.limit(cpu: "max 100000\n", memory: "max\n")
    #expect(machine.cores == 2 && machine.memoryInBytes == 1 << 30)
    machine.limit(cpu: "10000 100000", memory: nil)
    #expect(machine.cores == 1)
  }

  @Test func `a slow, small or full machine is a warning with advice`() {
    var machine = Machine()
    machine.memoryInBytes = 1 << 30
    machine.freeDiskInBytes = 1 << 20
    let checks = machine.checks()
    #expect(checks.map(\.status) == [.warning, .warning, .warning])
    #expect(checks.allSatisfy { !$0.fix.isEmpty })
    #expect(checks[0].found == "1 core")
  }

  @Test func `any bytes in the kernel's files are survived`() {
    var machine = Machine()
    for text in ["", ":", "\n:\n::", "MemTotal:", "MemTotal: 99999999999999999999 kB", "flags :"] {
      machine.read(cpuinfo: text)
      machine.read(meminfo: text)
      machine.limit(cpu: text, memory: text)
    }
    #expect(machine == Machine())
    #expect(Machine(MachineRecord()) == Machine())
  }

  @Test func `this machine has a core, memory and disk`() {
    let machine = Machine.current()
    #expect(machine.cores >= 1)
    #expect((machine.memoryInBytes ?? 0) > 1 << 20)
    #expect((machine.freeDiskInBytes ?? -1) >= 0)
  }
}
