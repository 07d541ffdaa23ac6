import ArgumentParsing
import Commands
import Darknet
import Foundation
import Training

/// What a run was started with, as it is kept in its folder, so that `--resume` needs no options.
struct TrainingRequest: Codable {
  var cfg: String
  var data: String
  var isSingleClass: Bool
  var options: TrainingOptions
  var sparsity: Double?
  var sparsityScope: String?
  var sparsitySchedule: String?
  var sparsityUpdate: String?
  var sparsityKeep: Double?
  var sparsityBand: Double?
  var sparsityRescale: Double?
  var device: String
  var threads: Int?
  var workers: Int
  var cache: String
  var cacheFolder: String
  var command: [String]
}

extension TrainingRequest {
  /// Reads what a run was started with. Everything is checked: a file may say anything.
  init(contentsOf path: String) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    } catch DecodingError.keyNotFound(let key, _) {
      throw EngineError.unreadableRequest(path, reason: "it lacks '\(key.stringValue)'")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context)
    {
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw EngineError.unreadableRequest(path, reason: "'\(place)' is not what it should be")
    } catch DecodingError.dataCorrupted(let context) {
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      // A number that no value of the kind can have comes without its place.
      let isJSON =
        (try? JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))) != nil
      throw EngineError.unreadableRequest(
        path,
        reason: !isJSON
          ? "it is not JSON"
          : place.isEmpty
            ? "a number in it is not what it should be" : "'\(place)' is not what it should be")
    } catch {
      throw EngineError.unreadableRequest(path, reason: "it cannot be read")
    }
    do { try check() } catch {
      throw EngineError.unreadableRequest(path, reason: "\(error)")
    }
  }

  private func check() throws(TrainingError) {
    try options.check()
    func require(_ name: String, _ isRight: Bool, _ found: Any) throws(TrainingError) {
      guard isRight else {
        throw .invalidOption(name, reason: "\(found) is not a value that it can have")
      }
    }
    try require("workers", (1...1024).contains(workers), workers)
    if let threads { try require("threads", (1...4096).contains(threads), threads) }
    try require("device", (try? DeviceSelection(parsing: device)) != nil, device)
    try require("cache", CacheChoice(rawValue: cache) != nil, cache)
    if let sparsity { try require("sparsity", sparsity > 0 && sparsity.isFinite, sparsity) }
    if let name = sparsityScope {
      try require("sparsityScope", SparsityScopeChoice(rawValue: name) != nil, name)
    }
    if let name = sparsitySchedule {
      try require("sparsitySchedule", SparsityScheduleChoice(rawValue: name) != nil, name)
    }
    if let name = sparsityUpdate {
      try require("sparsityUpdate", SparsityUpdateChoice(rawValue: name) != nil, name)
    }
    if let sparsityKeep {
      try require("sparsityKeep", (0...1).contains(sparsityKeep), sparsityKeep)
    }
    if let sparsityBand {
      try require("sparsityBand", sparsityBand > 0 && sparsityBand.isFinite, sparsityBand)
    }
    if let sparsityRescale {
      try require(
        "sparsityRescale", sparsityRescale > 0 && sparsityRescale.isFinite, sparsityRescale)
    }
  }

  /// Takes up what a command that resumes asks for: other epochs. Other options may be named again, but
  /// not with other values.
  mutating func extend(by resuming: TrainCommand, run: String) throws {
    let free: Set = ["--resume", "--output", "--name", "--epochs", "--json", "--quiet"]
    let before = try Self.options(of: command)
    let now = try Self.options(of: CommandLine.arguments)
    var different: [String] = []
    for option in now where !free.contains(option.name) {
      let paths = ["--cfg": cfg, "--data": data]
      if let path = paths[option.name], option.values.map(absolute) == [path] { continue }
      let known = before.first { $0.name == option.name }
      let values = known?.values ?? [option.byDefault]
      if !GivenOption.mean(option.values, values) { different.append(option.name) }
    }
    guard different.isEmpty else { throw EngineError.otherOptions(different, run: run) }
    if now.contains(where: { $0.name == "--epochs" }) { options.epochs = resuming.schedule.epochs }
  }

  private static func options(of line: [String]) throws -> [GivenOption] {
    var arguments = Array(line.dropFirst())
    if let name = arguments.firstIndex(of: TrainCommand.configuration.commandName ?? "train") {
      arguments.remove(at: name)
    }
    return try TrainCommand.givenOptions(arguments)
  }
}
