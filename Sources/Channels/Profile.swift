package import Detection
package import MarketData

/// The rules for the symbols that its patterns match, for channels of every kind.
package struct Profile: Sendable {
  package var name: String
  package var patterns: [SymbolPattern]
  package var calendar: TradingCalendar
  /// Items further ahead of the server's clock than this are rejected.
  package var maxAheadNanos: Int64
  package var tick: TickDetectorSettings
  package var bar: BarDetectorSettings
  package var fairValue: FairValueSettings
  /// Rises by one with each change.
  package var configVersion: UInt32 = 1

  package init(
    name: String, patterns: [SymbolPattern] = [SymbolPattern("*")], calendar: TradingCalendar,
    maxAheadNanos: Int64 = .max, tick: TickDetectorSettings = TickDetectorSettings(),
    bar: BarDetectorSettings = BarDetectorSettings(), fairValue: FairValueSettings = FairValueSettings()
  ) {
    self.name = name
    self.patterns = patterns
    self.calendar = calendar
    self.maxAheadNanos = maxAheadNanos
    self.tick = tick
    self.bar = bar
    self.fairValue = fairValue
  }
}
