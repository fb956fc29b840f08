internal import Channels
internal import LockFree
internal import WireCodec

/// The metrics of one moment, with the forms in which calls send them: each is encoded once, whoever asks for it.
final class MetricsReading: Sendable {
  /// One `MetricsSnapshot` message.
  let encoded: [UInt8]
  private let snapshot: MetricsSnapshot
  private let settings: [ChannelSettings]
  private let forms = Guarded(Forms())

  private struct Forms: Sendable {
    var response: [UInt8]?
    var frame: [UInt8]?
    var channels: [UInt8]?
  }

  init(_ shared: SharedState) {
    snapshot = shared.metrics()
    settings = shared.router.channels.map(\.control.settings)
    encoded = snapshot.encoded
  }

  /// A `GetMetricsResponse`.
  var response: [UInt8] { form(\.response) { AdminResponses.metrics(encoded: encoded) } }

  /// A `ServerFrame` of a session.
  var frame: [UInt8] { form(\.frame) { ServerFrames.metrics(encoded) } }

  /// A `ListChannelsResponse`.
  var channels: [UInt8] {
    form(\.channels) {
      let settings = Dictionary(settings.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
      return AdminResponses.listChannels(
        snapshot.channels.compactMap { metrics in
          settings[metrics.channel].map { AdminResponses.ChannelStatus(metrics: metrics, settings: $0) }
        })
    }
  }

  private func form(_ path: WritableKeyPath<Forms, [UInt8]?>, _ make: () -> [UInt8]) -> [UInt8] {
    forms.withLock { forms in
      if let made = forms[keyPath: path] { return made }
      let made = make()
      forms[keyPath: path] = made
      return made
    }
  }
}
