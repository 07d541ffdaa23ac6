import Datasets

// What makes a data set says all that decides it, so it is its own recipe: kept, read again, run.

extension DatasetImporter: Recipe {}

extension DatasetMerger: Recipe {}

extension DatasetExporter: Recipe {}

extension SyntheticDataset: Recipe {}
