import Foundation

/// Student's t distribution with a whole number of degrees of freedom.
enum StudentT {
  /// What t is above with a probability below a half.
  ///
  /// By bisection over the angle atan(t / √n), in which the probability is a finite sum: Abramowitz and
  /// Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
  static func quantile(above probability: Double, degreesOfFreedom n: Int) -> Double {
    var (low, high) = (0.0, Double.pi / 2)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if (1 - inside(middle, n)) / 2 > probability { low = middle } else { high = middle }
    }
    return Double(n).squareRoot() * tan((low + high) / 2)
  }

  /// The probability of |t| ≤ √n·tan θ.
  private static func inside(_ angle: Double, _ n: Int) -> Double {
    let (sine, cosine) = (sin(angle), cos(angle))
    let isOdd = n % 2 == 1
    if n == 1 { return 2 * angle / .pi }
    var term = isOdd ? cosine : 1
    var sum = term
    var power = isOdd ? 3 : 2
    while power <= n - 2 {
      term *= cosine * cosine * Double(power - 1) / Double(power)
      sum += term
      power += 2
    }
    return isOdd ? 2 / .pi * (angle + sine * sum) : sine * sum
  }
}
