/// Everything that decides a result, as a value that is kept beside it and read again.
///
/// A file with a value or a key that is not known is an error, never a default.
public protocol Recipe: Codable, Hashable, Sendable {
  /// Refuses what no run can work with; every run begins with it.
  ///
  /// - Throws: an error that names the value.
  func check() throws
}

extension Recipe {
  /// Reads a recipe. Its values are checked: a file may say anything.
  ///
  /// - Throws: ``RunError/unreadableRecipe(_:reason:)``.
  public init(contentsOf path: String) throws {
    do { self = try readRecipe(Self.self, path) } catch {
      throw RunError.unreadableRecipe(path, reason: error.reason)
    }
    do { try check() } catch {
      throw RunError.unreadableRecipe(path, reason: "\(error)")
    }
  }
}
