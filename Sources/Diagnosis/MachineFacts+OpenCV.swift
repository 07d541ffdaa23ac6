extension MachineFacts {
  func openCVChecks() -> [Check] { [buildCheck(), developmentCheck()].compactMap { $0 } }

  /// What the OpenCV that is loaded can do.
  private func buildCheck() -> Check? {
    guard let library = openCV.libraries.first else { return nil }
    guard let build = openCV.build else {
      return Check(
        "OpenCV build", .ok, found: "\(library.path), which does not say how it is built")
    }
    var parts = [build.version.map { "\($0)" } ?? "unknown version", library.path]
    parts.append(build.pictureFormats.joined(separator: " "))
    parts.append(
      build.videoBackends.isEmpty
        ? "no videos" : "videos by " + build.videoBackends.joined(separator: ", "))
    parts.append(build.windows.map { "windows by \($0)" } ?? "no windows")
    parts.append(
      build.cuda.map { cuda in
        "CUDA \(cuda)" + (build.cuDNN.map { " with cuDNN \($0)" } ?? " without cuDNN")
      } ?? "no CUDA")
    if build.hasContrib { parts.append("contrib") }
    let found = parts.joined(separator: ", ")
    let missing = ["JPEG", "PNG"].filter { build[$0] == nil }
    guard missing.isEmpty else {
      return Check(
        "OpenCV build", .warning, found: found, expected: "an OpenCV that reads JPEG and PNG",
        cause: "it was built without \(missing.joined(separator: " and "))",
        fix: "build it anew with these libraries' files, or install the distribution's",
        commands: [platform.install(.jpeg, .png)])
    }
    if let cuda = build.cuda, let driver = processors.driver.flatMap({ Version($0) }),
      platform.jetson == nil, driver < CUDAFacts.oldestDriver(forToolkit: cuda)
    {
      return Check(
        "OpenCV build", .warning, found: found,
        expected: "driver \(CUDAFacts.oldestDriver(forToolkit: cuda)) or newer",
        cause: "its CUDA \(cuda) does not run on driver \(driver)",
        fix: "update the driver, or build OpenCV with an older CUDA")
    }
    return Check("OpenCV build", .ok, found: found)
  }

  /// Whether what programs are built against is what they then load.
  private func developmentCheck() -> Check? {
    guard pkgConfigModules != nil || record["pkg-config --modversion opencv4"] != nil else {
      return Check(
        "pkg-config", .warning, found: "none", expected: "pkg-config",
        cause: "builds find libraries by it", fix: "install it",
        commands: [platform.install(.pkgConfig)])
    }
    guard let module = openCV.modules.first else {
      guard let library = openCV.libraries.first(where: { $0.path.hasPrefix("/usr/local/") }) else {
        return Check("pkg-config", .ok, found: "no opencv4 and no opencv")
      }
      let folder = folder(of: library.path)
      return Check(
        "pkg-config", .warning, found: "no opencv4 and no opencv, though \(library.path) is there",
        expected: "opencv4.pc",
        cause: "its folder is not searched, or OpenCV was built without "
          + "OPENCV_GENERATE_PKGCONFIG=ON",
        fix: "name the folder to pkg-config",
        commands: ["export PKG_CONFIG_PATH=\(folder)/pkgconfig:$PKG_CONFIG_PATH"])
    }
    let found = openCV.modules.map { module in
      "\(module.name) \(module.version)" + (module.prefix.map { " in \($0)" } ?? "")
    }.joined(separator: ", ")
    let loaded = openCV.libraries.compactMap { library in
      OpenCVInstallation.version(ofLibrary: library.name).map { (library, $0) }
    }
    if !loaded.contains(where: { $0.1 == module.version.short }) {
      let other = loaded.first.map { "\($0.1), \($0.0.path)" } ?? "none"
      let folder = module.libraryFolder ?? (module.prefix ?? "/usr/local") + "/lib"
      return Check(
        "pkg-config", .warning, found: found, expected: "libraries of \(module.version)",
        cause: "the loader knows of OpenCV: \(other)", fix: "tell the loader the folder",
        commands: [
          "echo \(folder) | \(platform.sudo)tee /etc/ld.so.conf.d/opencv.conf",
          "\(platform.sudo)ldconfig",
        ])
    }
    if let other = loaded.first(where: { $0.1 != module.version.short }) {
      return Check(
        "pkg-config", .warning, found: found,
        expected: "one OpenCV",
        cause:
          "the loader also knows \(other.1), \(other.0.path): two versions in one process end it",
        fix: "build all programs against one of them, or remove the other")
    }
    return Check("pkg-config", .ok, found: found)
  }

  /// Engines and launchers that Pare's neighbours use; none is needed.
  func otherLibraries() -> Check {
    var there: [String] = []
    var absent: [String] = []
    for (name, stem) in [
      ("ONNX", "libonnx"), ("ONNX Runtime", "libonnxruntime"), ("OpenVINO", "libopenvino_c"),
      ("NCCL", "libnccl"),
    ] {
      if loader.contains(stem) { there.append(name) } else { absent.append(name) }
    }
    if let text = record.output("mpirun --version") {
      // `mpirun (Open MPI) 4.1.4`, or `HYDRA build details:` of MPICH.
      let isOpen = text.contains("Open MPI")
      let version =
        Version.following(isOpen ? "Open MPI) " : "Version:", in: text).map { " \($0)" } ?? ""
      there.append((isOpen ? "Open MPI" : "MPICH") + version)
    } else if loader.contains("libmpi") {
      there.append("MPI")
    } else {
      absent.append("MPI")
    }
    let list = there.isEmpty ? "none" : there.joined(separator: ", ")
    return Check(
      "other engines", .ok,
      found: list
        + (absent.isEmpty ? "" : "; not there, not needed: " + absent.joined(separator: ", ")))
  }
}
