internal import Synchronization

/// What one connection holds of a `ByteBudget`: each byte counts in the process's sum and here, and here up to the budget's share. So one peer that
/// spends all it can leaves the others the rest.
///
/// What outlives its connection, such as a named publisher's items beside a full ring, goes on counting here until it is given back.
/// - Cost: one atomic operation beside the budget's two, on a cache line that mostly one event loop uses. Any thread.
public final class BudgetHolder: Sendable {
  public enum Refusal: Error, Equatable, Sendable {
    /// All of the budget is spent.
    case spent
    /// The holder has its share of it.
    case shareTaken
  }

  public let budget: ByteBudget
  // relaxed throughout: a sum that publishes nothing.
  private let held = Atomic<Int>(0)
  /// Of these, those that the owner `rests` has: they alone may have to be kept without room.
  private let heldRests = Atomic<Int>(0)

  public init(of budget: ByteBudget) { self.budget = budget }

  /// Bytes of all owners. May be above the share, by what was added without asking.
  public var total: Int { held.load(ordering: .relaxed) }

  /// Bytes of items that wait beside full rings.
  public var rests: Int { heldRests.load(ordering: .relaxed) }

  /// Takes `bytes` if they fit, or says why not; a refusal leaves everything as it was.
  public func reserve(_ bytes: Int, _ owner: ByteBudget.Owner) -> Refusal? {
    guard bytes > 0 else { return nil }
    guard budget.reserve(bytes, owner) else { return .spent }
    guard held.wrappingAdd(bytes, ordering: .relaxed).newValue <= budget.share else {
      held.wrappingSubtract(bytes, ordering: .relaxed)
      budget.release(bytes, owner)
      return .shareTaken
    }
    if owner == .rests { heldRests.wrappingAdd(bytes, ordering: .relaxed) }
    return nil
  }

  /// Takes `bytes` whether they fit or not: for what has to be kept.
  public func add(_ bytes: Int, _ owner: ByteBudget.Owner) {
    guard bytes > 0 else { return }
    held.wrappingAdd(bytes, ordering: .relaxed)
    if owner == .rests { heldRests.wrappingAdd(bytes, ordering: .relaxed) }
    budget.add(bytes, owner)
  }

  /// Gives back what `reserve` or `add` took.
  public func release(_ bytes: Int, _ owner: ByteBudget.Owner) {
    guard bytes > 0 else { return }
    held.wrappingSubtract(bytes, ordering: .relaxed)
    if owner == .rests { heldRests.wrappingSubtract(bytes, ordering: .relaxed) }
    budget.release(bytes, owner)
  }

  /// What is nearly spent, with seven eighths of it: the whole budget, or else the share.
  public var nearlySpent: Refusal? {
    if budget.total > budget.limit / 8 * 7 { return .spent }
    return total > budget.share / 8 * 7 ? .shareTaken : nil
  }
}
