import Diagnosis

/// The program that does the work, beside this one.
enum Engine {
  static var path: String {
    folder(of: executablePath() ?? CommandLine.arguments.first ?? "pare") + "/pare-engine"
  }

  /// Becomes the engine, with the same arguments. Returns only by throwing.
  ///
  /// - Throws: ``EngineError`` when the engine or one of its libraries is missing.
  static func start(_ arguments: [String]) throws(EngineError) -> Never {
    let path = path
    if let problem = EngineLibraries.trace(path).problems.first { throw .problem(problem) }
    ThreadWaiting.bound()
    throw .cannotStart(path, reason: replaceProcess(by: path, arguments: arguments))
  }
}

/// Why the engine did not start.
enum EngineError: Error, Equatable, CustomStringConvertible {
  case problem(EngineProblem)
  case cannotStart(String, reason: String)

  var description: String {
    switch self {
    case .problem(let problem):
      "the engine does not start: \(problem); \(problem.fix) ('pare doctor' checks the rest)"
    case .cannotStart(let path, let reason): "'\(path)' does not start: \(reason)"
    }
  }
}
