import CVision
import Glibc
import Synchronization
import Terminal

/// Font files of the machine, for letters that OpenCV's strokes do not have. Looked for when the
/// first such letter is drawn, in the folders that fontconfig searches.
final class Fonts: Sendable {
  static let shared = Fonts(in: folders())

  private struct State {
    /// Font files that were not opened yet, the most wanted last.
    var candidates: [String]?
    var opened: [Font] = []
    /// Why FreeType cannot be used.
    var problem: String?
  }

  /// A font that is open, for good.
  struct Font: @unchecked Sendable {
    let handle: OpaquePointer
  }

  /// Why a text cannot be drawn.
  enum Problem: Error, Equatable {
    /// FreeType cannot be loaded.
    case noLibrary(reason: String)
    /// No font has this character.
    case missing(Character)
    /// A script whose letters change with their neighbours, or that runs from right to left.
    case needsShaping(Character)
  }

  private let folders: [String]
  private let state = Mutex(State())

  init(in folders: [String]) { self.folders = folders }

  /// A font for each scalar of a text.
  func fonts(for text: String) throws(Problem) -> [(scalar: UInt32, font: Font)] {
    if let character = text.first(where: { $0.unicodeScalars.contains(where: \.needsShaping) }) {
      throw .needsShaping(character)
    }
    var result: [(scalar: UInt32, font: Font)] = []
    for character in text {
      for scalar in character.unicodeScalars where !scalar.isInvisible {
        switch state.withLock({ font(for: scalar.value, &$0) }) {
        case .success(let font?): result.append((scalar.value, font))
        case .success(nil): throw .missing(character)
        case .failure(let problem): throw problem
        }
      }
    }
    return result
  }

  private func font(for scalar: UInt32, _ state: inout State) -> Result<Font?, Problem> {
    if let problem = state.problem { return .failure(.noLibrary(reason: problem)) }
    if let font = state.opened.first(where: { vis_font_has($0.handle, scalar) != 0 }) {
      return .success(font)
    }
    var candidates = state.candidates ?? Self.files(in: folders).reversed()
    defer { state.candidates = candidates }
    while let path = candidates.popLast() {
      var handle: OpaquePointer?
      switch vis_font_open(path, &handle) {
      case vis_ok:
        guard let handle else { continue }
        let font = Font(handle: handle)
        state.opened.append(font)
        if vis_font_has(handle, scalar) != 0 { return .success(font) }
      case vis_corrupt: continue
      default:
        let reason = lastMessage()
        state.problem = reason
        return .failure(.noLibrary(reason: reason))
      }
    }
    return .success(nil)
  }

  /// The folders that fontconfig searches, the user's own first.
  static func folders() -> [String] {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    var folders: [String] = []
    let home = variable("HOME")
    if let own = variable("XDG_DATA_HOME") ?? home.map({ $0 + "/.local/share" }) {
      folders.append(own + "/fonts")
    }
    if let home { folders.append(home + "/.fonts") }
    let shared = variable("XDG_DATA_DIRS") ?? "/usr/local/share:/usr/share"
    folders += shared.split(separator: ":").map { $0 + "/fonts" }
    return folders
  }

  /// Font files below these folders: plain sans serif faces before others, those with many scripts
  /// before rare ones.
  static func files(in folders: [String]) -> [String] {
    var files: Set<String> = []
    func walk(_ folder: String, depth: Int) {
      guard depth < 8, files.count < 20_000, let directory = opendir(folder) else { return }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard !name.hasPrefix(".") else { continue }
        let path = "\(folder)/\(name)"
        if ["ttf", "otf", "ttc", "otc"].contains(fileExtension(of: name)) {
          files.insert(path)
        } else if entry.pointee.d_type == UInt8(DT_DIR) || entry.pointee.d_type == UInt8(DT_LNK) {
          walk(path, depth: depth + 1)
        }
      }
    }
    for folder in folders { walk(folder, depth: 0) }
    return files.map { (rank($0), $0) }.sorted { $0 < $1 }.map(\.1)
  }

  private static func rank(_ path: String) -> Int {
    let name = (path.split(separator: "/").last ?? "").lowercased()
    let wanted = [
      "dejavusans.", "notosans-regular.", "liberationsans-regular.", "notosanscjk-regular.",
      "wqy-zenhei.", "wqy-microhei.", "droidsansfallback",
    ]
    if let index = wanted.firstIndex(where: { name.hasPrefix($0) }) { return index }
    let isStyled = [
      "bold", "italic", "oblique", "condensed", "light", "thin", "black", "mono",
    ].contains { name.contains($0) }
    return 100 + (name.contains("sans") ? 0 : 10) + (isStyled ? 50 : 0)
  }
}

extension Fonts.Problem {
  /// What is wrong, and what to install.
  var description: String {
    switch self {
    case .noLibrary(let reason):
      "FreeType cannot be loaded (apt-get install libfreetype6): \(reason)"
    case .missing(let character):
      "no font of this machine has '\(String(character).escaped)' "
        + "(apt-get install fonts-dejavu-core fonts-noto-cjk, or fonts-wqy-zenhei)"
    case .needsShaping(let character):
      "the letters of its script change with their neighbours, or run from right to left "
        + "('\(String(character).escaped)'), which is not drawn here"
    }
  }
}

extension Unicode.Scalar {
  /// What changes its neighbours, and shows nothing itself: variation selectors and joiners.
  fileprivate var isInvisible: Bool {
    switch value {
    case 0x200B...0x200D, 0xFE00...0xFE0F, 0xFEFF: true
    default: false
    }
  }

  /// Hebrew to Arabic, the scripts of India and their relatives, and presentation forms.
  fileprivate var needsShaping: Bool {
    switch value {
    case 0x0590...0x08FF, 0x0900...0x0DFF, 0x0F00...0x109F, 0x1780...0x18AF, 0xFB1D...0xFDFF,
      0xFE70...0xFEFE, 0x10800...0x10FFF:
      true
    default: false
    }
  }
}
