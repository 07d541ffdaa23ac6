import CVision
import Synchronization

/// One line of text as coverage of pixels.
///
/// ASCII is drawn in OpenCV's Hershey strokes, four times as large and averaged, which makes them
/// even at every size and needs no font file. Other text is drawn from the machine's fonts; where
/// these cannot, accents fall off and other scripts become question marks (see
/// ``isDrawable(_:fonts:)``).
struct TextMask: Sendable {
  let width: Int
  let height: Int
  /// `height × width`, 0...255.
  let coverage: [UInt8]

  init(_ text: String, size: Int, fonts: Fonts = .shared) throws(VisionError) {
    precondition(size > 0, "a size above zero")
    let request = Request(text: text, size: size)
    if let mask = Self.drawn.withLock({ $0[request] }) {
      self = mask
      return
    }
    var mask: UnsafeMutablePointer<UInt8>?
    var (width, height): (Int32, Int32) = (0, 0)
    let status: vis_status
    if !Self.isASCII(text), let letters = try? fonts.fonts(for: text), !letters.isEmpty {
      let handles = letters.map(\.font.handle)
      let scalars = letters.map(\.scalar)
      status = vis_font_render(
        handles, scalars, scalars.count, Int32(size), &mask, &width, &height)
    } else {
      status = vis_render_text(Self.drawable(text), Int32(size), &mask, &width, &height)
    }
    defer { vis_free(mask) }
    try check(status)
    (self.width, self.height) = (Int(width), Int(height))
    coverage = Array(UnsafeBufferPointer(start: mask, count: self.width * self.height))
    guard Self.isASCII(text) else { return }
    let made = self
    Self.drawn.withLock { drawn in
      if drawn.count >= Self.mostDrawn { drawn.removeAll() }
      drawn[request] = made
    }
  }

  private struct Request: Hashable {
    let text: String
    let size: Int
  }

  /// Labels in strokes, which come again and again: drawing them took a third of a short training.
  private static let drawn = Mutex<[Request: TextMask]>([:])
  /// Some megabytes.
  private static let mostDrawn = 2000

  /// Whether every character can be shown, be it without its accents.
  static func isDrawable(_ text: String, fonts: Fonts = .shared) -> Bool {
    text.allSatisfy { base(of: $0) != nil } || problem(with: text, fonts: fonts) == nil
  }

  /// Why a text is not drawn as it is written.
  static func problem(with text: String, fonts: Fonts = .shared) -> Fonts.Problem? {
    guard !isASCII(text) else { return nil }
    do throws(Fonts.Problem) { _ = try fonts.fonts(for: text) } catch { return error }
    return nil
  }

  private static func isASCII(_ text: String) -> Bool {
    text.utf8.allSatisfy { (32...126).contains($0) }
  }

  /// ASCII from 32 to 126, other characters by their base letter, or "?".
  static func drawable(_ text: String) -> String {
    String(text.map { base(of: $0) ?? "?" })
  }

  private static func base(of character: Character) -> Character? {
    let letter = plainLetters[character] ?? character
    guard let code = letter.asciiValue, (32...126).contains(code) else { return nil }
    return letter
  }
}

/// Letters with accents, and the plain letters they are drawn as.
private let plainLetters: [Character: Character] = {
  let groups: [(Character, String)] = [
    ("A", "ÀÁÂÃÄÅĀĂĄ"), ("C", "ÇĆĈĊČ"), ("D", "ĎĐ"), ("E", "ÈÉÊËĒĔĖĘĚ"), ("G", "ĜĞĠĢ"), ("H", "ĤĦ"),
    ("I", "ÌÍÎÏĨĪĬĮİ"), ("J", "Ĵ"), ("K", "Ķ"), ("L", "ĹĻĽŁ"), ("N", "ÑŃŅŇ"), ("O", "ÒÓÔÕÖØŌŎŐ"),
    ("R", "ŔŖŘ"), ("S", "ŚŜŞŠȘ"), ("T", "ŢŤȚ"), ("U", "ÙÚÛÜŨŪŬŮŰŲ"), ("W", "Ŵ"), ("Y", "ÝŶŸ"),
    ("Z", "ŹŻŽ"),
  ]
  var plain: [Character: Character] = [:]
  for (base, letters) in groups {
    for letter in letters {
      plain[letter] = base
      for small in letter.lowercased() { plain[small] = Character(base.lowercased()) }
    }
  }
  return plain
}()
