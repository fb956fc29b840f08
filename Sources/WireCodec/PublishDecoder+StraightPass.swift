internal import Channels
internal import MarketData

/// The plain forms that encoders write, in one pass over the bytes.
extension PublishDecoder {
  /// - Returns: false where the message is of no plain form: then nothing of what was taken counts.
  func straightPass(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var reader = WireReader(bytes)
    if reader.peek == 0x08 {
      reader.skip(1)
      guard let sequence = reader.varint() else { return false }
      note(sequence: sequence)
    }
    let tag = reader.peek
    guard tag == 0x12 || tag == 0x2A || tag == 0x42 else { return false }
    reader.skip(1)
    // The payload is the last field, or the form is not plain.
    guard let payload = reader.bytes(), reader.isAtEnd else { return false }
    switch tag {
    case 0x12: return straightTick(payload, index: 0)
    case 0x2A: return straightTicks(payload)
    default: return straightColumns(payload)
    }
  }

  private func straightTicks(_ payload: WireReader) -> Bool {
    var reader = payload
    var index = 0
    while !reader.isAtEnd {
      guard reader.peek == 0x0A else { return false }
      reader.skip(1)
      guard let tick = reader.bytes() else { return false }
      // Counted as they come: what was taken before is thrown away with the message.
      guard index < limits.maxItems else { return false }
      guard straightTick(tick, index: index) else { return false }
      index &+= 1
    }
    if index == 0 { reject(0, .emptyPayload, "ticks is empty") }
    return true
  }

  /// A tick's fields as they stand in its bytes.
  struct PlainTick {
    var symbol: WireReader
    var time: Int64 = 0
    var price = 0.0
    var size = 0.0
    var conditions: UInt32 = 0
  }

  /// The fields of a tick in ascending order, each at most once; nil where they stand otherwise.
  @inline(__always)
  static func plainTick(_ message: WireReader) -> PlainTick? {
    // All four fields and no conditions: then the symbol's length tells where every tag has to stand.
    let bytes = message.position
    if message.remaining >= 29, bytes.load(as: UInt8.self) == 0x0A {
      let length = Int((bytes + 1).load(as: UInt8.self))
      let rest = bytes + 2 + length
      if length < 0x80, length + 29 == message.remaining, rest.load(as: UInt8.self) == 0x11,
        (rest + 9).load(as: UInt8.self) == 0x19,
        (rest + 18).load(as: UInt8.self) == 0x21
      {
        return PlainTick(
          symbol: WireReader(position: bytes + 2, end: rest),
          time: Int64(bitPattern: (rest + 1).loadUnaligned(as: UInt64.self)),
          price: Double(bitPattern: (rest + 10).loadUnaligned(as: UInt64.self)),
          size: Double(bitPattern: (rest + 19).loadUnaligned(as: UInt64.self)))
      }
    }
    return anyPlainTick(message)
  }

  /// The same where fields are left out, or conditions are given.
  @inline(never)
  private static func anyPlainTick(_ message: WireReader) -> PlainTick? {
    var reader = message
    var tick = PlainTick(symbol: WireReader(position: reader.end, end: reader.end))
    if reader.peek == 0x0A {
      reader.skip(1)
      guard let bytes = reader.bytes() else { return nil }
      tick.symbol = bytes
    }
    if reader.peek == 0x11 {
      reader.skip(1)
      guard let bits = reader.fixed64() else { return nil }
      tick.time = Int64(bitPattern: bits)
    }
    if reader.peek == 0x19 {
      reader.skip(1)
      guard let bits = reader.fixed64() else { return nil }
      tick.price = Double(bitPattern: bits)
    }
    if reader.peek == 0x21 {
      reader.skip(1)
      guard let bits = reader.fixed64() else { return nil }
      tick.size = Double(bitPattern: bits)
    }
    if reader.peek == 0x28 {
      reader.skip(1)
      guard let value = reader.varint(), value <= UInt64(UInt32.max) else { return nil }
      tick.conditions = UInt32(value)
    }
    return reader.isAtEnd ? tick : nil
  }

  @inline(__always)
  private func straightTick(_ message: WireReader, index: Int) -> Bool {
    guard let tick = Self.plainTick(message) else { return false }
    take(
      symbol: tick.symbol.position, count: tick.symbol.remaining, readable: message.end - tick.symbol.position,
      time: tick.time, price: tick.price, size: tick.size, conditions: tick.conditions, index: index)
    return true
  }

  private func straightColumns(_ payload: WireReader) -> Bool {
    var reader = payload
    columns.reset(namesEnd: payload.end)
    while reader.peek == 0x0A {
      reader.skip(1)
      // More names than items are refused by the general pass; this one must not remember them first.
      guard let symbol = reader.bytes(), columns.symbols.count < limits.maxItems else { return false }
      columns.symbols.append(UnsafeRawBufferPointer(start: symbol.position, count: symbol.remaining))
    }
    if reader.peek == 0x12 {
      reader.skip(1)
      guard let packed = reader.bytes(), columns.readIndices(packed, limit: limits.maxItems) else { return false }
    }
    for column in [0x1A, 0x22, 0x2A] as [UInt8] where reader.peek == column {
      reader.skip(1)
      guard let packed = reader.bytes(), packed.remaining % 8 == 0 else { return false }
      let count = packed.remaining / 8
      switch column {
      case 0x1A: (columns.times, columns.timeCount) = (packed.position, count)
      case 0x22: (columns.prices, columns.priceCount) = (packed.position, count)
      default: (columns.sizes, columns.sizeCount) = (packed.position, count)
      }
    }
    if reader.peek == 0x32 {
      reader.skip(1)
      guard let packed = reader.bytes(), columns.readConditions(packed, limit: limits.maxItems) else { return false }
    }
    guard reader.isAtEnd, columns.longest <= limits.maxItems else { return false }
    takeColumns()
    return true
  }

  /// Takes the items of `columns`, or rejects the whole message once.
  func takeColumns() {
    let columns = columns
    let count = columns.timeCount
    guard columns.indexCount == count, columns.priceCount == count, columns.sizeCount == count,
      columns.conditionCount == 0 || columns.conditionCount == count
    else {
      return reject(
        0, .badColumns,
        "columns differ in length: symbol_index \(columns.indexCount), timestamp_ns \(count), price \(columns.priceCount), size \(columns.sizeCount), conditions \(columns.conditionCount)",
        items: max(1, columns.longest))
    }
    guard count > 0 else { return reject(0, .emptyPayload, "tick_columns is empty") }
    let known = columns.symbols.count
    guard columns.largestIndex < known else {
      let bad = columns.firstIndex(notBelow: known)
      return reject(
        0, .badColumns, "symbol_index[\(bad)] is \(columns.index(bad)); the dictionary has \(known) symbols",
        items: count)
    }
    columns.setRoutes { symbol, readable in cachedRoute(of: symbol, readable: readable) }
    for item in 0..<count {
      let number = columns.index(item)
      let time = Int64(bitPattern: (columns.times + 8 &* item).loadUnaligned(as: UInt64.self))
      let price = Double(bitPattern: (columns.prices + 8 &* item).loadUnaligned(as: UInt64.self))
      let size = Double(bitPattern: (columns.sizes + 8 &* item).loadUnaligned(as: UInt64.self))
      let conditions = columns.conditionCount == 0 ? 0 : columns.condition(item)
      if let route = columns.route(number) {
        take(route, time: time, price: price, size: size, conditions: conditions, index: item)
      } else {
        let symbol = columns.symbols[number]
        takeOther(symbol, time: time, price: price, size: size, conditions: conditions, index: item)
        if let route = cachedRoute(of: symbol, readable: 0) { columns.setRoute(number, route) }
      }
    }
  }
}
