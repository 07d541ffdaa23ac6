import ArgumentParsing
import Commands

// The engine parses the same command line as the front, and does the work.
StandardStream.reserveDescriptors()
do {
  let command = try PareCommand.parseAsRoot()
  guard let executable = command as? any Executable else {
    throw CleanExit.helpRequest(type(of: command))
  }
  for notice in (command as? any EngineCommand)?.notices ?? [] { Console.warn(notice) }
  try executable.execute()
} catch {
  PareCommand.exit(withError: error)
}
