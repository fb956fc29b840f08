internal import ArgumentParser
internal import Foundation
internal import MarketData
internal import WireCodec

struct TopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Shows a running server live: its channels, and the newest events.",
    discussion: """
      Keys: arrows or j and k choose a channel, p pauses it and resumes it, s sorts (by name, items a second, depth, p99), q or
      Ctrl-C ends. A lost connection is taken up again.

      Examples:
        penstock top
        penstock top --server 10.0.0.5:7171 --interval 250ms
        penstock top --once
      """)

  @OptionGroup var server: ServerOption

  @Option(name: .long, help: "Time between two looks at the metrics: 100ms to 60s.")
  var interval = "1s"

  @Flag(name: .long, help: "Print one screen as plain text, and end.")
  var once = false

  func run() async throws {
    guard let nanos = DurationText.parse(interval), (100_000_000...60_000_000_000).contains(nanos) else {
      throw CommandFailure(.usage, "--interval is '\(interval)'; must be a duration from 100ms to 60s")
    }
    if !once {
      guard Output.isTerminal, Terminal.isUsable else {
        throw CommandFailure(
          .usage, "top needs a terminal on its input and output; `penstock top --once` prints one screen as text")
      }
    }
    let client = try await AdminClient.connect(server)
    let feed = TopFeed(intervalMillis: UInt32(nanos / 1_000_000))
    if once { try await printOnce(client, feed) } else { try await TopSession(client, feed).run() }
  }

  /// Two snapshots make rates.
  private func printOnce(_ client: AdminClient, _ feed: TopFeed) async throws {
    var state = TopState(address: "\(client.address)")
    let (news, continuation) = AsyncStream.makeStream(of: TopFeed.News.self)
    let following = Task { await feed.run(client) { continuation.yield($0) } }
    defer { following.cancel() }
    for await item in news {
      switch item {
      case .connected: state.connected()
      case .metrics(let snapshot): state.take(snapshot)
      case .events(let events): state.take(events)
      case .lost: throw CommandFailure(.serverUnreachable, "the server at \(client.address) is gone")
      case .refused(let failure): throw failure
      }
      if state.rates != nil { break }
    }
    let size = Output.isTerminal ? Terminal.size : (width: 80, height: 24)
    let screen = TopScreen(state: state, width: size.width, height: size.height, isInteractive: false)
    var lines = screen.lines.map { Cells.trimmed($0.text) }
    while lines.last == "" { lines.removeLast() }
    Output.line(lines.joined(separator: "\n"))
  }
}

/// `penstock top` on a terminal: news and keys go into the state, the state onto the screen.
final class TopSession {
  private enum Input: Sendable {
    case news(TopFeed.News)
    case terminal(TerminalInput.Item)
    case said(String)
    case due
    case stopped
  }

  /// Between two frames, where nobody pressed a key: a busy market has thousands of events a second.
  private static let frameNanos: UInt64 = 100_000_000
  /// News that wait for a terminal that takes nothing (Ctrl-S).
  private static let newsWaitingMax = 64

  private let first: AdminClient
  private let feed: TopFeed
  private let inputs: AsyncStream<Input>
  private let sink: AsyncStream<Input>.Continuation
  private let newsWaiting = Backlog(max: TopSession.newsWaitingMax)
  private let inColour = Output.wantsColour
  private var client: AdminClient
  private var state: TopState
  private var keys = KeyDecoder()
  private var isFrameDue = false

  init(_ client: AdminClient, _ feed: TopFeed) {
    first = client
    self.client = client
    self.feed = feed
    state = TopState(address: "\(client.address)")
    (inputs, sink) = AsyncStream.makeStream(of: Input.self)
  }

  /// Until somebody quits.
  func run() async throws {
    let signals = StopSignals()
    let (first, feed, sink, newsWaiting) = (first, feed, sink, newsWaiting)
    let following = Task {
      await feed.run(first) { news in
        await newsWaiting.add()
        sink.yield(.news(news))
      }
    }
    let stopping = Task {
      await signals.first()
      sink.yield(.stopped)
    }
    let input = TerminalInput { sink.yield(.terminal($0)) }
    Terminal.enter()
    defer {
      Terminal.leave()
      following.cancel()
      stopping.cancel()
      withExtendedLifetime(input) {}
    }
    draw()
    for await input in inputs {
      guard try take(input) else { return }
    }
  }

  /// - Returns: false when it is time to end.
  private func take(_ input: Input) throws -> Bool {
    switch input {
    case .stopped, .terminal(.ended): return false
    case .news(let news):
      newsWaiting.remove()
      try take(news)
      drawSoon()
    case .terminal(.typed(let bytes)):
      for key in keys.decode(bytes) {
        let request = state.press(key)
        if request == .quit { return false }
        fulfil(request)
      }
      draw()
    case .terminal(.continued):
      Terminal.goRaw()
      draw()
    case .said(let text):
      state.notice = text
      draw()
    case .due, .terminal(.resized): draw()
    }
    return true
  }

  private func take(_ news: TopFeed.News) throws {
    switch news {
    case .connected(let client):
      self.client = client
      state.connected()
    case .metrics(let snapshot): state.take(snapshot)
    case .events(let events): state.take(events)
    case .lost(let why): state.lost(why)
    case .refused(let failure): throw failure
    }
  }

  private func fulfil(_ request: TopState.Request) {
    switch request {
    case .none, .quit: break
    case .pause(let name): change("PauseChannel", name)
    case .resume(let name): change("ResumeChannel", name)
    }
  }

  private func change(_ method: String, _ name: String) {
    Self.change(method, name, by: client, sink)
  }

  private static func change(
    _ method: String, _ name: String, by client: AdminClient, _ sink: AsyncStream<Input>.Continuation
  ) {
    Task {
      do {
        let channel = try await client.call(method, ClientRequests.named(name)) { $0.channel($1) }
        sink.yield(.said(ChannelDetails.sentence(channel.metrics)))
      } catch {
        sink.yield(.said("\(error)"))
      }
    }
  }

  private func draw() {
    isFrameDue = false
    let size = Terminal.size
    Terminal.show(TopScreen(state: state, width: size.width, height: size.height).lines, inColour: inColour)
  }

  private func drawSoon() {
    guard !isFrameDue else { return }
    isFrameDue = true
    Self.later(sink)
  }

  private static func later(_ sink: AsyncStream<Input>.Continuation) {
    Task {
      try? await Task.sleep(nanoseconds: frameNanos)
      sink.yield(.due)
    }
  }
}
