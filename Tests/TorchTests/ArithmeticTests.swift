import Foundation
import Testing

@testable import Torch

@Suite struct ArithmeticTests {
  let a = spread(6)
  let b = spread(6, from: 0.5, to: 2)

  @Test func `operators work on tensors and numbers from both sides`() throws {
    let (x, y) = (try Tensor(a), try Tensor(b))
    #expect(try (x + y).toDoubles() == zip(a, b).map { $0 + $1 })
    #expect(try (x - y).toDoubles() == zip(a, b).map { $0 - $1 })
    #expect(try (x * y).toDoubles() == zip(a, b).map { $0 * $1 })
    #expect(try (x / y).toDoubles() == zip(a, b).map { $0 / $1 })
    #expect(try (x + 2).toDoubles() == a.map { $0 + 2 })
    #expect(try (2 + x).toDoubles() == a.map { $0 + 2 })
    #expect(try (x - 0.5).toDoubles() == a.map { $0 - 0.5 })
    #expect(try (0.5 - x).toDoubles() == a.map { 0.5 - $0 })
    #expect(try (x * Float(3)).toDoubles() == a.map { $0 * 3 })
    #expect(try (3 * x).toDoubles() == a.map { $0 * 3 })
    #expect(try (x / 4).toDoubles() == a.map { $0 / 4 })
    #expect(try agree((4 / y).toDoubles(), b.map { 4 / $0 }, 1e-15))
    #expect(try (-x).toDoubles() == a.map { -$0 })
  }

  @Test func `whole numbers keep a whole type and fractions leave it`() throws {
    let x = try Tensor([1, 2, 3])
    #expect(try (x * 2).dtype == .int64)
    #expect(try (x - 1).toInts() == [0, 1, 2])
    #expect(try (x * 0.5).dtype == .float32)
    #expect(try (x / 2).toFloats() == [0.5, 1, 1.5])
    #expect(try (1 / x).dtype == .float32)
    #expect(try (Tensor.ones([1]) * 2.5).dtype == .float32)
    #expect(try (Tensor.ones([1], dtype: .float16) * 2.5).dtype == .float16)
  }

  @Test func `shapes broadcast`() throws {
    let column = try Tensor([10, 20], shape: [2, 1])
    #expect(try (column + Tensor([1, 2, 3])).toInts() == [11, 12, 13, 21, 22, 23])
  }

  @Test func `comparisons give bools`() throws {
    let (x, y) = (try Tensor([1, 2, 3]), try Tensor([3, 2, 1]))
    #expect(try (x .> y).toBools() == [false, false, true])
    #expect(try (x .>= y).toBools() == [false, true, true])
    #expect(try (x .< y).toBools() == [true, false, false])
    #expect(try (x .<= y).toBools() == [true, true, false])
    #expect(try (x .== y).toBools() == [false, true, false])
    #expect(try (x .!= y).toBools() == [true, false, true])
    #expect(try (x .> 2).toBools() == [false, false, true])
    #expect(try (x .>= 2).toBools() == [false, true, true])
    #expect(try (x .< 2).toBools() == [true, false, false])
    #expect(try (x .<= 1.5).toBools() == [true, false, false])
    #expect(try (x .== 2).toBools() == [false, true, false])
    #expect(try (x .!= 2).dtype == .bool)
    #expect(try ((x .> 1) .& (x .< 3)).toBools() == [false, true, false])
    #expect(try ((x .< 2) .| (x .> 2)).toBools() == [true, false, true])
    #expect(try (.!(x .> 2)).toBools() == [true, true, false])
  }

  static let functions:
    [(String, @Sendable (Tensor) throws -> Tensor, @Sendable (Double) -> Double)] = [
      ("abs", { try $0.abs() }, { Swift.abs($0) }),
      ("exp", { try $0.exp() }, { Foundation.exp($0) }),
      ("log", { try $0.log() }, { Foundation.log($0) }),
      ("sqrt", { try $0.sqrt() }, { $0.squareRoot() }),
      ("rsqrt", { try $0.rsqrt() }, { 1 / $0.squareRoot() }),
      ("squared", { try $0.squared() }, { $0 * $0 }),
      ("reciprocal", { try $0.reciprocal() }, { 1 / $0 }),
      ("atan", { try $0.atan() }, { Foundation.atan($0) }),
      ("tanh", { try $0.tanh() }, { Foundation.tanh($0) }),
      ("sigmoid", { try $0.sigmoid() }, { 1 / (1 + Foundation.exp(-$0)) }),
      ("pow 2.5", { try $0.pow(2.5) }, { Foundation.pow($0, 2.5) }),
      ("relu", { try $0.relu() }, { Swift.max($0, 0) }),
      ("relu6", { try ($0 * 20).relu6() }, { Swift.min(Swift.max($0 * 20, 0), 6) }),
      ("leakyReLU", { try $0.leakyReLU(slope: 0.1) }, { $0 > 0 ? $0 : 0.1 * $0 }),
      ("mish", { try $0.mish() }, { $0 * Foundation.tanh(Foundation.log1p(Foundation.exp($0))) }),
      ("silu", { try $0.silu() }, { $0 / (1 + Foundation.exp(-$0)) }),
      (
        "hardSwish", { try ($0 * 4).hardSwish() },
        { 4 * $0 * Swift.min(Swift.max(4 * $0 + 3, 0), 6) / 6 }
      ),
      (
        "hardSigmoid", { try ($0 * 4).hardSigmoid() },
        { Swift.min(Swift.max(4 * $0 + 3, 0), 6) / 6 }
      ),
      ("elu", { try $0.elu(alpha: 0.5) }, { $0 > 0 ? $0 : 0.5 * Foundation.expm1($0) }),
      (
        "selu", { try $0.selu() },
        {
          // λ and α of the paper's equation 14.
          1.050_700_987_355_480_5
            * ($0 > 0 ? $0 : 1.673_263_242_354_377_2 * Foundation.expm1($0))
        }
      ),
      ("softplus", { try $0.softplus() }, { Foundation.log1p(Foundation.exp($0)) }),
      (
        "gelu", { try $0.gelu() }, { $0 * 0.5 * (1 + Foundation.erf($0 / 2.0.squareRoot())) }
      ),
    ]

  @Test(arguments: functions.indices)
  func `functions agree with a loop and with their differences`(index: Int) throws {
    let (name, function, expected) = Self.functions[index]
    // The roots and logarithms take positive numbers only; so does a whole power.
    let positive = ["log", "sqrt", "rsqrt", "reciprocal", "pow 2.5"].contains(name)
    let values = spread(12, from: positive ? 0.1 : -0.95, to: 0.95)
    let y = try function(Tensor(values)).toDoubles()
    #expect(agree(y, values.map(expected), 1e-12), "\(name)")
    try expectGradient(name, at: values, shape: [3, 4], of: function)
  }

  @Test func `rounding goes to even and signs are three`() throws {
    let x = try Tensor([-1.5, -0.5, 0, 0.5, 1.5, 2.5])
    #expect(try x.rounded().toDoubles() == [-2, 0, 0, 0, 2, 2])
    #expect(try x.floor().toDoubles() == [-2, -1, 0, 0, 1, 2])
    #expect(try x.ceil().toDoubles() == [-1, 0, 0, 1, 2, 3])
    #expect(try x.sign().toDoubles() == [-1, -1, 0, 1, 1, 1])
  }

  @Test func `functions of two agree with a loop`() throws {
    let (x, y) = (try Tensor(a), try Tensor(b))
    #expect(try x.minimum(y).toDoubles() == zip(a, b).map { min($0, $1) })
    #expect(try x.maximum(y).toDoubles() == zip(a, b).map { max($0, $1) })
    #expect(try Tensor([7, -7]).remainder(3).toInts() == [1, 2])
    #expect(try Tensor([7, -7]).remainder(Tensor([3])).toInts() == [1, 2])
    #expect(try Tensor([7, -7]).floorDivided(by: 3).toInts() == [2, -3])
    #expect(try Tensor([7, -7]).floorDivided(by: Tensor([3])).toInts() == [2, -3])
    let halves = try Tensor([-0.5, 0.5])
    #expect(try halves.clamped(min: 0).toDoubles() == [0, 0.5])
    #expect(try halves.clamped(max: 0).toDoubles() == [-0.5, 0])
    #expect(try halves.clamped(min: -0.1, max: 0.1).toDoubles() == [-0.1, 0.1])
    let chosen = try Tensor.select(where: halves .> 0, halves, Tensor.scalar(9, dtype: .float64))
    #expect(try chosen.toDoubles() == [9, 0.5])
  }

  @Test func `gradients of functions of two agree with their differences`() throws {
    let y = try Tensor(b)
    try expectGradient("quotient", at: b, shape: [6]) { try y / $0 - 1 / $0 }
    try expectGradient("clamp", at: a, shape: [6]) { try $0.clamped(min: -0.4, max: 0.45) }
    try expectGradient("minimum", at: a, shape: [6]) { try $0.minimum(y * 0.3) }
    try expectGradient("select", at: a, shape: [6]) {
      try Tensor.select(where: $0 .> 0, $0 * $0, $0 * 3)
    }
  }

  @Test func `numbers that are not finite are found`() throws {
    let x = try Tensor([1, .nan, .infinity, -.infinity] as [Float])
    #expect(try x.isFinite().toBools() == [true, false, false, false])
    #expect(try x.allFinite() == false)
    #expect(try Tensor([1.0, 2.0]).allFinite())
  }
}

@Suite struct ReductionTests {
  let x = Result { try Tensor([3, 1, 2, 6, 5, 4] as [Double], shape: [2, 3]) }

  @Test func `sums and moments agree with a hand`() throws {
    let x = try x.get()
    #expect(try x.sum().item() == 21)
    #expect(try x.sum(dims: [0]).toDoubles() == [9, 6, 6])
    #expect(try x.sum(dims: [1], keepDim: true).shape == [2, 1])
    #expect(try x.mean().item() == 3.5)
    #expect(try x.mean(dims: [-1]).toDoubles() == [2, 5])
    // Each row is its mean and one to either side: 2 / 3 by n, 1 by n − 1.
    #expect(try agree(x.variance(dims: [1]).toDoubles(), [2.0 / 3, 2.0 / 3]))
    #expect(try agree(x.variance(dims: [1], unbiased: true).toDoubles(), [1, 1]))
  }

  @Test func `extremes and order`() throws {
    let x = try x.get()
    #expect(try x.amax().item() == 6)
    #expect(try x.amin(dims: [0]).toDoubles() == [3, 1, 2])
    #expect(try x.amax(dims: [1], keepDim: true).shape == [2, 1])
    #expect(try x.argmax(dim: 1).toInts() == [0, 0])
    let largest = try x.max(dim: 0)
    #expect(try largest.values.toDoubles() == [6, 5, 4])
    #expect(try largest.indices.toInts() == [1, 1, 1])
    #expect(try x.sorted().values.toDoubles() == [1, 2, 3, 4, 5, 6])
    #expect(try x.sorted(descending: true).indices.toInts() == [0, 2, 1, 0, 1, 2])
  }

  // 1...6 in order: position 0.25 · 5 = 1.25 lies a quarter of the way from 2 to 3.
  @Test func `a quantile lies between elements`() throws {
    let x = try x.get()
    #expect(try x.quantile(0).item() == 1)
    #expect(try x.quantile(0.25).item() == 2.25)
    #expect(try x.quantile(0.5).item() == 3.5)
    #expect(try x.quantile(1).item() == 6)
  }

  @Test func `truth of all`() throws {
    let x = try Tensor([true, true, false, true], shape: [2, 2])
    #expect(try x.allTrue() == false)
    #expect(try Tensor([true, true]).allTrue())
  }

  @Test func `softmax and its kin agree with a loop`() throws {
    let values = spread(6, from: -3, to: 3)
    let rows = [Array(values[..<3]), Array(values[3...])]
    let x = try Tensor(values, shape: [2, 3])
    let expected = rows.flatMap { row in
      row.map { exp($0) / row.map { exp($0) }.reduce(0, +) }
    }
    #expect(try agree(x.softmax(dim: 1).toDoubles(), expected, 1e-14))
    #expect(try agree(x.logSoftmax(dim: 1).toDoubles(), expected.map { log($0) }, 1e-14))
  }

  @Test func `gradients of reductions agree with their differences`() throws {
    let values = spread(12, from: -2, to: 2)
    let functions: [(String, (Tensor) throws -> Tensor)] = [
      ("mean", { try $0.mean(dims: [0]) }), ("variance", { try $0.variance(dims: [1]) }),
      ("amax", { try $0.amax(dims: [1]) }),
      ("sorted", { try $0.sorted().values }),
      ("quantile", { try $0.quantile(0.3) }), ("softmax", { try $0.softmax(dim: 1) }),
      ("max", { try $0.max(dim: 0).values }),
    ]
    for (name, function) in functions {
      try expectGradient(name, at: values, shape: [3, 4], of: function)
    }
  }
}
