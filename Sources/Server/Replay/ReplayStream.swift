internal import Channels
internal import Events
internal import GRPC
internal import MarketData
internal import Settings
internal import WireCodec

/// What one replay makes of its requests: the setup, then what is published, numbered and judged as on a publishing stream.
struct ReplayStream {
  struct Refusal: Error {
    var status: Status

    init(_ status: Status) { self.status = status }
    init(_ code: StatusCode, _ message: String) { status = Status(code, message) }
  }

  /// Of `EventBatch`.
  private static let eventsPerResponse = 512
  private static let bytesPerResponse = 1 << 20

  private let shared: SharedState
  private var engine: ReplayEngine?
  private var numbering = RequestNumbering()
  private var highest: UInt64 = 0
  private var accepted: UInt64 = 0
  private var rejected: UInt64 = 0
  private var rejections = RejectionNotes()
  private var lastSent = Acknowledgement()

  init(shared: SharedState) { self.shared = shared }

  /// - Parameter respond: takes responses with the events.
  mutating func take(_ input: ReplayJob.Input, respond: ([[UInt8]]) -> Void) throws(Refusal) {
    switch input {
    case .setup(let channels, let profiles):
      guard engine == nil else { throw Refusal(.invalidArgument, "setup stands in the first request, once") }
      engine = try setUp(channels, profiles)
    case .publish(let request, let number):
      guard let engine else { throw Refusal(.invalidArgument, "the first request must be setup") }
      do throws(DecodeError) {
        try publish(request, engine, respond)
      } catch {
        throw Refusal(error.status(ofRequest: number))
      }
    case .refused(let status): throw Refusal(status)
    }
  }

  private mutating func publish(
    _ request: [UInt8], _ engine: ReplayEngine, _ respond: ([[UInt8]]) -> Void
  ) throws(DecodeError) {
    let message = request.span.bytes
    let given = try engine.peek(message).sequence
    let sequence = numbering.number(of: given, after: highest)
    guard sequence > highest else {
      rejected += UInt64(try engine.itemCount(message))
      rejections.note([numbering.rejection(of: given, after: highest)], of: given)
      return
    }
    var batch: [UInt8] = []
    var count = 0
    let decoded = try engine.take(message) { framed in
      batch += framed
      count += 1
      guard count == Self.eventsPerResponse || batch.count >= Self.bytesPerResponse else { return }
      respond([ReplayResponses.events(framed: batch)])
      batch.removeAll(keepingCapacity: true)
      count = 0
    }
    if count > 0 { respond([ReplayResponses.events(framed: batch)]) }
    highest = sequence
    accepted += UInt64(decoded.accepted)
    rejected += UInt64(decoded.rejected)
    if decoded.rejected > 0 { rejections.note(engine.rejections, of: sequence) }
  }

  /// The response for what has been taken since the last one, if it tells anything new.
  mutating func acknowledgement() -> [[UInt8]] {
    var result = Acknowledgement()
    result.ackedSequence = highest
    result.accepted = accepted
    result.rejected = rejected
    if let tally = engine?.tally {
      result.late = tally.late
      result.quarantined = tally.quarantined
      result.outOfSession = tally.outOfSession
    }
    guard result != lastSent else { return [] }
    lastSent = result
    result.rejections = rejections.taken()
    return [ReplayResponses.ack(result)]
  }

  func finish() throws(Refusal) -> ReplaySummary {
    guard let engine else { throw Refusal(.invalidArgument, "Replay needs a request with a setup") }
    return engine.finish()
  }

  // MARK: - Setup

  private func setUp(_ channelSpecs: [SpecRequest], _ profileSpecs: [SpecRequest]) throws(Refusal) -> ReplayEngine {
    var configuration = ServerConfiguration()
    configuration.channels = shared.live.channels
    configuration.profiles = shared.live.profiles
    let collector = ProblemCollector()
    if !profileSpecs.isEmpty {
      configuration.profiles = profiles(profileSpecs, collector)
      // The server's channels may be for profiles that this replay has not.
      for index in configuration.channels.indices { configuration.channels[index].profiles = [] }
    }
    // Versions count the changes of a server.
    for index in configuration.profiles.indices { configuration.profiles[index].configVersion = 1 }
    if !channelSpecs.isEmpty {
      configuration.channels = channels(channelSpecs, profileSpecs.map(\.name), collector)
    }
    let problems = collector.problems.isEmpty ? configuration.problems() : collector.problems
    guard problems.isEmpty else { throw Refusal(.invalidArgument, InvalidConfiguration(problems: problems).line) }
    return ReplayEngine(
      channels: configuration.channels, profiles: configuration.profiles, limits: shared.configuration.limits,
      clock: shared.clock)
  }

  /// A profile with the name of one of the server's begins with that one's settings.
  private func profiles(_ specs: [SpecRequest], _ collector: ProblemCollector) -> [Profile] {
    specs.enumerated().map { index, spec in
      let old = shared.live.profile(spec.name)
      var profile = old ?? .new(spec.name)
      profile.read(spec.node, path: "setup.profiles[\(index)]", isUpdate: old != nil, collector: collector)
      return profile
    }
  }

  /// - Parameter profiles: names that the setup gives; none = the server's.
  private func channels(
    _ specs: [SpecRequest], _ profiles: [String], _ collector: ProblemCollector
  ) -> [ChannelSettings] {
    specs.enumerated().map { index, spec in
      let path = "setup.channels[\(index)]"
      var channel = shared.live.channel(spec.name) ?? ChannelSettings(name: spec.name)
      channel.read(spec.node, path: path, isUpdate: true, collector: collector)
      for problem in channel.unknownProfiles(among: profiles.isEmpty ? shared.live.profileNames : profiles) {
        collector.add("\(path).profiles", nil, problem)
      }
      return channel
    }
  }
}
