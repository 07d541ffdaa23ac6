import Testing
import Vision
import _TestSupport

extension TemporaryFolder {
  /// Writes a picture of one colour; returns its path.
  @discardableResult func writePicture(
    _ name: String, width: Int = 32, height: Int = 24, color: Color = .padding
  ) throws -> String {
    let image = Image(width: width, height: height, filledWith: color)
    let format = try #require(PictureFormat(path: name))
    return try write(image.encoded(as: format), to: name)
  }
}
