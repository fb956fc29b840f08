internal import ArgumentParser
internal import DataFiles
internal import Foundation
internal import MarketData
internal import NIOPosix
internal import Server
internal import WireCodec

struct FeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feed", abstract: "Plays a file of ticks into a server.",
    discussion: """
      The file is CSV, plain or gzip'd, with a header that names symbol, timestamp_ns, price, size and, if it likes, conditions.
      `-` reads standard input. A lost connection is taken up again and nothing is sent twice: the feed is a named publisher.

      Examples:
        penstock feed ticks.csv.gz
        penstock feed ticks.csv --speed 60          sixty times as fast as it happened
        penstock generate --seed 7 | penstock feed -
      """)

  @Argument(help: "The file, or - for standard input.")
  var file: String

  @Option(name: .long, help: "The server's HOST:PORT.")
  var server = "127.0.0.1:7171"

  @Option(name: .long, help: "max, or how many times as fast as the ticks happened: 1, 60.")
  var speed = "max"

  @Option(name: .long, help: "Ticks in a request; 1 = single ticks.")
  var batch = 64

  @Flag(name: .long, help: "Send columns instead of batches.")
  var columns = false

  @Option(name: .long, help: "Publisher name; without it, a new one for this run.")
  var name: String?

  @Flag(name: .long, help: "No progress bar.")
  var quiet = false

  func run() async throws {
    let address = try ListenOption.parse(server)
    guard (1...65_536).contains(batch) else {
      throw CommandFailure(.usage, "--batch is \(batch); must be from 1 to 65536")
    }
    let pace = try Pace(speed: speed)
    let reader = try open()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let publisher = name ?? "feed-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    guard PublisherDirectory.isValid(publisher) else {
      throw CommandFailure(.usage, "--name is '\(publisher)'; must be 1 to 64 of a-z, 0-9, '-', '_', '.'")
    }
    let client = PublishClient(address: address, name: publisher, group: group, inFlightMax: max(16, 65_536 / batch))
    try await client.open()
    let signals = StopSignals()
    let progress = FeedProgress(
      path: file, shows: !quiet && Output.errorsAreTerminal, clock: SystemClock())
    var run = FeedRun()
    var rows: [ClientTick] = []
    rows.reserveCapacity(batch)
    while !signals.hasStopped {
      let row: TickRow?
      do {
        row = try reader.next()
      } catch let bad as BadRow {
        run.note(bad)
        continue
      } catch let damaged as DataFileError {
        throw CommandFailure(.badData, "\(damaged)")
      }
      if let row {
        if rows.isEmpty { run.firstLine.append((run.sequence + 1, reader.lines.line)) }
        rows.append(
          ClientTick(
            symbol: row.symbol, timestampNanos: row.timestampNanos, price: row.price, size: row.size,
            conditions: row.conditions))
        await pace.wait(for: row.timestampNanos)
      }
      if rows.count == batch || (row == nil && !rows.isEmpty) || (pace.isTimed && !rows.isEmpty) {
        run.sequence += 1
        try await client.send(sequence: run.sequence, encode(rows, sequence: run.sequence))
        run.sent += rows.count
        rows.removeAll(keepingCapacity: true)
        run.forget(upTo: client.acked, keeping: client.rejections)
        progress.show(sent: run.sent, bytesRead: reader.lines.bytesRead, blockedBy: client.blockedBy)
      }
      if row == nil { break }
    }
    try await client.finish()
    progress.end()
    report(client, run, interrupted: signals.hasStopped, seconds: progress.seconds)
    if signals.hasStopped { throw CommandFailure(.interrupted, "") }
    if run.badRows > 0 { throw CommandFailure(.badData, "\(run.badRows) rows are no ticks and were left out") }
  }

  private func open() throws -> TickReader {
    do {
      return try TickReader(try LineReader(path: file))
    } catch DataFileError.cannotOpen {
      throw CommandFailure(.noInput, "cannot open \(file)")
    } catch let bad as BadRow {
      throw CommandFailure(.badData, "\(file): \(bad.message)")
    } catch {
      throw CommandFailure(.badData, "\(error)")
    }
  }

  private func encode(_ rows: [ClientTick], sequence: UInt64) -> [UInt8] {
    if columns { return ClientRequests.publish(columns: rows, sequence: sequence) }
    return rows.count == 1
      ? ClientRequests.publish(rows[0], sequence: sequence) : ClientRequests.publish(batch: rows, sequence: sequence)
  }

  private func report(_ client: PublishClient, _ run: FeedRun, interrupted: Bool, seconds: Double) {
    let totals = client.totals
    let rate = seconds > 0 ? Double(run.sent) / seconds : 0
    Output.note(
      "\(interrupted ? "stopped: " : "")\(run.sent) ticks sent in \(String(format: "%.1f", seconds)) s (\(Int(rate)) a second): \(totals.accepted) accepted, \(totals.rejected) rejected; request \(client.acked) of \(run.sequence) acknowledged"
    )
    if totals.late > 0 {
      Output.note(
        "  \(totals.late) were late: older than their symbol's newest by more than lateness_tolerance; ignored")
    }
    if totals.outOfSession > 0 {
      Output.note(
        "  \(totals.outOfSession) were out of session: the calendar says CLOSED; only the last price was updated")
    }
    if totals.quarantined > 0 { Output.note("  \(totals.quarantined) were quarantined by the print filter") }
    if totals.dropped > 0 { Output.note("  \(totals.dropped) were dropped by an overflow policy") }
    if client.reconnects > 0 { Output.note("  the connection was lost and taken up again \(client.reconnects) times") }
    for rejection in client.rejections {
      Output.note("  rejected, \(run.place(of: rejection)): \(rejection.code.wireName): \(rejection.detail)")
    }
    if totals.rejected > UInt64(client.rejections.count) {
      Output.note("  … and \(totals.rejected - UInt64(client.rejections.count)) more")
    }
  }
}

/// What one run of `feed` has done.
struct FeedRun {
  var sequence: UInt64 = 0
  var sent = 0
  private(set) var badRows = 0
  /// The file's line of each request's first row, for requests that may still be rejected.
  var firstLine: [(sequence: UInt64, line: Int)] = []
  private static let badRowsShown = 10

  mutating func note(_ bad: BadRow) {
    badRows += 1
    if badRows <= Self.badRowsShown { Output.note("line \(bad.line): \(bad.message)") }
  }

  /// Rejections are told before their request is acknowledged: lines of older requests are needed no more.
  mutating func forget(upTo acked: UInt64, keeping rejections: [Acknowledgement.Rejection]) {
    guard firstLine.count > 4_096 else { return }
    let named = Set(rejections.map(\.sequence))
    firstLine.removeAll { $0.sequence <= acked && !named.contains($0.sequence) }
  }

  func place(of rejection: Acknowledgement.Rejection) -> String {
    guard let first = firstLine.first(where: { $0.sequence == rejection.sequence }) else {
      return "request \(rejection.sequence), item \(rejection.index)"
    }
    return "line \(first.line + rejection.index)"
  }
}
