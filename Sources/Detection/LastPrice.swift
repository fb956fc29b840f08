package import MarketData

/// A symbol's last good tick price, as the tick channels have seen it.
package struct LastPrice: BitwiseCopyable, Equatable, Sendable {
  package var price: Double
  package var time: UnixNanos

  package init(price: Double, time: UnixNanos) {
    self.price = price
    self.time = time
  }
}
