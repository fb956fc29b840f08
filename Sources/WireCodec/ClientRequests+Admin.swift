package import Channels

extension ClientRequests {
  /// A request without fields.
  package static let empty: [UInt8] = []

  /// Of all calls that name one channel or profile.
  package static func named(_ name: String) -> [UInt8] {
    var writer = WireWriter()
    writer.text(1, name)
    return writer.bytes
  }

  package static func createChannel(_ spec: SpecSettings, validateOnly: Bool) -> [UInt8] {
    var writer = WireWriter()
    writer.raw(1, spec.bytes)
    writer.boolean(2, validateOnly)
    return writer.bytes
  }

  /// Changes what was set and nothing else: the mask names each key, so that a list can become empty.
  /// - Parameter expectedVersion: 0 = any.
  package static func updateChannel(
    _ spec: SpecSettings, expectedVersion: UInt32, validateOnly: Bool
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.raw(1, spec.bytes)
    writer.message(2) { mask in
      for key in spec.mask { mask.alwaysText(1, key) }
    }
    writer.unsigned(3, UInt64(expectedVersion))
    writer.boolean(4, validateOnly)
    return writer.bytes
  }

  /// What is nil stays as it is.
  package static func setRouting(_ type: ChannelType, strategy: RoutingStrategy?, seed: UInt64?) -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { spec in
      spec.enumeration(1, type.rawValue)
      if let strategy { spec.enumeration(2, strategy.wireNumber) }
      if let seed {
        // Zero is a seed too.
        spec.varint(3 << 3)
        spec.varint(seed)
      }
    }
    return writer.bytes
  }

  package static func rebalance(_ type: ChannelType) -> [UInt8] {
    var writer = WireWriter()
    writer.enumeration(1, type.rawValue)
    return writer.bytes
  }

  package static func symbolStates(of symbols: [String]) -> [UInt8] {
    var writer = WireWriter()
    for symbol in symbols { writer.alwaysText(1, symbol) }
    return writer.bytes
  }

  package static func watchMetrics(intervalMillis: UInt32) -> [UInt8] {
    var writer = WireWriter()
    writer.unsigned(1, UInt64(intervalMillis))
    return writer.bytes
  }
}
