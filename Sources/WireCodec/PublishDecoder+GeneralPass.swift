internal import CPenstockProto
internal import CProtobufC
internal import Channels
internal import MarketData

/// Every form that protobuf allows, by protobuf-c.
extension PublishDecoder {
  /// What a walk over a message finds before anything is unpacked.
  struct Survey {
    var sequence: UInt64 = 0
    var items = 0
    var payload: UInt64 = 0
    /// The lengths of the symbols of the payload, in order. protobuf-c ends a string at its first zero byte; the length tells.
    var symbolLengths: [Int] = []
    var modelLengths: [Int] = []

    /// What unpacking may cost: a dictionary larger than the message's items costs as much.
    var cost: Int { max(items, symbolLengths.count) }
  }

  /// Walks a message's fields.
  /// - Precondition: for more than the sequence, that the payload is there once at most: see `joining`.
  /// - Throws: `.malformed` where the bytes are no protobuf.
  func survey(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> Survey {
    var survey = Survey()
    var reader = WireReader(bytes)
    while !reader.isAtEnd {
      guard let (number, value) = reader.field() else {
        throw .malformed("field \(survey.payload) is cut off or of no known kind")
      }
      switch (number, value) {
      case (1, .varint(let sequence)):
        survey.sequence = sequence
      case (2...8, .bytes(let payload)):
        survey.payload = number
        try walk(payload, of: number, &survey)
      default:
        break
      }
    }
    return survey
  }

  private func walk(_ payload: WireReader, of number: UInt64, _ survey: inout Survey) throws(DecodeError) {
    switch number {
    case 2, 3, 4:
      survey.items += 1
      let strings = try itemStrings(payload)
      survey.symbolLengths = [strings.symbol ?? 0]
      survey.modelLengths = [strings.model ?? 0]
    case 5, 6, 7:
      var reader = payload
      while !reader.isAtEnd {
        guard let (field, value) = reader.field() else { throw .malformed("a batch is cut off") }
        guard field == 1, case .bytes(let item) = value else { continue }
        survey.items += 1
        guard survey.items <= limits.maxItems else { continue }
        let strings = try itemStrings(item)
        survey.symbolLengths.append(strings.symbol ?? 0)
        survey.modelLengths.append(strings.model ?? 0)
      }
    default:
      var reader = payload
      var longest = 0
      var counts = [UInt64: Int]()
      while !reader.isAtEnd {
        guard let (field, value) = reader.field() else { throw .malformed("tick_columns is cut off") }
        switch (field, value) {
        case (1, .bytes(let symbol)):
          survey.symbolLengths.append(symbol.remaining)
        case (3...5, .bytes(let packed)):
          counts[field, default: 0] += packed.remaining / 8
        case (2, .bytes(let packed)), (6, .bytes(let packed)):
          counts[field, default: 0] += Self.varints(in: packed)
        case (2...6, _):
          counts[field, default: 0] += 1
        default:
          break
        }
        longest = max(longest, counts[field] ?? 0)
      }
      survey.items += longest
    }
  }

  /// Every byte below 128 ends a varint.
  private static func varints(in packed: WireReader) -> Int {
    UnsafeRawBufferPointer(start: packed.position, count: packed.remaining).count { $0 < 0x80 }
  }

  private func itemStrings(_ item: WireReader) throws(DecodeError) -> (symbol: Int?, model: Int?) {
    var reader = item
    var symbol: Int?
    var model: Int?
    while !reader.isAtEnd {
      guard let (field, value) = reader.field() else { throw .malformed("an item is cut off") }
      if case .bytes(let text) = value {
        if field == 1 { symbol = text.remaining }
        if field == 6 { model = text.remaining }
      }
    }
    return (symbol, model)
  }

  /// The message in the arena, until the next one.
  func unpack(
    _ bytes: UnsafeRawBufferPointer, _ survey: Survey
  ) throws(DecodeError) -> UnsafeMutablePointer<Penstock__V1__PublishRequest> {
    guard survey.cost <= limits.maxItems else {
      throw .tooManyItems(count: survey.cost, limit: limits.maxItems)
    }
    arena.reset()
    guard let request = arena.unpack(bytes, by: penstock__v1__publish_request__unpack) else {
      throw arena.isExhausted ? .arenaExhausted(limit: limits.arenaBytes) : .malformed("\(bytes.count) bytes")
    }
    return request
  }

  func generalPass(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) {
    try joining(bytes) { bytes throws(DecodeError) in try self.takeUnpacked(bytes) }
  }

  /// Calls the body with the message, its payload's parts in one.
  func joining<R>(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(DecodeError) -> R
  ) throws(DecodeError) -> R {
    guard let merged = OneofParts.merged(bytes, members: 2...8) else { return try body(bytes) }
    return try reading(merged.span.bytes, body)
  }

  private func takeUnpacked(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) {
    let survey = try survey(bytes)
    let request = try unpack(bytes, survey)
    note(sequence: request.pointee.sequence)
    switch request.pointee.payload_case {
    case PENSTOCK__V1__PUBLISH_REQUEST__PAYLOAD_TICK: tick(request.pointee.tick, 0, survey)
    case PENSTOCK__V1__PUBLISH_REQUEST__PAYLOAD_BAR: bar(request.pointee.bar, 0, survey)
    case PENSTOCK__V1__PUBLISH_REQUEST__PAYLOAD_FAIR_MARKET_VALUE:
      fairMarketValue(request.pointee.fair_market_value, 0, survey)
    case PENSTOCK__V1__PUBLISH_REQUEST__PAYLOAD_TICKS:
      let batch = request.pointee.ticks.pointee
      each(batch.n_ticks, batch.ticks, "ticks") { tick($0, $1, survey) }
    case PENSTOCK__V1__PUBLISH_REQUEST__PAYLOAD_BARS:
      let batch = request.pointee.bars.pointee
      each(batch.n_bars, batch.bars, "bars") { bar($0, $1, survey) }
    case PENSTOCK__V1__PUBLISH_REQUEST__PAYLOAD_FAIR_MARKET_VALUES:
      let batch = request.pointee.fair_market_values.pointee
      each(batch.n_values, batch.values, "fair_market_values") { fairMarketValue($0, $1, survey) }
    case PENSTOCK__V1__PUBLISH_REQUEST__PAYLOAD_TICK_COLUMNS:
      tickColumns(request.pointee.tick_columns, survey)
    default:
      reject(0, .emptyPayload, "the request has no payload")
    }
  }

  private func each<Item>(
    _ count: Int, _ items: UnsafeMutablePointer<UnsafeMutablePointer<Item>?>?, _ name: String,
    _ body: (UnsafeMutablePointer<Item>?, Int) -> Void
  ) {
    guard count > 0, let items else { return reject(0, .emptyPayload, "\(name) is empty") }
    for index in 0..<count { body(items[index], index) }
  }

  /// A string's bytes, with the length that the wire gave it.
  private func text(_ pointer: UnsafeMutablePointer<CChar>?, length: Int?) -> UnsafeRawBufferPointer {
    // protobuf-c copies all of the string's bytes, whatever they are, and a zero behind them.
    UnsafeRawBufferPointer(start: pointer, count: pointer == nil ? 0 : length ?? 0)
  }

  private func at(_ index: Int, of lengths: [Int]) -> Int { lengths.indices.contains(index) ? lengths[index] : 0 }

  private func tick(_ pointer: UnsafeMutablePointer<Penstock__V1__Tick>?, _ index: Int, _ survey: Survey) {
    guard let tick = pointer?.pointee else { return reject(index, .badSymbol, "symbol is empty") }
    let symbol = text(tick.symbol, length: at(index, of: survey.symbolLengths))
    guard let base = symbol.baseAddress, symbol.count > 0 else {
      return reject(index, .badSymbol, "symbol is empty; must be 1 to 64 bytes")
    }
    take(
      symbol: base, count: symbol.count, readable: symbol.count, time: tick.timestamp_ns, price: tick.price,
      size: tick.size, conditions: tick.conditions, index: index)
  }

  private func bar(_ pointer: UnsafeMutablePointer<Penstock__V1__Bar>?, _ index: Int, _ survey: Survey) {
    guard let bar = pointer?.pointee else { return reject(index, .badSymbol, "symbol is empty") }
    let symbol = text(bar.symbol, length: at(index, of: survey.symbolLengths))
    let numbers = ItemRules.BarNumbers(
      durationNanos: bar.duration_ns, open: bar.open, high: bar.high, low: bar.low, close: bar.close,
      volume: bar.volume,
      vwap: bar.vwap)
    if let problem = ItemRules.problem(symbol: symbol) { return reject(index, .badSymbol, problem) }
    if let problem = problem(time: bar.start_ns, "start_ns", of: symbol, .bar) {
      return reject(index, .badTimestamp, problem)
    }
    if let problem = ItemRules.problem(bar: numbers) { return reject(index, .badBar, problem) }
    take(
      { id in
        var taken = Bar(
          symbol: id, start: UnixNanos(bar.start_ns), durationNanos: bar.duration_ns, open: bar.open, high: bar.high,
          low: bar.low, close: bar.close, volume: bar.volume, vwap: bar.vwap, tradeCount: bar.trade_count)
        taken.isPartial = bar.partial != 0
        return taken
      }, symbol: symbol, time: bar.start_ns, index: index)
  }

  private func fairMarketValue(
    _ pointer: UnsafeMutablePointer<Penstock__V1__FairMarketValue>?, _ index: Int, _ survey: Survey
  ) {
    guard let value = pointer?.pointee else { return reject(index, .badSymbol, "symbol is empty") }
    let symbol = text(value.symbol, length: at(index, of: survey.symbolLengths))
    let model = text(value.model, length: at(index, of: survey.modelLengths))
    if let problem = ItemRules.problem(symbol: symbol) { return reject(index, .badSymbol, problem) }
    if let problem = problem(time: value.timestamp_ns, "timestamp_ns", of: symbol, .fairMarketValue) {
      return reject(index, .badTimestamp, problem)
    }
    if let problem = ItemRules.problem(
      fairValue: value.fair_value, marketPrice: value.market_price, confidence: value.confidence, model: model)
    {
      return reject(index, .badFairValue, problem)
    }
    take(
      { id, model in
        FairMarketValue(
          symbol: id, model: model, eventTime: UnixNanos(value.timestamp_ns), fairValue: value.fair_value,
          marketPrice: value.market_price, confidence: value.confidence)
      }, symbol: symbol, model: model, time: value.timestamp_ns, index: index)
  }

  private func tickColumns(_ pointer: UnsafeMutablePointer<Penstock__V1__TickColumns>?, _ survey: Survey) {
    guard let message = pointer?.pointee else { return reject(0, .emptyPayload, "tick_columns is empty") }
    columns.reset(namesEnd: nil)
    for index in 0..<message.n_symbols {
      columns.symbols.append(text(message.symbols[index], length: at(index, of: survey.symbolLengths)))
    }
    columns.setIndices(UnsafeBufferPointer(start: message.symbol_index, count: message.n_symbol_index))
    columns.setConditions(UnsafeBufferPointer(start: message.conditions, count: message.n_conditions))
    columns.timeCount = message.n_timestamp_ns
    columns.priceCount = message.n_price
    columns.sizeCount = message.n_size
    if let times = message.timestamp_ns { columns.times = UnsafeRawPointer(times) }
    if let prices = message.price { columns.prices = UnsafeRawPointer(prices) }
    if let sizes = message.size { columns.sizes = UnsafeRawPointer(sizes) }
    takeColumns()
  }
}
