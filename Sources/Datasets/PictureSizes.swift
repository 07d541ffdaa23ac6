import Boxes
import Vision

/// The size of a picture as shown, in pixels.
public struct PictureSize: Hashable, Sendable {
  /// In pixels.
  public var width, height: Int

  /// A size.
  public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  /// Height over width.
  public var aspect: Double { Double(height) / Double(width) }
}

extension DetectionDataset {
  /// The sizes of the pictures, from their headers, read on several threads; nil for unreadable
  /// ones.
  ///
  /// - Parameter progress: called with the number of pictures read so far.
  public func pictureSizes(
    workers: Int, progress: (Int) -> Void = { _ in }
  ) -> [PictureSize?] {
    Datasets.pictureSizes(pictures.map(\.path), workers: workers, progress: progress)
  }

  /// The sizes of all boxes in an input of the given size, in pixels; boxes of unreadable pictures are
  /// left out.
  ///
  /// - Parameter fit: how pictures are brought to the input.
  public func boxSizes(
    inputWidth: Int, inputHeight: Int, fit: PictureFit, workers: Int,
    progress: (Int) -> Void = { _ in }
  ) -> [BoxSize] {
    zip(pictures, pictureSizes(workers: workers, progress: progress)).flatMap { picture, size in
      guard let size else { return [BoxSize]() }
      let geometry = InputGeometry(
        pictureWidth: size.width, pictureHeight: size.height, inputWidth: inputWidth,
        inputHeight: inputHeight, fit: fit)
      return picture.labels.map { $0.size(in: geometry) }
    }
  }
}

extension Label {
  /// The box's sides in the network's input, in pixels.
  func size(in geometry: InputGeometry) -> BoxSize {
    BoxSize(
      width: width * Float(geometry.scaledWidth), height: height * Float(geometry.scaledHeight))
  }
}

/// The sizes of picture files, from their headers; nil for unreadable ones.
package func pictureSizes(
  _ paths: [String], workers: Int, progress: (Int) -> Void = { _ in }
) -> [PictureSize?] {
  let headers = OrderedWorkers(
    workers: workers, ahead: 256, range: 0..<paths.count
  ) { index -> PictureSize? in
    guard let header = try? PictureHeader(contentsOf: paths[index]) else { return nil }
    return PictureSize(width: header.width, height: header.height)
  }
  var sizes: [PictureSize?] = []
  sizes.reserveCapacity(paths.count)
  while let size = headers.next() {
    sizes.append(size)
    progress(sizes.count)
  }
  return sizes
}
