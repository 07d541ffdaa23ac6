/// Wrong usage, as found by `validate()` or `run()`: printed with the usage, exit status 64.
public struct ValidationError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, one sentence without "Error:".
  public internal(set) var message: String

  /// Makes an error with its message.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}

/// Ends the process with a status and prints nothing.
public struct ExitCode: Error, RawRepresentable, Hashable, Sendable {
  /// The status, `0...255`.
  public var rawValue: Int32

  /// Makes an exit status.
  public init(_ code: Int32) { rawValue = code }

  /// Makes an exit status.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// 0.
  public static let success = ExitCode(0)
  /// 1.
  public static let failure = ExitCode(1)
  /// 64, `EX_USAGE` of sysexits.h.
  public static let validationFailure = ExitCode(64)

  /// Whether the status is 0.
  public var isSuccess: Bool { self == .success }
}

/// Ends the process with status 0 after printing a text to stdout.
public struct CleanExit: Error, CustomStringConvertible {
  enum Kind {
    case help((any ParsableCommand.Type)?)
    case message(String)
  }
  var kind: Kind

  /// Prints the help of a command, or of the root.
  public static func helpRequest(_ type: (any ParsableCommand.Type)? = nil) -> CleanExit {
    CleanExit(kind: .help(type))
  }

  /// Prints the help of a command.
  public static func helpRequest(_ command: any ParsableCommand) -> CleanExit {
    CleanExit(kind: .help(type(of: command)))
  }

  /// Prints a text.
  public static func message(_ text: String) -> CleanExit { CleanExit(kind: .message(text)) }

  /// The text, or what is asked for.
  public var description: String {
    switch kind {
    case .help: "--help"
    case .message(let text): text
    }
  }
}

/// An error that ends the process with a status of its own, such as an interruption.
package protocol ExitStatusError: Error, CustomStringConvertible {
  /// What the process ends with.
  var exitCode: ExitCode { get }
}
