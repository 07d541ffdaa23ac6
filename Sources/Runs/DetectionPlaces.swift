import Datasets
import Storage
import Vision

/// Where the results about each source go.
struct DetectionPlaces {
  let sources: [PictureSource]
  /// What the files about each source are called.
  let names: [String]
  private let recipe: DetectRecipe
  private let output: OutputFolder

  init(_ recipe: DetectRecipe, _ sources: [PictureSource], _ output: OutputFolder) {
    (self.recipe, self.sources, self.output) = (recipe, sources, output)
    names = OutputNames(sources.map(\.nameForFiles)).names
  }

  /// The picture or video that is drawn, in the output folder.
  func drawing(_ index: Int) -> String {
    names[index] + (sources[index].isPicture ? ".jpg" : ".mp4")
  }

  /// A source, its label file, or the list that names it must not be written over or go, nor must a
  /// file that Pare did not write.
  ///
  /// - Parameter others: files that are written elsewhere.
  func refuseSources(_ others: [String]) throws {
    guard output.replacesSomething || !others.isEmpty else { return }
    var protected = ProtectedFiles()
    for source in sources {
      guard let path = source.path else { continue }
      if source.isPicture { protected.protect(picture: path) } else { protected.protect(path) }
    }
    for argument in recipe.sources { protected.protect(argument) }
    let inputs = [recipe.pair.cfg, recipe.pair.weights, recipe.names, recipe.data]
    for file in inputs { if let file { protected.protect(file) } }
    try protected.refuse(others)
    guard output.replacesSomething else { return }
    try output.refuse(inputs: inputs)
    try output.refuse(pictures: sources.compactMap(\.path) + recipe.sources)
    let results = recipe.savesResults ? [DetectionFiles.results] : []
    let files =
      results
      + sources.indices.flatMap { index in
        [drawing(index)] + (recipe.savesText ? labels(index) : [])
      }
    try protected.refuse(files.lazy.map { [output] in "\(output.path)/\($0)" })
    try output.requireOwn(files)
  }

  /// The label files of a source that may be written over; of a video those that are there.
  private func labels(_ index: Int) -> [String] {
    guard !sources[index].isPicture else { return [DetectionFiles.labels(of: names[index])] }
    let folder = "labels/\(names[index])"
    let there = (try? namesInFolder("\(output.path)/\(folder)")) ?? []
    return there.filter { $0.hasSuffix(".txt") && Int($0.dropLast(4)) != nil }
      .map { "\(folder)/\($0)" }
  }
}
