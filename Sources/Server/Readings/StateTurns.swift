/// Decides which questions for symbols' states are worked on: a few of each connection at once, the others in their order; a connection that asks
/// much stands behind itself only. Pure.
struct StateTurns<Question: Sendable>: Sendable {
  /// Of one connection, worked on at once.
  static var runningMax: Int { 2 }

  private struct Connection: Sendable {
    var running = 0
    var waiting: [Question] = []
    /// Before it, `waiting` has begun.
    var begun = 0
  }

  private var connections: [String: Connection] = [:]

  /// - Returns: whether to begin with it now; if not, `finish` gives it back in its turn.
  mutating func ask(_ question: Question, of connection: String) -> Bool {
    if connections[connection, default: Connection()].running < Self.runningMax {
      connections[connection, default: Connection()].running += 1
      return true
    }
    connections[connection]?.waiting.append(question)
    return false
  }

  /// One of a connection's is answered, or is dropped.
  /// - Returns: the one to begin with instead.
  mutating func finish(of connection: String) -> Question? {
    guard var state = connections[connection] else { return nil }
    guard state.begun < state.waiting.count else {
      state.running -= 1
      connections[connection] = state.running > 0 ? state : nil
      return nil
    }
    let next = state.waiting[state.begun]
    state.begun += 1
    // Half at a time, so that the front costs O(1) a question.
    if state.begun * 2 > state.waiting.count {
      state.waiting.removeFirst(state.begun)
      state.begun = 0
    }
    connections[connection] = state
    return next
  }

  var isEmpty: Bool { connections.isEmpty }
}
