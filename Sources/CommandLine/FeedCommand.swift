internal import ArgumentParser
internal import DataFiles
internal import Foundation
internal import MarketData
internal import NIOPosix
internal import Server
internal import WireCodec

struct FeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feed", abstract: "Plays a file of ticks, bars or fair values into a server.",
    discussion: """
      The file is CSV or JSON, plain, gzip'd or zipped; `-` reads standard input. The header tells what is in it (in brackets what may be missing):
        ticks        symbol, timestamp_ns, price, size [conditions]
        bars         symbol, start_ns, duration_ns, open, high, low, close,
                     volume [vwap, trades, partial]
        fair values  symbol, timestamp_ns, fmv [market_price, confidence, model]
      Other files are read, too: by the usual names of columns, by --map, and those of many vendors as they are (docs/files.md).

      A lost connection is taken up again and nothing is sent twice: the feed is a named publisher. Under a --name that was used before, requests are numbered on from those that the server has of it; all of the file is sent.

      Exit codes: 65 when rows cannot be read or are rejected (the others are sent), 69 when the server is gone, 70 when what it acknowledges is not what was sent or was forgotten by a restart, 130 at Ctrl-C. A summary comes in any case.

      Examples:
        penstock feed ticks.csv.gz
        penstock feed bars.csv --speed 60     sixty times as fast as it happened
        penstock generate --seed 7 | penstock feed -
        penstock feed SPY.csv --symbol SPY --time-zone America/New_York
      """)

  @Argument(help: ArgumentHelp("The file, or - for standard input.", valueName: "file"))
  private var path: String?

  @Option(name: .long, help: "The server's HOST:PORT.")
  var server = "127.0.0.1:7171"

  @Option(name: .long, parsing: .unconditional, help: "max, or how many times as fast as it happened: 1, 60.")
  var speed = "max"

  @Option(name: .long, parsing: .unconditional, help: "Rows in a request, 1 to 65536; 1 = single ticks.")
  var batch = 64

  @Option(
    name: .customLong("columns"), defaultAsFlag: "",
    help: "Send ticks by column instead of row by row; with --no-header and names a,b,c: the file's columns.")
  private var columnsText: String?

  @OptionGroup(title: "Files that are not ours")
  var reading: ReadingOptions

  @Option(name: .long, help: "Publisher name; without it, one for this run, which the server then forgets.")
  var name: String?

  @Flag(name: .customLong("dry-run"), help: "Send nothing: show what was understood, the first rows, and counts.")
  var dryRun = false

  @Flag(name: .long, help: "No progress bar.")
  var quiet = false

  /// What is on its way at Ctrl-C is waited for so long.
  private static let patienceNanos: UInt64 = 2_000_000_000
  private static let showEveryNanos: UInt64 = 100_000_000

  /// What stands behind `--columns` is the file where it names no columns: the option was a flag first.
  private var columnNames: String? {
    guard let columnsText, !columnsText.isEmpty, reading.noHeader || path != nil else { return nil }
    return columnsText
  }

  private var columns: Bool { columnsText != nil && columnNames == nil }

  private var file: String? { path ?? (columns && columnsText != "" ? columnsText : nil) }

  func validate() throws {
    guard file != nil else { throw ValidationError("Missing expected argument '<file>', or - for standard input") }
  }

  func run() async throws {
    guard let file else { return }
    let address = try ListenOption.parse(server)
    guard (1...65_536).contains(batch) else {
      throw CommandFailure(.usage, "--batch is \(batch); must be from 1 to 65536")
    }
    let pace = try Pace(speed: speed)
    let publisher = name ?? "feed-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    guard PublisherDirectory.isValid(publisher) else {
      throw CommandFailure(.usage, "--name is '\(publisher)'; must be 1 to 64 of a-z, 0-9, '-', '_', '.'")
    }
    let reader = try open(file)
    if dryRun { return try DryRun.show(reader, file) }
    for note in reader.layout.words { Output.note("\(file): \(note)") }
    let progress = FeedProgress(
      path: file, words: reader.kind.words, showsBar: !quiet && Output.errorsAreTerminal, clock: SystemClock())
    let client = PublishClient(
      address: address, name: publisher, forgetsName: name == nil,
      group: MultiThreadedEventLoopGroup(numberOfThreads: 1),
      inFlightMax: max(16, 65_536 / batch), note: { progress.note($0) })
    // Until it is open nothing has been sent, and a signal may end the process as it likes.
    try await client.open()
    let signals = StopSignals()
    signals.whenStopped { client.stop() }
    reader.lines.shouldStop = { signals.hasStopped }
    let before = client.ledger.resumedAt
    if before > 0 {
      progress.note("\(before) requests were acknowledged for '\(publisher)' before; going on after them")
    }
    let ticker = Task {
      while !Task.isCancelled {
        progress.show(waitingFor: client.blockedBy)
        try? await Task.sleep(nanoseconds: Self.showEveryNanos)
      }
    }
    var run = FeedRun()
    var failure: (any Error)?
    do {
      try await play(reader, to: client, pace, signals, progress, &run)
    } catch {
      failure = error
    }
    if signals.hasStopped { await client.giveUp(within: Self.patienceNanos) }
    ticker.cancel()
    progress.end()
    for line in FeedReport.lines(
      client.ledger, run, words: progress.words, seconds: progress.seconds,
      reconnects: client.reconnects, isInterrupted: signals.hasStopped)
    {
      Output.note(line)
    }
    if signals.hasStopped { throw CommandFailure(.interrupted, "") }
    if let failure { throw failure }
    if let fault = FeedReport.fault(client.ledger, run, words: progress.words) { throw fault }
  }

  /// Sends all rows, and waits for the last acknowledgement.
  private func play(
    _ reader: MarketReader, to client: PublishClient, _ pace: Pace, _ signals: StopSignals, _ progress: FeedProgress,
    _ run: inout FeedRun
  ) async throws {
    var rows: [MarketRow] = []
    rows.reserveCapacity(batch)
    var sent = 0
    var damage: DataFileError?
    var isAtEnd = false
    while !isAtEnd, !signals.hasStopped {
      do {
        let row = try reader.next()
        isAtEnd = row == nil
        if let row {
          run.add(line: reader.line)
          rows.append(row)
          await pace.wait(for: row.timeNanos) { signals.hasStopped }
        }
      } catch let bad as BadRow {
        if let line = run.note(bad) { progress.note(line) }
        continue
      } catch let damaged as DataFileError {
        (damage, isAtEnd) = (damaged, true)
      }
      guard let first = rows.first, !signals.hasStopped, rows.count == batch || isAtEnd || pace.isTimed else {
        continue
      }
      let sequence = client.nextSequence
      run.send(as: sequence)
      sent += rows.count
      let bytes = MarketRow.request(rows, like: first, sequence: sequence, columns ? .columns : .batch)
      try await client.send(items: rows.count, bytes)
      rows.removeAll(keepingCapacity: true)
      run.forget(upTo: client.acked, keeping: client.rejections)
      progress.sent(sent, bytesSent: reader.lines.bytesPassed)
    }
    try await client.finish()
    if let damage { throw CommandFailure.reading(damage) }
  }

  private func open(_ file: String) throws -> MarketReader {
    let reader: MarketReader
    let options = try reading.options(columns: columnNames)
    do {
      reader = try MarketReader(try LineReader(path: file), options)
    } catch {
      throw CommandFailure.opening(file, error)
    }
    guard !columns || reader.kind == .ticks else {
      throw CommandFailure(.usage, "--columns is for ticks; \(file) has \(reader.kind.words)")
    }
    return reader
  }
}
