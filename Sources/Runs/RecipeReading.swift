import Foundation

/// Why a recipe cannot be taken.
struct UnreadableRecipe: Error {
  let reason: String
}

/// Reads a recipe from JSON; a key that it does not have is an error.
func readRecipe<Recipe: Codable>(
  _ type: Recipe.Type, _ path: String
) throws(UnreadableRecipe) -> Recipe {
  func place(_ path: [any CodingKey]) -> String {
    path.map(\.stringValue).joined(separator: ".")
  }
  do {
    let bytes = try Data(contentsOf: URL(filePath: path))
    let recipe = try JSONDecoder().decode(Recipe.self, from: bytes)
    let written = try JSONSerialization.jsonObject(with: bytes)
    let known = try JSONSerialization.jsonObject(with: JSONEncoder().encode(recipe))
    if let key = unknownKey(in: written, known) {
      throw UnreadableRecipe(reason: "'\(key)' is not known")
    }
    return recipe
  } catch let error as UnreadableRecipe {
    throw error
  } catch DecodingError.keyNotFound(let key, _) {
    throw UnreadableRecipe(reason: "it lacks '\(key.stringValue)'")
  } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
    throw UnreadableRecipe(reason: "'\(place(context.codingPath))' is not what it should be")
  } catch DecodingError.dataCorrupted(let context) {
    let name = place(context.codingPath)
    // A number that no value of the kind can have comes without its place.
    let isJSON =
      (try? JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))) != nil
    throw UnreadableRecipe(
      reason: !isJSON
        ? "it is not JSON"
        : name.isEmpty
          ? "a number in it is not what it should be" : "'\(name)' is not what it should be")
  } catch {
    throw UnreadableRecipe(reason: "it cannot be read")
  }
}

/// The first key, by name, that what was read has and what was understood has not; a null says
/// nothing.
private func unknownKey(in written: Any, _ known: Any?) -> String? {
  switch written {
  case let object as [String: Any]:
    let other = known as? [String: Any] ?? [:]
    for (key, value) in object.sorted(by: { $0.key < $1.key }) where !(value is NSNull) {
      guard let match = other[key] else { return key }
      if let found = unknownKey(in: value, match) { return "\(key).\(found)" }
    }
    return nil
  case let array as [Any]:
    let other = known as? [Any] ?? []
    return zip(array, other).lazy.compactMap { unknownKey(in: $0, $1) }.first
  default: return nil
  }
}
