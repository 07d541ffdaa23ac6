#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs a parser on mutations of valid files: it may throw, it may not crash, hang, grow or lie.
///
///     fuzz PARSER|all [--seconds N] [--executions N] [--seed N]
///     fuzz cfg --seed N --print I        writes input I of that run to stdout
@main
struct Fuzz {
  static func main() {
    do {
      let options = try Options(CommandLine.arguments.dropFirst())
      let parsers = try allParsers().filter { options.name == "all" || options.name == $0.name }
      guard let first = parsers.first else { throw Options.usage }
      if let index = options.printed {
        let bytes = Mutator(first, seed: options.seed).input(index)
        bytes.withUnsafeBytes { _ = write(1, $0.baseAddress, $0.count) }
        return
      }
      watch()
      for parser in parsers { try run(parser, options) }
    } catch {
      writeError("fuzz: \(error)\n")
      exit(1)
    }
  }

  private static func run(_ parser: Parser, _ options: Options) throws {
    let mutator = Mutator(parser, seed: options.seed)
    let file = try ScratchFile(parser.name)
    let clock = ContinuousClock()
    let start = clock.now
    var accepted = 0
    var executions = 0
    var slowest = Duration.zero
    while executions < options.executions {
      // Reading the clock is dear beside the smaller parsers.
      if executions % 64 == 0, clock.now - start >= options.duration { break }
      let input = mutator.input(executions)
      current = executions
      alarm(10)
      let began = clock.now
      do {
        try file.fill(input)
        do {
          try parser.run(file)
          accepted += 1
        } catch let error where !(error is BrokenPromise) {
          try requireOneLine(error)
        }
      } catch {
        throw BrokenPromise(
          description: "\(parser.name), seed \(options.seed), input \(executions): \(error)")
      }
      slowest = max(slowest, clock.now - began)
      executions += 1
    }
    alarm(0)
    current = -1
    let seconds = (clock.now - start) / .seconds(1)
    print(
      "\(parser.name): \(executions) executions, \(accepted) accepted, seed \(options.seed), "
        + "\(Int(seconds * 10) / 10) s, slowest \(slowest), "
        + "peak \(peakMegabytes()) MB")
  }

  /// The input that is running, for the signal handler.
  nonisolated(unsafe) private static var current = -1

  /// Says which input it was when the process dies, and makes it die of a hang or of greed.
  private static func watch() {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM] {
      signal(number) { number in
        // Only what a signal handler may do: digits by hand, one write.
        var digits: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) =
          (0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x0A)
        withUnsafeMutableBytes(of: &digits) { digits in
          var rest = max(Fuzz.current, 0)
          var position = 8
          repeat {
            digits[position] = UInt8(0x30 + rest % 10)
            rest /= 10
            position -= 1
          } while rest > 0 && position >= 0
          _ = write(2, "crash or hang at input ", 23)
          _ = write(2, digits.baseAddress, digits.count)
        }
        _exit(number == SIGALRM ? 124 : 128 + number)
      }
    }
    var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
    #if canImport(Glibc)
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #else
      setrlimit(RLIMIT_AS, &limit)
    #endif
  }

  private static func peakMegabytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage.ru_maxrss / 1024
  }

  private static func writeError(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }
}

/// The command line.
struct Options {
  var name: String
  var duration = Duration.seconds(60)
  var executions = Int.max
  var seed: UInt64 = 1
  var printed: Int?

  static let usage = BrokenPromise(
    description: "usage: fuzz PARSER|all "
      + "[--seconds N] [--executions N] [--seed N] [--print I]")

  init(_ arguments: ArraySlice<String>) throws {
    guard let name = arguments.first, arguments.count % 2 == 1 else { throw Self.usage }
    self.name = name
    var hasSeconds = false
    for (flag, value) in zip(arguments.dropFirst().everyOther, arguments.dropFirst(2).everyOther) {
      switch (flag, Int(value)) {
      case ("--seconds", let number?): (duration, hasSeconds) = (.seconds(number), true)
      case ("--executions", let number?): executions = number
      case ("--seed", let number?): seed = UInt64(bitPattern: Int64(number))
      case ("--print", let number?) where number >= 0: printed = number
      default: throw Self.usage
      }
    }
    // A stated number of executions is not cut short by a time that nobody stated.
    if executions < .max && !hasSeconds { duration = .seconds(1_000_000_000) }
  }
}

extension ArraySlice {
  /// Elements 0, 2, 4 …
  fileprivate var everyOther: [Element] {
    stride(from: startIndex, to: endIndex, by: 2).map { self[$0] }
  }
}
