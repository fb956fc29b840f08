package import Channels
internal import Settings

// Settings as responses tell them: every leaf, with its value of now.

extension AdminResponses {
  /// - Parameter rules: by kind, with the router's metrics.
  package static func routing(_ rules: [(type: ChannelType, rule: RoutingRule)], metrics: RouterMetricsSnapshot?)
    -> [UInt8]
  {
    var writer = WireWriter()
    for (type, rule) in rules {
      writer.message(1) { spec in
        spec.enumeration(1, type.rawValue)
        spec.enumeration(2, rule.strategy.wireNumber)
        spec.varint(3 << 3)
        spec.varint(rule.seed)
      }
    }
    if let metrics { writer.message(2) { metrics.encode(&$0) } }
    return writer.bytes
  }

  /// Of `RebalanceResponse` and `ResetSymbolsResponse`: how many symbols.
  package static func count(_ count: Int) -> [UInt8] {
    var writer = WireWriter()
    writer.unsigned(1, UInt64(count))
    return writer.bytes
  }

  package static func profile(_ profile: Profile) -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { status in
      status.raw(1, SpecEncoder.profile(profile.node).bytes)
      status.unsigned(2, UInt64(profile.configVersion))
    }
    return writer.bytes
  }
}

extension RoutingStrategy {
  /// Of `RoutingStrategy` in admin.proto.
  package var wireNumber: UInt8 { UInt8((Self.allCases.firstIndex(of: self) ?? 0) + 1) }

  package init?(wireNumber: Int32) {
    guard let index = Int(exactly: wireNumber), Self.allCases.indices.contains(index - 1) else { return nil }
    self = Self.allCases[index - 1]
  }
}
