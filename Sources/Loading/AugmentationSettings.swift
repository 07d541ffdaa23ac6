import Boxes
import Datasets

/// What happens to training pictures (docs/formulas.md 4.1).
public struct AugmentationSettings: Codable, Hashable, Sendable {
  /// Share of samples that are mosaics of four pictures, `0...1`; the others are letterboxed.
  public var mosaic = 0.0
  /// Greatest rotation to either side, in degrees.
  public var degrees = 0.0
  /// Greatest shift to either side, as a fraction of the canvas (of a mosaic: twice the input).
  public var translation = 0.0
  /// Greatest change of size: factors are in `1 − scale ... 1 + scale`; below 1.
  public var scale = 0.0
  /// Greatest shear along either axis, in degrees, below 90.
  public var shear = 0.0
  /// Hue is multiplied by `1 ± hue`, on the scale 0...360°.
  public var hue = 0.0
  /// Saturation is multiplied by `1 ± saturation`.
  public var saturation = 0.0
  /// Brightness (HSV value) is multiplied by `1 ± value`.
  public var value = 0.0
  /// Probability of mirroring left to right.
  public var horizontalFlip = 0.0
  /// Probability of mirroring upside down.
  public var verticalFlip = 0.0
  /// Of pixels that no picture covers, `0...255`.
  public var fill = Letterbox.gray

  /// Letterboxed pictures, nothing random.
  public init() {}

  /// What the earlier Python programs do: every sample a mosaic, mirrored half of the time, colours
  /// jittered; rotation and the like off.
  public static var legacy: AugmentationSettings {
    var settings = AugmentationSettings()
    settings.mosaic = 1
    (settings.hue, settings.saturation, settings.value) = (0.0138, 0.678, 0.36)
    settings.horizontalFlip = 0.5
    return settings
  }

  /// Whether pictures are ever turned, scaled, sheared or shifted.
  var isAffine: Bool { degrees != 0 || translation != 0 || scale != 0 || shear != 0 }

  /// What makes a picture differ from epoch to epoch, in words; empty where nothing does.
  public var changes: [String] {
    let all: [(String, Bool)] = [
      ("mosaics", mosaic != 0), ("rotation", degrees != 0), ("shifts", translation != 0),
      ("changes of scale", scale != 0), ("shear", shear != 0),
      ("changes of colour", hue != 0 || saturation != 0 || value != 0),
      ("mirroring", horizontalFlip != 0 || verticalFlip != 0),
    ]
    return all.filter(\.1).map(\.0)
  }

  /// Refuses values that make no picture.
  func check() throws(DatasetError) {
    let bounded: [(String, Double, ClosedRange<Double>)] = [
      ("mosaic", mosaic, 0...1), ("degrees", degrees, 0...180),
      ("translation", translation, 0...1), ("scale", scale, 0...0.95), ("shear", shear, 0...80),
      ("hue", hue, 0...1), ("saturation", saturation, 0...1), ("value", value, 0...1),
      ("horizontal flip", horizontalFlip, 0...1), ("vertical flip", verticalFlip, 0...1),
    ]
    for (name, value, range) in bounded where !range.contains(value) {
      throw .invalidSetting(
        name, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
  }
}
