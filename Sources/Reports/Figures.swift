import Glibc
import Terminal

/// Numbers as people read them.
public enum Figures {
  /// With a fixed number of decimals: `fixed(2.345, 1)` is "2.3"; "nan" and "inf" for those.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    printed("%.*f", Int32(clamping: max(decimals, 0)), value)
  }

  /// As ``fixed(_:_:)``, and "–" where there is no figure.
  public static func fixed(_ value: Double?, _ decimals: Int) -> String {
    value.map { fixed($0, decimals) } ?? "–"
  }

  /// With a number of significant digits, as short as it gets: "0.00123", "12.3", "1.2e-07".
  public static func significant(_ value: Double, _ digits: Int = 3) -> String {
    printed("%.*g", Int32(clamping: max(digits, 1)), value)
  }

  /// The least number of two significant digits that a value does not exceed: `atLeast(0.1992)` is
  /// "0.2".
  public static func atLeast(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return significant(value, 2) }
    var text = significant(value, 2)
    // Rounded down, the next one is a unit of the second digit further.
    if let rounded = Double(text), rounded < value * (1 - 1e-9) {
      var unit = 1.0
      while unit * 10 > value { unit /= 10 }
      while unit * 100 <= value { unit *= 10 }
      text = significant(rounded + unit, 2)
    }
    return text
  }

  /// A count with three significant digits: "999", "1.23 k", "45.6 M", "7.89 G", "1.20 T".
  public static func count(_ value: Int) -> String {
    scaled(Double(value), units: ["", "k", "M", "G", "T"])
  }

  /// Bytes in decimal units with three significant digits: "999 B", "4.50 MB", "1.20 GB".
  public static func bytes(_ value: Int) -> String {
    scaled(Double(value), units: ["B", "kB", "MB", "GB", "TB"])
  }

  /// Digits in groups of three: "6,056,606".
  public static func grouped(_ value: Int) -> String { Terminal.grouped(value) }

  /// A share of one in percent: `percent(0.1234)` is "12.3 %".
  public static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    fixed(share * 100, decimals) + " %"
  }

  /// A time span: "12 ms", "4.2 s", "3 min 05 s", "2 h 03 min", "5 d 04 h".
  public static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "?" }
    if seconds < 0.9995 { return fixed(max(seconds, 0) * 1000, 0) + " ms" }
    if seconds < 59.95 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
    if whole < 86_400 { return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min" }
    return "\(whole / 86_400) d \(twoDigits(whole / 3600 % 24)) h"
  }

  /// A time span as clocks show it: "0:07", "12:34", "1:02:03".
  public static func clock(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "-:--" }
    let whole = Int(max(seconds, 0).rounded())
    let tail = "\(twoDigits(whole % 60))"
    return whole < 3600
      ? "\(whole / 60):\(tail)" : "\(whole / 3600):\(twoDigits(whole / 60 % 60)):\(tail)"
  }

  private static func scaled(_ value: Double, units: [String]) -> String {
    var (value, unit) = (value, 0)
    // 999.5 would round to 1000.
    while value.magnitude >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let decimals = unit == 0 || value.magnitude >= 99.95 ? 0 : value.magnitude >= 9.995 ? 1 : 2
    return fixed(value, decimals) + (units[unit].isEmpty ? "" : " " + units[unit])
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func printed(_ format: String, _ precision: Int32, _ value: Double) -> String {
    withVaList([precision, value]) { arguments in
      var text = [CChar](repeating: 0, count: 400 + Int(precision))
      let count = vsnprintf(&text, text.count, format, arguments)
      let length = min(max(Int(count), 0), text.count - 1)
      return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
