import ArgumentParsing
import Commands

/// Splits at spaces; `""` is an empty argument.
func words(_ line: String) -> [String] {
  line.split(separator: " ").map { $0 == "\"\"" ? "" : String($0) }
}

/// The command that a line stands for.
func parse<Command: ParsableCommand>(_ line: String, as: Command.Type = Command.self) throws
  -> Command
{
  let command = try PareCommand.parseAsRoot(words(line))
  guard let command = command as? Command else {
    throw ValidationError("'\(line)' is another command")
  }
  return command
}

/// What is printed about a line, and the exit status; empty and 0 when it is accepted.
func complaint(_ line: String) -> (text: String, status: Int32) {
  do {
    _ = try PareCommand.parseAsRoot(words(line))
    return ("", 0)
  } catch {
    return (
      PareCommand.fullMessage(for: error, columns: 80), PareCommand.exitCode(for: error).rawValue
    )
  }
}

/// The message alone, without help and usage; `nil` when the line is accepted.
func message(_ line: String) -> String? {
  do {
    _ = try PareCommand.parseAsRoot(words(line))
    return nil
  } catch {
    return PareCommand.message(for: error)
  }
}
