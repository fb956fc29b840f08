internal import CPenstockProto
package import Channels
internal import MarketData
package import Settings

/// One channel as a client reads it.
package struct ReceivedChannel: Equatable, Sendable {
  /// As the configuration file has it, with its name.
  package var spec: SettingsNode
  package var metrics: ChannelMetricsSnapshot
  package var configVersion: UInt32
}

package struct ReceivedRouting: Equatable, Sendable {
  package struct Rule: Equatable, Sendable {
    package var type: ChannelType
    /// As the configuration file writes it.
    package var strategy: String
    package var seed: UInt64
  }

  package var rules: [Rule] = []
  package var metrics = RouterMetricsSnapshot()
}

// Answers of `ChannelAdmin` and of `WatchMetrics`.

extension ResponseDecoder {
  package func channels(_ message: RawSpan) -> [ReceivedChannel]? {
    unpack(message, penstock__v1__list_channels_response__unpack) { response in
      (0..<response.pointee.n_channels).compactMap { index in
        response.pointee.channels[index].map { Self.channel($0.pointee) }
      }
    }
  }

  /// Of all calls that answer with one channel: it is their field 1.
  package func channel(_ message: RawSpan) -> ReceivedChannel? {
    unpack(message, penstock__v1__get_channel_response__unpack) { response in
      response.pointee.channel.map { Self.channel($0.pointee) }
    } ?? nil
  }

  /// Of `GetRouting` and `SetRouting`; the latter tells no metrics.
  package func routing(_ message: RawSpan) -> ReceivedRouting? {
    unpack(message, penstock__v1__get_routing_response__unpack) { response in
      var routing = ReceivedRouting()
      for index in 0..<response.pointee.n_routing {
        guard let spec = response.pointee.routing[index],
          let type = UInt8(exactly: spec.pointee.type.rawValue).flatMap(ChannelType.init(rawValue:))
        else { continue }
        let strategy = RoutingStrategy(wireNumber: Int32(bitPattern: spec.pointee.strategy.rawValue))
        routing.rules.append(
          ReceivedRouting.Rule(type: type, strategy: strategy?.rawValue ?? "unknown", seed: spec.pointee.seed))
      }
      if let metrics = response.pointee.metrics { routing.metrics = RouterMetricsSnapshot(metrics.pointee) }
      return routing
    }
  }

  /// How many symbols: of `Rebalance`.
  package func count(_ message: RawSpan) -> UInt64? {
    unpack(message, penstock__v1__rebalance_response__unpack) { $0.pointee.moved }
  }

  /// Of `GetSymbolState`: the symbols that it tells of, which leaves out those that the server does not know.
  package func symbolsWithState(_ message: RawSpan) -> [String]? {
    unpack(message, penstock__v1__get_symbol_state_response__unpack) { response in
      (0..<response.pointee.n_states).compactMap { index in
        response.pointee.states[index].map { swiftText($0.pointee.symbol) }
      }
    }
  }

  /// What a profile's specification gives.
  package func profile(_ message: RawSpan) -> SettingsNode? {
    unpack(message, penstock__v1__get_profile_response__unpack) { response in
      response.pointee.profile?.pointee.spec.map { SpecMessage.node(of: UnsafeRawPointer($0)) }
    } ?? nil
  }

  package func serverInfo(_ message: RawSpan) -> AdminResponses.ServerInfo? {
    unpack(message, penstock__v1__get_server_info_response__unpack) { response in
      let message = response.pointee
      var info = AdminResponses.ServerInfo()
      info.version = swiftText(message.version)
      info.logID = swiftText(message.log_id)
      info.startedTime = UnixNanos(message.started_ns)
      info.serverTime = UnixNanos(message.server_time_ns)
      info.lastEventSequence = message.last_event_sequence
      info.firstKeptSequence = message.first_kept_sequence
      info.maxMessageBytes = message.max_message_bytes
      info.maxItems = message.max_items
      info.profiles = (0..<message.n_profiles).map { swiftText(message.profiles[$0]) }
      return info
    }
  }

  /// Of `WatchMetrics`.
  package func metrics(_ message: RawSpan) -> MetricsSnapshot? {
    unpack(message, penstock__v1__metrics_snapshot__unpack) { MetricsSnapshot($0.pointee) }
  }

  private static func channel(_ status: Penstock__V1__ChannelStatus) -> ReceivedChannel {
    ReceivedChannel(
      spec: status.spec.map { SpecMessage.node(of: UnsafeRawPointer($0)) } ?? .section([]),
      metrics: status.metrics.map { ChannelMetricsSnapshot($0.pointee) } ?? ChannelMetricsSnapshot(),
      configVersion: status.config_version)
  }
}

extension ResponseDecoder {
  /// Answers that can be told as one line of JSON, fields named as in the protos.
  package enum Answer: Sendable {
    case channels
    case channel
    case routing
    case rebalance
  }

  package func json(_ message: RawSpan, of answer: Answer) -> String? {
    switch answer {
    case .channels: unpack(message, penstock__v1__list_channels_response__unpack) { Self.json($0) }
    case .channel: unpack(message, penstock__v1__get_channel_response__unpack) { Self.json($0) }
    case .routing: unpack(message, penstock__v1__get_routing_response__unpack) { Self.json($0) }
    case .rebalance: unpack(message, penstock__v1__rebalance_response__unpack) { Self.json($0) }
    }
  }

  private static func json<Message>(_ message: UnsafeMutablePointer<Message>) -> String {
    MessageJSON.text(of: UnsafeRawPointer(message))
  }
}
