package import Channels
package import Events
package import LockFree
package import MarketData

/// What one message may cost.
package struct DecoderLimits: Equatable, Sendable {
  package var maxItems: Int
  /// Memory that protobuf-c may take for one message, in bytes.
  package var arenaBytes: Int

  package init(maxItems: Int = 65_536, arenaBytes: Int = 64 << 20) {
    self.maxItems = maxItems
    self.arenaBytes = arenaBytes
  }
}

/// Why a whole message could not be taken.
package enum DecodeError: Error, Equatable {
  /// The bytes are no valid protobuf of the named message.
  case malformed(String)
  case tooManyItems(count: Int, limit: Int)
  case arenaExhausted(limit: Int)
}

/// One item that was not taken.
package struct ItemRejection: Equatable, Sendable {
  package var index: Int
  package var code: RejectionCode
  package var detail: String

  package init(index: Int, code: RejectionCode, detail: String) {
    self.index = index
    self.code = code
    self.detail = detail
  }
}

/// What became of one request's items.
package struct DecodedPublish: Equatable, Sendable {
  package var sequence: UInt64 = 0
  package var accepted = 0
  package var rejected = 0

  package init() {}
}

/// What a request says of itself before its items are looked at.
package struct PublishHead: Equatable, Sendable {
  package var sequence: UInt64
}

/// Turns `PublishRequest` bytes into records for the rings: decodes, validates, finds each symbol's route.
///
/// The hottest shapes — `tick`, `ticks`, `tick_columns` with fields in ascending order, each once, columns packed, as all encoders write them —
/// take a straight pass over the bytes. Everything else goes through protobuf-c, which stays the authority; a differential test holds the
/// two equal.
/// - One for each event loop; not thread-safe. No allocation for a message of a hot shape without rejections.
/// - Source: contract.md, "market_data.proto"; architecture.md, "The way of one tick", 2.
package final class PublishDecoder {
  static let rejectionsMax = 32

  let limits: DecoderLimits
  let resolver: any SymbolResolver
  var tickRoutes = SymbolCache()
  var barRoutes = SymbolCache()
  var fairValueRoutes = SymbolCache()
  let arena: Arena
  /// Where accepted items go, each to its channel's run.
  package let runs: RunSet<TickRecord>
  package let barRuns: RunSet<BarRecord>
  package let fairValueRuns: RunSet<FairValueRecord>
  let models: ModelTable
  let columns = ColumnScratch()
  /// The first 32 items that the last message lost.
  package private(set) var rejections: [ItemRejection] = []

  // Of the message at hand.
  private var result = DecodedPublish()
  /// The message may still turn out to be refused as a whole: its symbols must not become known, or refused messages would fill `max_symbols`.
  private var isOnTrial = false
  /// The pass has met a symbol that is not known: it has to run again, with leave to make symbols known.
  private var metNewSymbol = false
  private(set) var now = UnixNanos(0)
  private var slot = StreamSlot(0)
  private var receivedTime = UnixNanos(0)

  /// - Parameter runs: takes the accepted items by channel index; holds a run for each channel that `resolver` may name.
  ///   - models: the names of fair values' models.
  package init(
    limits: DecoderLimits = DecoderLimits(), resolver: any SymbolResolver, runs: RunSet<TickRecord>,
    barRuns: RunSet<BarRecord> = RunSet(count: 1), fairValueRuns: RunSet<FairValueRecord> = RunSet(count: 1),
    models: ModelTable = ModelTable(limit: 1_000)
  ) {
    self.limits = limits
    self.runs = runs
    self.barRuns = barRuns
    self.fairValueRuns = fairValueRuns
    self.models = models
    self.resolver = resolver
    arena = Arena(capacity: limits.arenaBytes)
  }

  /// The request's sequence number, without looking at its items.
  package func peek(_ message: RawSpan) throws(DecodeError) -> PublishHead {
    try reading(message) { bytes throws(DecodeError) in
      var reader = WireReader(bytes)
      var sequence: UInt64 = 0
      if reader.peek == 0x08 {
        reader.skip(1)
        sequence = reader.varint() ?? 0
      }
      // Encoders write the sequence first and one payload behind it; anything else is walked.
      if reader.peek & 7 == 2 {
        reader.skip(1)
        if reader.bytes() != nil, reader.isAtEnd { return PublishHead(sequence: sequence) }
      }
      return PublishHead(sequence: try self.survey(bytes).sequence)
    }
  }

  /// How many items a message holds that is not taken; an empty one counts as one. What `decode` would throw for it is thrown here.
  package func itemCount(_ message: RawSpan) throws(DecodeError) -> Int {
    try reading(message) { bytes throws(DecodeError) in
      try self.joining(bytes) { bytes throws(DecodeError) in
        let survey = try self.survey(bytes)
        _ = try self.unpack(bytes, survey)
        return max(1, survey.items)
      }
    }
  }

  /// What holds for the messages that follow, until it is called again.
  /// - Parameters:
  ///   - now: against which `max_ahead` is judged.
  ///   - receivedTime: when the messages' bytes came; written into every record.
  package func begin(now: UnixNanos, slot: StreamSlot, receivedTime: UnixNanos) {
    self.now = now
    self.slot = slot
    self.receivedTime = receivedTime
  }

  /// Takes one message; its accepted items are in `runs` when this returns, and nothing of it where it throws.
  package func decode(_ message: RawSpan) throws(DecodeError) -> DecodedPublish {
    reset()
    return try reading(message) { bytes throws(DecodeError) in
      self.isOnTrial = true
      let isPlain = self.straightPass(bytes)
      self.isOnTrial = false
      if isPlain, !self.metNewSymbol { return self.result }
      self.runs.takeBack()
      self.barRuns.takeBack()
      self.fairValueRuns.takeBack()
      self.reset()
      // What the straight pass could read to its end it can read again; the general pass takes nothing before it has read everything.
      if isPlain { _ = self.straightPass(bytes) } else { try self.generalPass(bytes) }
      return self.result
    }
  }

  /// The same by protobuf-c alone, for the test that holds both passes equal.
  package func decodeGenerally(_ message: RawSpan) throws(DecodeError) -> DecodedPublish {
    reset()
    return try reading(message) { bytes throws(DecodeError) in
      try self.generalPass(bytes)
      return self.result
    }
  }

  private func reset() {
    runs.mark()
    barRuns.mark()
    fairValueRuns.mark()
    if !rejections.isEmpty { rejections.removeAll(keepingCapacity: true) }
    result = DecodedPublish()
    metNewSymbol = false
  }

  /// Carries a typed error out of `withUnsafeBytes`.
  func reading<R>(
    _ message: RawSpan, _ body: (UnsafeRawBufferPointer) throws(DecodeError) -> R
  ) throws(DecodeError) -> R {
    try message.withUnsafeBytes { bytes throws(DecodeError) in try body(bytes) }
  }

  // MARK: - The plainest message

  /// Takes a message of one good tick of a known symbol, in the form that encoders write, whose number is the next: most messages are such.
  /// - Parameters:
  ///   - highest: the number of the request before it.
  ///   - counts: whether the stream's requests have no numbers, and are counted.
  /// - Returns: the request's number; nil, with nothing changed, where the message is anything else: then `decode` is for it.
  @inline(__always)
  package func takePlainTick(_ message: RawSpan, above highest: UInt64, counts: Bool) -> UInt64? {
    let sequence = message.withUnsafeBytes { bytes in
      plainTick(WireReader(bytes), above: highest, counts: counts)
    }
    return sequence == 0 ? nil : sequence
  }

  /// - Returns: the number, or 0.
  private func plainTick(_ message: WireReader, above highest: UInt64, counts: Bool) -> UInt64 {
    var reader = message
    var sequence = highest &+ 1
    if reader.peek == 0x08 {
      reader.skip(1)
      guard !counts, let number = reader.varint(), number > highest else { return 0 }
      sequence = number
    } else if !counts {
      return 0
    }
    guard reader.peek == 0x12 else { return 0 }
    reader.skip(1)
    guard let payload = reader.bytes(), reader.isAtEnd, let tick = Self.plainTick(payload) else { return 0 }
    let count = tick.symbol.remaining
    guard count > 0, count <= SymbolCache.shortBytesMax else { return 0 }
    let key = SymbolCache.key(
      tick.symbol.position, count: count, readable: payload.end - tick.symbol.position)
    guard let route = tickRoutes.find(key), isGood(route, time: tick.time, price: tick.price, size: tick.size) else {
      return 0
    }
    append(route, time: tick.time, price: tick.price, size: tick.size, conditions: tick.conditions)
    return sequence
  }

  // MARK: - What both passes do with an item

  @inline(__always)
  private func isGood(_ route: SymbolRoute, time: Int64, price: Double, size: Double) -> Bool {
    ItemRules.isGood(price: price, size: size, time: time) && time &- now.nanoseconds <= route.maxAheadNanos
  }

  func note(sequence: UInt64) { result.sequence = sequence }

  /// Takes one tick whose symbol's bytes lie at `symbol`, or notes why not.
  @inline(__always)
  func take(
    symbol: UnsafeRawPointer, count: Int, readable: Int, time: Int64, price: Double, size: Double, conditions: UInt32,
    index: Int
  ) {
    if count > 0, count <= SymbolCache.shortBytesMax {
      let key = SymbolCache.key(symbol, count: count, readable: readable)
      if let route = tickRoutes.find(key) {
        return take(route, time: time, price: price, size: size, conditions: conditions, index: index)
      }
    }
    takeOther(
      UnsafeRawBufferPointer(start: symbol, count: count), time: time, price: price, size: size, conditions: conditions,
      index: index)
  }

  @inline(__always)
  func take(_ route: SymbolRoute, time: Int64, price: Double, size: Double, conditions: UInt32, index: Int) {
    guard isGood(route, time: time, price: price, size: size) else {
      return reject(route, time: time, price: price, size: size, index: index)
    }
    append(route, time: time, price: price, size: size, conditions: conditions)
    result.accepted &+= 1
  }

  @inline(__always)
  private func append(_ route: SymbolRoute, time: Int64, price: Double, size: Double, conditions: UInt32) {
    runs.append(
      TickRecord(
        Tick(
          symbol: route.symbol, conditions: TickConditions(rawValue: conditions), eventTime: UnixNanos(time),
          price: price, size: size),
        receivedTime: receivedTime, slot: slot, profile: route.profile),
      to: Int(route.channel))
  }

  /// Takes a bar that is good in itself.
  func take(_ bar: (SymbolID) -> Bar, symbol: UnsafeRawBufferPointer, time: Int64, index: Int) {
    guard let route = route(of: symbol, type: .bar, time: time, field: "start_ns", index) else { return }
    barRuns.append(
      BarRecord(bar(route.symbol), receivedTime: receivedTime, slot: slot, profile: route.profile),
      to: Int(route.channel))
    result.accepted &+= 1
  }

  /// Takes a fair value that is good in itself.
  func take(
    _ value: (SymbolID, UInt32) -> FairMarketValue, symbol: UnsafeRawBufferPointer, model: UnsafeRawBufferPointer,
    time: Int64, index: Int
  ) {
    let name = String(decoding: model, as: UTF8.self)
    guard let route = route(of: symbol, type: .fairMarketValue, time: time, field: "timestamp_ns", index, model: name)
    else { return }
    guard let number = models.number(adding: name) else { return rejectModel(index, name) }
    fairValueRuns.append(
      FairValueRecord(
        value(route.symbol, number), receivedTime: receivedTime, slot: slot, profile: route.profile),
      to: Int(route.channel))
    result.accepted &+= 1
  }

  /// The route of a bar or fair value, or nil with the item rejected.
  /// - Parameter model: of a fair value: where there is no room for it, a new symbol must not become known.
  private func route(
    of symbol: UnsafeRawBufferPointer, type: ChannelType, time: Int64, field: String, _ index: Int, model: String? = nil
  ) -> SymbolRoute? {
    switch route(of: symbol, type: type, time: time, model: model) {
    case .failure(.badFairValue):
      rejectModel(index, model ?? "")
      return nil
    case .failure(let code):
      reject(index, code, symbol: symbol, type: type, time: time, field: field)
      return nil
    case .success(let route):
      guard time &- now.nanoseconds <= route.maxAheadNanos else {
        reject(index, .badTimestamp, Self.tooFarAhead(field, time, now, route.maxAheadNanos))
        return nil
      }
      return route
    }
  }

  private func rejectModel(_ index: Int, _ name: String) {
    reject(index, .badFairValue, "model '\(name)' is beyond limits.max_models (\(models.limit))")
  }

  /// Rejects an item whose symbol has no route.
  func reject(
    _ index: Int, _ code: RejectionCode, symbol: UnsafeRawBufferPointer, type: ChannelType, time: Int64, field: String
  ) {
    guard code == .badTimestamp, let limit = resolver.maxAheadNanos(ofNew: symbol.bytes, type: type) else {
      return reject(index, code, ItemRules.detail(of: code, symbol: symbol))
    }
    reject(index, code, Self.tooFarAhead(field, time, now, limit))
  }

  private static func tooFarAhead(_ field: String, _ time: Int64, _ now: UnixNanos, _ limit: Int64) -> String {
    "\(field) \(time) is \(time &- now.nanoseconds) ns ahead of the server's clock; at most \(limit) is taken"
  }

  /// Takes a tick whose symbol is long, or new, or none.
  @inline(never)
  func takeOther(
    _ symbol: UnsafeRawBufferPointer, time: Int64, price: Double, size: Double, conditions: UInt32, index: Int
  ) {
    if symbol.count > SymbolCache.shortBytesMax, let route = tickRoutes.find(long: symbol) {
      return take(route, time: time, price: price, size: size, conditions: conditions, index: index)
    }
    // The message comes again, whatever this pass makes of it.
    guard !metNewSymbol else { return }
    // Bad numbers must not make their symbol known.
    if let problem = ItemRules.problem(symbol: symbol) { return reject(index, .badSymbol, problem) }
    if let problem = problem(time: time, "timestamp_ns", of: symbol, .tick) {
      return reject(index, .badTimestamp, problem)
    }
    if let (code, problem) = ItemRules.problem(price: price, size: size) { return reject(index, code, problem) }
    // The cache first: a symbol that is in it must not be put in again, for each entry of a dictionary that repeats it.
    guard !isOnTrial || cachedRoute(of: symbol, readable: 0) != nil || isKnown(symbol) else {
      metNewSymbol = true
      return
    }
    switch route(of: symbol, type: .tick, time: time) {
    case .success(let route):
      take(route, time: time, price: price, size: size, conditions: conditions, index: index)
    case .failure(let code):
      reject(index, code, symbol: symbol, type: .tick, time: time, field: "timestamp_ns")
    }
  }

  @inline(never)
  private func reject(_ route: SymbolRoute, time: Int64, price: Double, size: Double, index: Int) {
    if let problem = problem(time: time, "timestamp_ns", maxAhead: route.maxAheadNanos) {
      return reject(index, .badTimestamp, problem)
    }
    if let (code, problem) = ItemRules.problem(price: price, size: size) { reject(index, code, problem) }
  }

  /// What is wrong with an item's time: the first thing that is said of it behind its symbol.
  func problem(
    time: Int64, _ field: String, of symbol: UnsafeRawBufferPointer, _ type: ChannelType
  ) -> String? {
    let isAhead = time > now.nanoseconds
    let limit =
      isAhead
      ? resolver.maxAheadNanos(ofNew: symbol.bytes, type: type)
        ?? resolver.knownRoute(of: symbol.bytes, type: type)?.maxAheadNanos : nil
    return problem(time: time, field, maxAhead: limit ?? .max)
  }

  private func problem(time: Int64, _ field: String, maxAhead limit: Int64) -> String? {
    if let problem = ItemRules.problem(time: time, field) { return problem }
    return time &- now.nanoseconds > limit ? Self.tooFarAhead(field, time, now, limit) : nil
  }

  func reject(_ index: Int, _ code: RejectionCode, _ detail: @autoclosure () -> String, items: Int = 1) {
    result.rejected += items
    if rejections.count < Self.rejectionsMax {
      rejections.append(ItemRejection(index: index, code: code, detail: detail()))
    }
  }
}
