import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What to say of a path that leads nowhere: the folder that is not there, or what may have been meant.
package struct MissingFile {
  private let path: String
  private let folder: String
  private let name: String

  /// Nil for a path where something is, and for an address.
  package init?(_ path: String) {
    guard !path.isEmpty, !path.contains("://"), access(path, F_OK) != 0 else { return nil }
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    let slash = path.lastIndex(of: "/")
    folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    name = slash.map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// The most files that are listed.
  private static let mostListed = 5

  /// For the end of a message about a file that should be read; nil where there is nothing to add.
  ///
  /// - Parameters:
  ///   - endings: those of the files that would do, without the dot; none where any file would.
  ///   - lists: whether to list the files of this kind where none has a name like that.
  package func advice(endings: [String], lists: Bool = true) -> String? {
    guard let names = Self.contents(of: folder) else { return missingFolder }
    let fitting = names.filter { name in
      endings.isEmpty || endings.contains { name.hasSuffix("." + $0) }
    }
    let only = fitting.count == 1 && lists && !endings.isEmpty ? fitting.first : nil
    if endings.isEmpty, let run { return run }
    if name.hasPrefix("best."),
      let best = fitting.first(where: { $0 == "model" + name.dropFirst(4) })
    {
      return "those of the best epoch are '\(place(best))'"
    }
    if let near = nearest(in: fitting) ?? only { return "did you mean '\(place(near))'?" }
    if endings.isEmpty { return nearRun }
    guard lists else { return nil }
    let here = folder == "." ? "this folder" : folder
    guard !fitting.isEmpty else {
      return "\(here) has no " + endings.map { ".\($0)" }.joined(separator: " or ") + " file"
    }
    return "\(here) has " + fitting.prefix(Self.mostListed).joined(separator: ", ")
      + (fitting.count > Self.mostListed ? ", …" : "")
  }

  /// For the end of a message about a folder that should be read.
  package func folderAdvice() -> String? {
    guard let names = Self.contents(of: folder) else { return missingFolder }
    let folders = names.filter { Self.contents(of: place($0)) != nil }
    if let run { return run }
    if let near = nearest(in: folders) { return "did you mean '\(place(near))'?" }
    if let nearRun { return nearRun }
    // Other folders hold much that is not meant.
    guard folder == "runs", !folders.isEmpty else { return nil }
    return "\(folder) has " + folders.prefix(Self.mostListed).joined(separator: ", ")
      + (folders.count > Self.mostListed ? ", …" : "")
  }

  /// Runs are where they are written unless a folder is named.
  private var run: String? {
    folder == "." && access("runs/\(name)", F_OK) == 0 ? "did you mean 'runs/\(name)'?" : nil
  }

  /// A run of a name like that.
  private var nearRun: String? {
    guard folder == ".", let runs = Self.contents(of: "runs") else { return nil }
    return nearest(in: runs).map { "did you mean 'runs/\($0)'?" }
  }

  /// That the folder of the path, or the first above it, is not there; nil where all are.
  package var missingFolder: String? {
    guard let parent = MissingFile(folder) else { return nil }
    if let above = parent.missingFolder { return above }
    let near = parent.folderAdvice()
    return "there is no folder \(folder)" + (near.map { "; \($0)" } ?? "")
  }

  private func place(_ name: String) -> String {
    folder == "." ? name : folder == "/" ? "/\(name)" : "\(folder)/\(name)"
  }

  /// The same letters in another case, the same name with another ending, or a mistyped one.
  private func nearest(in names: [String]) -> String? {
    func stem(_ name: String) -> Substring {
      name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
    }
    return names.first { $0.lowercased() == name.lowercased() }
      ?? names.first { stem($0) == name || stem($0) == stem(name) && !stem(name).isEmpty }
      ?? closest(to: name, in: names.filter { $0.count <= 64 })
  }

  /// Names in a folder, sorted, but for hidden ones; nil where there is no such folder.
  package static func contents(of folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let name, !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}

extension ParsableCommand {
  /// What to add to an error about a path of the command line that leads nowhere; nil for any other.
  static func advice(on message: String, arguments: [String]) -> String? {
    let set = ArgumentSet(self.init())
    guard let given = try? CommandScanner(arguments: arguments, set: set).mentions() else {
      return nil
    }
    for (definition, values) in given {
      for value in values {
        let starts = [value, "\(definition.preferredName?.synopsis ?? "") \(value)"]
        guard starts.contains(where: { message.hasPrefix("\($0): ") }) else { continue }
        // A message that says what to do needs no list of what else there is.
        let isPlain = message.hasSuffix(": " + String(cString: strerror(ENOENT)))
        guard let missing = MissingFile(value) else {
          guard isPlain, value.contains("://") else { continue }
          return "addresses are not read here; download it, and name the file"
        }
        switch definition.completion.kind {
        case .directory: return missing.folderAdvice()
        case .file where ["--output", "--json"].contains(definition.preferredName?.synopsis):
          return missing.missingFolder
        case .file(let endings): return missing.advice(endings: endings, lists: isPlain)
        default: return nil
        }
      }
    }
    return nil
  }
}
