/// Bash: one function walks the words to find the command, then offers what fits.
func bashScript(_ root: CommandNode) -> String {
  let function = root.functionName
  var lines = [
    "#!/bin/bash",
    "# Completion of \(root.name) for bash: source this file, or copy it to",
    "# ~/.local/share/bash-completion/completions/\(root.name)",
    "\(function)() {",
    "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD - 1]}\"",
    "  local command=\(root.name) index",
    "  COMPREPLY=()",
    "  for ((index = 1; index < COMP_CWORD; index++)); do",
    "    case \"$command ${COMP_WORDS[index]}\" in",
  ]
  for node in root.all.dropFirst() {
    lines.append("      \(quote(node.path.joined(separator: " "))))")
    lines.append("        command=\(quote(node.path.joined(separator: " "))) ;;")
  }
  lines += ["    esac", "  done", "  case \"$command\" in"]
  for node in root.all {
    lines.append("    \(quote(node.path.joined(separator: " "))))")
    let valued = node.options.filter { !$0.isFlag }
    if !valued.isEmpty {
      lines.append("      case \"$previous\" in")
      for option in valued {
        lines.append("        \(option.names.joined(separator: "|")))")
        lines.append("          \(bashReply(option.completion)); return ;;")
      }
      lines.append("      esac")
    }
    let names = node.options.flatMap(\.names).joined(separator: " ")
    lines.append("      if [[ \"$current\" == -* ]]; then")
    lines.append("        \(bashReply(.list(names.split(separator: " ").map(String.init))))")
    if !node.children.isEmpty {
      lines.append("      else")
      lines.append("        \(bashReply(.list(node.children.map(\.name))))")
    } else if let positional = node.positionals.first {
      lines.append("      else")
      lines.append("        \(bashReply(positional.completion))")
    }
    lines += ["      fi ;;"]
  }
  lines += ["  esac", "}", "complete -o filenames -F \(function) \(root.name)"]
  return lines.joined(separator: "\n")
}

private func bashReply(_ kind: CompletionKind) -> String {
  func fill(_ command: String) -> String {
    "mapfile -t COMPREPLY < <(\(command) -- \"$current\")"
  }
  switch kind.kind {
  case .standard: return "COMPREPLY=()"
  case .directory: return fill("compgen -d")
  case .list(let words): return fill("compgen -W \(quote(words.joined(separator: " ")))")
  case .file(let extensions) where extensions.isEmpty: return fill("compgen -f")
  case .file(let extensions):
    let pattern = "!*.@(\(extensions.joined(separator: "|")))"
    return "mapfile -t COMPREPLY < <(shopt -s extglob; compgen -f -X \(quote(pattern)) -- "
      + "\"$current\"; compgen -d -- \"$current\")"
  }
}

/// Zsh: one function a command, each a call of `_arguments`.
func zshScript(_ root: CommandNode) -> String {
  var lines = ["#compdef \(root.name)", "# Completion of \(root.name) for zsh."]
  for node in root.all {
    lines += ["\(node.functionName)() {", "  local curcontext=\"$curcontext\" state line"]
    var specifications = node.options.map(zshOption)
    if node.children.isEmpty {
      for positional in node.positionals {
        let place = positional.isRepeating ? "*:" : ":"
        specifications.append(
          quote("\(place)\(zshText(positional.abstract)):\(zshAction(positional.completion))"))
      }
    } else {
      specifications += ["'(-): :->command'", "'(-)*:: :->argument'"]
    }
    let call = specifications.map { "    \($0)" }.joined(separator: " \\\n")
    lines.append("  _arguments -C -s -S \\\n\(call)")
    if !node.children.isEmpty {
      lines += ["  case $state in", "    command)", "      local -a commands=("]
      lines += node.children.map {
        "        " + quote("\($0.name):\($0.abstract)")
      }
      lines += ["      )", "      _describe command commands ;;", "    argument)"]
      lines.append("      case $words[1] in")
      lines += node.children.map { "        \($0.name)) \($0.functionName) ;;" }
      lines += ["      esac ;;", "  esac"]
    }
    lines.append("}")
  }
  lines.append("\(root.functionName) \"$@\"")
  return lines.joined(separator: "\n")
}

private func zshOption(_ option: CommandNode.Entry) -> String {
  let help = "[\(zshText(option.abstract))]"
  let value = option.isFlag ? "" : ":value:\(zshAction(option.completion))"
  guard option.names.count > 1 else {
    return quote((option.isRepeating ? "*" : "") + (option.names.first ?? "") + help + value)
  }
  let exclusive = option.isRepeating ? "'*'" : "'(\(option.names.joined(separator: " ")))'"
  return exclusive + "{\(option.names.joined(separator: ","))}" + quote(help + value)
}

private func zshText(_ text: String) -> String {
  text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
}

private func zshAction(_ kind: CompletionKind) -> String {
  switch kind.kind {
  case .standard: return " "
  case .directory: return "_files -/"
  case .list(let words): return "(\(words.joined(separator: " ")))"
  case .file(let extensions) where extensions.isEmpty: return "_files"
  case .file(let extensions):
    // Parentheses around a single word would be glob qualifiers.
    let pattern = extensions.count == 1 ? extensions[0] : "(\(extensions.joined(separator: "|")))"
    return "_files -g \"*.\(pattern)\""
  }
}

/// Fish: one `complete` line an option, under the condition that its command was named.
func fishScript(_ root: CommandNode) -> String {
  var lines = [
    "# Completion of \(root.name) for fish.",
    "function \(root.functionName)_at",
    "  set -l command \(root.name)",
    "  set -l words (commandline -opc)",
    "  for word in $words[2..-1]",
    "    switch \"$command $word\"",
    "      case "
      + root.all.dropFirst().map { quote($0.path.joined(separator: " ")) }
      .joined(separator: " "),
    "        set command \"$command $word\"",
    "    end",
    "  end",
    "  test \"$command\" = \"$argv\"",
    "end",
  ]
  if root.children.isEmpty { lines.removeSubrange(4...9) }
  for node in root.all {
    let condition = "-n \"\(root.functionName)_at \(node.path.joined(separator: " "))\""
    let start = "complete -c \(root.name) \(condition)"
    for child in node.children {
      lines.append("\(start) -f -a \(quote(child.name)) -d \(fishQuote(child.abstract))")
    }
    for positional in node.positionals {
      lines.append("\(start) \(fishValues(positional.completion, takesValue: false))")
    }
    for option in node.options {
      let names = option.names.map { name in
        if name.hasPrefix("--") { return "-l \(name.dropFirst(2))" }
        return name.count == 2 ? "-s \(name.dropFirst())" : "-o \(name.dropFirst())"
      }
      var line = "\(start) \(names.joined(separator: " "))"
      if !option.isFlag { line += " " + fishValues(option.completion, takesValue: true) }
      lines.append(line + " -d \(fishQuote(option.abstract))")
    }
  }
  return lines.joined(separator: "\n")
}

private func fishValues(_ kind: CompletionKind, takesValue: Bool) -> String {
  let flag = takesValue ? "-r" : ""
  let text: String
  switch kind.kind {
  case .standard: text = "\(flag) -f"
  case .directory: text = "\(flag) -f -a '(__fish_complete_directories)'"
  case .list(let words): text = "\(flag) -f -a \(quote(words.joined(separator: " ")))"
  case .file: text = "\(flag) -F"
  }
  return text.drop { $0 == " " }.description
}

/// A word in single quotes for bash and zsh.
private func quote(_ text: String) -> String {
  "'" + text.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
}

private func fishQuote(_ text: String) -> String {
  "'" + text.map { "'\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "'"
}
