/// Has the engine try out what it is made of: a convolution on each device, and a picture of each
/// format. That loads the libraries, in a process of its own, within a limit of time.
package struct EngineTrial: Sendable {
  /// Path of the engine's executable.
  package var enginePath: String
  /// The options of `doctor` that name a pair whose codes are looked at; none where there is none.
  package var pair: [String]
  /// After so long the engine is ended. A slow disk takes tens of seconds for libtorch's CUDA half.
  package var secondsAtMost: Double

  package init(enginePath: String, pair: [String] = [], secondsAtMost: Double = 120) {
    (self.enginePath, self.pair, self.secondsAtMost) = (enginePath, pair, secondsAtMost)
  }

  /// What the engine found, and what kept it from finding more.
  package func checks() -> [Check] {
    // As every other start of the engine.
    ThreadWaiting.bound()
    let call = ProgramCall(program: enginePath, arguments: ["doctor"] + pair)
    guard let output = capture(call, secondsAtMost: secondsAtMost) else {
      let problem = EngineProblem.cannotRun(enginePath)
      return [Check("engine", .failed, found: problem.description, fix: problem.fix)]
    }
    return checks(output)
  }

  /// Reads what the engine wrote.
  func checks(_ output: ProgramOutput) -> [Check] {
    var checks: [Check] = []
    var begun: String?
    var isComplete = false
    var remark = ""
    for line in output.text.split(separator: "\n") {
      switch TrialLine(line) {
      case .begin(let name): begun = name
      case .check(let check):
        checks.append(check)
        if check.name == begun { begun = nil }
      case .end: isComplete = true
      case nil: remark = trimmed(line)
      }
    }
    if !isComplete || output.status != 0 {
      checks.append(failure(output.status, during: begun, after: checks, remark: remark))
    }
    return checks
  }

  /// What ended the engine before it was done.
  private func failure(
    _ status: Int32, during begun: String?, after checks: [Check], remark: String
  ) -> Check {
    var cause = ""
    var fix = "see what it says when it is called by itself"
    var commands = ["\(enginePath) doctor"]
    let end: String
    switch status {
    case 124:
      end = "no end within \(Int(secondsAtMost)) s"
      cause =
        begun == nil
        ? "a library is slow to load, or waits for something" : "it never came back from there"
      if begun?.hasPrefix("cuda") == true {
        cause = "the GPU or its driver does not answer"
        fix = "see 'sudo dmesg | grep -i nvrm'; with '--device cpu' nothing waits for it"
        commands = []
      }
    case 128 + 4:
      end = "ended by signal 4 (illegal instruction)"
      cause = "a library uses instructions that this processor does not have"
      fix = "use a machine with AVX2"
      commands = []
    case 128 + 9:
      end = "ended by signal 9"
      cause = "the kernel ends programs when memory runs out"
      fix = "end other programs, or raise the limit of the container's memory"
      commands = []
    case 129...: end = "ended by signal \(status - 128)"
    case 0: end = "ended before it was done"
    default: end = "ended with \(status)"
    }
    let place =
      switch begun {
      case nil: checks.isEmpty ? "starting" : "ending"
      case "pictures": "decoding pictures"
      case "codes": "reading codes"
      case "cuda": "looking for a GPU"
      case let device?: "computing on \(device)"
      }
    return Check(
      begun ?? "engine", .failed,
      found: "the engine: \(end) while \(place)\(remark.isEmpty ? "" : "; it said: \(remark)")",
      expected: "an end within \(Int(secondsAtMost)) s", cause: cause, fix: fix, commands: commands)
  }
}
