internal import Channels
internal import Detection
internal import Events
internal import GRPC
internal import LockFree
internal import MarketData
internal import WireCodec

/// Answers `GetSymbolState`: asks the workers of the channels that hold the symbols, and encodes what they tell, on a thread of its own. A thousand
/// symbols are 4 ms of work, for which an event loop would let all its clients wait.
final class SymbolStateReader: Sendable {
  typealias Answer = @Sendable (Result<[UInt8], Status>) -> Void

  private let background = BackgroundThread()
  private let content: Guarded<Content>

  private struct Content: Sendable {
    var turns = StateTurns<SymbolStateQuestion>()
  }

  init() { content = Guarded(Content()) }

  func start() { background.start("states") }

  /// What is not answered then is never: its calls have ended, or end with the server.
  func stop() { background.stop() }

  /// Any thread.
  func ask(_ question: SymbolStateQuestion) {
    let mayBegin = content.withLock { $0.turns.ask(question, of: question.connection) }
    if mayBegin { background.post { self.begin(question) } }
  }

  // MARK: - The thread

  private func begin(_ question: SymbolStateQuestion) {
    guard !question.isDropped else { return finish(question, nil) }
    do throws(DecodeError) {
      let decoder = RequestDecoder(arenaBytes: SymbolStateQuestion.arenaBytes)
      let request = question.request
      let symbols = try decoder.symbolState(request.span.bytes)
      guard symbols.count <= SymbolStateQuestion.symbolsMax else {
        return finish(
          question,
          .failure(Status(.invalidArgument, "symbols has \(symbols.count) entries; at most 1,000 are taken")))
      }
      // Read before the workers are asked: what they tell is at least as new.
      let gathering = SymbolStateGathering(symbols, asOf: question.shared.log.lastSequence)
      gather(gathering, for: question)
    } catch {
      finish(question, .failure(error.status))
    }
  }

  private func gather(_ gathering: SymbolStateGathering, for question: SymbolStateQuestion) {
    let shared = question.shared
    guard !question.isDropped else { return finish(question, nil) }
    let wanted = gathering.nextRound(shared.router)
    guard !wanted.isEmpty else { return finish(question, .success(gathering.encoded(shared))) }
    for (channel, symbols) in wanted {
      let (number, type) = (channel.control.number, channel.control.type)
      // On the worker's thread: it only hands the states over.
      channel.snapshots(of: symbols) { [background] found in
        background.post {
          if gathering.add(number, type, found) { self.gather(gathering, for: question) }
        }
      }
    }
  }

  private func finish(_ question: SymbolStateQuestion, _ result: Result<[UInt8], Status>?) {
    if let result { question.answer(result) }
    let next = content.withLock { $0.turns.finish(of: question.connection) }
    if let next { background.post { self.begin(next) } }
  }
}

/// One `GetSymbolState` as it was asked.
final class SymbolStateQuestion: Sendable {
  static let symbolsMax = 1_000
  /// So many symbols fit with room to spare: each has at most 64 bytes, a tag and a length.
  static let requestBytesMax = 256 << 10
  static let arenaBytes = 1 << 20

  let connection: String
  let request: [UInt8]
  let shared: SharedState
  let answer: SymbolStateReader.Answer
  private let dropped = Guarded(false)

  init(_ request: [UInt8], of connection: String, _ shared: SharedState, _ answer: @escaping SymbolStateReader.Answer) {
    self.request = request
    self.connection = connection
    self.shared = shared
    self.answer = answer
  }

  /// The call is gone: nobody waits for the answer.
  func drop() { dropped.withLock { $0 = true } }

  var isDropped: Bool { dropped.withLock { $0 } }
}
