/// States in pages of fixed size, so that the hundred-thousandth symbol copies nothing but a list of pages.
struct StatePages {
  private static let pageSize = 256
  var pages: [[TickState]] = []
  private(set) var count = 0

  subscript(number: Int) -> TickState { pages[number / Self.pageSize][number % Self.pageSize] }

  mutating func add(_ state: TickState) -> Int {
    if count % Self.pageSize == 0 {
      var page: [TickState] = []
      page.reserveCapacity(Self.pageSize)
      pages.append(page)
    }
    pages[count / Self.pageSize].append(state)
    count += 1
    return count - 1
  }

  /// Where a state lies in `pages`.
  @inline(__always)
  static func place(of number: Int) -> (page: Int, index: Int) { (number / pageSize, number % pageSize) }
}
