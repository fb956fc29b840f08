internal import Channels
internal import Dispatch
internal import GRPC
internal import LockFree
internal import MarketData
internal import Settings
internal import Synchronization
internal import WireCodec

/// Steers channels, profiles and routing while data flow: what the calls of `ChannelAdmin` do, one after the other however many admins there are.
struct ChannelAdministration: Sendable {
  typealias Answer = @Sendable (Result<[UInt8], Status>) -> Void

  private let shared: SharedState

  init(_ shared: SharedState) { self.shared = shared }

  private var queue: DispatchQueue { shared.adminQueue }
  private var router: ChannelRouter { shared.router }

  /// Runs a change in its turn; none while the server drains, which nobody may hold up.
  func change(_ answer: @escaping Answer, _ body: @escaping @Sendable () throws(Refusal) -> Void) {
    queue.async { [self] in
      if shared.isDraining.load(ordering: .relaxed) { return answer(.failure(SharedState.draining)) }
      do throws(Refusal) {
        try body()
      } catch {
        answer(.failure(error.status))
      }
    }
  }

  /// Why something is not done.
  struct Refusal: Error {
    var status: Status

    init(_ code: StatusCode, _ message: String) { status = Status(code, message) }
    init(_ change: IllegalChange) { self.init(.failedPrecondition, "\(change)") }
  }

  // MARK: - Looking

  func find(_ name: String) throws(Refusal) -> any AnyChannel {
    guard let channel = router.channel(named: name) else {
      throw Refusal(
        .notFound, "there is no channel '\(name)'; there are: \(shared.channelNames.joined(separator: ", "))")
    }
    return channel
  }

  func status(of channel: any AnyChannel) -> AdminResponses.ChannelStatus {
    AdminResponses.ChannelStatus(metrics: channel.control.metrics(), settings: channel.control.settings)
  }

  private func tell(_ channel: any AnyChannel, _ answer: Answer) {
    answer(.success(AdminResponses.channel(status(of: channel))))
  }

  // MARK: - Lifecycle

  func get(_ name: String, _ answer: Answer) {
    do throws(Refusal) {
      tell(try find(name), answer)
    } catch {
      answer(.failure(error.status))
    }
  }

  func pause(_ name: String, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let channel = try find(name)
      try request(.pause, channel)
      shared.notices.post(
        .channelPaused, channel: name, detail: "channel '\(name)' takes input until its ring is full")
      tell(channel, answer)
    }
  }

  func resume(_ name: String, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let channel = try find(name)
      try request(.resume, channel)
      shared.notices.post(.channelResumed, channel: name, detail: "channel '\(name)' processes again")
      tell(channel, answer)
    }
  }

  private func request(_ request: ChannelLifecycle.Request, _ channel: any AnyChannel) throws(Refusal) {
    do throws(IllegalChange) {
      try router.change(request, of: channel)
    } catch {
      throw Refusal(error)
    }
  }

  func drain(_ name: String, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let channel = try find(name)
      try drain(channel, answer) { [self] in tell(channel, answer) }
    }
  }

  /// Everything is processed, its symbols go to siblings, and its worker ends.
  private func drain(
    _ channel: any AnyChannel, _ answer: @escaping Answer, then done: @escaping @Sendable () -> Void
  ) throws(Refusal) {
    let control = channel.control
    guard router.registry.hasSibling(of: control) else {
      throw Refusal(
        .failedPrecondition,
        "channel '\(control.name)' is \(control.state.wireName) and the last channel of type \(control.type.configurationName) that takes its symbols; create another first"
      )
    }
    try request(.drain, channel)
    channel.evacuate(.drain) { hasMoved in
      guard hasMoved else {
        return answer(
          .failure(Status(.failedPrecondition, "channel '\(control.name)': its siblings went away meanwhile")))
      }
      done()
    }
  }

  func delete(_ name: String, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let channel = try find(name)
      let remove: @Sendable () -> Void = { [self] in
        // Not on the worker's own thread, whose end is waited for.
        queue.async { [self] in
          guard [.stopped, .failed].contains(channel.control.state) else {
            return answer(
              .failure(
                Status(
                  .failedPrecondition,
                  "channel '\(name)' is \(channel.control.state.wireName): it was started again before it was deleted"))
            )
          }
          let last = status(of: channel)
          router.remove(channel)
          shared.live.removeChannel(name)
          answer(.success(AdminResponses.channel(last)))
        }
      }
      switch channel.control.state {
      case .stopped, .failed: remove()
      default: try drain(channel, answer, then: remove)
      }
    }
  }

  func start(_ name: String, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let channel = try find(name)
      do throws(IllegalChange) {
        try router.restart(channel)
      } catch {
        throw Refusal(error)
      }
      tell(channel, answer)
    }
  }

  func force(_ force: ForcedBreaker, _ name: String, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let channel = try find(name)
      guard channel.control.state == .running || channel.control.state == .paused else {
        throw Refusal(
          .failedPrecondition,
          "channel '\(name)' is \(channel.control.state.wireName); only a breaker of a RUNNING or PAUSED channel can be forced"
        )
      }
      channel.force(force) { [self] in
        // The health that is told is that of now.
        router.judge(at: shared.clock.monotonicNow)
        tell(channel, answer)
      }
    }
  }

  // MARK: - Specifications

  func create(_ request: SpecRequest, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let settings = try read(request, from: nil)
      guard router.channel(named: request.name) == nil else {
        throw Refusal(.alreadyExists, "there is a channel '\(request.name)' already")
      }
      let channels = shared.live.channels + [settings]
      let bytes = channels.reduce(0) { $0 + $1.ringCapacity * $1.type.bytesPerItem }
      guard channels.count <= 256, bytes <= 4 << 30 else {
        throw Refusal(
          .resourceExhausted, "\(channels.count) channels with \(bytes >> 20) MiB of rings; at most 256 and 4,096 MiB")
      }
      if request.validateOnly {
        var metrics = ChannelMetricsSnapshot()
        metrics.channel = request.name
        metrics.type = settings.type
        metrics.state = .starting
        let status = AdminResponses.ChannelStatus(metrics: metrics, settings: settings)
        return answer(.success(AdminResponses.channel(status)))
      }
      guard let channel = router.create(settings) else {
        throw Refusal(.resourceExhausted, "the server has given out all its channel numbers")
      }
      shared.live.set(settings)
      tell(channel, answer)
    }
  }

  func update(_ request: SpecRequest, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let channel = try find(request.name)
      guard let old = shared.live.channel(request.name) else {
        throw Refusal(.notFound, "there is no channel '\(request.name)'")
      }
      try expect(request.expectedVersion, channel.control.configVersion, "channel '\(request.name)'")
      let new = try read(request, from: old)
      if request.validateOnly {
        let status = AdminResponses.ChannelStatus(metrics: channel.control.metrics(), settings: new)
        return answer(.success(AdminResponses.channel(status)))
      }
      guard new != old else { return tell(channel, answer) }
      shared.live.set(new)
      router.use(new, for: channel) { [self] in tell(channel, answer) }
    }
  }

  private func expect(_ wanted: UInt32, _ found: UInt32, _ what: String) throws(Refusal) {
    guard wanted == 0 || wanted == found else {
      throw Refusal(.aborted, "\(what) has config_version \(found); expected_config_version is \(wanted)")
    }
  }

  /// - Parameter old: nil = the channel is new.
  private func read(_ request: SpecRequest, from old: ChannelSettings?) throws(Refusal) -> ChannelSettings {
    try whole(request, from: old ?? ChannelSettings(name: request.name), isUpdate: old != nil) { new, problem in
      for unknown in new.unknownProfiles(among: shared.live.profileNames) { problem("profiles", unknown) }
      guard let old else {
        if request.node["type"] == nil {
          let types = ChannelType.allCases.map(\.configurationName).joined(separator: ", ")
          problem("type", "is missing; must be one of \(types)")
        }
        return
      }
      if new.type != old.type { problem("type", "a channel's type cannot change; create another channel") }
      if new.ringCapacity != old.ringCapacity {
        problem(
          "ring_capacity",
          "cannot change while the channel lives (it is \(old.ringCapacity)); create another channel and drain this one"
        )
      }
    }
  }

  /// What a request specifies; what is wrong with its mask, its values and their `relations` is told together.
  private func whole<Thing: KeyedSettings>(
    _ request: SpecRequest, from start: Thing, isUpdate: Bool,
    relations: (Thing, (_ key: String, _ message: String) -> Void) -> Void = { _, _ in }
  ) throws(Refusal) -> Thing {
    let collector = ProblemCollector()
    for problem in request.problems { collector.add(problem.key, nil, problem.message) }
    var new = start
    new.read(request.node, path: "spec", isUpdate: isUpdate, collector: collector)
    relations(new) { collector.add("spec.\($0)", nil, $1) }
    guard collector.problems.isEmpty else {
      throw Refusal(.invalidArgument, InvalidConfiguration(problems: collector.problems).line)
    }
    return new
  }

  // MARK: - Profiles and symbols

  func getProfile(_ name: String, _ answer: Answer) {
    do throws(Refusal) {
      answer(.success(AdminResponses.profile(try findProfile(name))))
    } catch {
      answer(.failure(error.status))
    }
  }

  private func findProfile(_ name: String) throws(Refusal) -> Profile {
    guard let found = shared.live.profile(name) else {
      let known = shared.live.profileNames.joined(separator: ", ")
      throw Refusal(.notFound, "there is no profile '\(name)'; there are: \(known)")
    }
    return found
  }

  func updateProfile(_ request: SpecRequest, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let old = try findProfile(request.name)
      try expect(request.expectedVersion, old.configVersion, "profile '\(request.name)'")
      var new = try whole(request, from: old, isUpdate: true)
      guard !request.validateOnly, new != old else { return answer(.success(AdminResponses.profile(new))) }
      shared.live.set(new)
      new.configVersion += 1
      router.use(shared.live.profiles) { [new] in answer(.success(AdminResponses.profile(new))) }
    }
  }

  func resetSymbols(_ patterns: [String], _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      guard !patterns.isEmpty, patterns.count <= 100_000 else {
        throw Refusal(.invalidArgument, "symbols has \(patterns.count) entries; must have 1 to 100,000")
      }
      let bad = patterns.indices.lazy.compactMap { index in
        SymbolRules.problem(pattern: patterns[index]).map { "symbols[\(index)] \($0)" }
      }
      guard bad.isEmpty else { throw Refusal(.invalidArgument, bad.prefix(32).joined(separator: "; ")) }
      router.reset(router.registry.known(matching: SymbolMatcher(patterns))) { count in
        answer(.success(AdminResponses.count(count)))
      }
    }
  }

  // MARK: - The server

  func listSessions(_ answer: @escaping Answer) {
    shared.sessions.list { answer(.success(AdminResponses.sessions($0))) }
  }

  func disconnectSession(_ id: String, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      guard shared.sessions.disconnect(id) else {
        throw Refusal(.notFound, "there is no session '\(id)'; ListSessions names those that are open")
      }
      answer(.success([]))
    }
  }

  func shutdown(_ graceMillis: UInt32, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      guard graceMillis <= 600_000 else {
        throw Refusal(
          .invalidArgument, "grace_ms is \(graceMillis); must be from 1 to 600,000, or 0 for what is configured")
      }
      guard let shutDown = shared.shutdownRequest.withLock({ $0 }) else {
        throw Refusal(.failedPrecondition, "this server ends with the process that it is part of")
      }
      // From here on nothing is changed any more, and a second request is not taken for impatience.
      shared.isDraining.store(true, ordering: .relaxed)
      answer(.success([]))
      shutDown(graceMillis == 0 ? nil : Int64(graceMillis) * 1_000_000)
    }
  }

  // MARK: - Routing

  func getRouting(_ answer: Answer) {
    answer(.success(AdminResponses.routing(rules, metrics: router.metrics().router)))
  }

  private var rules: [(type: ChannelType, rule: RoutingRule)] {
    ChannelType.allCases.map { ($0, router.registry.rule(of: $0)) }
  }

  private func type(_ number: Int32, _ field: String) throws(Refusal) -> ChannelType {
    guard let raw = UInt8(exactly: number), let type = ChannelType(rawValue: raw) else {
      throw Refusal(
        .invalidArgument, "\(field) is \(number); must be 1 (TICK), 2 (BAR) or 3 (FAIR_MARKET_VALUE)")
    }
    return type
  }

  func setRouting(_ request: RoutingRequest, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      let type = try type(request.type, "routing.type")
      var rule = router.registry.rule(of: type)
      if let number = request.strategy {
        guard let strategy = RoutingStrategy(wireNumber: number) else {
          throw Refusal(
            .invalidArgument, "routing.strategy is \(number); must be 1 to \(RoutingStrategy.allCases.count)")
        }
        rule.strategy = strategy
      }
      if let seed = request.seed { rule.seed = seed }
      router.registry.setRule(rule, of: type)
      answer(.success(AdminResponses.routing(rules, metrics: nil)))
    }
  }

  func rebalance(_ number: Int32, _ answer: @escaping Answer) {
    change(answer) { [self] () throws(Refusal) in
      router.rebalance(try type(number, "type")) { answer(.success(AdminResponses.count($0))) }
    }
  }
}
