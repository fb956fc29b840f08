package import MarketData

/// A change of a channel's state that its state does not allow.
package struct IllegalChange: Error, Equatable, CustomStringConvertible {
  package var channel: String
  package var state: ChannelState
  package var wish: ChannelLifecycle.Wish

  package init(channel: String, state: ChannelState, wish: ChannelLifecycle.Wish) {
    self.channel = channel
    self.state = state
    self.wish = wish
  }

  package var description: String {
    "channel '\(channel)' is \(String(describing: state).uppercased()); it cannot \(wish.rawValue)"
  }
}

/// A channel's state, and which changes it allows. Pure: the time is a parameter.
///
/// ```
///   running ⇄ paused        running, paused ──drain──▶ draining ──stop──▶ stopped
///   running, paused ──stop──▶ stopped        any but stopped ──fail──▶ failed        stopped, failed ──start──▶ running
/// ```
/// STARTING is the moment in which a worker comes up, and the back-off of one that keeps failing.
package struct ChannelLifecycle: Equatable, Sendable {
  package enum Wish: String, CaseIterable, Sendable {
    /// Take input, process nothing.
    case pause
    case resume
    /// Take nothing more, process what is there, hand the symbols to siblings.
    case drain
    /// Process what is there, then end.
    case stop
    case fail
    case start
  }

  package private(set) var state = ChannelState.running
  package private(set) var since: UnixNanos

  package init(since: UnixNanos) { self.since = since }

  /// - Returns: false, with nothing changed, where the state does not allow it.
  package mutating func change(_ wish: Wish, at time: UnixNanos) -> Bool {
    switch (state, wish) {
    case (.running, .pause): state = .paused
    case (.paused, .resume): state = .running
    case (.running, .drain), (.paused, .drain): state = .draining
    case (.running, .stop), (.paused, .stop), (.draining, .stop): state = .stopped
    case (.running, .fail), (.paused, .fail), (.draining, .fail), (.starting, .fail): state = .failed
    case (.stopped, .start), (.failed, .start): state = .running
    default: return false
    }
    since = time
    return true
  }
}
