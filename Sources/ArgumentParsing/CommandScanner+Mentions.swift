/// What a command line names, without its effects.
extension CommandScanner {
  /// The options that are named, by their main names.
  func given() throws -> [GivenOption] {
    var found: [GivenOption] = []
    try walk { mention, index, options in
      let definition = mention.definition
      let name = definition.preferredName?.synopsis ?? mention.name.synopsis
      let values =
        definition.isFlag
        ? ["\(!mention.isInverse)"] : values(of: mention, &index, options)
      var byDefault = definition.defaultDescription
      if definition.isFlag { byDefault = byDefault == name ? "true" : "false" }
      found.removeAll { $0.name == name }
      found.append(
        GivenOption(
          name: name, values: values, byDefault: byDefault, isFlag: definition.isFlag))
    }
    return found
  }

  /// Options of one value that are given several, of which the last one counts; a line each.
  func contradictions() throws -> [String] {
    var found: [(name: String, mentions: [(words: String, value: [String])])] = []
    let names = try typedNames()
    try walk { mention, index, options in
      let definition = mention.definition
      let value =
        definition.isFlag
        ? ["\(!mention.isInverse)"] : values(of: mention, &index, options)
      guard !definition.isRepeating, let name = definition.preferredName?.synopsis else { return }
      let words = definition.isFlag ? mention.name.synopsis : value.joined(separator: " ")
      if let place = found.firstIndex(where: { $0.name == name }) {
        found[place].mentions.append((words, value))
      } else {
        found.append((name, [(words, value)]))
      }
    }
    return found.compactMap { name, mentions in
      guard let last = mentions.last,
        mentions.contains(where: { !GivenOption.mean($0.value, last.value) })
      else { return nil }
      let all = mentions.map(\.words).joined(separator: ", ")
      return
        names("'\(name)'")
        + " is given \(mentions.count) times (\(all)): the last one counts, \(last.words)"
    }
  }

  /// Every argument with the values that are given for it.
  func mentions() throws -> [(definition: ArgumentDefinition, values: [String])] {
    var found: [(definition: ArgumentDefinition, values: [String])] = []
    let positionals = try walk { mention, index, options in
      guard !mention.definition.isFlag else { return }
      found.append((mention.definition, values(of: mention, &index, options)))
    }
    var rest = positionals[...]
    for definition in set.definitions where definition.isPositional {
      let values = definition.isRepeating ? Array(rest) : Array(rest.prefix(1))
      rest = rest.dropFirst(values.count)
      found.append((definition, values))
    }
    return found
  }
}
