import ArgumentParsing
import Commands
import Darknet
import Diagnosis
import Glibc
import Terminal

/// The program `pare`: answers help, `config` and `doctor` itself, starts the engine for the rest.
///
/// It links neither libtorch nor OpenCV, so that it starts in milliseconds and can say what is
/// missing when they are.
@main
struct Front {
  static func main() {
    StandardStream.reserveDescriptors()
    // A reader that goes away is an error of writing, here and in the engine.
    signal(SIGPIPE, SIG_IGN)
    PareCommand.dispatch { command, notices in
      try requireWorkingFolder()
      switch command {
      case let command as any Executable:
        for notice in notices { try? StandardStream.error.writeLine("Warning: \(notice)") }
        try command.execute()
      // The engine reads the same arguments, and says the same of them.
      case is any EngineCommand: try Engine.start(Array(CommandLine.arguments.dropFirst()))
      default: throw CleanExit.helpRequest(command)
      }
    }
  }
}
