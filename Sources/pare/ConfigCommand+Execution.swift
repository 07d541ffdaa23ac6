import ArgumentParsing
import Commands
import Darknet
import Terminal

extension ConfigNewCommand: Executable {
  package func execute() throws {
    let result = try JSONOutput(report)
    try ResultFile.cfg.require(output, overwrites: overwrite)
    if let size = inputSize.size {
      // Sizes that the network cannot work at are refused in the words of all other commands.
      var plain = try network.configuration(
        classes: classes, anchors: anchorList, channels: channels, masks: masks,
        widthMultiple: widthMultiple)
      plain.path = output
      try NetworkSpec(plain).checkInput(width: size.width, height: size.height)
    }
    var configuration = try network.configuration(
      classes: classes, anchors: anchorList, width: inputSize.size?.width,
      height: inputSize.size?.height, channels: channels, masks: masks,
      widthMultiple: widthMultiple)
    configuration.path = output
    try writeAtomically(configuration.text, to: output)
    if report.printsTables {
      try show(["\(output): \(summary(of: NetworkSpec(configuration)))"])
    }
    try result.write(.members(["cfg": absolutePath(output)]))
    try report.suggest(
      NextCommand.afterNew(cfg: output, classes: classes, hasOwnAnchors: anchors != nil))
  }
}

extension ConfigCheckCommand: Executable {
  package func execute() throws {
    let result = try JSONOutput(report)
    do {
      let spec = try NetworkSpec(contentsOf: file)
      if let size = inputSize.size {
        try spec.checkInput(width: size.width, height: size.height)
      }
      let refused = strict ? spec.warnings.filter(\.isMistake) : []
      if report.printsTables {
        try show(
          spec.warnings.merged.map { (strict && $0.isMistake ? "error: " : "warning: ") + "\($0)" })
        if refused.isEmpty { try show(["\(file): valid, \(summary(of: spec))"]) }
      }
      try result.write(
        .members([
          "valid": refused.isEmpty,
          "problems": spec.warnings.map {
            problem(strict && $0.isMistake ? "error" : "warning", $0.place, "\($0)")
          },
        ]))
      if let first = refused.first { throw FrontError.mistakes(refused.count, first: first) }
      try report.suggest([("see what it costs", NextCommand("profile", "--cfg", file))])
    } catch let error as ConfigurationError {
      try result.write(
        .members(["valid": false, "problems": [problem("error", error.place, "\(error)")]]))
      throw error
    }
  }

  private func problem(_ severity: String, _ place: SourcePlace?, _ message: String) -> JSONValue {
    .members([
      "severity": severity, "file": place.map { absolutePath($0.path) },
      "line": (place?.line).flatMap { $0 > 0 ? $0 : nil }, "message": message,
    ])
  }
}

/// What a network is, in a line.
func summary(of spec: NetworkSpec) -> String {
  let input = spec.inputShape
  let grids = spec.heads.map { "\(spec.shapes[$0].width)×\(spec.shapes[$0].height)" }
  var parts = [
    "\(spec.layers.count) \(spec.layers.count == 1 ? "layer" : "layers")",
    "\(grouped(spec.parameterCount)) parameters",
    "input \(input.width)×\(input.height)×\(input.channels)",
  ]
  if !grids.isEmpty { parts.append("heads \(grids.joined(separator: ", "))") }
  if let classes = spec.classes { parts.append(classes == 1 ? "1 class" : "\(classes) classes") }
  return parts.joined(separator: ", ")
}

/// What the front itself refuses to do.
enum FrontError: Error, Equatable, CustomStringConvertible {
  /// What a strict check does not let pass.
  case mistakes(Int, first: ConfigurationWarning)

  var description: String {
    switch self {
    case .mistakes(1, let first): "\(first)"
    case .mistakes(let count, let first):
      "\(first), and \(count - 1) more such \(count == 2 ? "problem" : "problems")"
    }
  }
}

extension ConfigurationWarning {
  /// Whether it looks like a slip of the pen: something that Darknet does not know at all.
  fileprivate var isMistake: Bool {
    switch self {
    case .unknownKey, .duplicateKey, .unknownValue: true
    case .disagreement: false
    }
  }

  /// Where it is.
  fileprivate var place: SourcePlace? {
    switch self {
    case .unknownKey(_, _, _, _, let place), .duplicateKey(_, _, let place),
      .unknownValue(_, _, _, let place), .disagreement(_, let place):
      place
    }
  }
}

extension ConfigurationError {
  /// Where it is; `nil` when the file could not be read.
  fileprivate var place: SourcePlace? {
    switch self {
    case .file: nil
    case .noLayers(let path): SourcePlace(path: path, line: 0)
    case .malformedLine(_, let place), .entryOutsideSection(_, let place),
      .tooManyLayers(_, _, let place), .firstSectionIsNotNet(_, let place),
      .unknownSection(_, _, let place), .unsupportedSection(_, _, let place),
      .unsupportedKey(_, _, _, let place), .missingKey(_, _, let place),
      .invalidValue(_, _, _, let place), .outOfRange(_, _, _, let place),
      .invalidReference(_, _, _, _, let place), .mismatch(_, let place), .tooLarge(_, let place),
      .unfitInput(_, _, let place):
      place
    }
  }
}
