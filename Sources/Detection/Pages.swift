/// Elements by number in pages of fixed size, so that the hundred-thousandth symbol copies nothing but a list of pages.
///
/// Elements are reached as `pages[place.page][place.index]`: through an accessor of this type each access would copy one.
struct Pages<Element> {
  /// Where an element lies.
  struct Place {
    let page: Int
    let index: Int

    @inline(__always)
    init(_ number: Int) {
      page = number >> 8
      index = number & 255
    }
  }

  var pages: [[Element]] = []
  private(set) var count = 0

  /// - Returns: the element's number.
  mutating func add(_ element: Element) -> Int {
    let place = Place(count)
    if place.page == pages.count {
      var page: [Element] = []
      page.reserveCapacity(256)
      pages.append(page)
    }
    pages[place.page].append(element)
    count += 1
    return count - 1
  }
}
