internal import ArgumentParser
internal import Channels
internal import Events
internal import Foundation
internal import MarketData
internal import Server
internal import WireCodec

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Runs the detectors over files of history, without a server.",
    discussion: """
      Files are CSV or JSON, plain, gzip'd or zipped; the header tells ticks (symbol, timestamp_ns, price, size), bars (symbol, start_ns,
      duration_ns, open, high, low, close, volume) and fair values (symbol, timestamp_ns, fmv) apart; those of many vendors are read as they are
      (docs/files.md). Several files are merged by time; `-` reads standard input. The same files
      and settings give the same digest, in every run and on a live server.

      Exit code 65 when rows cannot be read or are rejected: the others count.

      Examples:
        penstock replay ticks.csv.gz
        penstock replay ticks.csv.gz bars.csv.gz --config penstock.yaml --events
        penstock replay ticks.csv.gz --compare today.yaml tighter.yaml      tune thresholds
        penstock replay ticks.csv.gz --quality      how many events, and what became of them
      """)

  @Argument(help: "The files; - for standard input.")
  var files: [String] = []

  @Option(name: .long, help: "Configuration file (YAML) whose channels and profiles count.")
  var config: String?

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "Two configuration files: how many events of each type each would have made, by symbol.")
  var compare: [String] = []

  @Flag(
    name: .long,
    help: """
      How good the events are: how many by session and hour, how many flipped within 10 s, what five prints took back, how far the price went on, \
      how many quarantined runs were confirmed. With --compare once for each file of settings.
      """)
  var quality = false

  @Option(name: .customLong("columns"), help: "With --no-header: the columns' names, a,b,c.")
  var columnNames: String?

  @OptionGroup(title: "Files that are not ours")
  var reading: ReadingOptions

  @Flag(name: .long, help: "Show every event.")
  var events = false

  @Flag(
    name: .long,
    help: "One line of JSON for each event, and one for the summary; of --compare and --quality, the result alone.")
  var json = false

  func run() throws {
    // `--compare A B FILE` reads well, too.
    let files = files + compare.dropFirst(2)
    guard !files.isEmpty else { throw CommandFailure(.usage, "replay needs at least one file") }
    guard compare.isEmpty || compare.count >= 2 else {
      throw CommandFailure(.usage, "--compare takes two configuration files")
    }
    guard compare.isEmpty || !events else {
      throw CommandFailure(.usage, "--events and --compare exclude each other: a comparison counts events")
    }
    guard files.count(where: { $0 == "-" }) < 2 else {
      throw CommandFailure(.usage, "standard input (-) can be read once only")
    }
    guard compare.isEmpty || config == nil else {
      throw CommandFailure(.usage, "--config and --compare exclude each other")
    }
    let settings = compare.isEmpty ? [config] : compare.prefix(2).map { Optional($0) }
    let replays = try settings.map { Replay(try ConfigurationFile.read($0), isJudged: quality) }
    var history = try MergedHistory(files, reading.options(columns: columnNames))
    var printer = EventPrinter(json: json)
    while let request = try history.next() {
      for replay in replays {
        try replay.take(request) { framed in
          if compare.isEmpty, events || json && !quality { printer.show(framed) }
        }
      }
    }
    report(replays, history)
    let rejected = replays.map(\.rejected).max() ?? 0
    if let failure = FeedReport.unusable(unread: history.badRows, rejected: rejected) { throw failure }
  }

  private func report(_ replays: [Replay], _ history: MergedHistory) {
    for (index, replay) in replays.enumerated() {
      let name = compare.isEmpty ? "" : "\(compare[index]): "
      Output.note("\(name)\(replay.account)")
      for rejection in replay.rejections { Output.note("  \(rejection)") }
    }
    let summaries = replays.map { $0.engine.finish() }
    if quality {
      report(quality: zip(replays, summaries).map { ($0.judge?.tally ?? QualityTally(), $1.digest) })
    } else if summaries.count == 2 {
      let (a, b) = (summaries[0], summaries[1])
      let lines = json ? [ReplayReport.comparisonJSON(a, b)] : ReplayReport.comparison(a, b)
      for line in lines { Output.line(line) }
    } else if json {
      Output.line(ReplayReport.json(summaries[0]))
    } else {
      for line in ReplayReport.lines(summaries[0]) { Output.line(line) }
    }
  }

  private func report(quality: [(tally: QualityTally, digest: [UInt8])]) {
    for (index, (tally, digest)) in quality.enumerated() {
      if json {
        let settings = compare.isEmpty ? nil : ["a", "b"][index]
        Output.line(QualityReport.json(tally, digest: digest, settings: settings))
        continue
      }
      if !compare.isEmpty { Output.line("\(index > 0 ? "\n" : "")== \(compare[index])") }
      for line in QualityReport.lines(tally) { Output.line(line) }
      Output.line("digest \(ReplayReport.hex(digest))")
    }
  }
}

/// One set of settings under replay, with what its items have come to.
private final class Replay {
  private static let rejectionsShown = 10

  let engine: ReplayEngine
  let judge: QualityJudge?
  private var accepted = 0
  private(set) var rejected = 0
  private(set) var rejections: [String] = []

  init(_ configuration: ServerConfiguration, isJudged: Bool) {
    judge = isJudged ? QualityJudge() : nil
    engine = ReplayEngine(
      channels: configuration.channels, profiles: configuration.profiles, limits: configuration.limits,
      clock: SystemClock())
    engine.observer = judge
  }

  func take(_ request: MergedHistory.Request, _ events: ([UInt8]) -> Void) throws {
    let decoded: DecodedPublish
    do throws(DecodeError) {
      decoded = try engine.take(request.bytes.span.bytes, events: events)
    } catch {
      throw CommandFailure(.failed, "a request that this program made cannot be read: \(error)")
    }
    accepted += decoded.accepted
    rejected += decoded.rejected
    for rejection in engine.rejections.prefix(max(0, Self.rejectionsShown - rejections.count)) {
      rejections.append("rejected, \(request.places[rejection.index]): \(rejection.code.wireName): \(rejection.detail)")
    }
  }

  var account: String {
    let tally = engine.tally
    var text = "\(accepted) items taken"
    if rejected > 0 { text += ", \(rejected) rejected" }
    if tally.late > 0 { text += ", \(tally.late) late" }
    if tally.outOfSession > 0 { text += ", \(tally.outOfSession) out of session" }
    if tally.quarantined > 0 { text += ", \(tally.quarantined) quarantined" }
    return text
  }
}

/// Shows events of a replay as `watch` shows live ones.
private struct EventPrinter {
  let json: Bool
  private let decoder = ResponseDecoder()
  private var table = EventTable(inColour: Output.wantsColour)

  init(json: Bool) { self.json = json }

  mutating func show(_ framed: [UInt8]) {
    let response = SubscribeResponses.events(framed: framed, subscriptionID: "")
    guard case .events(let events) = decoder.subscribeResponse(response.span.bytes, withJSON: json) else { return }
    for event in events { Output.line(json ? event.json : table.text(event)) }
  }
}
