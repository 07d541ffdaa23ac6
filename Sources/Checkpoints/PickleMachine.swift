/// Runs a pickle as far as plain data goes: Python's pickle protocols 0 to 5, opcode by opcode.
///
/// Nothing is ever looked up, imported or called. What names a function or class is compared with
/// ``PickleGlobal``, and everything else is refused by name. Memory is bounded by the length of the
/// pickle and by the limits below; nothing recurses.
struct PickleMachine {
  /// Why a pickle was not accepted.
  enum Problem: Error, Hashable {
    /// The stream is cut short, or an instruction has no sense.
    case broken(at: Int, String)
    /// A function, class or extension that is not plain data.
    case refused(String)
  }

  /// More instructions than any state dict has: 60 or so each tensor.
  static let instructionLimit = 1_000_000
  /// The most values on the stack at a time; a dictionary's entries come a thousand a time.
  static let stackLimit = 1 << 16
  /// The most values that may be remembered: a dozen each tensor.
  static let memoLimit = 1 << 17
  /// The most values in lists, tuples and dictionaries, and the most of these: 20 each tensor.
  static let heldLimit = 1 << 18

  var sequences: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []

  private var reader: ByteReader
  var stack: [PickleValue] = []
  /// Heights of the stack at the open marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Values that lists, tuples and dictionaries hold, and these themselves.
  private(set) var held = 0
  /// Where the running instruction began.
  private var position = 0

  init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

  /// Runs to the end.
  ///
  /// - Returns: the pickled value, whose containers lie in the machine.
  mutating func run() throws(Problem) -> PickleValue {
    for _ in 0..<Self.instructionLimit {
      position = reader.position
      guard let code = reader.byte() else { throw broken("it ends without a STOP") }
      if code == UInt8(ascii: ".") { return try pop() }
      try execute(code)
      guard stack.count <= Self.stackLimit, marks.count <= Self.stackLimit,
        memo.count <= Self.memoLimit
      else { throw broken("it holds more values at a time than any state dict") }
    }
    throw broken("it has more than \(Self.instructionLimit) instructions")
  }

  // MARK: - Instructions

  private mutating func execute(_ code: UInt8) throws(Problem) {
    switch Unicode.Scalar(code) {
    // Framing and the stack itself.
    case "\u{80}":
      guard try integer(1) <= 5 else { throw broken("it has a protocol after 5") }
    case "\u{95}": _ = try integer(8)
    case "(": marks.append(stack.count)
    case "0": if stack.count == floor { _ = try popMark() } else { _ = try pop() }
    case "1": _ = try popMark()
    case "2": stack.append(try top())

    // Plain values.
    case "N": stack.append(.opaque)
    case "\u{88}": stack.append(.integer(1))
    case "\u{89}": stack.append(.integer(0))
    case "I", "L": stack.append(number(try line()))
    case "J": stack.append(.integer(Int(Int32(truncatingIfNeeded: try integer(4)))))
    case "K": stack.append(.integer(try integer(1)))
    case "M": stack.append(.integer(try integer(2)))
    case "\u{8A}": stack.append(number(try bytes(try integer(1))))
    case "\u{8B}": stack.append(number(try bytes(try integer(4))))
    case "F":
      _ = try line()
      stack.append(.opaque)
    case "G":
      _ = try bytes(8)
      stack.append(.opaque)
    case "S":
      let line = try line()
      guard line.count >= 2, let quote = line.utf8.first, quote == 0x22 || quote == 0x27,
        line.utf8.last == quote
      else { throw broken("text without quotes") }
      stack.append(.text(String(line.dropFirst().dropLast())))
    case "V": stack.append(.text(try line()))
    case "X": try pushText(width: 4)
    case "\u{8C}": try pushText(width: 1)
    case "\u{8D}": try pushText(width: 8)
    // Protocol 1 has no bytes: its strings of bytes are read as text where they are.
    case "T", "U":
      let content = try bytes(try integer(code == UInt8(ascii: "T") ? 4 : 1))
      stack.append(String(validating: content, as: UTF8.self).map(PickleValue.text) ?? .opaque)
    case "B": try pushBytes(width: 4)
    case "C": try pushBytes(width: 1)
    case "\u{8E}", "\u{96}": try pushBytes(width: 8)

    // Containers.
    case "]", ")", "\u{8F}": try pushSequence([])
    case "l", "t", "\u{91}": try pushSequence(popMark())
    case "\u{85}": try pushSequence(pop(1))
    case "\u{86}": try pushSequence(pop(2))
    case "\u{87}": try pushSequence(pop(3))
    case "a": try append(pop(1))
    case "e", "\u{90}": try append(popMark())
    case "}": try pushDictionary([])
    case "d": try pushDictionary(pairs(popMark()))
    case "s": try setItems(pop(2))
    case "u": try setItems(popMark())

    // The memo.
    case "g": try recall(decimal(line()))
    case "h": try recall(integer(1))
    case "j": try recall(integer(4))
    case "p": memo[try decimal(line())] = try top()
    case "q": memo[try integer(1)] = try top()
    case "r": memo[try integer(4)] = try top()
    case "\u{94}": memo[memo.count] = try top()

    // What a pickle could run, were it let.
    case "c": stack.append(.global(try global(module: line(), name: line())))
    case "\u{93}":
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw broken("a class whose name is not text")
      }
      stack.append(.global(try global(module: module, name: name)))
    case "R", "\u{81}":
      let pair = try pop(2)
      stack.append(try call(pair[0], sequence(pair[1])))
    case "\u{92}":
      let triple = try pop(3)
      guard case .dictionary(let keywords) = triple[2], dictionaries[keywords].isEmpty else {
        throw broken("a call with named arguments")
      }
      stack.append(try call(triple[0], sequence(triple[1])))
    case "i":
      let global = try global(module: line(), name: line())
      stack.append(try call(.global(global), popMark()))
    case "o":
      let items = try popMark()
      guard let first = items.first else { throw broken("a call of nothing") }
      stack.append(try call(first, Array(items.dropFirst())))
    case "b": try build()
    case "\u{82}": throw .refused("extension code \(try integer(1))")
    case "\u{83}": throw .refused("extension code \(try integer(2))")
    case "\u{84}": throw .refused("extension code \(try integer(4))")
    case "P": throw .refused("persistent object \(try line())")
    case "Q": try pushStorage()
    case "\u{97}", "\u{98}": throw .refused("a buffer outside of the file")
    default: throw broken("there is no instruction \(code)")
    }
  }

  /// Counts values that stay to the end.
  mutating func hold(_ count: Int) throws(Problem) {
    held += count
    guard held <= Self.heldLimit else {
      throw broken("it holds more than \(Self.heldLimit) values")
    }
  }

  // MARK: - Reading

  func broken(_ reason: String) -> Problem { .broken(at: position, reason) }

  private mutating func integer(_ width: Int) throws(Problem) -> Int {
    guard let value = reader.integer(width) else { throw broken("it ends in a number") }
    return value
  }

  private mutating func bytes(_ count: Int) throws(Problem) -> ArraySlice<UInt8> {
    guard let slice = reader.slice(count) else {
      throw broken("\(count) bytes reach beyond its end")
    }
    return slice
  }

  private mutating func line() throws(Problem) -> String {
    guard let line = reader.line() else { throw broken("it ends in a line") }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw broken("text that is not UTF-8")
    }
    return text
  }

  private func decimal(_ text: String) throws(Problem) -> Int {
    guard let value = Int(text), value >= 0 else { throw broken("no number of a memo") }
    return value
  }

  /// `12`, `-3L`; what does not fit in 64 bits, or is no number, is opaque.
  private func number(_ text: String) -> PickleValue {
    Int(text.hasSuffix("L") ? String(text.dropLast()) : text).map(PickleValue.integer) ?? .opaque
  }

  /// A little-endian number in two's complement.
  private func number(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .opaque }
    let isNegative = bytes.last.map { $0 & 0x80 != 0 } ?? false
    return .integer(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
  }

  private mutating func pushText(width: Int) throws(Problem) {
    guard let text = String(validating: try bytes(try integer(width)), as: UTF8.self) else {
      throw broken("text that is not UTF-8")
    }
    stack.append(.text(text))
  }

  private mutating func pushBytes(width: Int) throws(Problem) {
    _ = try bytes(try integer(width))
    stack.append(.opaque)
  }

  // MARK: - The stack

  /// The height below which nothing may be taken: that of the last mark.
  private var floor: Int { marks.last ?? 0 }

  func top() throws(Problem) -> PickleValue {
    guard stack.count > floor, let last = stack.last else { throw broken("its stack is empty") }
    return last
  }

  mutating func pop() throws(Problem) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  /// The top `count` values, the deepest first.
  private mutating func pop(_ count: Int) throws(Problem) -> [PickleValue] {
    guard stack.count - floor >= count else { throw broken("its stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  /// The values above the last mark, the deepest first; the mark goes too.
  private mutating func popMark() throws(Problem) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw broken("it has no mark") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func recall(_ key: Int) throws(Problem) {
    guard let value = memo[key] else { throw broken("nothing was remembered as \(key)") }
    stack.append(value)
  }
}
