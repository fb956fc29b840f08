import Testing

@testable import Server

@Suite struct FeedQueueTests {
  /// Against a plain array, past the size at which the front is cut off.
  @Test func itIsAQueue() {
    var queue = FeedQueue<Int>()
    var plain: [Int] = []
    for number in 0..<20_000 {
      queue.append(number)
      plain.append(number)
      for _ in 0..<(number % 7 == 0 ? 5 : number % 2) where !plain.isEmpty {
        #expect(queue.popFirst() == plain.removeFirst())
      }
      #expect(queue.isEmpty == plain.isEmpty)
    }
    while let next = queue.popFirst() { #expect(next == plain.removeFirst()) }
    #expect(plain.isEmpty && queue.isEmpty)
  }
}
