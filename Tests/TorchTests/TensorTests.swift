import Testing

@testable import Torch

@Suite struct TensorTests {
  @Test func `an expression reads as mathematics`() throws {
    let x = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    let y = try (2 * x - 1) / (x + x)
    #expect(try y.toFloats() == [0.5, 0.75, 5.0 / 6.0, 0.875])
  }
}
