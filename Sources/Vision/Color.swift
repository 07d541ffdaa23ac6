import Boxes

/// A colour of three 8-bit components (sRGB).
public struct Color: Hashable, Sendable {
  /// 0...255.
  public var red: UInt8
  /// 0...255.
  public var green: UInt8
  /// 0...255.
  public var blue: UInt8

  /// A colour from its components.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// A gray of that brightness.
  public init(gray: UInt8) { self.init(red: gray, green: gray, blue: gray) }

  /// 0, 0, 0.
  public static let black = Color(gray: 0)
  /// 255, 255, 255.
  public static let white = Color(gray: 255)
  /// What letterboxes are filled with.
  public static let padding = Color(gray: Letterbox.gray)

  /// Relative luminance in 0...1 (WCAG 2.1): 0.2126 R + 0.7152 G + 0.0722 B of linear light.
  public var luminance: Double {
    func linear(_ component: UInt8) -> Double {
      let value = Double(component) / 255
      return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Black or white, whichever has the higher contrast (WCAG 2.1) against this colour: contrasts
  /// are 1.05 / (L + 0.05) and (L + 0.05) / 0.05.
  public var readableText: Color {
    let light = luminance + 0.05
    return light / 0.05 >= 1.05 / light ? .black : .white
  }
}
