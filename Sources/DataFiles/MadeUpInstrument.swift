/// One thing that a made-up market trades.
package struct MadeUpInstrument: Equatable, Sendable {
  package let symbol: String
  /// At the beginning.
  package let price: Double
  /// Prices are whole numbers of steps; so many make one unit of the currency: 100 for cents, 4 for quarters, 1e8 for hundred-millionths.
  package let stepsPerUnit: Double
  /// Sizes are whole numbers of lots.
  package let lot: Double
  /// How much it moves, a US stock being 1.
  package let liveliness: Double

  package init(_ symbol: String, price: Double, stepsPerUnit: Double, lot: Double = 1, liveliness: Double = 1) {
    self.symbol = symbol
    self.price = price
    self.stepsPerUnit = stepsPerUnit
    self.lot = lot
    self.liveliness = liveliness
  }

  /// The price nearest to `price`. A quotient, not a product with the step: as text it then has no more digits than the step.
  package func onGrid(_ price: Double) -> Double { (price * stepsPerUnit).rounded() / stepsPerUnit }
}
