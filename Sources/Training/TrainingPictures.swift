import Datasets
import Loading
import Reports
import Torch
import Vision

/// The first pictures of a run as the network sees them, augmented, with their boxes: where wrong
/// labels and too strong an augmentation show.
enum TrainingPictures {
  /// Pictures at most.
  private static let count = 16

  /// Makes them once more, beside the run: what a picture becomes is a function of seed, epoch and
  /// sample.
  static func first(
    of dataset: DetectionDataset, _ loading: BatchLoader.Settings
  ) throws -> [HTMLReport.Picture] {
    var settings = loading
    settings.workers = 0
    settings.cache = .none
    // The same pictures in smaller batches; rectangular ones would be put together otherwise.
    if settings.rectangularStride == nil { settings.batchSize = min(settings.batchSize, 8) }
    let loader = try BatchLoader(dataset, settings: settings, device: .cpu, epochs: 1)
    defer { loader.close() }
    let painter = DetectionPainter(names: dataset.names, showsConfidence: false)
    var pictures: [HTMLReport.Picture] = []
    while pictures.count < count, let batch = try loader.next() {
      let shape = batch.images.shape
      let pixels = try withoutGrad {
        try (batch.images * 255 + 0.5).permuted([0, 2, 3, 1]).contiguous().toUInt8s()
      }
      let size = shape[1] * shape[2] * shape[3]
      for index in 0..<min(shape[0], count - pictures.count) {
        var picture = try PagePicture(
          Image(
            width: shape[3], height: shape[2], channels: shape[1],
            pixels: Array(pixels[index * size..<(index + 1) * size])))
        let targets = batch.targets.filter { $0.imageIndex == index }
        try picture.draw(
          targets.map {
            let label = Label(
              classIndex: $0.classIndex, centerX: $0.centerX, centerY: $0.centerY, width: $0.width,
              height: $0.height)
            return BoxMark(
              box: label.box(pictureWidth: shape[3], pictureHeight: shape[2]),
              color: Palette.color(forClass: $0.classIndex),
              text: painter.name(ofClass: $0.classIndex))
          })
        pictures.append(
          (
            try picture.jpeg(),
            "picture \(pictures.count + 1): \(targets.count) box\(targets.count == 1 ? "" : "es")"
          ))
      }
    }
    return pictures
  }
}
