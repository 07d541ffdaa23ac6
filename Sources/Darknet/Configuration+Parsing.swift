import Storage

extension Configuration {
  /// The largest cfg that is read, in bytes; the largest real ones have some 50 kB.
  public static let maximumBytes = 1 << 19
  /// The most layers that a cfg may have; the largest real ones have some 300.
  public static let maximumLayers = 10_000

  /// Parses the text of a cfg.
  ///
  /// Lines may end in LF, CRLF or CR; a byte order mark is dropped; bytes that are not UTF-8 become
  /// replacement characters.
  ///
  /// - Throws: ``ConfigurationError`` for a line that is neither section nor entry, and when the
  ///   text does not open with `[net]` (or `[network]`) or has no layer after it.
  public init(parsing text: String, path: String) throws(ConfigurationError) {
    self.init(sections: [], path: path)
    var comment: String?
    for line in TextLines(text) {
      let content = line.content.withoutTrailingComment
      guard let first = content.first else {
        comment = line.content.originComment
        continue
      }
      defer { comment = nil }
      let place = SourcePlace(path: path, line: line.number)
      if first == UInt8(ascii: "[") {
        let name = try sectionName(content, at: place)
        var section = Section(name: name, line: line.number)
        section.comment = comment
        sections.append(section)
        if sections.count - 1 > Self.maximumLayers {
          throw .tooManyLayers(sections.count - 1, limit: Self.maximumLayers, at: place)
        }
      } else {
        guard
          let equals = content.firstIndex(of: UInt8(ascii: "=")),
          case let key = content[..<equals].trimmed, !key.isEmpty,
          case let value = content[(equals + 1)...].trimmed, !value.isEmpty
        else { throw .malformedLine(content.excerpt, at: place) }
        guard !sections.isEmpty else {
          throw .entryOutsideSection(content.excerpt, at: place)
        }
        let entry = Entry(key: key.text, value: value.text, line: line.number)
        sections[sections.count - 1].entries.append(entry)
      }
    }
    guard let net = sections.first, sections.count > 1 else { throw .noLayers(path: path) }
    guard net.name == "net" || net.name == "network" else {
      throw .firstSectionIsNotNet(net.name.excerpt, at: SourcePlace(path: path, line: net.line))
    }
  }

  /// Reads and parses the cfg at `path`.
  ///
  /// - Throws: ``ConfigurationError``, also when the file cannot be read or is larger than
  ///   ``maximumBytes``.
  public init(contentsOf path: String) throws(ConfigurationError) {
    if isFolder(path) {
      var folder = path
      while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
      let names = ((try? namesInFolder(path)) ?? []).filter { $0.hasSuffix(".cfg") }
      if names.isEmpty, fileExists(folder + ".cfg") {
        throw .file(.folderBeside(path: path, file: folder + ".cfg"))
      }
      throw .file(
        .folder(path: path, files: names.map { folder == "/" ? "/\($0)" : "\(folder)/\($0)" }))
    }
    let bytes: [UInt8]
    do {
      try FileError.require(.cfg, path)
      bytes = try readTextBytes(path, limit: Self.maximumBytes)
    } catch {
      throw .file(error)
    }
    try self.init(parsing: String(decoding: bytes, as: UTF8.self), path: path)
  }

  private func sectionName(
    _ content: ArraySlice<UInt8>, at place: SourcePlace
  ) throws(ConfigurationError) -> String {
    let name = content.dropFirst().dropLast().trimmed
    guard content.last == UInt8(ascii: "]"), !name.isEmpty,
      !name.contains(UInt8(ascii: "[")), !name.contains(UInt8(ascii: "]"))
    else { throw .malformedLine(content.excerpt, at: place) }
    return name.text
  }
}

extension ArraySlice<UInt8> {
  /// The text of a line that is a comment and says which layer of an unpruned network the section
  /// below it was.
  fileprivate var originComment: String? {
    guard first == UInt8(ascii: "#"), count <= 4_096 else { return nil }
    let comment = dropFirst().trimmed.text
    return LayerOrigin(comment) == nil ? nil : comment
  }
}
