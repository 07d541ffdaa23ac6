import Boxes
import Commands
import Inference
import Reports
import Runs
import Terminal
import Vision

extension DetectRun {
  /// Writes an annotated video of the source's rate and size.
  func video(
    _ index: Int, _ detector: Detector, _ painter: DetectionPainter,
    _ files: inout DetectionFiles
  ) throws {
    let source = sources[index]
    let reader: VideoReader
    do throws(VisionError) {
      reader = try VideoReader(source)
    } catch {
      skip(source, "\(error)")
      return
    }
    let path = "\(output.path)/\(drawing(index))"
    let rate = reader.framesPerSecond ?? 25
    var writer: VideoWriter?
    _ = writing(path) {
      writer = try VideoWriter(
        path: output.place(for: drawing(index)), width: reader.width, height: reader.height,
        framesPerSecond: rate, codec: command.fourcc)
    }
    let bar = ConsoleProgress(
      "\(source)", total: reader.frameCount, unit: "frames", isQuiet: command.report.quiet)
    var found: [JSONValue] = []
    var total: [Int: Int] = [:]
    var canWriteLabels = true
    var fault: String?
    while !Interruption.isRequested {
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
      foundCount += detections.count
      for detection in detections {
        total[detection.classIndex, default: 0] += 1
        found.append(json(detection, detector, frame: number, seconds: Double(number - 1) / rate))
      }
      if canWriteLabels {
        canWriteLabels =
          writing("\(output.path)/labels/\(names[index])") {
            try files.add(
              detections, name: names[index], frame: number, width: frame.width,
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
      bar.update(number)
    }
    bar.finish()
    let wasStopped = Interruption.isRequested
    var written: String?
    if let writer, writer.framesWritten > 0 { written = writing(path) { try writer.finish() } }
    if fault == nil, !wasStopped { fault = reader.earlyEnd.map { "\(source): \($0)" } }
    if let fault { broken.append((name(of: source), fault)) }
    let frames = reader.framesRead
    let hasLabels = command.saveTxt && canWriteLabels && frames > 0
    let labels: String? = hasLabels ? absolute("\(output.path)/labels/\(names[index])") : nil
    rows.append(
      .members([
        "path": name(of: source), "width": reader.width, "height": reader.height,
        "frames": frames, "framesPromised": reader.frameCount, "framesPerSecond": rate,
        "complete": !wasStopped && fault == nil,
        "detections": JSONValue.array(found), "output": written.map(absolute),
        "labels": labels,
      ]))
    if command.report.printsTables {
      try Console.print(
        "\("\(source)".escaped): \(counted(frames, "frame")), \(summary(total, detector))"
          + (written.map { ", \($0)" } ?? ""))
    }
  }
}
