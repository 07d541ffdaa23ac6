import Glibc

/// Colours for classes: far from each other to the eye, and always the same for the same index.
///
/// Each colour is the one farthest from all before it (in Oklab, B. Ottosson 2020), out of a grid
/// of colours that are neither pale nor dark; after 256 classes they repeat.
public enum Palette {
  /// The colour of a class, counted from 0; any index has one.
  public static func color(forClass index: Int) -> Color {
    colors[(index % colors.count + colors.count) % colors.count]
  }

  private static let colors: [Color] = {
    let levels = stride(from: 0, through: 255, by: 17).map { UInt8($0) }
    let candidates = levels.flatMap { red in
      levels.flatMap { green in
        levels.map { blue in Color(red: red, green: green, blue: blue) }
      }
    }.map { ($0, Oklab($0)) }.filter { $0.1.isVivid }

    // The first is an orange red that stands out on most photographs.
    var chosen = [Color(red: 255, green: 68, blue: 51)]
    var distances = [Float](repeating: .infinity, count: candidates.count)
    while chosen.count < 256 {
      let last = Oklab(chosen[chosen.count - 1])
      var farthest = 0
      for index in candidates.indices {
        distances[index] = min(distances[index], candidates[index].1.squaredDistance(to: last))
        if distances[index] > distances[farthest] { farthest = index }
      }
      chosen.append(candidates[farthest].0)
    }
    return chosen
  }()
}

/// Lightness, green to red, blue to yellow; equal distances look equally different.
private struct Oklab {
  let lightness: Float
  let a: Float
  let b: Float

  init(_ color: Color) {
    func linear(_ component: UInt8) -> Float {
      let value = Float(component) / 255
      return value <= 0.04045 ? value / 12.92 : powf((value + 0.055) / 1.055, 2.4)
    }
    let (red, green, blue) = (linear(color.red), linear(color.green), linear(color.blue))
    let l = cbrtf(0.412_221_5 * red + 0.536_332_5 * green + 0.051_446 * blue)
    let m = cbrtf(0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue)
    let s = cbrtf(0.088_302_46 * red + 0.281_718_84 * green + 0.629_978_7 * blue)
    lightness = 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s
    a = 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s
    b = 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s
  }

  var isVivid: Bool { (0.5...0.9).contains(lightness) && a * a + b * b >= 0.1 * 0.1 }

  func squaredDistance(to other: Oklab) -> Float {
    let (l, a, b) = (lightness - other.lightness, a - other.a, b - other.b)
    return l * l + a * a + b * b
  }
}
