import Darknet
import Datasets
import Loading
import Torch

/// What a teacher's heads say of each picture, in a folder, one file a picture, so that later epochs
/// and later runs need not ask it: for training without augmentation, where a picture is the same
/// each time.
///
/// A file's name is a hash of what the outputs follow from: the teacher's files, the picture's path,
/// size in bytes and time of change, the input's size, how the picture is fitted in, and the
/// arithmetic. It holds checksums; one that is damaged, or does not fit, is made again. The folder
/// may be removed at any time.
public final class TeacherCache {
  /// Where the files are.
  public let folder: String

  /// The training pictures, by index.
  private let paths: [String]
  /// What the outputs follow from besides the picture and its size.
  private let facts: [String]
  private let warn: (String) -> Void
  private var isFull = false

  /// A cache in a folder, which is made when the first outputs are kept.
  ///
  /// - Parameters:
  ///   - paths: of the training pictures.
  ///   - facts: of the pictures' way to the input, which outputs follow from as well.
  ///   - warn: takes, once, why outputs cannot be kept.
  public init(
    folder: String, paths: [String], facts: [String], warn: @escaping (String) -> Void
  ) {
    (self.folder, self.paths, self.facts, self.warn) = (folder, paths, facts, warn)
  }

  /// Outputs for a batch: those that are kept, and the others by asking.
  ///
  /// - Parameters:
  ///   - pictures: which they are, by index.
  ///   - shapes: of the outputs wanted of one picture, `[channels, height, width]` each.
  ///   - teacher: what the outputs follow from besides.
  ///   - dtype: what the teacher computes in.
  ///   - device: where the outputs are wanted.
  ///   - ask: gives the outputs for the pictures at some places of the batch, `[count, …]` each.
  /// - Returns: `[N, channels, height, width]` for each shape, in float32.
  func outputs(
    of pictures: [Int], _ shapes: [[Int]], teacher: [String], dtype: DType, device: Device,
    ask: (_ places: [Int]) throws -> [Tensor]
  ) throws -> [Tensor] {
    let files = pictures.map { file(of: $0, shapes, teacher + [dtype.rawValue]) }
    var found = files.map { file in file.flatMap { read($0, shapes) } }
    let missing = found.indices.filter { found[$0] == nil }
    if !missing.isEmpty {
      let asked = try ask(missing)
      // Nothing was kept of this batch: what was asked for is what is wanted.
      for (row, place) in missing.enumerated() {
        let own = try asked.map { try $0.narrow(dim: 0, start: row, count: 1) }
        found[place] = own
        if let file = files[place] { keep(try own.map { try $0.to(dtype) }, in: file) }
      }
      if missing.count == pictures.count { return asked }
    }
    // As networks lie in memory, so that sums come out the same to the last bit.
    return try shapes.indices.map { index in
      try Tensor.concatenated(
        found.compactMap { try $0?[index].to(.float32).to(device) }, dim: 0
      ).to(.channelsLast)
    }
  }

  /// The file of a picture; nil where the picture's own cannot be found.
  private func file(of picture: Int, _ shapes: [[Int]], _ teacher: [String]) -> String? {
    guard let facts = pictureFacts(paths[picture]) else { return nil }
    let name = SHA256.hexadecimal(
      of: (facts + self.facts + teacher + shapes.map { "\($0)" }).joined(separator: "\n").utf8)
    return "\(folder)/\(name.prefix(2))/\(name).safetensors"
  }

  /// The outputs of a file; nil without a whole one.
  private func read(_ path: String, _ shapes: [[Int]]) -> [Tensor]? {
    guard fileExists(path), let file = try? SafetensorsFile(contentsOf: path), file.hasChecksums
    else { return nil }
    let tensors = shapes.indices.compactMap { try? file.tensor("\($0)") }
    return tensors.map(\.shape) == shapes.map { [1] + $0 } ? tensors : nil
  }

  /// Keeps outputs; the first failure ends it, for a disk that is full stays full.
  private func keep(_ outputs: [Tensor], in path: String) {
    guard !isFull else { return }
    do {
      try makeFolder(folderPath(of: path))
      try writeSafetensors(
        outputs.enumerated().map { ("\($0)", $1) }, checksums: true, to: path)
    } catch {
      isFull = true
      warn("\(error): the teacher is asked again each time")
    }
  }
}
