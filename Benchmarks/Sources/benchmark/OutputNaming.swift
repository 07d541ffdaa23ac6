import Datasets
import Foundation

/// Names the files about 1,000, 10,000 and 100,000 sources of which ten have each name.
///
/// - Returns: whether naming one of the most costs at most five times as much as one of the fewest.
func namingIsFlat(_ options: Options) throws -> Bool {
  print("microseconds for each name; median (range)")
  var medians: [Double] = []
  for count in [1000, 10_000, 100_000] {
    let paths = (0..<count).map { "folder-\($0 % 10)/picture-\($0 / 10).jpg" }
    var samples = Samples()
    for _ in 0..<options.repeats {
      var names: [String] = []
      samples.append(seconds { names = OutputNames(paths).names } * 1e6 / Double(count))
      guard Set(names).count == count else { throw Problem(description: "two names are alike") }
    }
    print("  \(count) sources: \(samples)")
    medians.append(samples.median)
  }
  return medians[2] <= 5 * medians[0]
}
