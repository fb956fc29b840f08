package import MarketData

/// A change of a channel's state that its state does not allow.
package struct IllegalChange: Error, Equatable, CustomStringConvertible {
  package var channel: String
  package var state: ChannelState
  package var request: ChannelLifecycle.Request

  package init(channel: String, state: ChannelState, request: ChannelLifecycle.Request) {
    self.channel = channel
    self.state = state
    self.request = request
  }

  package var description: String {
    "channel '\(channel)' is \(String(describing: state).uppercased()); it cannot \(request.rawValue)"
  }
}

/// A channel's state, and which changes it allows. Pure: the time is a parameter.
///
/// ```
///   running ⇄ paused        running, paused ──drain──▶ draining ──stop──▶ stopped
///   running, paused ──stop──▶ stopped        any but stopped ──fail──▶ failed        stopped, failed ──start──▶ running
/// ```
/// A drain that finds nobody to take the symbols is called off. STARTING is no state of this machine: it is told of the moment in which a
/// worker comes up, and of the back-off of one that keeps failing.
package struct ChannelLifecycle: Equatable, Sendable {
  package enum Request: String, CaseIterable, Sendable {
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
  private var beforeDrain: Moment?

  private struct Moment: Equatable, Sendable {
    var state: ChannelState
    var since: UnixNanos
  }

  package init(since: UnixNanos) { self.since = since }

  /// - Returns: false, with nothing changed, where the state does not allow it.
  package mutating func change(_ request: Request, at time: UnixNanos) -> Bool {
    let before = Moment(state: state, since: since)
    switch (state, request) {
    case (.running, .pause): state = .paused
    case (.paused, .resume): state = .running
    case (.running, .drain), (.paused, .drain): state = .draining
    case (.running, .stop), (.paused, .stop), (.draining, .stop): state = .stopped
    case (.running, .fail), (.paused, .fail), (.draining, .fail): state = .failed
    case (.stopped, .start), (.failed, .start): state = .running
    case (.running, .resume), (.running, .start), (.paused, .pause), (.paused, .start), (.draining, .pause),
      (.draining, .resume), (.draining, .drain), (.draining, .start), (.stopped, .pause), (.stopped, .resume),
      (.stopped, .drain), (.stopped, .stop), (.stopped, .fail), (.failed, .pause), (.failed, .resume),
      (.failed, .drain), (.failed, .stop), (.failed, .fail), (.starting, _):
      return false
    }
    if request == .drain { beforeDrain = before }
    since = time
    return true
  }

  /// A drain that cannot be done: the state before it, with its time, is the state again.
  /// - Returns: false, with nothing changed, where none is under way.
  package mutating func cancelDrain() -> Bool {
    guard state == .draining, let before = beforeDrain else { return false }
    (state, since) = (before.state, before.since)
    return true
  }
}
