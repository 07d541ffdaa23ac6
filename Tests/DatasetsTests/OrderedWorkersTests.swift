import Foundation
import Synchronization
import Testing

@testable import Datasets

@Suite struct OrderedWorkersTests {
  @Test(arguments: [0, 1, 2, 7]) func `values come in order from any number of threads`(
    workers: Int
  ) {
    let made = OrderedWorkers(workers: workers, ahead: 4, range: 5..<205) { number in
      if number % 7 == 0 { usleep(500) }
      return number * number
    }
    var values: [Int] = []
    while let value = made.next() { values.append(value) }
    #expect(values == (5..<205).map { $0 * $0 })
    #expect(made.next() == nil)
  }

  @Test func `no more values exist than are allowed`() {
    let living = Mutex((now: 0, most: 0))
    let made = OrderedWorkers(workers: 4, ahead: 3, range: 0..<60) { number in
      living.withLock { living in
        living.now += 1
        living.most = max(living.most, living.now)
      }
      usleep(200)
      return number
    }
    usleep(20_000)
    var count = 0
    while made.next() != nil {
      living.withLock { $0.now -= 1 }
      count += 1
      if count % 10 == 0 { usleep(2_000) }
    }
    #expect(count == 60)
    // The one that is being handed over may be counted together with its successor.
    #expect(living.withLock { $0.most } <= 4)
  }

  @Test func `letting go ends and joins the threads`() {
    let running = Mutex(0)
    do {
      let made = OrderedWorkers(workers: 3, ahead: 3, range: 0..<1_000) { number in
        running.withLock { $0 += 1 }
        usleep(1_000)
        running.withLock { $0 -= 1 }
        return number
      }
      #expect(made.next() == 0)
    }
    #expect(running.withLock { $0 } == 0)
  }

  @Test func `nothing comes after closing`() {
    let made = OrderedWorkers(workers: 2, ahead: 2, range: 0..<100) { $0 }
    #expect(made.next() == 0)
    made.close()
    made.close()
    #expect(made.next() == nil)
  }
}
