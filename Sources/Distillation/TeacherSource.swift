import Darknet
import Foundation
import Inference
import Storage

/// Where a teacher is, and which one it is: what a run keeps of it.
public struct TeacherSource: Hashable, Codable, Sendable {
  /// Path of the cfg.
  public var cfg: String
  /// Path of the weights.
  public var weights: String
  /// SHA-256 of the cfg, in hexadecimal; nil before a run has begun with it.
  public var cfgHash: String?
  /// SHA-256 of the weights; nil before a run has begun with them.
  public var weightsHash: String?
  /// Names of its classes by index, empty where nobody said them; nil before a run has begun with it.
  /// A run goes on with the names that it began with.
  public var names: [String]?
  /// Whether it was trained to take all classes for one; no unless given.
  public var takesAllForOne: Bool?
  /// How alike the kernels were, when the run began, of a teacher that has the student's layers and was
  /// trained apart from it; nil of others.
  public var foreignLikeness: Double?

  /// A pair of files.
  public init(cfg: String, weights: String) {
    (self.cfg, self.weights) = (cfg, weights)
  }

  /// The same with the hashes of its files, by which a resumed run knows it.
  ///
  /// - Throws: `FileError` when a file cannot be read.
  public func identified() throws -> TeacherSource {
    var source = self
    try FileError.require(.cfg, cfg)
    try FileError.require(.weights, weights)
    source.cfgHash = try ModelDescription.hash(ofFile: cfg)
    source.weightsHash = try ModelDescription.hash(ofFile: weights)
    return source
  }

  /// The same teacher where its files are now: at their paths, else in the folders of these under
  /// other names.
  ///
  /// - Throws: ``DistillationError/missingTeacher(path:hash:found:)``.
  public func found() throws -> TeacherSource {
    guard let cfgHash, let weightsHash else { return try identified() }
    var source = self
    source.cfg = try Self.find(cfg, hash: cfgHash)
    source.weights = try Self.find(weights, hash: weightsHash)
    return source
  }

  private static func find(_ path: String, hash: String) throws -> String {
    let exists = fileExists(path)
    if exists, try ModelDescription.hash(ofFile: path) == hash { return path }
    let folder = folderPath(of: path)
    let ending = path.split(separator: "/").last?.split(separator: ".").last.map { ".\($0)" } ?? ""
    for name in (try? namesInFolder(folder).sorted()) ?? [] where name.hasSuffix(ending) {
      let other = folder + "/" + name
      if (try? ModelDescription.hash(ofFile: other)) == hash { return other }
    }
    throw DistillationError.missingTeacher(path: path, hash: hash, isOther: exists)
  }
}
