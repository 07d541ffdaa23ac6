import Darknet
import Parsing
import Vision

/// The folders that label files of pictures were looked for in, to find those that no picture has.
struct LabelFolders {
  /// Label files that pictures have.
  private var used: Set<String> = []
  private var folders: Set<String> = []

  /// Notes where a picture's labels are looked for, and which file it has.
  mutating func note(picture: String, file: String?) {
    for (path, place) in DataFile.labelPaths(forPicture: picture) where place == .labelsFolder {
      folders.insert(folderPath(of: path))
    }
    guard let file else { return }
    used.insert(file)
    folders.insert(folderPath(of: file))
  }

  /// Label files in these folders without a picture.
  ///
  /// Other texts lie among them (`classes.txt`, lists): only what begins like a label file counts.
  func unmatched() -> [String] {
    folders.sorted().flatMap { folder -> [String] in
      let names = (try? folderContents(folder)) ?? []
      let candidates = names.filter { name in
        name.lowercased().hasSuffix(".txt") && !used.contains(joined(folder, name))
      }
      guard !candidates.isEmpty else { return [] }
      let stems = pictureStems(for: folder)
      return candidates.filter { !stems.contains(fileStem($0)) }.map { joined(folder, $0) }
        .filter(isLabelFile)
    }
  }

  /// Stems of the pictures whose labels may lie in `folder`.
  private func pictureStems(for folder: String) -> Set<String> {
    var places = [folder]
    var parts = folder.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if let place = parts.lastIndex(of: "labels") {
      for name in ["images", "JPEGImages"] {
        parts[place] = name
        places.append(parts.joined(separator: "/"))
      }
    }
    let names = places.flatMap { (try? folderContents($0)) ?? [] }
    return Set(names.filter { PictureFormat(path: $0) != nil }.map(fileStem))
  }

  private func isLabelFile(_ path: String) -> Bool {
    guard fileKind(path) == .file, let file = try? FileBytes(path), let start = try? file.read(4096)
    else { return false }
    for line in TextLines(start) where !line.content.isEmpty {
      let tokens = line.content.tokens
      return tokens.count == 5 && tokens.allSatisfy { decimalValue($0) != nil }
    }
    return false
  }
}
