/// What the pictures and boxes of a data set are like.
public struct DatasetStatistics: Sendable {
  /// Cells along each side of ``positions``.
  public static let cells = 32

  /// Class names by class number.
  public let names: [String]
  /// Pictures that count: those whose header can be read.
  public private(set) var images = 0
  /// Pictures without a box.
  public private(set) var backgrounds = 0
  /// Boxes of each class.
  public private(set) var classCounts: [Int]
  /// Pictures with each class.
  public private(set) var classImages: [Int]
  /// Of each picture.
  public private(set) var boxesPerPicture: [Int] = []
  /// √area of each box over √area of its picture, in `0...1`.
  public private(set) var relativeSizes: [Double] = []
  /// √area of each box, in pixels of the picture.
  public private(set) var pixelSizes: [Double] = []
  /// Width over height of each box, in pixels.
  public private(set) var aspects: [Double] = []
  /// How often each picture size occurs.
  public private(set) var pictureSizes: [PictureSize: Int] = [:]
  /// How many boxes cover each of `cells × cells` equal parts of their pictures, rows from the top.
  public private(set) var positions: [Int]

  /// The statistics of no picture.
  public init(names: [String]) {
    self.names = names
    classCounts = [Int](repeating: 0, count: names.count)
    classImages = classCounts
    positions = [Int](repeating: 0, count: Self.cells * Self.cells)
  }

  /// How many boxes there are.
  public var boxes: Int { pixelSizes.count }

  /// Adds a picture of a size.
  public mutating func add(_ labels: [Label], of size: PictureSize) {
    images += 1
    backgrounds += labels.isEmpty ? 1 : 0
    boxesPerPicture.append(labels.count)
    pictureSizes[size, default: 0] += 1
    for index in Set(labels.map(\.classIndex)) { classImages[index] += 1 }
    for label in labels {
      classCounts[label.classIndex] += 1
      let share = Double(label.width) * Double(label.height)
      relativeSizes.append(share.squareRoot())
      pixelSizes.append((share * Double(size.width * size.height)).squareRoot())
      aspects.append(Double(label.width) / Double(label.height) / size.aspect)
      cover(label)
    }
  }

  /// Counts the cells whose middle a box covers, or the one with its centre if there is none.
  private mutating func cover(_ label: Label) {
    func range(_ center: Float, _ size: Float) -> ClosedRange<Int> {
      let cells = Float(Self.cells)
      let own = min(max(Int(center * cells), 0), Self.cells - 1)
      let first = Int(((center - size / 2) * cells - 0.5).rounded(.up))
      let last = Int(((center + size / 2) * cells - 0.5).rounded(.down))
      return min(max(first, 0), own)...max(min(last, Self.cells - 1), own)
    }
    for row in range(label.centerY, label.height) {
      for column in range(label.centerX, label.width) { positions[row * Self.cells + column] += 1 }
    }
  }
}
