import ArgumentParsing
import Commands
import Terminal

// The engine parses the same command line as the front, and does the work.
StandardStream.reserveDescriptors()
PareCommand.dispatch { command in
  guard let executable = command as? any Executable else {
    throw CleanExit.helpRequest(command)
  }
  for notice in (command as? any EngineCommand)?.notices ?? [] { Console.warn(notice) }
  try executable.execute()
}
