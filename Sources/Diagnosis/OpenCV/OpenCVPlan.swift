/// How OpenCV is built on a machine: what is missing, the compilers, and each switch of CMake with
/// the reason for it. A plan is a function of a record; `script` is what is run.
package struct OpenCVPlan: Hashable, Sendable {
  /// What a user chooses.
  package struct Choices: Hashable, Sendable {
    /// Whether to build with CUDA.
    package var withCUDA = true
    /// Where to install; a folder of its own by default.
    package var prefix: String?
    /// Whether the prefix can be written without becoming root.
    package var isPrefixOwn = false
    /// Compute capabilities in place of those of the cards here.
    package var capabilities: [Version] = []
    /// Modules to build; empty: all that can be.
    package var modules: [String] = []

    package init() {}
  }

  /// A switch of CMake.
  package struct Switch: Hashable, Sendable {
    package var name: String
    package var value: String
    package var reason: String
  }

  package let source: OpenCVSource
  package let choices: Choices
  package let platform: Platform
  package var prefix: String
  package var toolkit: CUDAInstallation.Toolkit?
  package var capabilities: [Version] = []
  package var compilers: Compilers.Choice?
  package var switches: [Switch] = []
  package var packages: [SystemPackage] = []
  /// Programs that compile at once, and why that many.
  package var jobs = 1
  package var jobsReason = ""
  /// What keeps the plan from being carried out.
  package var obstacles: [Check] = []
  /// What the plan is for: the cards, or the processor.
  package var subject = ""
  /// All versions of gcc that are there, for `update-alternatives`.
  package var installedCompilers: [Int] = []

  package init(_ facts: MachineFacts, source: OpenCVSource, choices: Choices = Choices()) {
    self.source = source
    self.choices = choices
    platform = facts.platform
    prefix = choices.prefix ?? "/usr/local/opencv-\(source.version)"
    installedCompilers = facts.compilers.installed
    if choices.withCUDA { chooseToolkit(facts) }
    chooseCompilers(facts)
    chooseJobs(facts)
    judgeDisk(facts)
    findMissing(facts)
    addSwitches(facts)
  }

  private mutating func chooseToolkit(_ facts: MachineFacts) {
    capabilities =
      choices.capabilities.isEmpty
      ? facts.processors.distinctCapabilities : choices.capabilities
    let names = facts.processors.models.isEmpty ? "no card here" : facts.processors.names
    subject = names
    if capabilities.isEmpty {
      obstacles.append(
        Check(
          "card", .failed, found: names, expected: "a card whose compute capability is known",
          cause: "code is made for the compute capability of a card",
          fix: "name it: --capability 8.6 for an RTX 3060 (NVIDIA's page 'CUDA GPUs' lists them)"))
    }
    func builds(_ toolkit: CUDAInstallation.Toolkit) -> Bool {
      CUDAFacts.oldestOpenCV(series: source.version.major, forToolkit: toolkit.version)
        .map { $0 <= source.version } ?? false
    }
    func serves(_ toolkit: CUDAInstallation.Toolkit) -> Bool {
      facts.misfit(of: toolkit.version) == nil
    }
    let all = [facts.cuda.onPath].compactMap { $0 } + facts.cuda.toolkits.reversed()
    toolkit = all.first { builds($0) && serves($0) } ?? all.first
    guard let toolkit else {
      obstacles.append(
        Check(
          "CUDA toolkit", .failed, found: "none", expected: "NVIDIA's CUDA toolkit",
          cause: "OpenCV's CUDA code is compiled by its nvcc",
          fix: "install CUDA \(facts.advisedToolkit(capabilities, for: source.version)) from "
            + "https://developer.nvidia.com/cuda-toolkit-archive"))
      return
    }
    if let misfit = facts.misfit(of: toolkit.version) {
      obstacles.append(
        Check(
          "CUDA toolkit", .failed, found: "\(toolkit.version), \(toolkit.folder)",
          expected: misfit.expected, cause: misfit.cause, fix: misfit.fix))
    } else if !builds(toolkit) {
      let oldest = CUDAFacts.oldestOpenCV(series: source.version.major, forToolkit: toolkit.version)
      obstacles.append(
        Check(
          "OpenCV", .failed, found: "\(source.version)",
          expected: oldest.map { "\($0) or later" } ?? "4.7 or later",
          cause: "OpenCV \(source.version) does not build with CUDA \(toolkit.version)",
          fix: "take a newer OpenCV, or an older CUDA"))
    }
    if source.contrib == nil, source.version.major >= 4 {
      obstacles.append(
        Check(
          "opencv_contrib", .failed, found: "none beside \(source.path)",
          expected: "opencv_contrib \(source.version)",
          cause: "from OpenCV 4 on its CUDA modules, cudev first, are in opencv_contrib",
          fix: "unpack opencv_contrib-\(source.version) beside it, or name it by --contrib"))
    }
  }

  private mutating func chooseCompilers(_ facts: MachineFacts) {
    let newest = toolkit.map { CUDAFacts.newestGCCForOpenCV($0.version) } ?? .max
    if let choice = facts.compilers.choice(atMost: newest) {
      compilers = choice
      return
    }
    let wanted = toolkit == nil ? facts.compilers.gcc?.major : newest
    guard let wanted, wanted != .max else {
      packages.append(.compilers(nil))
      return
    }
    guard let major = platform.packagedCompiler(atMost: wanted) else {
      obstacles.append(
        Check(
          "compilers", .failed,
          found: facts.compilers.gcc.map { "gcc \($0)" } ?? "none",
          expected: "gcc \(newest) or older",
          cause: "nvcc of CUDA \(toolkit?.version ?? Version(0)) refuses gcc later than \(newest)",
          fix: "\(platform.name) has no gcc that old: install a newer CUDA"))
      return
    }
    packages.append(.compilers(major))
    let folder =
      platform.family == .redHat ? "/opt/rh/gcc-toolset-\(major)/root/usr/bin/" : "/usr/bin/"
    let suffix = platform.family == .redHat ? "" : "-\(major)"
    compilers = Compilers.Choice(
      c: "\(folder)gcc\(suffix)", cxx: "\(folder)g++\(suffix)", major: major, isMissing: true)
    if !installedCompilers.isEmpty { installedCompilers.append(major) }
  }

  /// A compiler of CUDA code is reckoned with 2 GiB, one of C++ with 1 GiB: estimates on the safe
  /// side.
  private mutating func chooseJobs(_ facts: MachineFacts) {
    let bytes = facts.machine.availableMemoryInBytes ?? 1 << 30
    let each = choices.withCUDA ? 2 : 1
    jobs = max(1, min(facts.machine.cores, bytes / (each << 30)))
    jobsReason =
      "\(facts.machine.cores) cores, \(gibibytes(bytes)) of memory, \(each) GiB reckoned for each"
  }

  /// Estimates on the safe side for all modules, with CUDA and without, and for a few.
  private mutating func judgeDisk(_ facts: MachineFacts) {
    let needed = choices.modules.isEmpty ? choices.withCUDA ? 10 : 4 : 1
    guard let free = facts.machine.freeDiskInBytes, free < needed << 30 else { return }
    obstacles.append(
      Check(
        "disk", .failed, found: "\(gibibytes(free)) free here",
        expected: "\(needed) GiB free", fix: "free disk space, or build elsewhere"))
  }

  private mutating func findMissing(_ facts: MachineFacts) {
    if facts.record.output("cmake --version") == nil { packages.append(.cmake) }
    guard let modules = facts.pkgConfigModules else {
      packages += [.make, .pkgConfig] + libraries.map(\.package)
      return
    }
    for library in libraries where !library.modules.allSatisfy(modules.contains) {
      packages.append(library.package)
    }
  }

  /// Libraries that OpenCV uses, with pkg-config's names of what they consist of.
  private var libraries: [(package: SystemPackage, modules: [String])] {
    var all: [(package: SystemPackage, modules: [String])] = [
      (.jpeg, ["libjpeg"]), (.png, ["libpng"]), (.tiff, ["libtiff-4"]), (.webp, ["libwebp"]),
    ]
    if choices.has("videoio") {
      all += [
        (.ffmpeg, ["libavcodec", "libavformat", "libswscale"]), (.v4l, ["libv4l2"]),
        (.gstreamer, ["gstreamer-1.0", "gstreamer-base-1.0"]),
      ]
    }
    if choices.has("highgui") { all += [(.gtk, ["gtk+-3.0"]), (.openGL, ["gl", "glu"])] }
    if knowsTBB { all.append((.tbb, ["tbb"])) }
    return all
  }

  /// Whether this OpenCV compiles with oneTBB, as Intel's library is called since 2021: 3.4 wants a
  /// header that is gone, `tbb/tbb_stddef.h`.
  var knowsTBB: Bool { source.version.major >= 4 }
}

extension OpenCVPlan.Choices {
  /// Whether a module is built.
  func has(_ module: String) -> Bool { modules.isEmpty || modules.contains(module) }
}
