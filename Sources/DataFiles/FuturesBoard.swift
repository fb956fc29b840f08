package import MarketData

/// A made-up board of futures: the two contracts of each product that are traded most at a date.
///
/// Not a calendar of expiries: a product leaves a month some days before the exchange does, or after.
package enum FuturesBoard {
  private struct Product {
    let root: String
    let price: Double
    let stepsPerUnit: Double
    /// The letters of its months, of `FGHJKMNQUVXZ`.
    let months: String
    /// A month is left so many days before it ends in the calendar.
    let leadDays: Int
    let liveliness: Double

    init(_ root: String, _ price: Double, steps: Double, _ months: String, lead: Int, _ liveliness: Double) {
      self.root = root
      self.price = price
      stepsPerUnit = steps
      self.months = months
      leadDays = lead
      self.liveliness = liveliness
    }
  }

  private static let letters = Array("FGHJKMNQUVXZ")
  private static let quarters = "HMUZ"
  private static let metals = "HKNUZ"

  /// The busiest first.
  private static let products = [
    Product("ES", 6_850, steps: 4, quarters, lead: 14, 0.5), Product("NQ", 25_400, steps: 4, quarters, lead: 14, 0.7),
    Product("CL", 59.20, steps: 100, "FGHJKMNQUVXZ", lead: 42, 1.2),
    Product("GC", 4_150, steps: 10, "GJMQVZ", lead: 35, 0.7),
    Product("ZN", 113, steps: 64, quarters, lead: 32, 0.2), Product("RTY", 2_500, steps: 10, quarters, lead: 14, 0.7),
    Product("YM", 47_500, steps: 1, quarters, lead: 14, 0.5),
    Product("6E", 1.165, steps: 20_000, quarters, lead: 14, 0.3),
    Product("NG", 4.5, steps: 1_000, "FGHJKMNQUVXZ", lead: 36, 1.8),
    Product("SI", 53, steps: 200, metals, lead: 35, 1.2),
    Product("ZB", 117.25, steps: 32, quarters, lead: 32, 0.3),
    Product("ZF", 109.5, steps: 128, quarters, lead: 32, 0.2),
    Product("6J", 0.006_45, steps: 2_000_000, quarters, lead: 14, 0.3),
    Product("6B", 1.32, steps: 10_000, quarters, lead: 14, 0.3),
    Product("HG", 5.2, steps: 2_000, metals, lead: 35, 0.8),
    Product("ZC", 435.25, steps: 4, metals, lead: 32, 0.8), Product("ZS", 1_125.25, steps: 4, "FHKNQUX", lead: 32, 0.7),
    Product("ZW", 540.25, steps: 4, metals, lead: 32, 0.9),
  ]

  /// `ESZ6`, `NQZ6`, `CLF7` … of a day in November 2026.
  package static func instruments(on date: CivilDate) -> [MadeUpInstrument] {
    (0..<2).flatMap { place in
      products.map { product in
        MadeUpInstrument(
          product.root + contract(product, place, date), price: product.price, stepsPerUnit: product.stepsPerUnit,
          liveliness: product.liveliness)
      }
    }
  }

  /// Month and year, such as `Z6`.
  private static func contract(_ product: Product, _ place: Int, _ date: CivilDate) -> String {
    let first = date.adding(days: product.leadDays)
    var months = (0..<24).lazy.map { (first.month - 1 + $0) % 12 }.enumerated().filter {
      product.months.contains(letters[$0.element])
    }.makeIterator()
    // Every product has a month in each half of a year, so both places lie within two years.
    for _ in 0..<place { _ = months.next() }
    guard let found = months.next() else { return "" }
    return "\(letters[found.element])\((first.year + (first.month - 1 + found.offset) / 12) % 10)"
  }
}
