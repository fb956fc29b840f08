package import Detection
internal import Events
internal import LockFree
package import MarketData

/// A channel of any kind. For administration and metrics only: calls through it cost an existential, too much for each item.
package protocol AnyChannel: AnyObject, Sendable {
  var control: ChannelControl { get }

  func start(in context: WorkerContext)
  /// Processes everything, then ends the worker; blocks until then.
  func stop()
  /// Has the worker tell what these symbols' detectors stand at, between two batches.
  func snapshots(of symbols: [SymbolID], _ reply: @escaping @Sendable ([SymbolSnapshot]) -> Void)
  /// Has the worker forget these symbols' states.
  func reset(_ symbols: [SymbolID], _ done: @escaping @Sendable () -> Void)
  /// Has the worker take its settings or the profiles anew.
  func settingsChanged(_ done: @escaping @Sendable () -> Void)
  /// Has the worker hand over all its symbols to the channels that the router chooses; the reason says whether it processes waiting records first.
  func evacuate(_ reason: Evacuation, _ done: @escaping @Sendable (Bool) -> Void)
  /// Has the worker give these symbols to other channels, by number.
  func give(_ symbols: [SymbolID: Int], _ done: @escaping @Sendable (Int) -> Void)
  func force(_ force: ForcedBreaker, _ done: @escaping @Sendable () -> Void)
}

/// Why a channel gives up its symbols.
package enum Evacuation: Sendable {
  /// Its breaker has opened: waiting records go along, and the channel stays.
  case breaker
  /// Waiting records are processed first; the worker ends.
  case drain
  /// The worker ends at once; waiting records go along.
  case failure
}

package enum ForcedBreaker: Sendable {
  case trip
  case reset
}

/// What a worker needs beside its channel.
package struct WorkerContext: Sendable {
  let router: ChannelRouter
  let output: ManyToOneQueue<SequencerInput>
  let lastPrices: LastPriceTable
  let faults: FaultPlan
}
