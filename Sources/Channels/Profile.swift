package import Detection
package import MarketData
package import Settings

/// The rules for the symbols that its patterns match, for channels of every kind.
package struct Profile: Equatable, Sendable {
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

  /// Whether the two differ in their versions at most.
  package func hasSettings(of other: Profile) -> Bool {
    var other = other
    other.configVersion = configVersion
    return self == other
  }
}

extension Profile: KeyedSettings {
  /// What a profile of the configuration begins with.
  package static func new(_ name: String) -> Profile {
    Profile(name: name, calendar: .usEquities, maxAheadNanos: 10_000_000_000)
  }

  /// The patterns as they are written: `*`, exact symbols, and prefixes that end in `*`.
  package var symbols: [String] { patterns.map(\.description) }

  package mutating func keys(_ profile: SettingsSection) {
    profile.value("name", .text(ChannelName.rule, where: ChannelName.isValid), into: &name, isRequired: true)
    var symbols = symbols
    profile.list(
      "symbols",
      .text("a symbol or pattern: '*' may stand only at the end, and a symbol is not empty") {
        !$0.isEmpty && !$0.dropLast().contains("*")
      }, into: &symbols,
      note: "`*`, exact symbols, and prefixes that end in `*`. A symbol takes the first profile that matches.")
    profile.require(!symbols.isEmpty, "symbols", "is empty; must name at least one symbol or pattern")
    patterns = symbols.map { SymbolPattern($0) }
    profile.section("calendar", into: &calendar)
    profile.duration(
      "max_ahead", in: 0...86_400_000_000_000, into: &maxAheadNanos,
      note: "Items further ahead of the server's clock than this are rejected.")
    profile.section("detectors") { detectors in
      detectors.section("tick", into: &tick)
      detectors.section("bar", into: &bar)
      detectors.section("fmv", into: &fairValue)
    }
    fairValue.latenessToleranceNanos = tick.latenessToleranceNanos
  }
}
