import Events
import LockFree
import MarketData
import TestKit
import Testing

/// A log, its sequencer and four symbols, stepped by hand.
final class EventRig {
  let clock = ManualClock()
  let log: MemoryEventLog
  let symbols = SymbolTable(capacity: 100)
  let sequencer: Sequencer<PlainEncoder>
  let markers = Told<[Marker]>([])
  let wakes = Told(0)
  let passed = Told<Int64>(0)
  let filters = FilterDirectory()
  let holder = BudgetHolder(of: ByteBudget(limit: 1 << 30))

  init(keepEvents: Int = 10_000, keepBytes: Int = 512 << 20) {
    for name in ["AA", "AB", "BA", "BB"] { _ = symbols.id(adding: name) }
    log = MemoryEventLog(keepEvents: keepEvents, keepBytes: keepBytes, id: "log")
    let (markers, wakes, passed) = (markers, wakes, passed)
    sequencer = Sequencer(
      log: log, queue: ManyToOneQueue(capacity: 1_024), encoder: PlainEncoder(), clock: SteadyClock(clock),
      passed: { UnixNanos(passed.value) }, markersOut: { out in markers.change { $0 += out } },
      wake: { wakes.change { $0 += 1 } })
  }

  func event(_ symbol: UInt32, _ type: EventType = .high, significance: Double = 50) -> MarketEvent {
    var detail = HighLowDetail()
    detail.count = 1
    return MarketEvent(
      type: type, direction: type == .low ? .down : .up, session: .regular, symbol: SymbolID(symbol), source: .tick,
      occurrence: 0, eventTime: UnixNanos(1), price: 1, size: 1, significance: significance, detail: .highLow(detail))
  }

  func add(_ events: [MarketEvent]) {
    for event in events {
      let taken = sequencer.queue.push(.event(event))
      #expect(taken)
      if sequencer.queue.ring.depth >= 1_000 { sequencer.step(upTo: 1_024) }
    }
    sequencer.step(upTo: 1_024)
  }

  func add(_ count: Int) { add((0..<count).map { event(UInt32($0 % 4)) }) }

  func subscribe(_ change: (inout SubscriptionRequest) -> Void = { _ in }) throws -> Subscription {
    var request = SubscriptionRequest()
    change(&request)
    let valid = try request.validated()
    let channels = NameTable(capacity: 2)
    for name in ["one", "two"] { _ = channels.number(adding: name) }
    let filter = try SubscriptionFilter(
      request, symbols: symbols.names, channelNames: channels, directory: filters, holder: holder)
    return Subscription(valid, filter: filter, log: log)
  }
}

/// For tests that do not count: as much may be looked at as there is.
extension Subscription {
  mutating func next() -> Output? {
    var looks = 1_000_000_000
    return next(LogReader(log), looks: &looks)
  }

  mutating func fallBehind() {
    var looks = 1_000_000_000
    fallBehind(LogReader(log), looks: &looks)
  }
}

/// Writes the sequence and the symbol: enough to tell events apart.
struct PlainEncoder: EventEncoder {
  func frame(_ event: MarketEvent, sequence: UInt64, sequencedTime: UnixNanos, into bytes: inout [UInt8]) {
    bytes.append(contentsOf: [0x0A, 9])
    bytes.append(UInt8(event.symbol.index))
    withUnsafeBytes(of: sequence.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Frames of eleven bytes: tag, length, symbol, sequence.
  static func sequences(_ bytes: [UInt8]) -> [UInt64] {
    stride(from: 0, to: bytes.count, by: 11).map { start in
      #expect(bytes[start] == 0x0A)
      #expect(bytes[start + 1] == 9)
      return (0..<8).reduce(0) { $0 | UInt64(bytes[start + 3 + $1]) << UInt64(8 * $1) }
    }
  }
}

/// A value that other threads may write.
final class Told<Value: Sendable>: Sendable {
  private let guarded: Guarded<Value>
  init(_ value: Value) { guarded = Guarded(value) }
  var value: Value { guarded.withLock { $0 } }
  func change(_ body: (inout Value) -> Void) { guarded.withLock { body(&$0) } }
}
