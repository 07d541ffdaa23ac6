import Darknet
import Foundation

/// The cfgs that others wrote, among the real inputs.
package enum ReferenceCfgs {
  /// Within the folder of real inputs; none without it.
  package static let files: [String] = ["cfg/darknet", "cfg/extended", "yolo-fastest"].flatMap {
    folder in
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []
    return names.filter { $0.hasSuffix(".cfg") }.sorted().map { "\(folder)/\($0)" }
  }

  package static func path(_ file: String) -> String { (realData ?? "") + "/" + file }

  /// The smallest size that is not square and that a network can work at.
  package static func smallSize(of spec: NetworkSpec) -> (width: Int, height: Int)? {
    [(96, 64), (192, 128), (384, 256), (416, 416)].first {
      (try? spec.headStrides(width: $0.0, height: $0.1)) != nil
    }
  }
}
