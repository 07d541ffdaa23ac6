import Darknet
import Foundation
import Inference
import Integers
import Networks
import Quantization
import Torch
import Training
import Vision

/// A quantized pair as whole numbers: compared with libtorch on pictures, dumped layer by layer, or
/// exported.
///
/// ```swift
/// let pair = PairRecipe(cfg: "model.cfg", weights: "model.weights")
/// let run = try IntegerRun(pair, sources: ["street.jpg"])
/// print(try run.verify()?.difference ?? "the same")
/// ```
public struct IntegerRun {
  /// The pair.
  public let model: Model
  /// Codes and grids.
  public let state: QuantizationState
  /// What it does with whole numbers.
  public let program: IntegerProgram
  /// How pictures are shown to it.
  public let feeding: Feeding
  /// The pictures.
  public let sources: [PictureSource]

  private let network: Network
  private let runner: IntegerRunner
  private let observer: any RunObserver

  /// Opens a quantized pair.
  ///
  /// - Parameters:
  ///   - sources: pictures, folders or lists of them; may be empty where none is needed.
  ///   - observer: is told what happens; nobody is unless given.
  /// - Throws: ``QuantizationError/notQuantized(path:)`` where no quantization lies beside it, an error
  ///   of the files or the network.
  public init(
    _ pair: PairRecipe, machine: MachineRecipe = MachineRecipe(), sources: [String] = [],
    observer: any RunObserver = SilentObserver()
  ) throws {
    try pair.feeding.check()
    try machine.check()
    self.observer = observer
    model = try pair.model(observer)
    guard let path = model.quantizationPath else {
      throw QuantizationError.notQuantized(path: model.weightsPath)
    }
    state = try QuantizationFile.read(
      path, for: model.spec, cfg: model.cfgPath, weights: model.weightsPath)
    feeding = try model.feeding(pair.feeding.wishes)
    let device = try openDevice(machine.device, threads: machine.threads)
    try setThreads(
      machine.threads, for: [(model.spec, feeding.width, feeding.height)], on: device)
    network = try state.quantized(model.network(on: device))
    program = try IntegerProgram(network)
    runner = IntegerRunner(program, threads: TorchRuntime.threadCount)
    self.sources = try sources.flatMap { try PictureSource.sources(of: $0) }
  }

  /// The cfg's name, without folder and ending.
  public var name: String {
    let cfg = fileName(of: model.cfgPath)
    return cfg.hasSuffix(".cfg") ? String(cfg.dropLast(4)) : cfg
  }

  /// The bytes of a picture as the network sees it, `[channels, height, width]`.
  public func picture(_ source: PictureSource) throws -> [UInt8] {
    let image = try source.image()
    let geometry = InputGeometry(
      pictureWidth: image.width, pictureHeight: image.height, inputWidth: feeding.width,
      inputHeight: feeding.height, fit: feeding.fit)
    let channels = model.spec.net.channels
    let pixels = try (channels == 1 ? image.gray : image).placed(geometry)
    let places = feeding.width * feeding.height
    return (0..<channels).flatMap { channel in
      (0..<places).map { pixels[$0 * channels + channel] }
    }
  }

  /// What a comparison came to.
  public struct Verification {
    /// Pictures that were compared, with the one that ended it.
    public let pictures: Int
    /// Layers of each.
    public let layers: Int
    /// The picture at which the comparison ended, and why; nil where all is the same.
    public let end: (picture: PictureSource, reason: End)?

    /// Why a comparison ends early.
    public enum End: Equatable, Sendable {
      /// Both engines have other numbers there.
      case difference(IntegerVerification.Difference)
      /// A sum that its bits do not hold.
      case overflow(IntegerError)
    }

    /// The first difference, and the picture that it is of.
    public var difference: (picture: String, place: IntegerVerification.Difference)? {
      guard let end, case .difference(let place) = end.reason else { return nil }
      return ("\(end.picture)", place)
    }
  }

  /// Compares every layer on every picture, up to the first difference, or the first sum that does not
  /// fit into 32 bits.
  public func verify() throws -> Verification {
    let verification = try IntegerVerification(network, runner)
    observer.begin("verify", pictures: sources.count)
    defer { observer.end() }
    for (place, source) in sources.enumerated() {
      let end = try end(of: verification, on: picture(source))
      observer.advance(to: place + 1)
      if let end {
        return Verification(
          pictures: place + 1, layers: verification.layerCount, end: (source, end))
      }
    }
    return Verification(pictures: sources.count, layers: verification.layerCount, end: nil)
  }

  /// Why a comparison ends at a picture; nil where all is the same.
  private func end(
    of verification: IntegerVerification, on picture: [UInt8]
  ) throws -> Verification.End? {
    do {
      return try verification.firstDifference(
        picture, width: feeding.width, height: feeding.height
      ).map { .difference($0) }
    } catch let error as IntegerError {
      guard case .overflow = error else { throw error }
      return .overflow(error)
    }
  }

  /// Refuses a layer that does not run.
  public func requireLayer(_ layer: Int?) throws {
    guard let layer, !program.layers.contains(where: { $0.index == layer }) else { return }
    let last = program.layers.last?.index ?? 0
    throw RunError.unusable(
      "--layer \(layer)", reason: "no layer that runs on codes; the network has 0 to \(last)")
  }

  /// Writes what every layer reads, has and gives for the first picture.
  ///
  /// - Parameter layer: the only one whose numbers are written; nil for all.
  /// - Returns: how many files.
  public func dump(layer: Int?, to folder: String) throws -> Int {
    guard let source = sources.first else { return 0 }
    return try ProgramDump(runner, layer: layer).write(
      picture(source), width: feeding.width, height: feeding.height, to: folder
    ).count
  }

  /// The files of a network as C.
  ///
  /// - Parameter name: what files and functions are called.
  public static func filesOfC(name: String) -> [String] {
    ["c", "h", "bin"].map { "\(name).\($0)" } + ["main.c"]
  }

  /// Writes the network as C.
  ///
  /// - Returns: the source.
  public func exportC(name: String, to folder: String) throws -> CSource {
    observer.warnOfSums(program)
    let source = try CSource(
      program, name: name, width: feeding.width, height: feeding.height)
    try writeAtomically(source.header, to: "\(folder)/\(name).h")
    try writeAtomically(source.source, to: "\(folder)/\(name).c")
    try writeAtomically(source.exampleMain, to: "\(folder)/main.c")
    try writeAtomically(source.weights, to: "\(folder)/\(name).bin")
    return source
  }

  /// Writes the network as files for FPGAs; of each picture what its layers give, in `golden`.
  ///
  /// - Returns: the names of the files.
  public func exportFPGA(
    layout: FPGAExport.Layout, tiles: TileOrder, to folder: String
  ) throws -> [String] {
    observer.warnOfSums(program)
    let export = try FPGAExport(state, program, name: name, layout: layout, tiles: tiles)
    for file in export.files { try writeAtomically(file.bytes, to: "\(folder)/\(file.name)") }
    var names = export.files.map(\.name)
    guard let source = sources.first else { return names }
    let golden = try export.goldenFiles(
      picture(source), width: feeding.width, height: feeding.height,
      threads: TorchRuntime.threadCount)
    try FileManager.default.createDirectory(
      atPath: "\(folder)/golden", withIntermediateDirectories: true)
    for file in golden { try writeAtomically(file.bytes, to: "\(folder)/golden/\(file.name)") }
    names += golden.map { "golden/\($0.name)" }
    return names
  }
}
