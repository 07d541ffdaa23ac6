import ArgumentParsing
import Commands
import Diagnosis
import Darknet
import Glibc
import Runs
import Summaries
import Terminal
import Torch
import Vision

// The front has set how threads wait. Started by itself, the engine starts once more with it set.
if ThreadWaiting.bound(), let path = executablePath() {
  _ = replaceProcess(by: path, arguments: Array(CommandLine.arguments.dropFirst()))
}
// Registered first, so that it comes last: the libraries' own tidying up of memory, a tenth of a second
// of every command, is left to the system.
on_exit({ status, _ in endNow(status) }, nil)
// The engine parses the same command line as the front, and does the work.
StandardStream.reserveDescriptors()
// A reader that goes away, such as the 'tee' of a Ctrl-C, is an error of writing and ends no work.
signal(SIGPIPE, SIG_IGN)
// So is a file that would pass a limit of size ('ulimit -f').
signal(SIGXFSZ, SIG_IGN)
PareCommand.dispatch { command, notices in
  guard let executable = command as? any Executable else {
    throw CleanExit.helpRequest(command)
  }
  for notice in notices + ((command as? any EngineCommand)?.notices ?? []) { Console.warn(notice) }
  Interruption.tidyAtEnd()
  if let command = command as? any PictureReadingCommand {
    PictureLimit.pixels = command.pictureOptions.maxPixels.count
  }
  // Among what 'dataset check' finds they are listed.
  defer {
    if !(command is DatasetCheckCommand), let line = ScaledPictures.line { Console.note(line) }
  }
  try requireWorkingFolder()
  do { try executable.execute() } catch { throw advised(error, of: command) }
}

/// An error with what helps against it.
private func advised(_ error: any Error, of command: any ParsableCommand) -> any Error {
  switch error {
  case let error as DataError: error.advised
  case let error as TorchError:
    if case .outOfMemory = error {
      RunError.outOfMemory(error, batchSize: (command as? any EngineCommand)?.picturesPerPass)
    } else {
      error
    }
  default: error
  }
}

private func endNow(_ status: Int32) -> Never {
  fflush(nil)
  _exit(status)
}
