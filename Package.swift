// swift-tools-version: 6.2
import PackageDescription

// Where Scripts/setup puts libtorch. `Context.packageDirectory` lets plain `swift build` and
// `swift test` find it without environment variables; PARE_DEPS names another folder.
let deps = Context.environment["PARE_DEPS"] ?? Context.packageDirectory + "/.deps"

/// Warnings are errors in every build, so that all builds share one set of products.
let strict: [SwiftSetting] =
  [.treatAllWarnings(as: .error)]
  // `PARE_TESTABLE=1 make test`: an optimised build that tests can look into, one for all.
  + (Context.environment["PARE_TESTABLE"] == nil
    ? [] : [.unsafeFlags(["-enable-testing"], .when(configuration: .release))])
/// For targets with numeric loops: optimised in debug builds too, so the tests stay quick.
let numeric: [SwiftSetting] = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// For tests: optimising them takes longer than it saves.
let tests: [SwiftSetting] = strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let torchHeaders: [CXXSetting] = [
  .define("AT_PER_OPERATOR_HEADERS"),
  .unsafeFlags([
    "-isystem\(deps)/torch/include",
    "-isystem\(deps)/torch/include/torch/csrc/api/include",
    "-O2", "-g0",
  ]),
]
let torchLibraries: [LinkerSetting] = [
  .unsafeFlags([
    "-L\(deps)/torch/lib",
    // First the copy beside an installed program, then what Scripts/setup fetched.
    "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/torch/lib",
    "-Xlinker", "-rpath", "-Xlinker", "\(deps)/torch/lib",
    "-Xlinker", "-rpath-link", "-Xlinker", "\(deps)/nvidia/cu13/lib",
  ]),
  .linkedLibrary("torch_cpu"),
  .linkedLibrary("c10"),
]
// Debian's OpenCV, or one of your own: `make OPENCV_PREFIX=/usr/local/opencv-4.8.0`.
let openCVPrefix = Context.environment["OPENCV_PREFIX"].flatMap { $0.isEmpty ? nil : $0 }
let openCVHeaders: [CXXSetting] = [
  .unsafeFlags(
    // OpenCV 3 has no folder of its own for them.
    (openCVPrefix.map { ["-isystem\($0)/include/opencv4", "-isystem\($0)/include"] }
      ?? ["-isystem/usr/include/opencv4"]) + ["-isystem/usr/include/freetype2"])
]
func openCVLibraries(_ modules: String...) -> [LinkerSetting] {
  guard let prefix = openCVPrefix else { return modules.map { .linkedLibrary("opencv_\($0)") } }
  // By their paths: the system's folder comes before others in the linker's search.
  let paths = modules.map { "\(prefix)/lib/libopencv_\($0).so" }
  return [
    .unsafeFlags((["-rpath", "\(prefix)/lib"] + paths).flatMap { ["-Xlinker", $0] })
  ]
}

/// Libraries of Debian's that become part of a program, which then runs where they are missing.
func linkedInside(_ names: String...) -> [LinkerSetting] {
  [
    .unsafeFlags(
      names.flatMap { ["-Xlinker", "-l:lib\($0).a"] }
        // Libraries that use one of them too find their own copy.
        + [
          "-Xlinker", "--exclude-libs", "-Xlinker",
          names.map { "lib\($0).a" }.joined(separator: ","),
        ])
  ]
}

/// A target and its tests, in `Sources/<name>` and `Tests/<name>Tests`.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict,
  testing: [Target.Dependency] = [], resources: [Resource] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings),
    .testTarget(
      name: name + "Tests", dependencies: [.byName(name: name)] + dependencies + testing,
      resources: resources, swiftSettings: tests),
  ]
}

var targets: [Target] = []

// Pure Swift.
targets += module("Terminal")
targets += module("Storage", ["CZlib"])
targets += module(
  "Darknet", ["Storage", "Terminal"], settings: numeric, testing: ["_TestSupport"])
targets += module("Boxes", settings: numeric, resources: [.copy("Resources")])
targets += module(
  "Checkpoints", ["Darknet", "Storage"], settings: numeric, testing: ["_TestSupport"],
  resources: [.copy("Resources")])
targets += module("Reports", ["Storage", "Terminal"], settings: numeric)
targets += module("ArgumentParsing", ["Terminal"], testing: ["_TestSupport"])
targets += module("Parsing", ["CParsing", "Terminal"], settings: numeric)
targets += module("Diagnosis", resources: [.copy("Resources")])
targets += module(
  "Commands", ["ArgumentParsing", "Boxes", "Darknet", "Diagnosis", "Terminal"],
  testing: ["_TestSupport"],
  resources: [.copy("Resources")])

targets.append(.target(name: "CIntegers", cSettings: [.unsafeFlags(["-O2"])]))
targets += module(
  "Integers", ["CIntegers", "Darknet", "Storage"], settings: numeric, testing: ["_TestSupport"])

// Over libtorch and OpenCV.
targets += [
  .target(name: "CTorch", cxxSettings: torchHeaders, linkerSettings: torchLibraries),
  .target(
    name: "CVision", cxxSettings: openCVHeaders,
    linkerSettings: openCVLibraries("core", "imgproc", "imgcodecs")),
  .target(name: "CVideoAPI"),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .target(name: "CParsing", linkerSettings: linkedInside("expat", "yajl_s", "yaml")),
  .target(
    name: "CVideo", dependencies: ["CVideoAPI"], cxxSettings: openCVHeaders,
    linkerSettings: openCVLibraries("core", "videoio")),
]
targets += module(
  "Torch", ["CTorch", "Parsing", "Storage", "Terminal"], settings: numeric,
  testing: ["_TorchSupport"])
targets += module(
  "Vision", ["CVision", "CVideoAPI", "Boxes", "Darknet", "Storage", "Terminal"],
  settings: numeric,
  testing: ["_TestSupport"])
targets += module(
  "Networks", ["Torch", "Darknet", "Boxes", "Checkpoints"], settings: numeric,
  testing: ["_TestSupport"])
targets += module(
  "Datasets", ["Vision", "Boxes", "Darknet", "Terminal", "CZlib", "Parsing", "Storage"],
  settings: numeric,
  testing: ["_TestSupport"])
targets += module(
  "Loading", ["Datasets", "Vision", "Torch", "Boxes", "Darknet", "Storage"], settings: numeric,
  testing: ["_TestSupport"])
targets += module(
  "Inference", ["Networks", "Datasets", "Loading", "Vision", "Torch", "Boxes", "Darknet"],
  settings: numeric, testing: ["_TestSupport"])
targets += module(
  "Training", ["Inference", "Networks", "Datasets", "Loading", "Reports", "Storage"],
  settings: numeric, testing: ["_TestSupport", "_TrainingSupport", "_TorchSupport", "Pruning"],
  resources: [.copy("Resources")])
targets += module(
  "Pruning", ["Inference", "Networks", "Training", "Reports"], settings: numeric,
  testing: ["_TestSupport", "_TrainingSupport", "_TorchSupport"])

targets += module(
  "Distillation",
  [
    "Training", "Inference", "Networks", "Datasets", "Loading", "Darknet", "Torch", "Reports",
    "Storage", "Terminal",
  ], settings: numeric, testing: ["_TestSupport", "_TrainingSupport", "_TorchSupport", "Pruning"])

targets += module(
  "Quantization",
  ["Training", "Inference", "Networks", "Loading", "Integers", "Darknet", "Torch"],
  settings: numeric,
  testing: ["_TestSupport", "_TrainingSupport", "_TorchSupport"])

targets += module(
  "Runs",
  [
    "Distillation", "Pruning", "Quantization", "Integers", "Training", "Inference", "Networks",
    "Loading",
    "Datasets", "Vision", "Torch",
    "Boxes", "Darknet", "Diagnosis", "Reports", "Storage", "Terminal",
  ], testing: ["Commands", "_TestSupport", "_TrainingSupport", "_TorchSupport"])

// What is told of what came of them.
targets += module(
  "Summaries",
  [
    "ArgumentParsing", "Commands", "Runs", "Distillation", "Pruning", "Quantization", "Training",
    "Inference", "Networks", "Datasets", "Vision", "Torch", "Boxes", "Darknet", "Reports",
    "Storage", "Terminal", "Diagnosis",
  ], testing: ["_TestSupport", "_TorchSupport"])

// All that a program needs, by one import.
targets.append(
  .target(
    name: "Pare",
    dependencies: [
      "Boxes", "Darknet", "Datasets", "Distillation", "Inference", "Integers", "Networks",
      "Pruning", "Quantization", "Runs", "Torch", "Training", "Vision",
    ], swiftSettings: strict))

// The command.
targets += [
  .executableTarget(
    name: "pare",
    dependencies: [
      "Commands", "Darknet", "Checkpoints", "Diagnosis", "ArgumentParsing", "Terminal",
    ],
    swiftSettings: strict),
  .executableTarget(
    name: "pare-engine",
    dependencies: [
      "Commands", "ArgumentParsing", "Darknet", "Boxes", "Reports", "Diagnosis", "Torch", "Vision",
      "Networks", "Datasets", "Loading", "Inference", "Training", "Pruning", "Distillation",
      "Quantization", "Integers", "Runs", "Storage", "Summaries", "Terminal",
    ],
    swiftSettings: strict),
]

// What tests of several targets share.
targets.append(
  .target(
    name: "_TestSupport", dependencies: ["Darknet"], path: "Tests/_TestSupport",
    swiftSettings: numeric))
targets.append(
  .target(
    name: "_TorchSupport", dependencies: ["Torch"], path: "Tests/_TorchSupport",
    swiftSettings: strict))
targets.append(
  .target(
    name: "_TrainingSupport", dependencies: ["Training", "Pruning", "Datasets", "Loading"],
    path: "Tests/_TrainingSupport", swiftSettings: strict))
// Reads large broken files, for tests that measure what that costs.
targets.append(
  .executableTarget(
    name: "_ReadingProbe",
    dependencies: ["Darknet", "Checkpoints", "Datasets", "Torch", "Vision", "CZlib"],
    path: "Tests/_ReadingProbe", swiftSettings: numeric))
// Runs the built programs as a person would.
targets.append(
  .testTarget(
    name: "CommandLineTests", dependencies: ["Darknet", "Boxes", "Vision", "_TestSupport"],
    swiftSettings: tests))

// Compares networks with OpenCV's and NumPy's in Python; `make test-parity` switches it on.
targets.append(
  .testTarget(
    name: "ParityTests", dependencies: ["Darknet", "Networks", "Pruning", "Torch", "Vision"],
    resources: [.copy("Python")], swiftSettings: numeric))

// An optimised build compiles a target anew where one that it names has changed; types of those behind
// it are laid out in it too. So each names all that it reaches, which is written here only once.
func reached(from target: Target, among targets: [String: Target]) -> [String] {
  var names: [String] = []
  var open = target.dependencies
  while let dependency = open.popLast() {
    guard case .byNameItem(let name, _) = dependency, !names.contains(name) else { continue }
    names.append(name)
    open += targets[name]?.dependencies ?? []
  }
  return names.sorted()
}
let byName = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0) })
for target in targets where !target.dependencies.isEmpty {
  target.dependencies = reached(from: target, among: byName).map { .byName(name: $0) }
}

// `PARE_SUITES=NetworksTests,PruningTests swift build --build-tests` builds these suites alone, in a
// third of the time.
if let suites = Context.environment["PARE_SUITES"]?.split(separator: ",").map(String.init) {
  targets.removeAll { $0.type == .test && !suites.contains($0.name) }
}

let package = Package(
  name: "Pare",
  products: [
    .executable(name: "pare", targets: ["pare"]),
    .executable(name: "pare-engine", targets: ["pare-engine"]),
    .library(name: "Pare", targets: ["Pare"]),
    .library(name: "Darknet", targets: ["Darknet"]),
    .library(name: "Checkpoints", targets: ["Checkpoints"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Loading", targets: ["Loading"]),
    .library(name: "Torch", targets: ["Torch"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "Inference", targets: ["Inference"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Pruning", targets: ["Pruning"]),
    .library(name: "Distillation", targets: ["Distillation"]),
    .library(name: "Integers", targets: ["Integers"]),
    .library(name: "Quantization", targets: ["Quantization"]),
    .library(name: "Runs", targets: ["Runs"]),
    .library(name: "Reports", targets: ["Reports"]),
    .library(name: "CVideo", type: .dynamic, targets: ["CVideo"]),
  ],
  targets: targets,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
