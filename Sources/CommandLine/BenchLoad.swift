internal import DataFiles
internal import WireCodec

/// Messages made beforehand, sent again and again with their times moved on: the load costs its sender little.
struct BenchLoad {
  private struct Template {
    var bytes: [UInt8]
    /// Where the little-endian times stand.
    var timePlaces: [Int]
    var times: [Int64]
  }

  /// The market day that the load begins at: 2024-05-15 00:00 UTC.
  private static let start: Int64 = 1_715_731_200_000_000_000
  private static let templateTicks = 32_768

  private var templates: [Template] = []
  private var next = 0
  private var cycle: Int64 = 0
  private let cycleNanos: Int64

  /// - Parameter index: of the connection: each has symbols of its own, since one symbol's ticks come over one connection in order.
  init(mode: BenchCommand.Mode, ticksPerMessage: Int, symbols: Int, seed: UInt64, index: Int) {
    var market = MarketGenerator(seed: seed, symbols: symbols, rate: 10_000, startNanos: Self.start)
    let messages = max(1, Self.templateTicks / ticksPerMessage)
    var last = Self.start
    for _ in 0..<messages {
      let ticks = (0..<ticksPerMessage).map { _ in
        let row = market.next()
        last = row.timestampNanos
        return ClientTick(
          symbol: index == 0 ? row.symbol : "\(row.symbol).\(index)", timestampNanos: row.timestampNanos,
          price: row.price,
          size: row.size)
      }
      let bytes =
        switch mode {
        case .packed, .frame: ClientRequests.publish(ticks[0], sequence: 0)
        case .batch: ClientRequests.publish(batch: ticks, sequence: 0)
        case .columns: ClientRequests.publish(columns: ticks, sequence: 0)
        }
      templates.append(Self.template(bytes, ticks.map(\.timestampNanos)))
    }
    // Prices jump back at the end of a cycle; five minutes between cycles let the print filter's limit grow.
    cycleNanos = last - Self.start + 300_000_000_000
  }

  /// Times stand in the bytes in order, each exactly once.
  private static func template(_ bytes: [UInt8], _ times: [Int64]) -> Template {
    var places: [Int] = []
    var from = 0
    for time in times {
      let wanted = withUnsafeBytes(of: time.littleEndian) { Array($0) }
      while from + 8 <= bytes.count, !bytes[from..<from + 8].elementsEqual(wanted) { from += 1 }
      guard from + 8 <= bytes.count else { break }
      places.append(from)
      from += 8
    }
    return Template(bytes: bytes, timePlaces: places, times: times)
  }

  mutating func message() -> [UInt8] {
    var template = templates[next]
    if cycle > 0 {
      for (place, time) in zip(template.timePlaces, template.times) {
        var moved = UInt64(bitPattern: time &+ cycle &* cycleNanos)
        for offset in 0..<8 {
          template.bytes[place + offset] = UInt8(truncatingIfNeeded: moved)
          moved >>= 8
        }
      }
    }
    next += 1
    if next == templates.count {
      next = 0
      cycle += 1
    }
    return template.bytes
  }
}
