import Foundation
import Testing
import Torch
import Vision

/// What the parity tests need from outside: `make test-parity` names the folder with OpenCV and
/// NumPy for Python, and `PARE_REALDATA` the one with reference cfgs and pictures.
enum Parity {
  private static let environment = ProcessInfo.processInfo.environment

  /// Where `Python/install` put the packages.
  static let packages = environment["PARE_PARITY"]
  /// Reference cfgs and sample pictures.
  static let realData = environment["PARE_REALDATA"]
  /// Whether the tests are to run at all.
  static let isEnabled = packages != nil && realData != nil
  /// Why they did not.
  static let reason: Comment = "run by make test-parity with PARE_REALDATA set"

  /// The largest difference that counts as equal, in shares of the largest value.
  static let tolerance: Float = 1e-3

  /// Sample pictures, stretched to the size.
  ///
  /// - Returns: `[count, 3, height, width]`, values in `0...1`.
  static func pictures(_ count: Int, width: Int, height: Int) throws -> Tensor {
    let root = try #require(realData)
    let names = ["dog", "person", "horses", "bus", "zidane"].prefix(count)
    let area = width * height
    var values = [Float](repeating: 0, count: names.count * 3 * area)
    for (index, name) in names.enumerated() {
      let picture = try Image(contentsOf: "\(root)/samples-320/\(name).png")
        .resized(width: width, height: height, interpolation: .area)
      for place in 0..<area {
        for channel in 0..<3 {
          values[(index * 3 + channel) * area + place] =
            Float(picture.pixels[place * 3 + channel]) / 255
        }
      }
    }
    return try Tensor(values, shape: [names.count, 3, height, width])
  }
}

/// Runs `body` in a new folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("pare-parity-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
