/// Libraries that the dynamic loader knows: what `ldconfig -p` lists.
package struct LoaderCache: Hashable, Sendable {
  package struct Library: Hashable, Sendable {
    /// Such as `libcudnn.so.8`.
    package var name: String
    package var path: String
  }

  package var libraries: [Library] = []

  /// Reads lines such as `libz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1`.
  package init(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let arrow = words.firstIndex(of: "=>"), arrow > 0, arrow + 1 < words.count,
        // Those of 32 bits are of no use here.
        !words.contains("(libc6)"), !words.contains("(ELF)")
      else { continue }
      libraries.append(Library(name: String(words[0]), path: String(words[arrow + 1])))
    }
  }

  /// Libraries called `stem.so` with their version behind it, each path once.
  package func versions(of stem: String) -> [Library] {
    var seen: Set<String> = []
    return libraries.filter { $0.name.hasPrefix(stem + ".so.") && seen.insert($0.path).inserted }
  }

  package func contains(_ stem: String) -> Bool {
    libraries.contains { $0.name == stem + ".so" || $0.name.hasPrefix(stem + ".so.") }
  }
}
