import Diagnosis
import Testing

@Suite struct GraphicsProcessorsTests {
  @Test func `the driver's files are read`() {
    let information = "Model: \t\t NVIDIA H200\nIRQ:   \t\t 90\n"
    #expect(GraphicsProcessors.model(information: information) == "NVIDIA H200")
    #expect(GraphicsProcessors.model(information: "") == "NVIDIA GPU")
    let version = """
      NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.82.07  Release Build  (x)
      GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)
      """
    #expect(GraphicsProcessors.driver(version: version) == "580.82.07")
    #expect(GraphicsProcessors.driver(version: "none here. or 1. or .2") == nil)
  }

  @Test func `equal cards are counted and an old driver is named`() {
    let platform = Platform(MachineRecord())
    var found = GraphicsProcessors()
    #expect(found.check(on: platform) == Check("GPU", .ok, found: "none; the CPU is used"))
    found.models = ["NVIDIA H200", "NVIDIA H200", "NVIDIA L4"]
    found.driver = "550.1.2"
    found.cudaVersion = 12_040
    let check = found.check(on: platform)
    #expect(check.status == .warning)
    #expect(check.found == "2 × NVIDIA H200, NVIDIA L4, driver 550.1.2, CUDA 12.4")
    #expect(check.expected == "a driver for CUDA 13.0")
    #expect(check.fix == "update NVIDIA's driver to 580 or newer; the CPU is used until then")
    found.cudaVersion = 13_000
    #expect(found.check(on: platform).status == .ok)
    found.cudaVersion = nil
    #expect(found.check(on: platform).status == .warning)
  }
}
