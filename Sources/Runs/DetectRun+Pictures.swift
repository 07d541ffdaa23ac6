import Boxes
import Inference
import Torch
import Vision

// Pictures go side by side, a thread each: reading, the network, drawing and writing have parts that
// one thread does alone. A network that only one thread may use, as on a GPU, takes them in turn.
extension DetectRun {
  /// The end of the sources from `start` on that are looked at together: pictures, as many as there
  /// are threads and no more than one of the largest pictures takes.
  func sideBySide(from start: Int) -> Int {
    let threads = TorchRuntime.threadCount
    guard threads > 1 else { return start + 1 }
    var pixels = 0
    let end = min(start + threads, sources.count)
    for index in start..<end {
      guard sources[index].isPicture, let path = sources[index].path,
        let header = try? PictureHeader(contentsOf: path)
      else { return max(index, start + 1) }
      let (count, overflows) = header.width.multipliedReportingOverflow(by: header.height)
      pixels = overflows ? .max : pixels.addingReportingOverflow(count).partialValue
      if pixels < 0 || pixels > PictureLimit.pixels { return max(index, start + 1) }
    }
    return end
  }

  /// Looks at pictures, and lists them in order.
  ///
  /// - Returns: what was found in each; nil where it cannot be read.
  func pictures(
    _ group: Range<Int>, _ painter: DetectionPainter, _ files: inout DetectionFiles
  ) throws -> [SourceDetections?] {
    let looks = try looks(at: group)
    let places = Result { try group.map { try output.place(for: self.places.drawing($0)) } }
    let faults = try TorchRuntime.sideBySide(group.count) { place -> (any Error)? in
      guard case .success(let look) = looks[place] else { return nil }
      do {
        try painter.draw(look.detections, on: &look.image)
        try look.image.write(to: places.get()[place])
        return nil
      } catch { return error }
    }
    return try zip(group, zip(looks, faults)).map { index, seen in
      switch seen.0 {
      case .success(let look): return try listed(index, look, fault: seen.1, &files)
      case .failure(let error):
        skip(sources[index], "\(error)")
        return nil
      }
    }
  }

  /// A picture and what was found in it.
  private final class Look {
    var image: Image
    let detections: [Detection]

    init(_ image: Image, _ detections: [Detection]) {
      (self.image, self.detections) = (image, detections)
    }
  }

  /// Reads pictures and finds things in them.
  ///
  /// - Throws: what the network does; what keeps a picture from being read is in its place.
  private func looks(at group: Range<Int>) throws -> [Result<Look, VisionError>] {
    guard detector.isShareable else {
      return try TorchRuntime.sideBySide(group.count) { read(group.lowerBound + $0) }
        .map(look)
    }
    return try TorchRuntime.sideBySide(group.count) { try look(read(group.lowerBound + $0)) }
  }

  private func read(_ index: Int) -> Result<Image, VisionError> {
    do throws(VisionError) { return .success(try sources[index].image()) } catch {
      return .failure(error)
    }
  }

  private func look(_ image: Result<Image, VisionError>) throws -> Result<Look, VisionError> {
    switch image {
    case .success(let image): .success(Look(image, try detector.detections(in: image)))
    case .failure(let error): .failure(error)
    }
  }

  /// Writes the labels of a picture whose drawing is written.
  ///
  /// - Parameter fault: why the drawing is not.
  private func listed(
    _ index: Int, _ look: Look, fault: (any Error)?, _ files: inout DetectionFiles
  ) throws -> SourceDetections {
    let (source, image) = (sources[index], look.image)
    var labels: String?
    let hasLabels = writing("\(output.path)/\(DetectionFiles.labels(of: places.names[index]))") {
      labels = try files.add(
        look.detections, name: places.names[index], path: source.nameForFiles, width: image.width,
        height: image.height)
    }
    let drawn = writing("\(output.path)/\(places.drawing(index))") { if let fault { throw fault } }
    return SourceDetections(
      source: source, width: image.width, height: image.height, video: nil,
      found: look.detections.map { .init(detection: $0, frame: nil) }, drawing: drawn,
      labels: hasLabels == nil ? nil : labels)
  }
}
