extension OpenCVPlan {
  /// The plan as a script of bash: variables, then a function for each step, reasons as remarks.
  /// Read into a shell it does nothing by itself; `Scripts/build-opencv-cuda` calls the steps.
  package var script: String {
    let title = "OpenCV \(source.version)" + (toolkit.map { " with CUDA \($0.version)" } ?? "")
    let cards = subject.isEmpty ? "" : " for \(subject)"
    var lines = [
      "# \(title)\(cards), on \(platform.name).",
      "# Each step is a function: packages, unpack, configure, compile, put, register, try_out.",
      "source=\(quoted(source.isArchive ? workFolder + "/source" : source.path))",
      "build=\(quoted(workFolder + "/build"))",
      "prefix=\(quoted(prefix))",
    ]
    if let contrib = source.contrib, OpenCVSource.isArchive(contrib) {
      lines.append("contrib=\(quoted(workFolder + "/contrib"))")
    }
    lines += step("packages", "What is missing here.", packageLines)
    lines += step("unpack", "Archives into folders.", unpackLines)
    lines += step("configure", "CMake finds out what is here.", configureLines)
    lines += step("compile", "\(jobs) at once: \(jobsReason).", ["make -C \"$build\" -j\(jobs)"])
    lines += step(
      "put", "Into \(prefix), with a note of what is put there.",
      [
        "\(root)make -C \"$build\" install",
        "\(root)cp \"$build/install_manifest.txt\" \"$prefix/\(Self.manifest)\"",
      ])
    lines += step("register", "The loader and pkg-config are told.", registerLines)
    lines += step("try_out", "What was built computes.", tryLines)
    return lines.joined(separator: "\n") + "\n"
  }

  private var workFolder: String {
    let folder = source.isArchive ? folder(of: source.path) : source.path
    return source.isArchive ? "\(folder)/opencv-\(source.version)-work" : "\(folder)/build-pare"
  }

  private var root: String { choices.isPrefixOwn ? "" : platform.sudo }

  private var libraryFolder: String { "\(prefix)/lib" }

  private func step(_ name: String, _ remark: String, _ body: [String]) -> [String] {
    let isProgram = Set(Self.program + ["END"])
    // The text of a program, up to its end, stands at the margin.
    let rows = (body.isEmpty ? [":"] : body).map { isProgram.contains($0) ? $0 : "  \($0)" }
    return ["", "\(name)() {", "  # \(remark)"] + rows + ["}"]
  }

  private var packageLines: [String] {
    var lines: [String] = []
    let install = platform.install(packages)
    if !install.isEmpty { lines.append(install) }
    if let compilers, platform.isDebianLike, installedCompilers.count > 1 {
      lines.append(
        "# To make gcc \(compilers.major) the usual one as well, which this build does not need:")
      lines += Compilers.alternatives(
        installedCompilers, chosen: compilers.major, sudo: platform.sudo
      ).map { "#   \($0)" }
    }
    return lines.contains { !$0.hasPrefix("#") } ? lines : lines + [":"]
  }

  private var unpackLines: [String] {
    var lines: [String] = []
    if source.isArchive { lines += Self.unpack(source.path, into: "$source") }
    if let contrib = source.contrib, OpenCVSource.isArchive(contrib) {
      lines += Self.unpack(contrib, into: "$contrib")
    }
    return lines
  }

  /// An archive holds one folder, whatever its name; what is in it comes into `folder`.
  private static func unpack(_ archive: String, into folder: String) -> [String] {
    let name = quoted(archive)
    let unpack =
      archive.hasSuffix(".zip")
      ? ["unzip -q \(name) -d \"\(folder).new\"", "mv \"\(folder).new\"/* \"\(folder)\""]
      : [
        "tar -xf \(name) -C \"\(folder).new\" --strip-components=1",
        "mv \"\(folder).new\" \"\(folder)\"",
      ]
    return ["rm -rf \"\(folder)\" \"\(folder).new\" && mkdir -p \"\(folder).new\""] + unpack
  }

  private var configureLines: [String] {
    let words = switches.map { entry in
      let value = entry.value.hasPrefix("$") ? "\"\(entry.value)\"" : quoted(entry.value)
      return "-D \(entry.name)=\(entry.value.isEmpty ? "" : value)"
    }
    let width = words.map(\.count).max() ?? 0
    let rows = zip(words, switches).map { word, entry in
      "  \(word)" + String(repeating: " ", count: width - word.count) + "  # \(entry.reason)"
    }
    return ["local options=("] + rows + [
      ")", "mkdir -p \"$build\" && cd \"$build\"", "cmake \"$source\" \"${options[@]}\" \"$@\"",
    ]
  }

  private var registerLines: [String] {
    guard !choices.isPrefixOwn else {
      return [
        "echo 'for programs of your own: export LD_LIBRARY_PATH=\(libraryFolder)'",
        "echo 'and to build them: export PKG_CONFIG_PATH=\(libraryFolder)/pkgconfig'",
      ]
    }
    return [
      "echo \"$prefix/lib\" | \(platform.sudo)tee /etc/ld.so.conf.d/\(Self.loaderFile) >/dev/null",
      "\(platform.sudo)ldconfig",
      "echo 'to build programs with it: export PKG_CONFIG_PATH=\(libraryFolder)/pkgconfig'",
    ]
  }

  /// The list of installed files, by which `--uninstall` takes them away.
  private static let manifest = "pare-opencv.manifest"

  /// The file that tells the loader of the folder; `--uninstall` takes it away.
  private static let loaderFile = "pare-opencv.conf"

  private var tryLines: [String] {
    let module = source.version.major >= 4 ? "opencv4" : "opencv"
    let compiler = compilers?.cxx ?? "g++"
    let runtime =
      toolkit.map { ":\($0.folder == "/usr" ? "/usr/lib" : $0.folder + "/lib64")" } ?? ""
    return [
      "export PKG_CONFIG_PATH=\"$prefix/lib/pkgconfig\" LD_LIBRARY_PATH=\"$prefix/lib\(runtime)\"",
      "pkg-config --modversion \(module)",
      "cat > \"$build/try-out.cpp\" <<'END'",
    ] + Self.program + [
      "END",
      "\(compiler) -std=c++17 \"$build/try-out.cpp\" -o \"$build/try-out\" "
        + "$(pkg-config --cflags \(module)) -L\"$prefix/lib\" -lopencv_core",
      "\"$build/try-out\"",
    ]
  }

  /// Three times two and one on the card is seven, or there is none.
  private static let program = [
    "#include <iostream>",
    "#include <opencv2/core.hpp>",
    "#include <opencv2/core/cuda.hpp>",
    "int main() {",
    "  std::cout << \"OpenCV \" << CV_VERSION << '\\n';",
    "  if (cv::cuda::getCudaEnabledDeviceCount() < 1) {",
    "    std::cout << \"no card is there for it\\n\";",
    "    return 0;",
    "  }",
    "  cv::cuda::GpuMat threes, sevens;",
    "  threes.upload(cv::Mat(2, 2, CV_32F, cv::Scalar(3)));",
    "  threes.convertTo(sevens, CV_32F, 2, 1);",
    "  cv::Mat found;",
    "  sevens.download(found);",
    "  bool right = cv::countNonZero(found == 7) == 4;",
    "  std::cout << (right ? \"the card computes\\n\" : \"the card computes wrongly\\n\");",
    "  return right ? 0 : 1;",
    "}",
  ]
}

/// A word as a shell reads it.
private func quoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "/._-+,:".utf8.contains(byte)
    }
  return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
