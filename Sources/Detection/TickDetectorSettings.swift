/// All settings of the tick detectors of one profile; an empty configuration gives the defaults of detectors.md.
///
/// Nested as the configuration file is: `detectors.tick.surge.z` is `surge.z`. Durations are nanoseconds.
package struct TickDetectorSettings: Equatable, Sendable {
  package var latenessToleranceNanos: Int64 = 5_000_000_000
  package var printFilter = PrintFilter()
  package var activity = Activity()
  package var highLow = HighLow()
  package var surge = Surge()
  package var volumeSpike = VolumeSpike()
  package var trend = Trend()
  package var vwapCross = VwapCross()
  package var openingRange = OpeningRange()
  package var gap = Gap()
  /// Durations of the bars to build from ticks, rising; at most `barsMax`.
  package var barsNanos: [Int64] = []

  package static let barsMax = 8

  package init() {}

  package struct PrintFilter: BitwiseCopyable, Equatable, Sendable {
    package var enabled = true
    /// Percent.
    package var jumpPct = 0.5
    /// In the instrument's currency, where the last good price is at least 1.
    package var floor = 0.05
    package var confirm: UInt32 = 5
    package var confirmTimeNanos: Int64 = 30_000_000_000
    /// Percent; of a session's first tick.
    package var openJumpPct = 50.0
    /// Percent; the most that a learned move widens the limit to.
    package var learnedMaxPct = 100.0
    package var learnedTimeNanos: Int64 = 600_000_000_000
  }

  package struct Activity: Equatable, Sendable {
    package var sigmaSampleNanos: Int64 = 10_000_000_000
    package var sigmaTimeNanos: Int64 = 600_000_000_000
    package var windowNanos: Int64 = 60_000_000_000
    package var volumeTimeNanos: Int64 = 1_200_000_000_000
  }

  /// The least change that is told, for extremes below a price.
  package struct Band: Equatable, Sendable {
    /// Exclusive; infinite in the last band.
    package var below: Double
    package var minChange: Double
    package var minChangePct: Double

    package init(below: Double, minChange: Double, minChangePct: Double) {
      self.below = below
      self.minChange = minChange
      self.minChangePct = minChangePct
    }
  }

  package struct HighLow: Equatable, Sendable {
    package var enabled = true
    package var bands = [
      Band(below: 1, minChange: 0, minChangePct: 0.2), Band(below: 5, minChange: 0.01, minChangePct: 0.15),
      Band(below: 25, minChange: 0.02, minChangePct: 0.10), Band(below: 100, minChange: 0.05, minChangePct: 0.08),
      Band(below: .infinity, minChange: 0.10, minChangePct: 0.05),
    ]
    package var extendedHoursFactor = 2.0
    package var openingFactor = 1.5
    package var openingTimeNanos: Int64 = 1_800_000_000_000
    package var cooldownNanos: Int64 = 1_000_000_000
    package var reversalWindowNanos: Int64 = 300_000_000_000
    package var volumeWeight = 0.5
  }

  package struct Surge: BitwiseCopyable, Equatable, Sendable {
    package var enabled = true
    package var z = 4.0
    package var minMovePct = 0.10
    package var volumeRatio = 1.5
    /// Good ticks in a row.
    package var confirm: UInt32 = 3
    package var warmUpNanos: Int64 = 120_000_000_000
    package var cooldownNanos: Int64 = 60_000_000_000
  }

  package struct VolumeSpike: BitwiseCopyable, Equatable, Sendable {
    package var enabled = true
    package var multiple = 4.0
    /// On `multiple`, in PRE and POST.
    package var extendedHoursFactor = 2.0
    /// Seconds of the window.
    package var activeSeconds: UInt32 = 5
    package var warmUpNanos: Int64 = 300_000_000_000
    package var cooldownNanos: Int64 = 60_000_000_000
  }

  package struct Trend: Equatable, Sendable {
    package var enabled = true
    /// Rising; at most `horizonsMax`.
    package var horizonsNanos: [Int64] = [120_000_000_000, 600_000_000_000]
    /// One for each horizon; empty = horizon / 5 s.
    package var minSamples: [UInt32] = []
    package var enterR2 = 0.6
    package var enterMovePct = 0.10
    package var enterV = 0.8
    package var exitR2 = 0.3

    package static let horizonsMax = 4
  }

  package struct VwapCross: BitwiseCopyable, Equatable, Sendable {
    package var enabled = true
    package var bandPct = 0.05
    package var holdNanos: Int64 = 5_000_000_000
    package var warmUpNanos: Int64 = 300_000_000_000
  }

  package struct OpeningRange: BitwiseCopyable, Equatable, Sendable {
    package var enabled = true
    package var minutes: UInt32 = 15
    package var bandPct = 0.05
  }

  package struct Gap: BitwiseCopyable, Equatable, Sendable {
    package var enabled = true
    package var gapPct = 1.0
  }
}
