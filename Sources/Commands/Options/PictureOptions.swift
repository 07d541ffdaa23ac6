import ArgumentParsing

/// How large pictures may be.
package struct PictureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Pixels of the largest picture that is opened, such as 250M.", valueName: "n"),
    transform: PixelCount.init(parsing:))
  package var maxPixels = PixelCount(100_000_000)

  package init() {}
}

/// A number of pixels, `100M` as well as `100000000`.
package struct PixelCount: Hashable, Sendable, CustomStringConvertible {
  /// From 1 to what OpenCV opens.
  package var count: Int

  /// OpenCV's own limit, 2³⁰.
  package static let largest = 1 << 30

  package init(_ count: Int) { self.count = count }

  init(parsing text: String) throws(ValidationError) {
    let isMillions = text.hasSuffix("M")
    let number = Double(isMillions ? String(text.dropLast()) : text)
    let pixels = number.map { $0 * (isMillions ? 1e6 : 1) }
    guard let pixels, pixels >= 1, pixels <= Double(Self.largest) else {
      throw ValidationError(
        "expected a number of pixels from 1 to \(Self.largest), such as 250M; OpenCV opens no more")
    }
    count = Int(pixels)
  }

  /// In millions where it is a whole number of these.
  package var description: String {
    count % 1_000_000 == 0 ? "\(count / 1_000_000)M" : "\(count)"
  }
}

/// A command that opens pictures.
package protocol PictureReadingCommand: EngineCommand {
  /// What the command line says of them.
  var pictureOptions: PictureOptions { get }
}
