/// What one thing of a holder counts in a `ByteBudget`: told its whole size each time it changes, it touches the budget's shared counters only when the size
/// leaves a step, so that bytes which come and go with every read cost none.
///
/// Counts between the true size and 16 KiB more; at most 4 KiB for nothing. Gives everything back when it is destroyed. Not thread-safe.
public struct BudgetShare: ~Copyable {
  private static var keptWhenEmpty: Int { 4 << 10 }
  private static var coarseStep: Int { 16 << 10 }
  private static var fineStep: Int { 1 << 10 }

  private let holder: BudgetHolder
  private let owner: ByteBudget.Owner
  /// What the budget holds for this.
  public private(set) var counted = 0

  public init(of holder: BudgetHolder, _ owner: ByteBudget.Owner) {
    self.holder = holder
    self.owner = owner
  }

  deinit { holder.release(counted, owner) }

  /// Counts `bytes` in all from now on, or says why there is no room for them; a refusal leaves the count as it was.
  public mutating func reserve(_ bytes: Int) -> BudgetHolder.Refusal? {
    guard bytes > counted else {
      shrink(to: bytes)
      return nil
    }
    let wanted = Self.stepped(bytes)
    if let refusal = holder.reserve(wanted - counted, owner) { return refusal }
    counted = wanted
    return nil
  }

  /// Counts `bytes` in all from now on, whether the budget has room or not.
  public mutating func set(_ bytes: Int) {
    guard bytes > counted else { return shrink(to: bytes) }
    let wanted = Self.stepped(bytes)
    holder.add(wanted - counted, owner)
    counted = wanted
  }

  /// The size below which telling it would give bytes back; 0 where none would.
  public var mark: Int { counted > Self.keptWhenEmpty ? max(1, counted - 2 * Self.coarseStep + 1) : 0 }

  /// Counts nothing from now on: everything has been let go of.
  public mutating func clear() {
    holder.release(counted, owner)
    counted = 0
  }

  private mutating func shrink(to bytes: Int) {
    guard bytes > 0 ? counted - bytes >= 2 * Self.coarseStep : counted > Self.keptWhenEmpty else { return }
    let wanted = bytes > 0 ? Self.stepped(bytes) : 0
    holder.release(counted - wanted, owner)
    counted = wanted
  }

  private static func stepped(_ bytes: Int) -> Int {
    let step = bytes > coarseStep ? coarseStep : fineStep
    return (bytes + step - 1) / step * step
  }
}
