extension OpenCVPlan {
  mutating func addSwitches(_ facts: MachineFacts) {
    func add(_ name: String, _ value: String, _ reason: String) {
      switches.append(Switch(name: name, value: value, reason: reason))
    }
    add("CMAKE_BUILD_TYPE", "Release", "optimised code")
    add(
      "CMAKE_INSTALL_PREFIX", prefix,
      "a folder of its own: the system's OpenCV stays, and all can be taken away again")
    add("CMAKE_INSTALL_LIBDIR", "lib", "the same name on every distribution")
    if let compilers {
      let reason =
        toolkit.map { "of one version, \(compilers.major), which CUDA \($0.version) accepts" }
        ?? "of one version, \(compilers.major)"
      add("CMAKE_C_COMPILER", compilers.c, reason)
      add("CMAKE_CXX_COMPILER", compilers.cxx, "the same")
    }
    addCMake4(facts)
    if let contrib = source.contrib {
      let folder = OpenCVSource.isArchive(contrib) ? "$contrib/modules" : "\(contrib)/modules"
      add(
        "OPENCV_EXTRA_MODULES_PATH", folder,
        choices.withCUDA && source.version.major >= 4
          ? "opencv_contrib, where the CUDA modules are" : "opencv_contrib")
    }
    if !choices.modules.isEmpty {
      let needsCudev =
        choices.withCUDA && source.version.major >= 4 && !choices.modules.contains("cudev")
      add(
        "BUILD_LIST", (choices.modules + (needsCudev ? ["cudev"] : [])).joined(separator: ","),
        "these modules and no others" + (needsCudev ? "; core with CUDA needs cudev" : ""))
    }
    if let toolkit {
      addCUDA(facts, toolkit)
    } else {
      add("WITH_CUDA", "OFF", "the processor alone")
    }
    addLibraries()
    addOmissions()
    if source.version.major >= 4 {
      add("OPENCV_GENERATE_PKGCONFIG", "ON", "opencv4.pc, by which builds find it")
    }
  }

  private mutating func addCMake4(_ facts: MachineFacts) {
    guard let cmake = facts.record.output("cmake --version"),
      let version = Version.following("cmake version ", in: cmake), version >= Version(4),
      source.version < Version(4, 12)
    else { return }
    switches.append(
      Switch(
        name: "CMAKE_POLICY_VERSION_MINIMUM", value: "3.5",
        reason: "CMake \(version) refuses files that are written for one before 3.5"))
  }

  private mutating func addCUDA(_ facts: MachineFacts, _ toolkit: CUDAInstallation.Toolkit) {
    func add(_ name: String, _ value: String, _ reason: String) {
      switches.append(Switch(name: name, value: value, reason: reason))
    }
    let cards = capabilities.map(\.description).joined(separator: ",")
    add("WITH_CUDA", "ON", "what this is for")
    let others = facts.cuda.toolkits.filter { $0 != toolkit }.map { "\($0.version)" }
    add(
      "CUDA_TOOLKIT_ROOT_DIR", toolkit.folder,
      others.isEmpty
        ? "CUDA \(toolkit.version)"
        : "CUDA \(toolkit.version), and not \(others.joined(separator: " or "))")
    if let compilers {
      add("CUDA_HOST_COMPILER", compilers.cxx, "nvcc compiles the processor's part with it")
    }
    add("CUDA_ARCH_BIN", cards, "code for this compute capability alone: built and loaded sooner")
    add("CUDA_ARCH_PTX", "", "empty: no code that the driver has to translate at the first start")
    add("CUDA_FAST_MATH", "ON", "quicker functions, exact to fewer digits")
    add("WITH_CUBLAS", "ON", "products of matrices")
    let cuDNN = cuDNNReason(facts, toolkit)
    add("WITH_CUDNN", cuDNN.isUsed ? "ON" : "OFF", cuDNN.reason)
    if source.version >= Version(4, 2) {
      add(
        "OPENCV_DNN_CUDA", cuDNN.isUsed ? "ON" : "OFF",
        cuDNN.isUsed ? "networks of cv::dnn run on the GPU" : "it needs cuDNN")
    }
    add("WITH_NVCUVID", "OFF", "decoding on the card needs NVIDIA's Video Codec SDK")
    if toolkit.version.major >= 13 {
      add("CMAKE_CXX_STANDARD", "17", "CUDA 13's headers ask for it")
    }
  }

  private func cuDNNReason(
    _ facts: MachineFacts, _ toolkit: CUDAInstallation.Toolkit
  ) -> (isUsed: Bool, reason: String) {
    guard let cuDNN = facts.cuda.cuDNN, let version = cuDNN.version else {
      return (false, "there is none; install it and plan again for networks on the GPU")
    }
    guard cuDNN.header != nil else {
      return (false, "cuDNN \(version) is here without its header")
    }
    guard CUDAFacts.cudaMajors(ofCuDNN: version).contains(toolkit.version.major) else {
      return (false, "cuDNN \(version) is not made for CUDA \(toolkit.version)")
    }
    let oldest = CUDAFacts.oldestOpenCV(forCuDNN: version)
    guard source.version >= oldest else {
      return (false, "cuDNN \(version) needs OpenCV \(oldest) or later")
    }
    guard let smallest = capabilities.min(),
      smallest >= CUDAFacts.oldestCapability(ofCuDNN: version)
    else { return (false, "cuDNN \(version) does not compute on this card") }
    return (true, "cuDNN \(version)")
  }

  private mutating func addLibraries() {
    func add(_ name: String, _ value: String, _ reason: String) {
      switches.append(Switch(name: name, value: value, reason: reason))
    }
    if knowsTBB {
      add("WITH_TBB", "ON", "loops on all cores")
    } else {
      add("WITH_TBB", "OFF", "3.4 does not know oneTBB, which distributions have; threads do it")
    }
    if choices.has("videoio") {
      add("WITH_V4L", "ON", "cameras")
      add("WITH_FFMPEG", "ON", "videos and streams")
      add(
        "WITH_GSTREAMER", "ON",
        platform.jetson == nil ? "cameras and streams" : "the board's camera")
    }
    if choices.has("highgui") {
      let isHeadless = platform.isContainer
      add(
        "WITH_GTK", isHeadless ? "OFF" : "ON", isHeadless ? "a container has no screen" : "windows")
      add(
        "WITH_OPENGL", isHeadless ? "OFF" : "ON",
        isHeadless ? "the same" : "pictures drawn by the card, where GTK's OpenGL is there")
    }
    if platform.architecture == "x86_64" {
      add("WITH_IPP", "OFF", "Intel's closed library, fetched while CMake runs; little is slower")
    }
  }

  private mutating func addOmissions() {
    func add(_ name: String, _ value: String, _ reason: String) {
      switches.append(Switch(name: name, value: value, reason: reason))
    }
    add("BUILD_opencv_python3", "OFF", "Pare needs no Python; ON where you do")
    add("BUILD_EXAMPLES", "OFF", "not needed, and long to build")
    add("BUILD_TESTS", "OFF", "the same")
    add("BUILD_PERF_TESTS", "OFF", "the same")
    add("BUILD_DOCS", "OFF", "the same")
    if choices.modules.isEmpty {
      add("BUILD_opencv_gapi", "OFF", "fetches a library while CMake runs")
      if source.contrib != nil {
        for module in ["face", "wechat_qrcode", "xfeatures2d"] {
          add("BUILD_opencv_\(module)", "OFF", "fetches files while CMake runs")
        }
      }
    }
  }
}
