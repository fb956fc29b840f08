package import Channels
internal import Detection
package import Events
internal import LockFree
package import MarketData
package import WireCodec

/// Sees what a replay's detectors take and find, in their order: an event comes behind the tick that causes it.
package protocol ReplayObserver: AnyObject {
  /// A tick whose price counts: neither late nor quarantined, and no odd lot.
  func goodTick(_ symbol: SymbolID, at time: UnixNanos, price: Double)
  func event(_ event: MarketEvent)
}

/// The production detectors over history, apart from all live channels: requests in, events out, on the caller's thread.
///
/// A symbol's profile, the checks of its items and its detectors are those of a server; `max_ahead` alone does not hold, since history lies anywhere.
/// Channels decide only whether there is one for a symbol, and the events' `channel`: one engine a kind does the work of all.
/// - Not thread-safe.
package final class ReplayEngine {
  /// What the stream's items have come to so far.
  package private(set) var tally = ItemTally()
  package private(set) var summary: ReplaySummary
  package var observer: (any ReplayObserver)?

  private let clock: any Clock
  private let channels: [ChannelSettings]
  private let profiles: [Profile]
  private let symbols: SymbolTable
  private let decoder: PublishDecoder
  private let encoder: ProtobufEventEncoder
  private let lastPrices: LastPriceTable
  private var ticks: TickEngine
  private var bars: BarEngine
  private var fairValues: FairValueEngine
  private var digest: EventDigest
  private var detected: [MarketEvent] = []

  /// - Parameters:
  ///   - channels: their names tell events where they come from; a kind without a channel is rejected.
  ///   - profiles: at least one.
  package init(
    channels: [ChannelSettings], profiles: [Profile], limits: ServerConfiguration.Limits, clock: any Clock
  ) {
    self.clock = clock
    self.channels = channels
    self.profiles = profiles.map { profile in
      var profile = profile
      profile.maxAheadNanos = .max
      return profile
    }
    symbols = SymbolTable(capacity: limits.maxSymbols)
    let models = ModelTable(limit: limits.maxModels)
    let names = NameTable(capacity: channels.count)
    for channel in channels { _ = names.number(adding: channel.name) }
    encoder = ProtobufEventEncoder(symbols: symbols, channels: names, models: models)
    digest = EventDigest(encoder: encoder)
    decoder = PublishDecoder(
      limits: DecoderLimits(maxItems: limits.maxItems),
      resolver: SymbolRegistry(symbols: symbols, profiles: self.profiles, channels: channels),
      runs: RunSet(count: channels.count), barRuns: RunSet(count: channels.count),
      fairValueRuns: RunSet(count: channels.count), models: models)
    lastPrices = LastPriceTable(symbols: limits.maxSymbols)
    ticks = TickEngine(channelProfiles: self.profiles)
    bars = BarEngine(channelProfiles: self.profiles)
    fairValues = FairValueEngine(channelProfiles: self.profiles)
    summary = ReplaySummary()
  }

  /// The request's sequence number, without looking at its items.
  package func peek(_ request: RawSpan) throws(DecodeError) -> PublishHead { try decoder.peek(request) }

  package func itemCount(_ request: RawSpan) throws(DecodeError) -> Int { try decoder.itemCount(request) }

  package var rejections: [ItemRejection] { decoder.rejections }

  /// Takes one request through the detectors.
  /// - Parameter events: takes what it causes, each framed as `EventBatch` wants it.
  package func take(_ request: RawSpan, events: (_ framed: [UInt8]) -> Void) throws(DecodeError) -> DecodedPublish {
    let now = clock.unixNow
    decoder.begin(now: now, slot: StreamSlot(0), receivedTime: now)
    decoder.runs.removeAll()
    decoder.barRuns.removeAll()
    decoder.fairValueRuns.removeAll()
    let decoded = try decoder.decode(request)
    process(decoder.runs, by: &ticks, at: now, taken: observe, events)
    process(decoder.barRuns, by: &bars, at: now, events)
    process(decoder.fairValueRuns, by: &fairValues, at: now, isDeterministic: { $0.marketPrice > 0 }, events)
    return decoded
  }

  /// Every count, and the digest.
  package func finish() -> ReplaySummary {
    var summary = summary
    summary.digest = digest.value(symbols: symbols)
    return summary
  }

  private func process<Engine: ChannelEngine>(
    _ runs: RunSet<ItemRecord<Engine.Item>>, by engine: inout Engine, at now: UnixNanos,
    isDeterministic: (Engine.Item) -> Bool = { _ in true }, taken: (Engine.Item, ItemOutcome) -> Void = { _, _ in },
    _ events: ([UInt8]) -> Void
  ) {
    for channel in runs.touched.sorted() {
      runs.withRun(of: channel) { run in
        for index in run.indices {
          let record = run[index]
          let outcome = engine.take(
            record.item, profile: Int(record.profile), lastPrices: lastPrices, events: &detected)
          if outcome.contains(.late) { tally.late &+= 1 }
          if outcome.contains(.quarantined) { tally.quarantined &+= 1 }
          if outcome.contains(.outOfSession) { tally.outOfSession &+= 1 }
          taken(record.item, outcome)
          guard !detected.isEmpty else { continue }
          emit(channel, profile: Int(record.profile), now, isDeterministic(record.item), events)
        }
      }
    }
  }

  private func observe(_ tick: Tick, _ outcome: ItemOutcome) {
    guard let observer, !outcome.contains(.late), !outcome.contains(.quarantined), !outcome.contains(.oddLot) else {
      return
    }
    observer.goodTick(tick.symbol, at: tick.eventTime, price: tick.price)
  }

  private func emit(
    _ channel: Int, profile: Int, _ now: UnixNanos, _ isDeterministic: Bool, _ events: ([UInt8]) -> Void
  ) {
    for var event in detected {
      event.channel = UInt32(channel)
      event.receivedTime = now
      event.detectedTime = now
      event.configVersion = profiles[profile].configVersion
      summary.count(event.type, symbols.name(of: event.symbol))
      observer?.event(event)
      // What a live price has decided may differ from run to run.
      if isDeterministic { digest.add(event) }
      var framed: [UInt8] = []
      encoder.frame(event, sequence: summary.events, sequencedTime: now, into: &framed)
      events(framed)
    }
    detected.removeAll(keepingCapacity: true)
  }
}
