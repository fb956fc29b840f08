internal import Synchronization

/// How many bytes of unfinished work the whole process may hold (`limits.pending_bytes`): one sum against one limit, and the same bytes by
/// owner, for people to read. Shared by all threads.
///
/// Two atomic operations on shared cache lines a call: whatever grows and shrinks often counts through a `BudgetShare`.
public final class ByteBudget: Sendable {
  /// What kind of work the bytes belong to.
  public enum Owner: Int, CaseIterable, Sendable {
    /// Requests that have begun to arrive and are not taken.
    case messages
    /// Accepted items that wait beside a full ring.
    case rests
    /// Headers of open calls.
    case headers
    /// Answers of unary calls that are not yet sent.
    case answers
    /// Filters of subscriptions.
    case filters
    /// Send queues of streaming calls.
    case sendQueues

    /// As metrics and statuses spell it.
    public var name: String {
      switch self {
      case .messages: "messages"
      case .rests: "rests"
      case .headers: "headers"
      case .answers: "answers"
      case .filters: "filters"
      case .sendQueues: "send_queues"
      }
    }
  }

  public let limit: Int
  /// What one holder may have of it, in per cent, and in bytes.
  public let sharePercent: Int
  public let share: Int
  // relaxed throughout: sums that publish nothing.
  private let sum = Atomic<Int>(0)
  private let messages = Atomic<Int>(0)
  private let rests = Atomic<Int>(0)
  private let headers = Atomic<Int>(0)
  private let answers = Atomic<Int>(0)
  private let filters = Atomic<Int>(0)
  private let sendQueues = Atomic<Int>(0)

  public init(limit: Int, sharePercent: Int = 100) {
    self.limit = limit
    self.sharePercent = sharePercent
    // Of the hundredth first: a limit may be as large as an Int is.
    share = limit / 100 * sharePercent + limit % 100 * sharePercent / 100
  }

  /// What all owners hold. May be above `limit`, by what was added without asking.
  public var total: Int { sum.load(ordering: .relaxed) }

  public func bytes(of owner: Owner) -> Int {
    switch owner {
    case .messages: messages.load(ordering: .relaxed)
    case .rests: rests.load(ordering: .relaxed)
    case .headers: headers.load(ordering: .relaxed)
    case .answers: answers.load(ordering: .relaxed)
    case .filters: filters.load(ordering: .relaxed)
    case .sendQueues: sendQueues.load(ordering: .relaxed)
    }
  }

  /// Takes `bytes` if they fit; false leaves everything as it was.
  public func reserve(_ bytes: Int, _ owner: Owner) -> Bool {
    guard bytes > 0 else { return true }
    guard sum.wrappingAdd(bytes, ordering: .relaxed).newValue <= limit else {
      sum.wrappingSubtract(bytes, ordering: .relaxed)
      return false
    }
    change(owner, by: bytes)
    return true
  }

  /// Takes `bytes` whether they fit or not: for what has to be kept, so that what may be refused is refused.
  public func add(_ bytes: Int, _ owner: Owner) {
    guard bytes > 0 else { return }
    sum.wrappingAdd(bytes, ordering: .relaxed)
    change(owner, by: bytes)
  }

  /// Gives back what `reserve` or `add` took.
  public func release(_ bytes: Int, _ owner: Owner) {
    guard bytes > 0 else { return }
    sum.wrappingSubtract(bytes, ordering: .relaxed)
    change(owner, by: -bytes)
  }

  private func change(_ owner: Owner, by bytes: Int) {
    switch owner {
    case .messages: messages.wrappingAdd(bytes, ordering: .relaxed)
    case .rests: rests.wrappingAdd(bytes, ordering: .relaxed)
    case .headers: headers.wrappingAdd(bytes, ordering: .relaxed)
    case .answers: answers.wrappingAdd(bytes, ordering: .relaxed)
    case .filters: filters.wrappingAdd(bytes, ordering: .relaxed)
    case .sendQueues: sendQueues.wrappingAdd(bytes, ordering: .relaxed)
    }
  }
}
