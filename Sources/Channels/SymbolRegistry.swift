internal import LockFree
package import MarketData
internal import Synchronization

/// Every symbol's number and profile, and for each kind of channel the channel that has it: given at first sight, and kept until a move.
///
/// The profile is the first whose pattern matches; the channel is chosen by the kind's strategy among those that take the profile and are well.
/// - Cost: a mutex and a dictionary; event loops keep a cache in front of it.
package final class SymbolRegistry: SymbolResolver {
  /// One kind of channel: its channels, and the place of each symbol.
  struct Kind: Sendable {
    /// By symbol number; `nowhere` = not placed.
    var places: [UInt16] = []
    var controls: [ChannelControl] = []
    var chooser: PlacementChooser
    /// By channel number.
    var symbolsOf: [Int: UInt64] = [:]
  }

  struct Content: Sendable {
    var profiles: [Profile]
    var profilesGeneration: UInt64 = 0
    /// Steps when a profile's part of a route has changed.
    var limitsGeneration: UInt64 = 0
    /// By symbol number.
    var profileOf: [UInt16] = []
    var kinds: [Kind]
    var placements: UInt64 = 0
    var moves: UInt64 = 0
  }

  static let nowhere = UInt16.max

  package let symbols: SymbolTable
  let content: Guarded<Content>
  /// Event loops that wait for a symbol's place now: whoever holds the mutex again and again lets them in between.
  let asking = Atomic<Int>(0)
  private let epoch = Atomic<UInt64>(0)

  package init(symbols: SymbolTable, profiles: [Profile], routing: [ChannelType: RoutingRule] = [:]) {
    self.symbols = symbols
    content = Guarded(
      Content(
        profiles: profiles,
        kinds: ChannelType.allCases.map { Kind(chooser: PlacementChooser(routing[$0] ?? RoutingRule())) }))
  }

  /// Routes to channels that nobody runs: for replays, tests and benchmarks.
  package convenience init(symbols: SymbolTable, profiles: [Profile], channels: [ChannelSettings]) {
    self.init(symbols: symbols, profiles: profiles)
    for (number, settings) in channels.enumerated() {
      add(ChannelControl(number: number, settings: settings, clock: SystemClock()))
    }
  }

  // MARK: - Routes

  /// Steps when routes have moved or rules changed.
  var routingEpoch: UInt64 { epoch.load(ordering: .acquiring) }

  /// Steps when routes have changed that did not move.
  var limitsGeneration: UInt64 { content.withLock { $0.limitsGeneration } }

  func stepEpoch() { epoch.wrappingAdd(1, ordering: .acquiringAndReleasing) }

  package func resolve(symbol: RawSpan, type: ChannelType) -> Result<SymbolRoute, RejectionCode> {
    resolve(symbol: Self.text(symbol), type: type)
  }

  package func maxAheadNanos(ofNew symbol: RawSpan, type: ChannelType) -> Int64? {
    let symbol = Self.text(symbol)
    return asked { content in
      let kind = content.kinds[type.index]
      let id = symbols.id(of: symbol)
      guard !kind.controls.isEmpty, id.flatMap({ Self.place($0, kind) }) == nil else { return nil }
      let known = id.flatMap { Self.profile(of: $0, content) }
      return (known ?? content.profiles.firstIndex { $0.matches(symbol) }).map { content.profiles[$0].maxAheadNanos }
    }
  }

  package func knownRoute(of symbol: RawSpan, type: ChannelType) -> SymbolRoute? {
    let symbol = Self.text(symbol)
    return asked { content in
      let kind = content.kinds[type.index]
      guard !kind.controls.isEmpty, let id = symbols.id(of: symbol), let channel = Self.place(id, kind) else {
        return nil
      }
      return Self.route(id, channel, content)
    }
  }

  /// For event loops, which must not wait for a whole move.
  private func asked<R>(_ body: (inout Content) -> R) -> R {
    asking.wrappingAdd(1, ordering: .relaxed)
    defer { asking.wrappingSubtract(1, ordering: .relaxed) }
    return content.withLock { body(&$0) }
  }

  private static func text(_ symbol: RawSpan) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(symbol.byteCount)
    for offset in 0..<symbol.byteCount { bytes.append(symbol.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  package func resolve(symbol: String, type: ChannelType) -> Result<SymbolRoute, RejectionCode> {
    asked { content in
      let kind = type.index
      guard !content.kinds[kind].controls.isEmpty else { return .failure(.noChannel) }
      if let id = symbols.id(of: symbol), let channel = Self.place(id, content.kinds[kind]) {
        return .success(Self.route(id, channel, content))
      }
      let known = symbols.id(of: symbol).flatMap { Self.profile(of: $0, content) }
      guard let profile = known ?? content.profiles.firstIndex(where: { $0.matches(symbol) }),
        let control = content.choose(for: symbol, kind, profile: content.profiles[profile].name)
      else { return .failure(.noChannel) }
      guard let id = symbols.id(adding: symbol) else { return .failure(.tooManySymbols) }
      content.note(id, profile: profile, on: control.number, kind)
      content.placements += 1
      return .success(Self.route(id, UInt16(control.number), content))
    }
  }

  private static func route(_ id: SymbolID, _ channel: UInt16, _ content: Content) -> SymbolRoute {
    let profile = profile(of: id, content) ?? 0
    return SymbolRoute(
      symbol: id, profile: UInt16(profile), channel: channel, maxAheadNanos: content.profiles[profile].maxAheadNanos)
  }

  private static func place(_ id: SymbolID, _ kind: Kind) -> UInt16? {
    let index = Int(id.index)
    guard index < kind.places.count, kind.places[index] != nowhere else { return nil }
    return kind.places[index]
  }

  static func profile(of id: SymbolID, _ content: Content) -> Int? {
    let index = Int(id.index)
    guard index < content.profileOf.count, content.profileOf[index] != nowhere else { return nil }
    return Int(content.profileOf[index])
  }

  /// Holds the mutex for the time of the call, which must be bounded; `body` may ask for symbols' routes meanwhile.
  func withRoutes<R>(_ type: ChannelType, _ body: ((SymbolID) -> SymbolRoute?) -> R) -> R {
    asked { content in
      body { symbol in Self.place(symbol, content.kinds[type.index]).map { Self.route(symbol, $0, content) } }
    }
  }

  /// The channel that has a symbol now; nil where it was never placed.
  func channel(of symbol: SymbolID, _ type: ChannelType) -> Int? {
    asked { Self.place(symbol, $0.kinds[type.index]).map(Int.init) }
  }

  /// The channels that have a symbol, by kind, and its profile's name.
  package func places(of symbol: String) -> (id: SymbolID, channels: [Int], profile: String)? {
    guard let id = symbols.id(of: symbol) else { return nil }
    return content.withLock { content in
      let channels = content.kinds.compactMap { Self.place(id, $0).map(Int.init) }
      guard let profile = Self.profile(of: id, content) else { return nil }
      return (id, channels, content.profiles[profile].name)
    }
  }

  // MARK: - Channels

  func add(_ control: ChannelControl) { content.withLock { $0.kinds[control.type.index].controls.append(control) } }

  func remove(_ control: ChannelControl) {
    content.withLock { $0.kinds[control.type.index].controls.removeAll { $0 === control } }
  }

  /// The channel of the kind that would take this one's symbols: one that is well and takes its profiles, the least loaded.
  func sibling(of control: ChannelControl) -> ChannelControl? {
    content.withLock { content in
      content.kinds[control.type.index].controls.filter { $0 !== control && $0.isWell && $0.covers(control) }.min {
        ($0.depth, $0.number) < ($1.depth, $1.number)
      }
    }
  }

  /// Whether another channel could take this one's symbols.
  package func hasSibling(of control: ChannelControl) -> Bool { sibling(of: control) != nil }

  // MARK: - Rules

  /// - Parameter generation: rises from one replacement to the next; an older one comes too late.
  func use(_ profiles: [Profile], generation: UInt64) {
    content.withLock { content in
      guard generation > content.profilesGeneration else { return }
      content.profilesGeneration = generation
      if zip(content.profiles, profiles).contains(where: { $0.maxAheadNanos != $1.maxAheadNanos }) {
        content.limitsGeneration += 1
      }
      content.profiles = profiles
    }
  }

  package func rule(of type: ChannelType) -> RoutingRule { content.withLock { $0.kinds[type.index].chooser.rule } }

  /// For symbols seen from now on.
  package func setRule(_ rule: RoutingRule, of type: ChannelType) {
    content.withLock { $0.kinds[type.index].chooser = PlacementChooser(rule) }
  }

  /// Symbols by exact name or prefix.
  package func known(matching matcher: SymbolMatcher) -> [SymbolID] {
    (0..<symbols.count).map { SymbolID(UInt32($0)) }.filter { matcher.matches(symbols.name(of: $0)) }
  }

  // MARK: - Metrics

  /// Placements, moves, and how many symbols live on each channel, by number.
  package var counts: (placements: UInt64, moves: UInt64, symbols: [Int: UInt64]) {
    content.withLock { content in
      let all = content.kinds.reduce(into: [Int: UInt64]()) { $0.merge($1.symbolsOf) { $0 + $1 } }
      return (content.placements, content.moves, all)
    }
  }
}

extension SymbolRegistry.Content {
  /// The channel for a symbol: of those that take its profile, one that is well, or any that takes input at all.
  mutating func choose(
    for symbol: String, _ kind: Int, profile: String, without: ChannelControl? = nil
  ) -> ChannelControl? {
    let takers = kinds[kind].controls.filter { $0 !== without && $0.takes(profile: profile) }
    let well = takers.filter(\.isWell)
    let candidates = well.isEmpty ? takers.filter(\.takesInput) : well
    return kinds[kind].chooser.choose(symbol, among: candidates, symbols: kinds[kind].symbolsOf)
  }

  mutating func note(_ id: SymbolID, profile: Int, on channel: Int, _ kind: Int) {
    let index = Int(id.index)
    while profileOf.count <= index { profileOf.append(.max) }
    profileOf[index] = UInt16(profile)
    while kinds[kind].places.count <= index { kinds[kind].places.append(.max) }
    kinds[kind].places[index] = UInt16(channel)
    kinds[kind].symbolsOf[channel, default: 0] += 1
  }
}

extension ChannelType {
  /// 0, 1, 2.
  var index: Int { Int(rawValue) - 1 }
}

extension ChannelControl {
  /// Takes input, even if nothing comes of it for now.
  var takesInput: Bool { read { $0.lifecycle.state == .running || $0.lifecycle.state == .paused } }

  /// Takes input and processes it.
  var isWell: Bool {
    hasWorker.load(ordering: .acquiring)
      && read { $0.lifecycle.state == .running && $0.breaker != .open && !$0.isRestarting }
  }

  /// Takes every profile that the other takes.
  func covers(_ other: ChannelControl) -> Bool {
    let (mine, theirs) = (read(\.settings.profiles), other.read(\.settings.profiles))
    return mine.isEmpty || (!theirs.isEmpty && theirs.isSubset(of: mine))
  }

  func takes(profile: String) -> Bool {
    read { $0.settings.profiles.isEmpty || $0.settings.profiles.contains(profile) }
  }
}

extension Profile {
  func matches(_ symbol: String) -> Bool { patterns.contains { $0.matches(symbol) } }
}
