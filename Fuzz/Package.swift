// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "Pare", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        .product(name: "Darknet", package: "Pare"), .product(name: "Datasets", package: "Pare"),
        .product(name: "Checkpoints", package: "Pare"),
        .product(name: "Networks", package: "Pare"), .product(name: "Torch", package: "Pare"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ],
  swiftLanguageModes: [.v6]
)
