import ArgumentParsing
import Commands
import Diagnosis
import Glibc
import Terminal

// The front has set how threads wait. Started by itself, the engine starts once more with it set.
if ThreadWaiting.bound(), let path = executablePath() {
  _ = replaceProcess(by: path, arguments: Array(CommandLine.arguments.dropFirst()))
}
// The engine parses the same command line as the front, and does the work.
StandardStream.reserveDescriptors()
// A reader that goes away, such as the 'tee' of a Ctrl-C, is an error of writing and ends no work.
signal(SIGPIPE, SIG_IGN)
PareCommand.dispatch { command in
  guard let executable = command as? any Executable else {
    throw CleanExit.helpRequest(command)
  }
  for notice in (command as? any EngineCommand)?.notices ?? [] { Console.warn(notice) }
  Interruption.tidyAtEnd()
  try executable.execute()
}
