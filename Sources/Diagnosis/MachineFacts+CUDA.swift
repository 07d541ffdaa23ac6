/// Whether driver, toolkit, cuDNN and card fit together. Pare itself needs no toolkit: this
/// is for programs that are built against CUDA, such as OpenCV.
extension MachineFacts {
  func cudaChecks() -> [Check] {
    toolkitCheck() + cuDNNCheck()
  }

  /// The toolkit that a build takes: the one on the path, else the newest.
  package var toolkit: CUDAInstallation.Toolkit? { cuda.onPath ?? cuda.toolkits.last }

  private var isCardHere: Bool { !processors.models.isEmpty }

  private func toolkitCheck() -> [Check] {
    guard let toolkit else {
      guard isCardHere else { return [] }
      return [
        Check(
          "CUDA toolkit", .ok, found: "none; it is needed only to build OpenCV with CUDA yourself")
      ]
    }
    var found = "\(toolkit.version), \(toolkit.folder)"
    let others = cuda.toolkits.filter { $0 != toolkit }.map { "\($0.version)" }
    if !others.isEmpty { found += "; also " + others.joined(separator: ", ") }
    func problem(
      _ cause: String, expected: String, fix: String, commands: [String] = []
    ) -> [Check] {
      [
        Check(
          "CUDA toolkit", .warning, found: found, expected: expected, cause: cause, fix: fix,
          commands: commands)
      ]
    }
    if let link = cuda.link, link.hasPrefix("/usr/local/cuda-"),
      let version = Version.following("/usr/local/cuda-", in: link),
      !cuda.toolkits.contains(where: { $0.version == version.short })
    {
      let newest = cuda.toolkits.last { $0.folder.hasPrefix("/usr/local/cuda-") }?.folder
      return problem(
        "/usr/local/cuda leads to \(link), which is not there", expected: "a link to a toolkit",
        fix: "set the link anew",
        commands: ["\(platform.sudo)ln -sfn \(newest ?? toolkit.folder) /usr/local/cuda"])
    }
    guard let onPath = cuda.onPath else {
      return problem(
        "its nvcc is not on the path, so a build does not find it",
        expected: "nvcc on the path", fix: "put it on the path",
        commands: pathCommands(toolkit.folder))
    }
    if let misfit = misfit(of: onPath.version) {
      // Another one that is installed may fit.
      if let other = cuda.toolkits.last(where: { self.misfit(of: $0.version) == nil }) {
        return problem(
          misfit.cause, expected: misfit.expected,
          fix: "use CUDA \(other.version), which fits", commands: pathCommands(other.folder))
      }
      return problem(misfit.cause, expected: misfit.expected, fix: misfit.fix)
    }
    if let link = cuda.link, link.hasPrefix("/usr/local/cuda-"), onPath.folder == "/usr" {
      return problem(
        "nvcc is \(platform.name)'s own, while /usr/local/cuda is another version: a build may "
          + "mix them", expected: "one toolkit", fix: "put NVIDIA's first on the path",
        commands: pathCommands("/usr/local/cuda"))
    }
    return [Check("CUDA toolkit", .ok, found: found)]
  }

  private func pathCommands(_ folder: String) -> [String] {
    folder == "/usr" ? [] : ["export PATH=\(folder)/bin:$PATH"]
  }

  struct Misfit: Hashable {
    var cause: String
    var expected: String
    var fix: String
  }

  /// Why programs of a toolkit do not run on this driver and card; `nil` where they do, and where
  /// there is no card.
  func misfit(of toolkit: Version) -> Misfit? {
    guard isCardHere else { return nil }
    if let driver = processors.driver.flatMap({ Version($0) }), platform.jetson == nil,
      !platform.isWSL
    {
      let oldest = CUDAFacts.oldestDriver(forToolkit: toolkit)
      if driver < oldest {
        let served = processors.servedCUDA.map { ", which serves CUDA up to \($0)" } ?? ""
        return Misfit(
          cause: "programs of CUDA \(toolkit) do not run on driver \(driver)\(served)",
          expected: "driver \(oldest) or newer",
          fix: "update the driver, or install a toolkit that it serves")
      }
    } else if platform.isWSL, let served = processors.servedCUDA, served.major < toolkit.major {
      return Misfit(
        cause: "Windows' driver serves CUDA up to \(served)",
        expected: "a driver for CUDA \(toolkit)", fix: "update NVIDIA's driver in Windows")
    }
    let release = CUDAFacts.release(toolkit)
    // A toolkit newer than the table may know newer cards.
    let isKnown = CUDAFacts.releases.contains { $0.version == toolkit }
    for capability in processors.distinctCapabilities {
      if capability < release.capabilities.lowerBound {
        let newest = CUDAFacts.newestToolkit(forCapability: capability)
        return Misfit(
          cause: "CUDA \(toolkit) makes no code for compute capability \(capability) any more",
          expected: newest.map { "CUDA \($0) or older" } ?? "an older CUDA",
          fix: "install \(newest.map { "CUDA \($0)" } ?? "an older CUDA") beside it")
      }
      if isKnown, capability > release.capabilities.upperBound {
        let oldest = CUDAFacts.oldestToolkit(forCapability: capability)
        return Misfit(
          cause: "CUDA \(toolkit) does not know compute capability \(capability) yet",
          expected: oldest.map { "CUDA \($0) or newer" } ?? "a newer CUDA",
          fix: "install \(oldest.map { "CUDA \($0)" } ?? "a newer CUDA") or newer beside it")
      }
    }
    return nil
  }

  /// The newest toolkit that fits driver, cards and OpenCV: `12.2`.
  func advisedToolkit(_ capabilities: [Version], for openCV: Version) -> Version {
    let fitting = CUDAFacts.releases.filter { release in
      release.version <= (processors.servedCUDA ?? Version(.max))
        && capabilities.allSatisfy(release.capabilities.contains)
        && CUDAFacts.oldestOpenCV(series: openCV.major, forToolkit: release.version)
          .map { $0 <= openCV } ?? false
    }
    return fitting.last?.version ?? CUDAFacts.releases[CUDAFacts.releases.count - 1].version
  }

  private func cuDNNCheck() -> [Check] {
    guard let cuDNN = cuda.cuDNN, let version = cuDNN.version else {
      guard isCardHere, toolkit != nil else { return [] }
      return [
        Check("cuDNN", .ok, found: "none; OpenCV's dnn needs it to compute on the GPU")
      ]
    }
    let found = "\(version), \(cuDNN.path)"
    func problem(_ cause: String, expected: String, fix: String, commands: [String] = []) -> [Check]
    {
      [
        Check(
          "cuDNN", .warning, found: found, expected: expected, cause: cause, fix: fix,
          commands: commands)
      ]
    }
    if let header = cuDNN.header, let library = cuDNN.library, header.short != library.short,
      library.parts.count > 1 || header.major != library.major
    {
      return problem(
        "its header is of \(header), its library of \(library): what is built does not start",
        expected: "header and library of one version",
        fix: "remove one of them, and install the other whole")
    }
    if let toolkit {
      let majors = CUDAFacts.cudaMajors(ofCuDNN: version)
      if !majors.contains(toolkit.version.major) {
        let list =
          majors.lowerBound == majors.upperBound
          ? "\(majors.lowerBound)" : "\(majors.lowerBound) to \(majors.upperBound)"
        return problem(
          "cuDNN \(version) is made for CUDA \(list), not for \(toolkit.version)",
          expected: "a cuDNN for CUDA \(toolkit.version.major)",
          fix: "install the cuDNN that NVIDIA offers for CUDA \(toolkit.version.major)")
      }
    }
    let oldest = CUDAFacts.oldestCapability(ofCuDNN: version)
    if let capability = processors.distinctCapabilities.first, capability < oldest {
      return problem(
        "cuDNN \(version) computes from compute capability \(oldest) on; this card has "
          + "\(capability)", expected: "an older cuDNN",
        fix: "install cuDNN \(oldest > Version(5, 0) ? "9.10" : "8.8") or older")
    }
    if cuDNN.header == nil {
      return problem(
        "the library is there without its header, so nothing can be built with it",
        expected: "header and library",
        fix: "install its development package",
        commands: platform.isDebianLike
          ? [platform.sudo + "apt-get install " + developmentPackage(version)] : [])
    }
    if cuDNN.library == nil {
      return problem(
        "its header is there, and the loader does not know its library",
        expected: "header and library", fix: "tell the loader its folder",
        commands: [
          "echo /usr/local/cuda/lib64 | \(platform.sudo)tee /etc/ld.so.conf.d/cuda.conf",
          "\(platform.sudo)ldconfig",
        ])
    }
    return [Check("cuDNN", .ok, found: found)]
  }

  /// NVIDIA's name of the package: with the major version of CUDA from cuDNN 9 on.
  private func developmentPackage(_ version: Version) -> String {
    guard version.major >= 9 else { return "libcudnn\(version.major)-dev" }
    return "libcudnn\(version.major)-dev-cuda-\(toolkit?.version.major ?? 12)"
  }
}
