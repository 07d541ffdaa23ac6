/// The text of a Darknet `.cfg`: sections of `key=value` lines, in order, unknown keys kept.
///
/// Comments (`#`, `;`) are dropped: whole lines, indented or not, but for those of
/// ``Section/comment``, and the rest of a line after white space. Two configurations are equal when
/// they say the same; paths and line numbers only tell where it was said.
public struct Configuration: Hashable, Sendable {
  /// One `key=value` line.
  public struct Entry: Sendable {
    /// The key, trimmed.
    public var key: String
    /// The value, trimmed; never empty when it was parsed.
    public var value: String
    /// The line, counted from 1; 0 when the entry was made by a program.
    public var line: Int

    /// An entry, of no particular line unless one is given.
    public init(key: String, value: String, line: Int = 0) {
      self.key = key
      self.value = value
      self.line = line
    }
  }

  /// A `[name]` and the entries below it.
  public struct Section: Sendable {
    /// The name, without its brackets.
    public var name: String
    /// The header's line, counted from 1; 0 when the section was made by a program.
    public var line: Int
    /// The entries, in order.
    public var entries: [Entry]
    /// A comment of one line above the section, for whoever reads the file; parsing keeps those
    /// that say which layer of the unpruned network it was (`layer 12`), and drops all others.
    public var comment: String?

    /// A section, of no particular line unless one is given.
    public init(name: String, line: Int = 0, entries: [Entry] = []) {
      self.name = name
      self.line = line
      self.entries = entries
    }

    /// The value of the first entry of that key (Darknet takes the first one too), or nil.
    ///
    /// Setting replaces that entry's value in place, or appends a new entry; setting nil removes
    /// every entry of that key.
    public subscript(key: String) -> String? {
      get { entries.first { $0.key == key }?.value }
      set {
        guard let newValue else { return entries.removeAll { $0.key == key } }
        if let index = entries.firstIndex(where: { $0.key == key }) {
          entries[index].value = newValue
        } else {
          entries.append(Entry(key: key, value: newValue))
        }
      }
    }
  }

  /// The path that messages name.
  public var path: String
  /// The sections: first `[net]`, then layer i at index i + 1.
  public var sections: [Section]

  /// A configuration made by a program.
  public init(sections: [Section], path: String) {
    self.path = path
    self.sections = sections
  }

  /// The cfg in canonical form: comment if any, `[name]`, its `key=value` lines, an empty line
  /// after each section.
  ///
  /// Parsing this text gives an equal configuration.
  public var text: String {
    var text = ""
    for section in sections {
      if let comment = section.comment { text += "# \(comment)\n" }
      text += "[\(section.name)]\n"
      for entry in section.entries { text += "\(entry.key)=\(entry.value)\n" }
      text += "\n"
    }
    return text
  }

  /// The same configuration with the line numbers that ``text`` gives it.
  public func renumbered() -> Configuration {
    var result = self
    var line = 1
    for s in result.sections.indices {
      if result.sections[s].comment != nil { line += 1 }
      result.sections[s].line = line
      for e in result.sections[s].entries.indices {
        line += 1
        result.sections[s].entries[e].line = line
      }
      line += 2
    }
    return result
  }
}

extension Configuration.Entry: Hashable {
  /// Equal keys and values; lines do not count.
  public static func == (a: Self, b: Self) -> Bool { a.key == b.key && a.value == b.value }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(key)
    hasher.combine(value)
  }
}

extension Configuration.Section: Hashable {
  /// Equal names and entries; lines and comments do not count.
  public static func == (a: Self, b: Self) -> Bool { a.name == b.name && a.entries == b.entries }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(entries)
  }
}

extension Configuration {
  /// Equal sections; paths do not count.
  public static func == (a: Self, b: Self) -> Bool { a.sections == b.sections }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(sections) }
}
