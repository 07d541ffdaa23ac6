// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "Pare", path: "..")],
  targets: [
    .executableTarget(
      name: "benchmark",
      dependencies: [
        "Darknet", "Torch", "Datasets", "Loading", "Networks", "Training", "Pruning", "Reports",
      ].map { .product(name: $0, package: "Pare") },
      swiftSettings: [.treatAllWarnings(as: .error)])
  ],
  swiftLanguageModes: [.v6]
)
