internal import CPenstockProto
internal import CProtobufC
package import Settings

/// A `ChannelSpec` or `ProfileSpec` in a request, and what is to be done with it.
package struct SpecRequest: Equatable, Sendable {
  package var name = ""
  /// What the specification gives, without the name.
  package var node = SettingsNode.section([])
  /// What is wrong with the mask.
  package var problems: [SettingsProblem] = []
  /// 0 = any.
  package var expectedVersion: UInt32 = 0
  package var validateOnly = false
}

/// A `SetRoutingRequest`: what is nil stays as it is.
package struct RoutingRequest: Equatable, Sendable {
  /// Raw value of `ChannelType` on the wire.
  package var type: Int32 = 0
  /// Raw value of `RoutingStrategy` on the wire.
  package var strategy: Int32?
  package var seed: UInt64?
}

/// A request of a `Replay` call.
package enum ReplayRequest: Equatable, Sendable {
  case setup(channels: [SpecRequest], profiles: [SpecRequest])
  /// Where the `PublishRequest` lies in the message.
  case publish(Range<Int>)
  /// No field that this server knows, or several that would have to be merged.
  case unknown
}

extension RequestDecoder {
  package func createChannel(_ message: RawSpan) throws(DecodeError) -> SpecRequest {
    try unpack(message, "CreateChannelRequest", penstock__v1__create_channel_request__unpack) { request in
      Self.request(
        request.pointee.spec.map { (UnsafeRawPointer($0), $0.pointee.name) },
        validateOnly: request.pointee.validate_only)
    }
  }

  package func updateChannel(_ message: RawSpan) throws(DecodeError) -> SpecRequest {
    try unpack(message, "UpdateChannelRequest", penstock__v1__update_channel_request__unpack) { request in
      Self.request(
        request.pointee.spec.map { (UnsafeRawPointer($0), $0.pointee.name) },
        mask: Self.paths(request.pointee.update_mask), expectedVersion: request.pointee.expected_config_version,
        validateOnly: request.pointee.validate_only)
    }
  }

  package func updateProfile(_ message: RawSpan) throws(DecodeError) -> SpecRequest {
    try unpack(message, "UpdateProfileRequest", penstock__v1__update_profile_request__unpack) { request in
      Self.request(
        request.pointee.spec.map { (UnsafeRawPointer($0), $0.pointee.name) },
        mask: Self.paths(request.pointee.update_mask), expectedVersion: request.pointee.expected_config_version,
        validateOnly: request.pointee.validate_only)
    }
  }

  package func setRouting(_ message: RawSpan) throws(DecodeError) -> RoutingRequest {
    try unpack(message, "SetRoutingRequest", penstock__v1__set_routing_request__unpack) { request in
      var result = RoutingRequest()
      guard let routing = request.pointee.routing?.pointee else { return result }
      result.type = Int32(bitPattern: routing.type.rawValue)
      if routing.strategy_given_case == PENSTOCK__V1__ROUTING_SPEC__STRATEGY_GIVEN_STRATEGY {
        result.strategy = Int32(bitPattern: routing.strategy.rawValue)
      }
      if routing.seed_given_case == PENSTOCK__V1__ROUTING_SPEC__SEED_GIVEN_SEED { result.seed = routing.seed }
      return result
    }
  }

  /// - Returns: raw value of `ChannelType` on the wire.
  package func rebalance(_ message: RawSpan) throws(DecodeError) -> Int32 {
    try unpack(message, "RebalanceRequest", penstock__v1__rebalance_request__unpack) {
      Int32(bitPattern: $0.pointee.type.rawValue)
    }
  }

  package func resetSymbols(_ message: RawSpan) throws(DecodeError) -> [String] {
    try unpack(message, "ResetSymbolsRequest", penstock__v1__reset_symbols_request__unpack) { request in
      (0..<request.pointee.n_symbols).map { swiftText(request.pointee.symbols[$0]) }
    }
  }

  package func replay(_ message: RawSpan) throws(DecodeError) -> ReplayRequest {
    if let range = innerRange(of: 2, message) { return .publish(range) }
    return try unpack(message, "ReplayRequest", penstock__v1__replay_request__unpack) { request in
      guard request.pointee.request_case == PENSTOCK__V1__REPLAY_REQUEST__REQUEST_SETUP,
        let setup = request.pointee.setup?.pointee
      else { return .unknown }
      let channels = (0..<setup.n_channels).compactMap { index in
        setup.channels[index].map { Self.request((UnsafeRawPointer($0), $0.pointee.name)) }
      }
      let profiles = (0..<setup.n_profiles).compactMap { index in
        setup.profiles[index].map { Self.request((UnsafeRawPointer($0), $0.pointee.name)) }
      }
      return .setup(channels: channels, profiles: profiles)
    }
  }

  /// - Parameter spec: the message and its name; nil where the request has none.
  private static func request(
    _ spec: (message: UnsafeRawPointer, name: UnsafeMutablePointer<CChar>?)?, mask: [String] = [],
    expectedVersion: UInt32 = 0, validateOnly: protobuf_c_boolean = 0
  ) -> SpecRequest {
    var result = SpecRequest()
    result.expectedVersion = expectedVersion
    result.validateOnly = validateOnly != 0
    guard let spec else { return result }
    result.name = swiftText(spec.name)
    (result.node, result.problems) = SpecMessage.change(of: spec.message, mask: mask)
    return result
  }

  /// - Returns: milliseconds.
  package func shutdown(_ message: RawSpan) throws(DecodeError) -> UInt32 {
    try unpack(message, "ShutdownRequest", penstock__v1__shutdown_request__unpack) { $0.pointee.grace_ms }
  }

  private static func paths(_ mask: UnsafeMutablePointer<Google__Protobuf__FieldMask>?) -> [String] {
    guard let mask = mask?.pointee else { return [] }
    return (0..<mask.n_paths).map { swiftText(mask.paths[$0]) }
  }
}
