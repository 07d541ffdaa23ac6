import Datasets

// What makes a data set says all that decides it, so it is its own recipe: kept, read again, run.

extension DatasetImporter: Recipe {
  /// Takes anything: it holds paths, names and choices alone.
  public func check() {}
}

extension DatasetMerger: Recipe {
  /// Takes anything: it holds paths, names and choices alone.
  public func check() {}
}

extension DatasetExporter: Recipe {
  /// Takes anything: it holds paths, names and choices alone.
  public func check() {}
}

extension SyntheticDataset: Recipe {}
