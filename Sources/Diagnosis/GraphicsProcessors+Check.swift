extension GraphicsProcessors {
  /// Whether libtorch can use the GPUs, and what to do where it cannot.
  package func check(on platform: Platform) -> Check {
    if let problem { return check(of: problem, on: platform) }
    guard !models.isEmpty else { return Check("GPU", .ok, found: "none; the CPU is used") }
    let found = names + (driver.map { ", driver \($0)" } ?? "")
    let needed = "a driver for CUDA \(Self.text(ofCUDA: Self.requiredCUDA))"
    if let jetson = platform.jetson {
      return Check(
        "GPU", .warning, found: found,
        expected: "an x86-64 machine, for which libtorch is fetched",
        cause: "\(jetson) has an ARM processor and a CUDA of its own",
        fix: "train elsewhere and take the network here by 'pare export'; OpenCV with CUDA can be "
          + "built here")
    }
    let oldest = CUDAFacts.oldestCapabilityOfTorch
    if let newest = distinctCapabilities.last, newest < oldest,
      distinctCapabilities.count == Set(capabilities).count
    {
      return Check(
        "GPU", .warning, found: found + ", compute capability \(newest)",
        expected: "compute capability \(oldest) or more",
        cause: "libtorch \(EngineLibraries.expectedTorch) for CUDA 13 has no code for this card",
        fix: "use a newer card; the CPU is used until then")
    }
    guard let cudaVersion else {
      return Check(
        "GPU", .warning, found: found + ", without libcuda", expected: needed,
        fix: "install NVIDIA's driver library (libcuda.so.1); the CPU is used until then")
    }
    let isRecent = cudaVersion >= Self.requiredCUDA
    return Check(
      "GPU", isRecent ? .ok : .warning,
      found: found + ", CUDA \(Self.text(ofCUDA: cudaVersion))", expected: needed,
      cause: isRecent ? "" : "libtorch's CUDA 13 needs driver 580 or newer",
      fix: isRecent
        ? ""
        : "update NVIDIA's driver\(Self.place(platform)) to 580 or newer; "
          + "the CPU is used until then",
      commands: isRecent ? [] : driverCommands(platform))
  }

  private func check(of problem: Problem, on platform: Platform) -> Check {
    let found: String
    let cause: String
    let fix: String
    var commands: [String] = []
    switch problem {
    case .noDriver:
      found = names + ", without a driver"
      cause =
        hasNouveau ? "the kernel runs nouveau, which cannot compute" : "no driver is installed"
      fix = "install NVIDIA's driver\(Self.place(platform)), then start the machine anew"
      commands = driverCommands(platform)
    case .notLoaded:
      found = names + ", whose driver does not answer"
      cause =
        hasNouveau
        ? "the kernel runs nouveau, which keeps NVIDIA's driver out"
        : "the kernel has not loaded the driver's module, "
          + "which an update of the kernel leaves unbuilt"
      fix =
        hasNouveau
        ? "shut nouveau out, then start the machine anew"
        : "build and load the module; where Secure Boot refuses it, enrol its key, or switch it off"
      commands =
        hasNouveau
        ? ["echo 'blacklist nouveau' | sudo tee /etc/modprobe.d/blacklist-nouveau.conf"]
          + (platform.isDebianLike ? ["sudo update-initramfs -u"] : ["sudo dracut --force"])
        : ["sudo dkms autoinstall", "sudo modprobe nvidia"]
    case .versionMismatch:
      found = names + ", driver and its libraries of different versions"
      cause = "the driver was updated while the kernel went on with the old one"
      fix = "start the machine anew"
      commands = ["sudo reboot"]
    case .notPassed:
      found = "none in this container"
      cause = "the host has a card, and the container was started without it"
      fix = "start the container with the card (NVIDIA Container Toolkit on the host)"
      commands = ["docker run --gpus all …"]
    case .lostInContainer:
      found = names + ", lost to this container"
      cause = "the host's systemd took the device from the running container"
      fix = "start the container anew, with the devices named"
      commands = ["docker run --gpus all --device /dev/nvidia0 --device /dev/nvidiactl …"]
    case .other(let text):
      found = names + ": " + text
      cause = "nvidia-smi does not reach the card"
      fix = "see 'sudo dmesg | grep -i nvrm' for the reason; the CPU is used until then"
    }
    return Check(
      "GPU", .warning, found: found,
      expected: "a driver for CUDA \(Self.text(ofCUDA: Self.requiredCUDA))", cause: cause,
      fix: fix, commands: commands)
  }

  /// How a distribution gets the driver.
  private func driverCommands(_ platform: Platform) -> [String] {
    if platform.isWSL || platform.isContainer { return [] }
    let install = platform.install(.driver)
    return install.isEmpty ? [] : [install, "sudo reboot"]
  }

  /// Where the driver is installed, unless that is here.
  private static func place(_ platform: Platform) -> String {
    platform.isWSL ? " in Windows" : platform.isContainer ? " on the host" : ""
  }

  /// Names with their numbers: `2 × NVIDIA H200, NVIDIA L4`.
  package var names: String {
    var counts: [(model: String, count: Int)] = []
    for model in models {
      if let index = counts.firstIndex(where: { $0.model == model }) {
        counts[index].count += 1
      } else {
        counts.append((model, 1))
      }
    }
    guard !counts.isEmpty else { return "NVIDIA card" }
    return counts.map { $0.count == 1 ? $0.model : "\($0.count) × \($0.model)" }
      .joined(separator: ", ")
  }

  private static func text(ofCUDA version: Int) -> String {
    "\(version / 1000).\(version % 1000 / 10)"
  }
}
