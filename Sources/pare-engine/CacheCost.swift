import Darknet
import Datasets
import Diagnosis
import Foundation
import Reports
import Torch

/// What keeping decoded pictures takes, and whether there is so much.
struct CacheCost {
  private let place: String
  private let bytes: Int
  /// Bytes that are free there; nil when that cannot be found out.
  private let available: Int?

  /// Training itself, and whoever else is at work, need some as well.
  private static let usableShare = 0.8

  /// - Parameter folder: of a cache on disk; it need not exist.
  init(_ cache: PictureCache, bytes: Int, on device: Device, folder: String) {
    self.bytes = bytes
    switch cache {
    case .disk:
      place = "on the disk of \(folder)"
      available = Machine.current(disk: Self.existing(folder)).freeDiskInBytes
    case .device where device.isCUDA:
      place = "on \(device)"
      available = (try? device.memoryUse()).map { $0.total - $0.reserved }
    default:
      place = "in memory"
      available = Machine.current().availableMemoryInBytes
    }
  }

  init(place: String, bytes: Int, available: Int?) {
    (self.place, self.bytes, self.available) = (place, bytes, available)
  }

  /// Whether four fifths of what is free are enough.
  var fits: Bool {
    available.map { Double(bytes) <= Double($0) * Self.usableShare } ?? true
  }

  /// One line: what it takes of what there is, and what follows.
  var text: String {
    let free = available.map { " of \(Figures.bytes($0)) free" } ?? ""
    let cost = "decoded pictures take \(Figures.bytes(bytes))\(free) \(place)"
    return fits ? cost : cost + ", which is too much: they are decoded anew each time"
  }

  /// The folder itself, or the nearest one above it that exists.
  private static func existing(_ folder: String) -> String {
    var path = folder
    while path != "/", path != ".", !fileExists(path) { path = folderPath(of: path) }
    return path
  }
}
