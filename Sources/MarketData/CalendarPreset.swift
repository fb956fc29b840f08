/// The calendars that have names.
///
/// - Source: detectors.md, "Calendar".
public enum CalendarPreset: String, CaseIterable, Sendable {
  case usEquities = "us_equities"
  case continuous
  /// Only what stands beside it.
  case own = "none"
  case usFutures = "us_futures"
  case forex
  case london
  case xetra
  case euronext
  case tokyo
  case hongKong = "hong_kong"
  case shanghai
  case mumbai
  case sydney
  case toronto
  case riyadh

  var timeZone: String {
    switch self {
    case .usEquities, .own, .forex: CalendarRules.newYork
    case .continuous: "UTC"
    case .usFutures: "America/Chicago"
    case .london: "Europe/London"
    case .xetra: "Europe/Berlin"
    case .euronext: "Europe/Paris"
    case .tokyo: "Asia/Tokyo"
    case .hongKong: "Asia/Hong_Kong"
    case .shanghai: "Asia/Shanghai"
    case .mumbai: "Asia/Kolkata"
    case .sydney: "Australia/Sydney"
    case .toronto: "America/Toronto"
    case .riyadh: "Asia/Riyadh"
    }
  }

  var week: Week { self == .riyadh ? .sundayToThursday : .mondayToFriday }

  var sessions: SessionSchedule {
    switch self {
    case .usEquities, .continuous, .own: .usEquities
    case .usFutures: Self.regular((-7, 0, 16, 0))
    case .forex: Self.regular((-7, 0, 17, 0))
    case .london: Self.regular((8, 0, 16, 30))
    case .xetra, .euronext: Self.regular((9, 0, 17, 30))
    case .tokyo: Self.regular((9, 0, 11, 30), (12, 30, 15, 30))
    case .hongKong: Self.regular((9, 30, 12, 0), (13, 0, 16, 0))
    case .shanghai: Self.regular((9, 30, 11, 30), (13, 0, 15, 0))
    case .mumbai: Self.regular((9, 15, 15, 30))
    case .sydney: Self.regular((10, 0, 16, 0))
    case .toronto: Self.regular((9, 30, 16, 0))
    case .riyadh: Self.regular((10, 0, 15, 0))
    }
  }

  /// From hours and minutes; hours before the date's midnight are negative.
  private static func regular(_ ranges: (Int, Int, Int, Int)...) -> SessionSchedule {
    SessionSchedule(ranges.map { SessionRange(.regular, $0.0 * 60 + $0.1, $0.2 * 60 + $0.3) })
  }
}
