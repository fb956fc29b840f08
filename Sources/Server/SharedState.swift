internal import Channels
internal import Dispatch
internal import Events
internal import GRPC
internal import LockFree
internal import MarketData
internal import Synchronization
internal import WireCodec

/// What all event loops of one server share; everything in it is safe to use from any thread.
final class SharedState: Sendable {
  static let draining = Status(.unavailable, "server is draining")

  let configuration: ServerConfiguration
  let clock: any Clock
  let router: ChannelRouter
  let log: MemoryEventLog
  /// `limits.pending_bytes`: what everything unfinished of this server counts in.
  let pendingBytes: ByteBudget
  /// What subscriptions ask for, shared by those that ask for the same.
  let filters = FilterDirectory()
  let publishers: PublisherDirectory
  /// What channels and profiles are told now: the file's, and what RPCs have changed.
  let live: LiveConfiguration
  /// Names of fair values' models.
  let models: ModelTable
  let notices: NoticeBoard
  let sessions = SessionDirectory()
  /// Whom to tell that an admin wants the server to end; set by who runs it.
  let shutdownRequest = Guarded<(@Sendable (_ graceNanos: Int64?) -> Void)?>(nil)
  let startedTime: UnixNanos
  let startedMonotonic: MonotonicNanos
  /// The newest event time that all channels have passed and whose events are in the log.
  let watermark: @Sendable () -> UnixNanos
  /// The snapshot of this moment; set once, by the server.
  let metrics: @Sendable () -> MetricsSnapshot
  /// The same for all who ask by RPC.
  let sharedMetrics = SharedMetrics()
  let symbolStates = SymbolStateReader()
  /// Where admins' changes wait for their turn: apart from event loops, since threads are started and waited for.
  let adminQueue = DispatchQueue(label: "penstock.admin")
  var administration: ChannelAdministration { ChannelAdministration(self) }
  let publishStreams: CallSlots
  /// Subscriptions, and watches of the metrics.
  let subscribers: CallSlots
  let replays: CallSlots
  let isDraining = Atomic<Bool>(false)

  init(
    configuration: ServerConfiguration, clock: any Clock, router: ChannelRouter, log: MemoryEventLog,
    models: ModelTable, notices: NoticeBoard, pendingBytes: ByteBudget, watermark: @escaping @Sendable () -> UnixNanos,
    metrics: @escaping @Sendable () -> MetricsSnapshot
  ) {
    self.configuration = configuration
    self.clock = clock
    self.router = router
    self.log = log
    self.watermark = watermark
    self.metrics = metrics
    live = LiveConfiguration(configuration)
    self.models = models
    self.notices = notices
    self.pendingBytes = pendingBytes
    let limits = configuration.limits
    publishers = PublisherDirectory(limit: limits.maxPublishers, memoryNanos: limits.publisherMemoryNanos)
    publishStreams = CallSlots(
      "publishing calls", total: limits.maxPublishStreams, key: "max_publish_streams", sharePercent: limits.sharePercent
    )
    subscribers = CallSlots(
      "subscriptions and watches", total: limits.maxSubscribers, key: "max_subscribers",
      sharePercent: limits.sharePercent)
    replays = CallSlots("replays", total: ReplayCall.replaysMax, sharePercent: limits.sharePercent)
    startedTime = clock.unixNow
    startedMonotonic = clock.monotonicNow
  }

  var decoderLimits: DecoderLimits { DecoderLimits(maxItems: configuration.limits.maxItems) }

  var channelNames: [String] { router.channels.map(\.control.name) }
}
