/// When the sessions of a trading date begin, each lasting to the next, in minutes since local midnight.
///
/// Always: 0 ≤ `pre` ≤ `regular` < `post` ≤ `closed` ≤ 24:00, and so on the wire too.
public struct SessionTimes: Equatable, Sendable {
  /// As `regular` where there is no PRE.
  public let pre: Int
  public let regular: Int
  /// As `closed` where there is no POST.
  public let post: Int
  public let closed: Int

  /// 04:00, 09:30, 16:00, 20:00.
  public static let usEquities = SessionTimes(unchecked: 4 * 60, 9 * 60 + 30, 16 * 60, 20 * 60)

  /// - Parameters: `pre` and `post` are nil where there is no such session.
  /// - Returns: nil unless the times given rise strictly, within one day.
  public init?(pre: Int? = nil, regular: Int, post: Int? = nil, closed: Int) {
    guard 0 <= pre ?? regular, regular < closed, closed <= 24 * 60 else { return nil }
    if let pre, pre >= regular { return nil }
    if let post, post <= regular || post >= closed { return nil }
    self.init(unchecked: pre ?? regular, regular, post ?? closed, closed)
  }

  private init(unchecked pre: Int, _ regular: Int, _ post: Int, _ closed: Int) {
    self.pre = pre
    self.regular = regular
    self.post = post
    self.closed = closed
  }
}
