internal import Channels
internal import LockFree
internal import WireCodec

/// What `penstock top` knows, and what keys do to it. Pure: news come in, requests go out, the caller fulfils them.
struct TopState {
  enum Order: String, CaseIterable {
    case name
    case rate
    case depth
    case p99
  }

  enum Request: Equatable {
    case none
    case quit
    case pause(String)
    case resume(String)
  }

  /// More than any screen shows.
  static let eventsKept = 500

  let address: String
  private(set) var snapshot: MetricsSnapshot?
  private var previous: MetricsSnapshot?
  /// The oldest first.
  private(set) var events: [ReceivedEvent] = []
  private(set) var order = Order.name
  /// Why there is no connection; nil where there is one.
  private(set) var trouble: String?
  /// An answer to the last key, until the next.
  var notice = ""
  private var chosenName: String?

  init(address: String) { self.address = address }

  // MARK: - News

  mutating func take(_ news: MetricsSnapshot) {
    previous = snapshot
    snapshot = news
  }

  mutating func take(_ news: [ReceivedEvent]) {
    events += news
    if events.count > Self.eventsKept { events.removeFirst(events.count - Self.eventsKept) }
  }

  /// A new connection tells the kept events again, and its counters may be those of another server's life.
  mutating func connected() {
    trouble = nil
    previous = nil
    snapshot = nil
    events.removeAll()
  }

  mutating func lost(_ why: String) { trouble = why }

  // MARK: - Keys

  mutating func press(_ key: Key) -> Request {
    notice = ""
    switch key {
    case .interrupt, .letter("q"): return .quit
    case .up, .letter("k"): move(by: -1)
    case .down, .letter("j"): move(by: 1)
    case .letter("s"):
      let all = Order.allCases
      let index = all.firstIndex(of: order).map { ($0 + 1) % all.count } ?? 0
      order = all[index]
    case .letter("p"): return pauseOrResume()
    case .letter: break
    }
    return .none
  }

  private mutating func move(by step: Int) {
    let channels = channels
    guard let index = chosenIndex(in: channels) else { return }
    // Pinned from now on: it stays chosen wherever the order puts it.
    chosenName = channels[min(max(index + step, 0), channels.count - 1)].channel
  }

  private mutating func pauseOrResume() -> Request {
    let channels = channels
    guard let index = chosenIndex(in: channels) else { return .none }
    let channel = channels[index]
    chosenName = channel.channel
    switch channel.state {
    case .running: return .pause(channel.channel)
    case .paused: return .resume(channel.channel)
    case .starting, .draining, .stopped, .failed:
      notice = "\(channel.channel) is \(channel.state.wireName): only RUNNING and PAUSED ones can be paused and resumed"
      return .none
    }
  }

  // MARK: - What it shows

  /// In the order chosen; of equal ones by name.
  var channels: [ChannelMetricsSnapshot] {
    (snapshot?.channels ?? []).sorted { a, b in
      switch order {
      case .rate where a.itemsPerSecond != b.itemsPerSecond: a.itemsPerSecond > b.itemsPerSecond
      case .depth where a.ringDepth != b.ringDepth: a.ringDepth > b.ringDepth
      case .p99 where a.queueLatency.p99 != b.queueLatency.p99: a.queueLatency.p99 > b.queueLatency.p99
      case .name, .rate, .depth, .p99: a.channel < b.channel
      }
    }
  }

  /// The first until one is chosen, and again when that one is gone.
  func chosenIndex(in channels: [ChannelMetricsSnapshot]) -> Int? {
    channels.isEmpty ? nil : channels.firstIndex { $0.channel == chosenName } ?? 0
  }

  /// Of the time between the last two snapshots; nil before there are two.
  var rates: (items: Double, events: Double, cpu: Double)? {
    guard let now = snapshot, let before = previous, now.timestampNanos > before.timestampNanos else { return nil }
    let seconds = Double(now.timestampNanos - before.timestampNanos) / 1e9
    func rate(_ value: UInt64, _ old: UInt64) -> Double { value > old ? Double(value - old) / seconds : 0 }
    return (
      rate(now.server.publishedItems, before.server.publishedItems),
      rate(now.server.lastEventSequence, before.server.lastEventSequence),
      max(0, now.server.cpuSeconds - before.server.cpuSeconds) / seconds
    )
  }
}
