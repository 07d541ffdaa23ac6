import Storage

/// The pictures of a list file as absolute paths, one path a line, see ``ListEntry``.
///
/// The paths are made when they are asked for: what is kept is the file's bytes and every 64th
/// line's place, so that a list of a million pictures takes little more memory than its file.
public struct PictureList: RandomAccessCollection, Sendable {
  /// How many pictures there are, at least 1.
  public let count: Int
  private let bytes: [UInt8]
  /// Where the lines of the pictures 0, 64, 128 … begin.
  private let places: [Int]
  /// The folder of relative paths.
  private let root: String
  /// The same without links, where paths that begin with `../` lead upwards from.
  private let plainRoot: String

  private static let step = 64
  /// Of a longer line only so many bytes are taken: no system has a file of such a path (Linux's
  /// PATH_MAX is 4096).
  static let maximumPath = 4096

  /// Parses the bytes of the list at `path`.
  ///
  /// - Throws: ``DataError/emptyList(path:)`` when it names no picture.
  init(parsing bytes: [UInt8], list path: String) throws(DataError) {
    let folder = absolutePath(folderPath(of: path))
    var lines = Lines(bytes)
    var root: String?
    var places: [Int] = []
    var count = 0
    while let (place, line) = lines.next() {
      if count % Self.step == 0 { places.append(place) }
      count += 1
      let entry = ListEntry.path(of: line)
      if root == nil, entry.first != UInt8(ascii: "/") {
        let (picture, here) = (entry.text, absolutePath("."))
        let isHere = !fileExists(folder + "/" + picture) && fileExists(here + "/" + picture)
        root = isHere ? here : folder
      }
    }
    guard count > 0 else { throw .emptyList(path: path) }
    (self.bytes, self.places, self.count, self.root) = (bytes, places, count, root ?? folder)
    plainRoot = resolvedPath(root ?? folder)
  }

  /// The first picture.
  public var startIndex: Int { 0 }
  /// The place after the last one.
  public var endIndex: Int { count }

  /// The path of picture `index`.
  public subscript(index: Int) -> String {
    precondition(indices.contains(index), "a picture of the list")
    var lines = Lines(bytes, from: places[index / Self.step])
    for _ in 0..<index % Self.step { _ = lines.next() }
    return path(lines.next()?.content ?? [])
  }

  /// All paths in one pass over the bytes.
  public func makeIterator() -> Iterator { Iterator(list: self, lines: Lines(bytes)) }

  /// The paths in order.
  public struct Iterator: IteratorProtocol {
    fileprivate let list: PictureList
    fileprivate var lines: Lines

    /// The next path; nil after the last one.
    public mutating func next() -> String? { lines.next().map { list.path($0.content) } }
  }

  private func path(_ line: ArraySlice<UInt8>) -> String {
    let entry = ListEntry.path(of: line)
    switch entry.first {
    case UInt8(ascii: "/"): return entry.text
    case UInt8(ascii: "."): return path(upwards: entry)
    default: return absolutePath(entry.text, in: root)
    }
  }

  /// The path of an entry that may begin with `../`: without it, so that a picture has one path
  /// whichever list names it.
  private func path(upwards entry: ArraySlice<UInt8>) -> String {
    let step = Array("../".utf8)
    var (rest, folder) = (entry, root)
    while rest.starts(with: step) {
      folder = folderPath(of: rest.count == entry.count ? plainRoot : folder)
      rest = rest.dropFirst(step.count)
    }
    return absolutePath(rest.text, in: folder)
  }

  /// The lines that name a picture, and where they begin.
  fileprivate struct Lines {
    private var lines: TextLines

    init(_ bytes: [UInt8], from place: Int = 0) {
      lines = TextLines(bytes, from: place, passedLines: place > 0 ? 1 : 0)
    }

    mutating func next() -> (place: Int, content: ArraySlice<UInt8>)? {
      while true {
        let place = lines.position
        guard let line = lines.next() else { return nil }
        if let first = line.content.first, first != UInt8(ascii: "#") {
          return (place, line.content.prefix(PictureList.maximumPath))
        }
      }
    }
  }
}
