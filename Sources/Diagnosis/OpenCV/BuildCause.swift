/// A known cause of a failed build. The messages are those of issues of opencv and opencv_contrib
/// and of NVIDIA's forum.
struct BuildCause: Hashable, Sendable {
  var cause: String
  var fix: String
  var commands: [String] = []

  /// The cause of a message; `nil` where it is not known.
  static func explaining(_ text: String, facts: MachineFacts) -> BuildCause? {
    for rule in rules {
      if let cause = rule(text, facts) { return cause }
    }
    return nil
  }

  private typealias Rule = @Sendable (String, MachineFacts) -> BuildCause?

  /// A rule for messages that contain all of some marks.
  private static func rule(
    _ marks: String..., cause: String, fix: String, install packages: SystemPackage? = nil,
    commands: [String] = []
  ) -> Rule {
    { text, facts in
      guard marks.allSatisfy({ text.contains($0) }) else { return nil }
      let install = packages.map { [facts.platform.install($0)] } ?? []
      return BuildCause(cause: cause, fix: fix, commands: install + commands)
    }
  }

  /// A rule for messages that contain all of some marks.
  private static func rule(_ marks: String..., means cause: BuildCause) -> Rule {
    { text, _ in marks.allSatisfy { text.contains($0) } ? cause : nil }
  }

  private static let rules: [Rule] = [
    compilerTooNew, unknownArchitecture, missingHeader, missingBundle, missingProgram, cuda, openCV,
    links,
    machine,
    cmake,
  ]

  /// Of several rules the first that fits.
  private static func first(_ rules: [Rule]) -> Rule {
    { text, facts in
      for rule in rules {
        if let cause = rule(text, facts) { return cause }
      }
      return nil
    }
  }

  // MARK: - Compilers

  private static let compilerTooNew: Rule = { text, facts in
    guard text.contains("unsupported GNU version") else { return nil }
    // `gcc versions later than 11 are not supported!`, in CUDA 8 `gcc versions later than 5`.
    let newest = Version.following("later than ", in: text)?.major
    let choice = newest.flatMap { facts.compilers.choice(atMost: $0) }
    let name = newest.map { "gcc \($0)" } ?? "an older gcc"
    var commands: [String] = []
    if choice == nil, let major = newest.flatMap(facts.platform.packagedCompiler(atMost:)) {
      commands.append(facts.platform.install(.compilers(major)))
    }
    return BuildCause(
      cause: "nvcc refuses this gcc; the newest that this CUDA accepts is \(name)",
      fix: "configure anew in an empty build folder with "
        + "-D CUDA_HOST_COMPILER=\(choice?.cxx ?? newest.map { "/usr/bin/g++-\($0)" } ?? "…")",
      commands: commands)
  }

  private static let unknownArchitecture: Rule = { text, facts in
    guard text.contains("Unsupported gpu architecture") else { return nil }
    // `nvcc fatal   : Unsupported gpu architecture 'compute_30'`
    let number = Version.following("compute_", in: text)?.major ?? 0
    let capability = Version(number / 10, number % 10)
    let oldest = CUDAFacts.oldestToolkit(forCapability: capability)
    let newest = CUDAFacts.newestToolkit(forCapability: capability)
    var range = [oldest, newest].compactMap { $0.map(\.description) }
    if range.first == range.last { range = range.suffix(1) }
    let cards = facts.processors.distinctCapabilities.map(\.description).joined(separator: ",")
    return BuildCause(
      cause: "this CUDA makes no code for compute capability \(capability)"
        + (range.isEmpty ? "" : ", which CUDA \(range.joined(separator: " to ")) does"),
      fix: "name the capability of your card alone: -D CUDA_ARCH_BIN="
        + (cards.isEmpty ? "8.6, for example" : cards))
  }

  private static let missingProgram: Rule = first([
    rule(
      "CMAKE_CUDA_COMPILER", "could be found", cause: "CMake does not find nvcc",
      fix: "put CUDA on the path, then configure in an empty build folder",
      commands: ["export PATH=/usr/local/cuda/bin:$PATH"]),
    rule(
      "is not a full path to an existing compiler",
      cause: "a compiler that CMake is told is not there",
      fix: "install it, or name another by -D CMAKE_CXX_COMPILER= and -D CMAKE_C_COMPILER="),
    rule(
      "CMAKE_CXX_COMPILER", "could be found", cause: "there is no C++ compiler",
      fix: "install g++", install: .compilers(nil)),
    rule(
      "CMAKE_MAKE_PROGRAM is not set", cause: "there is no make", fix: "install make",
      install: .make),
    rule(
      "cmake: command not found", cause: "there is no CMake", fix: "install it",
      install: .cmake),
  ])

  // MARK: - CUDA

  private static let cuda: Rule = first([
    rule(
      "parameter packs not expanded",
      cause: "nvcc of CUDA 11.4 to 11.6 stumbles over gcc 11's headers",
      fix: "configure anew in an empty build folder with -D CUDA_HOST_COMPILER=/usr/bin/g++-10",
      install: .compilers(10)),
    rule(
      "CUDA_TOOLKIT_ROOT_DIR not found or specified", cause: "CMake does not find the CUDA toolkit",
      fix: "name its folder: -D CUDA_TOOLKIT_ROOT_DIR=/usr/local/cuda"),
    rule(
      "CUDA_nppi", "NOTFOUND",
      cause: "CUDA 11 and later have no nppicom library, which this OpenCV asks for",
      fix: "take OpenCV 4.4 or 3.4.11, or later, and begin with an empty build folder"),
    rule(
      "texture", "is not a template", means: textures),
    rule(
      "textureReference", means: textures),
    rule(
      "cudaUnbindTexture", means: textures),
    rule(
      "cudaDeviceProp", "has no member", cause: "CUDA 13 took fields away that this OpenCV reads",
      fix: "take OpenCV 4.13 or later, or CUDA 12"),
    rule(
      "cudnnSetRNNDescriptor_v6", cause: "cuDNN 9 took functions away that this OpenCV calls",
      fix: "take OpenCV 4.10 or later, or cuDNN 8"),
    rule(
      "DNN: CUDA backend requires cuDNN",
      cause: "CMake finds no cuDNN with its header, or one that this OpenCV does not know",
      fix:
        "install cuDNN's development package, or leave it out: -D WITH_CUDNN=OFF "
        + "-D OPENCV_DNN_CUDA=OFF"
    ),
    rule(
      "requires enabled 'cudev' module",
      cause: "the CUDA modules of OpenCV 4 are in opencv_contrib, which CMake is not told",
      fix: "unpack opencv_contrib of the same version, and name it: "
        + "-D OPENCV_EXTRA_MODULES_PATH=…/opencv_contrib/modules"),
  ])

  private static let textures = BuildCause(
    cause: "CUDA 12 took texture references away, which this OpenCV uses",
    fix: "take OpenCV 4.7 or later, or CUDA 11")

  // MARK: - OpenCV

  private static let missingHeader: Rule = { text, facts in
    guard text.contains("fatal error:"), text.contains("No such file or directory"),
      let start = text.firstRange(of: "fatal error:")?.upperBound,
      let end = text[start...].firstRange(of: ": No such file")?.lowerBound
    else { return nil }
    let header = trimmed(text[start..<end])
    let name = header.split(separator: "/").last.map(String.init) ?? header
    if name.hasSuffix(".i"), name.hasPrefix("boostdesc") || name.hasPrefix("vgg") {
      return BuildCause(
        cause: "\(name) is one of the files that CMake fetches, and could not",
        fix: "leave its module out: -D BUILD_opencv_xfeatures2d=OFF")
    }
    if header.contains("/test/"), header.hasSuffix(".impl.hpp") {
      return BuildCause(
        cause: "tests of opencv_contrib do not find those of OpenCV, whose folder is another",
        fix: "leave the tests out (-D BUILD_TESTS=OFF), and take both of the same version")
    }
    if header == "tbb/tbb_stddef.h" {
      return BuildCause(
        cause: "this OpenCV does not know oneTBB, as TBB is called since 2021",
        fix: "configure with -D WITH_TBB=OFF: loops then run on threads of their own")
    }
    let packages: [(marks: [String], package: SystemPackage)] = [
      (["libavcodec/", "libavformat/", "libswscale/"], .ffmpeg), (["gst/"], .gstreamer),
      (["gtk/", "glib.h"], .gtk), (["tbb/"], .tbb), (["libv4l2.h", "videodev2.h"], .v4l),
      (["GL/"], .openGL), (["jpeglib.h"], .jpeg), (["png.h"], .png), (["tiffio.h"], .tiff),
      (["webp/"], .webp), (["Python.h", "numpy/"], .python),
    ]
    let found = packages.first { entry in
      entry.marks.contains {
        $0.hasSuffix("/") ? header.hasPrefix($0) : header == $0 || header.hasSuffix("/" + $0)
      }
    }
    if header.hasPrefix("cudnn") {
      return BuildCause(
        cause: "cuDNN's header \(header) is not there",
        fix: "install cuDNN's development package, or leave it out: -D WITH_CUDNN=OFF")
    }
    if ["nvcuvid.h", "cuviddec.h", "nvEncodeAPI.h"].contains(name) {
      return BuildCause(
        cause: "\(name) is of NVIDIA's Video Codec SDK, which is not there",
        fix: "leave it out: -D WITH_NVCUVID=OFF -D WITH_NVCUVENC=OFF")
    }
    if header.contains("opencv2/") {
      return BuildCause(
        cause: "\(header) belongs to a module that is not built, or to another version of OpenCV",
        fix:
          "take opencv_contrib of the same version as OpenCV, and begin with an empty build folder")
    }
    guard let found else { return nil }
    return BuildCause(
      cause: "the header \(header) is not there", fix: "install the package that brings it",
      commands: [facts.platform.install(found.package)])
  }

  /// Distributions take the libraries out that OpenCV's source comes with.
  private static let missingBundle: Rule = { text, facts in
    guard text.contains("which is not an existing directory"),
      let start = text.firstRange(of: "/3rdparty/")?.upperBound
    else { return nil }
    let name = text[start...].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
    let packages: [Substring: (switches: String, package: SystemPackage)] = [
      "libtiff": ("WITH_TIFF", .tiff), "libwebp": ("WITH_WEBP", .webp),
      "libpng": ("WITH_PNG", .png), "libjpeg": ("WITH_JPEG", .jpeg),
      "libjpeg-turbo": ("WITH_JPEG", .jpeg), "tbb": ("WITH_TBB", .tbb),
    ]
    let others: [Substring: String] = [
      "openexr": "WITH_OPENEXR", "libjasper": "WITH_JASPER", "openjpeg": "WITH_OPENJPEG",
      "protobuf": "WITH_PROTOBUF", "ittnotify": "WITH_ITT", "quirc": "WITH_QUIRC",
    ]
    let known = packages[name]
    let off = known?.switches ?? others[name] ?? "WITH_\(name.uppercased())"
    return BuildCause(
      cause: "this source comes without \(name), and the system's is not there",
      fix: "install it, or leave it out by -- -D \(off)=OFF",
      commands: known.map { [facts.platform.install($0.package)] } ?? [])
  }

  private static let openCV: Rule = first([
    rule(
      "No modules has been found",
      cause: "the folder of opencv_contrib's modules is not at the place that CMake is told",
      fix: "name it from the root on, with /modules at its end; a shell does not replace ~ behind ="
    ),
    rule(
      "Duplicated modules",
      cause: "a module is in OpenCV and in opencv_contrib: they are of different versions",
      fix: "take opencv_contrib of the same version as OpenCV"),
    rule(
      "Download failed", cause: "CMake fetches files, and the network or a proxy is in the way",
      fix: "leave out what is fetched: -D WITH_IPP=OFF -D BUILD_opencv_gapi=OFF "
        + "-D BUILD_opencv_face=OFF -D BUILD_opencv_xfeatures2d=OFF "
        + "-D BUILD_opencv_wechat_qrcode=OFF"
    ),
  ])

  // MARK: - Linking

  private static let links: Rule = first([
    rule(
      "undefined reference to", "@LIBTIFF",
      cause:
        "CMake took libtiff of Anaconda, whose folder is on the path, and the linker the system's",
      fix: "take Anaconda off the path, then begin with an empty build folder",
      commands: ["conda deactivate"]),
    rule(
      "undefined reference to", "cv::",
      cause: "libraries of two versions of OpenCV meet",
      fix:
        "remove the older one, and begin with an empty build folder"
    ),
    rule(
      "cannot find -lcud", cause: "the linker does not find CUDA's libraries",
      fix: "tell it their folder",
      commands: ["export LIBRARY_PATH=/usr/local/cuda/lib64:$LIBRARY_PATH"]),
    rule(
      "cannot find -lnpp", cause: "the linker does not find CUDA's libraries",
      fix: "tell it their folder",
      commands: ["export LIBRARY_PATH=/usr/local/cuda/lib64:$LIBRARY_PATH"]),
    rule(
      "cannot find -lfalse", cause: "a library was set to 'false' on CMake's command line",
      fix: "leave that out, take a newer OpenCV, and begin with an empty build folder"),
    rule(
      "libcu", "cannot open shared object file",
      cause: "the loader does not know the folder of CUDA's libraries",
      fix: "tell it",
      commands: [
        "echo /usr/local/cuda/lib64 | sudo tee /etc/ld.so.conf.d/cuda.conf", "sudo ldconfig",
      ]),
    rule(
      "libopencv_", "cannot open shared object file",
      cause: "the loader does not know the folder of this OpenCV",
      fix: "tell it",
      commands: ["echo PREFIX/lib | sudo tee /etc/ld.so.conf.d/opencv.conf", "sudo ldconfig"]),
    rule(
      "relocation truncated to fit",
      cause: "code for too many compute capabilities makes one library too large",
      fix: "name the capability of your card alone by -D CUDA_ARCH_BIN="),
  ])

  // MARK: - The machine

  private static let machine: Rule = first([
    rule(
      "Killed", "cc1plus", means: memory),
    rule(
      "died due to signal 9", means: memory),
    rule(
      "virtual memory exhausted", means: memory),
    rule(
      "Cannot allocate memory", means: memory),
    rule(
      "No space left on device", cause: "the disk is full",
      fix:
        "free disk space, then go on: what is built stays",
      commands: ["df -h ."]),
    rule(
      "cannot copy file", "Permission denied", means: install),
    rule(
      "cannot make directory", "Permission denied", means: install),
    rule(
      "file cannot create directory", means: install),
  ])

  private static let memory = BuildCause(
    cause: "the kernel ended a compiler, since memory ran out",
    fix: "compile fewer files at once, or add swap; what is built stays",
    commands: [
      "make -j1", "sudo fallocate -l 8G /swapfile", "sudo chmod 600 /swapfile",
      "sudo mkswap /swapfile", "sudo swapon /swapfile",
    ])

  private static let install = BuildCause(
    cause: "the folder to install to belongs to root",
    fix: "install as root, or choose a prefix of your own", commands: ["sudo make install"])

  // MARK: - CMake

  private static let absentFile = "a file that is to be installed is not in the source"

  private static let cmake: Rule = first([
    rule(
      "Compatibility with CMake < 3.5 has been removed",
      cause: "CMake 4 refuses files that are written for one before 3.5",
      fix: "configure with -D CMAKE_POLICY_VERSION_MINIMUM=3.5, or take a newer OpenCV"),
    rule(
      "or higher is required", cause: "this CMake is older than the source asks for",
      fix: "install a newer one", commands: ["python3 -m pip install --user cmake"]),
    rule(
      "does not appear to contain CMakeLists.txt", cause: "CMake is not given the source folder",
      fix: "name the folder that holds CMakeLists.txt and modules"),
    rule(
      "is different than the directory", cause: "the build folder was moved or copied",
      fix: "begin with an empty build folder"),
    rule(
      "does not match the source", cause: "the build folder is of another source",
      fix: "begin with an empty build folder"),
    rule(
      "file INSTALL cannot find", "3rdparty/include/opencl", cause: absentFile,
      fix: "leave OpenCL out by -D WITH_OPENCL=OFF: Debian's source package has no files of others"),
    rule(
      "file INSTALL cannot find", cause: absentFile,
      fix: "unpack the source anew, or switch off what the file belongs to"),
    rule(
      "No targets specified and no makefile found",
      cause: "CMake has not made the files for make: it failed, or was not run here",
      fix: "configure first, and mend what CMake says"),
    rule(
      "set to NOTFOUND", cause: "CMake does not find libraries that it was told to use",
      fix: "install them, or switch off what they are for; then begin with an empty build folder"),
  ])
}
