import CParsing
import Terminal

/// Reads XML piece by piece, with expat.
///
/// Elements and text come in order; attributes, comments, processing instructions and what a
/// DOCTYPE declares of elements are checked and left out. Entities other than XML's own are errors
/// where they are declared, so nothing expands. Beside the bytes, memory is bounded whatever they
/// are.
package enum XMLReader {
  /// What comes next.
  package enum Event: Equatable, Sendable {
    case start(String)
    /// A part of a text, entities replaced; its other parts may come as events of their own.
    case text(String)
    case end(String)
  }

  /// How deep elements may lie in each other.
  package static let maximumDepth = 256
  /// The longest name of an element, in bytes.
  package static let maximumName = 1024
  /// Longer parts of a text are cut to this, in bytes.
  package static let maximumText = 1 << 16
  /// What expat may take, in bytes: annotation files need a hundredth of it.
  static let memoryLimit = 4 << 20
  /// How many bytes expat is given at a time.
  private static let pieceByteCount = 1 << 16

  /// Calls `body` with each event and its line.
  ///
  /// - Parameter bytes: UTF-8, whatever the text declares.
  package static func read(
    _ bytes: [UInt8], _ body: (Event, _ line: Int) throws(ParsingFault) -> Void
  ) throws(ParsingFault) {
    let fault = withoutActuallyEscaping(body) { body in
      withExtendedLifetime(Run(body)) { $0.parse(bytes) }
    }
    if let fault { throw fault }
  }

  /// One reading of a file.
  private final class Run {
    private let parser: XML_Parser?
    private let body: (Event, Int) throws(ParsingFault) -> Void
    private var openElements: [String] = []
    private var fault: ParsingFault?
    /// Lines before what expat is given.
    private var skippedLines = 0

    init(_ body: @escaping (Event, Int) throws(ParsingFault) -> Void) {
      self.body = body
      parser = cp_xml_parser(memoryLimit)
      XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
      XML_SetElementHandler(
        parser, { context, name, _ in Run.of(context).start(name) },
        { context, _ in Run.of(context).end() })
      XML_SetCharacterDataHandler(parser) { Run.of($0).text($1, $2) }
      XML_SetEntityDeclHandler(parser) { context, name, _, _, _, _, _, _, _ in
        Run.of(context).stop("declares the entity '\(name.map(String.init(cString:)) ?? "")'")
      }
    }

    deinit { XML_ParserFree(parser) }

    private var line: Int { Int(XML_GetCurrentLineNumber(parser)) + skippedLines }

    func parse(_ bytes: [UInt8]) -> ParsingFault? {
      // Blanks before a declaration are none of XML, but harmless.
      let start = bytes.firstIndex { $0 > 0x20 } ?? bytes.count
      skippedLines = bytes[..<start].count { $0 == 0x0A }
      var position = start
      repeat {
        let end = min(position + pieceByteCount, bytes.count)
        let status = bytes[position..<end].withUnsafeBytes { piece in
          XML_Parse(
            parser, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(piece.count),
            end == bytes.count ? 1 : 0)
        }
        position = end
        guard status == XML_STATUS_OK else {
          return fault ?? ParsingFault(line: line, reason: reason(XML_GetErrorCode(parser)))
        }
      } while position < bytes.count
      return nil
    }

    private func reason(_ code: XML_Error) -> String {
      let element = openElements.last.map { "<\($0.excerpt)>" }
      return switch code {
      case XML_ERROR_NO_ELEMENTS: element.map { "ends inside of \($0)" } ?? "no element"
      case XML_ERROR_TAG_MISMATCH:
        "an end tag that does not match" + (element.map { " \($0)" } ?? "")
      case XML_ERROR_NO_MEMORY: "tags and names that take more memory than any annotations"
      default: "no XML: " + (XML_ErrorString(code).map { String(cString: $0) } ?? "unknown error")
      }
    }

    private func start(_ name: UnsafePointer<CChar>?) {
      let name = name.map { String(cString: $0) } ?? ""
      guard name.utf8.count <= maximumName else {
        return stop("a name of more than \(maximumName) bytes")
      }
      guard openElements.count < maximumDepth else {
        return stop("elements more than \(maximumDepth) deep")
      }
      openElements.append(name)
      tell(.start(name))
    }

    private func end() {
      guard fault == nil else { return }
      tell(.end(openElements.removeLast()))
    }

    private func text(_ start: UnsafePointer<CChar>?, _ count: Int32) {
      guard !openElements.isEmpty else { return }
      let bytes = UnsafeRawBufferPointer(start: start, count: min(Int(count), maximumText))
      tell(.text(String(decoding: bytes, as: UTF8.self)))
    }

    private func tell(_ event: Event) {
      guard fault == nil else { return }
      do { try body(event, line) } catch { stop(error) }
    }

    private func stop(_ reason: String) { stop(ParsingFault(line: line, reason: reason)) }

    private func stop(_ found: ParsingFault) {
      guard fault == nil else { return }
      fault = found
      XML_StopParser(parser, XML_Bool(XML_FALSE))
    }

    static func of(_ context: UnsafeMutableRawPointer?) -> Run {
      guard let context else { preconditionFailure("expat gives back what it was given") }
      return Unmanaged<Run>.fromOpaque(context).takeUnretainedValue()
    }
  }
}
