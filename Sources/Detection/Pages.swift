/// Elements by number in pages of fixed size, which stay where they are: the hundred-thousandth symbol copies nothing but a list of pages.
///
/// A value like an array: a copy shares the pages until one of the two changes. Elements are changed through `address(of:)`, whose check of that
/// sharing is one a tick; nested arrays would check three times.
struct Pages<Element: BitwiseCopyable> {
  typealias Address = UnsafeMutablePointer<Element>

  private static var shift: Int { 8 }
  private static var pageSize: Int { 1 << shift }

  private final class Storage {
    var pages: [Address] = []
    var count = 0

    init() {}

    init(copying other: Storage) {
      for (index, page) in other.pages.enumerated() {
        let copy = Address.allocate(capacity: pageSize)
        copy.initialize(from: page, count: min(pageSize, other.count - index * pageSize))
        pages.append(copy)
      }
      count = other.count
    }

    // Elements are bitwise copyable: there is nothing to deinitialise.
    deinit { for page in pages { page.deallocate() } }
  }

  private var storage = Storage()

  init() {}

  var count: Int { storage.count }

  /// - Returns: the element's number.
  mutating func add(_ element: Element) -> Int {
    makeUnique()
    let number = storage.count
    if number & (Self.pageSize - 1) == 0 { storage.pages.append(.allocate(capacity: Self.pageSize)) }
    (storage.pages[number >> Self.shift] + (number & (Self.pageSize - 1))).initialize(to: element)
    storage.count = number + 1
    return number
  }

  /// A copy of an element.
  subscript(number: Int) -> Element {
    precondition(number < storage.count, "no such element")
    return storage.pages[number >> Self.shift][number & (Self.pageSize - 1)]
  }

  /// Where an element lies, to change it in place; until this value is copied or goes.
  @inline(__always)
  mutating func address(of number: Int) -> Address {
    makeUnique()
    precondition(number < storage.count, "no such element")
    return storage.pages[number >> Self.shift] + (number & (Self.pageSize - 1))
  }

  @inline(__always)
  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
  }
}
