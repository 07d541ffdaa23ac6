extension MachineFacts {
  /// What of the system slows a run down or ends it.
  func systemChecks() -> [Check] {
    [integerCheck(), swapCheck(), loadCheck(), filesCheck()].compactMap { $0 }
  }

  /// What the processor can do with bytes: what a quantized network gains here.
  private func integerCheck() -> Check? {
    guard !machine.instructionSets.isEmpty else { return nil }
    let sets = Set(machine.instructionSets)
    let found: String
    if sets.contains("AMX") {
      found = "AMX: blocks of bytes multiplied at once; int8 can be many times as fast as float"
    } else if sets.contains("VNNI") || sets.contains("dot product") {
      found =
        (sets.contains("VNNI") ? "VNNI" : "dot product")
        + ": four products of bytes at once; int8 can be up to four times as fast as float"
    } else if sets.contains("AVX2") || sets.contains("NEON") {
      found = "no instruction for sums of bytes: int8 saves memory, and little time"
    } else {
      found = "plain instructions: int8 saves memory, no time"
    }
    return Check("int8", .ok, found: found)
  }

  /// Swap takes what a compiler or a linker needs for a moment.
  private func swapCheck() -> Check? {
    guard let total = machine.memoryInBytes, let swap = machine.swapInBytes,
      total < 8 << 30, swap == 0, !platform.isContainer
    else { return nil }
    return Check(
      "swap", .warning, found: "none, with \(gibibytes(total)) of memory", expected: "4 GiB",
      cause: "a large build or data set is then ended by the kernel when memory runs out",
      fix: "make a swap file",
      commands: [
        "sudo fallocate -l 4G /swapfile", "sudo chmod 600 /swapfile", "sudo mkswap /swapfile",
        "sudo swapon /swapfile",
      ])
  }

  private func loadCheck() -> Check? {
    // `2.09 1.27 1.51 5/101 28349`: of the last 1, 5 and 15 minutes.
    guard let text = record.file("/proc/loadavg")?.split(separator: " ").first,
      let programs = Double(text)
    else { return nil }
    let load = MachineLoad(programs: programs, cores: machine.cores)
    let isBusy = load.spoilsTimes
    return Check(
      "load", isBusy ? .warning : .ok,
      found: load.words,
      expected: isBusy ? "one a core at most" : "",
      fix: isBusy ? "\(MachineLoad.remedy): times are not worth measuring now" : "")
  }

  /// How many files may be open at once: loader threads and ranks each open some.
  private func filesCheck() -> Check? {
    let lines = (record.file("/proc/self/limits") ?? "").split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("Max open files") }),
      let soft = line.dropFirst("Max open files".count).split(separator: " ").first
    else { return nil }
    let isLow = Int(soft).map { $0 < 1024 } ?? false
    return Check(
      "open files", isLow ? .warning : .ok, found: "\(soft) at once",
      expected: isLow ? "1024" : "",
      fix: isLow ? "raise the limit in this shell" : "", commands: isLow ? ["ulimit -n 4096"] : [])
  }
}
