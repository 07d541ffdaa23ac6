import Boxes
import Inference
import Training
import Vision

extension DetectRun {
  /// Writes an annotated video of the source's rate and size.
  func video(
    _ index: Int, _ painter: DetectionPainter, _ files: inout DetectionFiles
  ) throws -> SourceDetections? {
    let source = sources[index]
    let reader: VideoReader
    do throws(VisionError) {
      reader = try VideoReader(source)
    } catch {
      skip(source, "\(error)")
      return nil
    }
    let path = "\(output.path)/\(places.drawing(index))"
    let rate = reader.framesPerSecond ?? 25
    var writer: VideoWriter?
    _ = writing(path) {
      writer = try VideoWriter(
        path: output.place(for: places.drawing(index)), width: reader.width, height: reader.height,
        framesPerSecond: rate, codec: recipe.codec)
    }
    observer.begin("\(source)", frames: reader.frameCount)
    defer { observer.end() }
    var found: [SourceDetections.Found] = []
    var canWriteLabels = true
    var fault: String?
    while !observer.shouldStop {
      var frame: Image
      do throws(VisionError) {
        guard let next = try reader.nextFrame() else { break }
        frame = next
      } catch {
        fault = "\(error)"
        break
      }
      let number = reader.framesRead
      let detections = try detector.detections(in: frame)
      found += detections.map { .init(detection: $0, frame: number) }
      if canWriteLabels {
        canWriteLabels =
          writing("\(output.path)/labels/\(places.names[index])") {
            try files.add(
              detections, name: places.names[index], frame: number, width: frame.width,
              height: frame.height)
          } != nil
      }
      let isWritten =
        writer == nil
        || writing(path) {
          try painter.draw(detections, on: &frame)
          try writer?.write(frame)
        } != nil
      if !isWritten { writer = nil }
      observer.advance(to: number)
    }
    let wasStopped = observer.shouldStop
    var written: String?
    if let writer, writer.framesWritten > 0 { written = writing(path) { try writer.finish() } }
    if fault == nil, !wasStopped { fault = reader.earlyEnd.map { "\(source): \($0)" } }
    if let fault { outcome.broken.append(.init(path: source.fullName, reason: fault)) }
    let hasLabels = recipe.savesText && canWriteLabels && reader.framesRead > 0
    return SourceDetections(
      source: source, width: reader.width, height: reader.height,
      video: .init(
        frames: reader.framesRead, framesPromised: reader.frameCount, framesPerSecond: rate,
        isComplete: !wasStopped && fault == nil),
      found: found, drawing: written,
      labels: hasLabels ? "\(output.path)/labels/\(places.names[index])" : nil)
  }
}
