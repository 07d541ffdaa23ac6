import Darknet
import Diagnosis
import Loading
import Torch
import Training

extension CacheCost {
  /// The cost on this machine.
  ///
  /// - Parameter folder: of a cache on disk; it need not exist.
  init(_ cache: PictureCache, bytes: Int, on device: Device, folder: String) {
    switch cache {
    case .disk:
      self.init(bytes: bytes, onDiskOf: folder)
    case .device where device.isCUDA:
      self.init(
        bytes: bytes, place: "on \(device)",
        available: (try? device.memoryUse()).map { $0.total - $0.reserved })
    default:
      self.init(
        bytes: bytes, place: "in memory", available: Machine.current().availableMemoryInBytes)
    }
  }

  /// The cost of files in a folder, which need not exist.
  init(_ kept: Kept = .pictures, bytes: Int, onDiskOf folder: String) {
    self.init(
      kept, bytes: bytes, place: "on the disk of \(folder)",
      available: Machine.current(disk: nearestFolder(folder)).freeDiskInBytes)
  }
}

/// The folder itself, or the nearest one above it that exists.
private func nearestFolder(_ folder: String) -> String {
  var path = folder
  while path != "/", path != ".", !fileExists(path) { path = folderPath(of: path) }
  return path
}
