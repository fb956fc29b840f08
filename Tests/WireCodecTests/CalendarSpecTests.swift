import MarketData
import Settings
import Testing

@testable import WireCodec

@Suite struct CalendarSpecTests {
  /// An `UpdateProfileRequest` whose specification has this calendar, and a mask.
  private func yaml(
    mask: [String] = [], _ calendar: (inout WireWriter) -> Void
  ) throws -> (yaml: String, problems: [String]) {
    var writer = WireWriter()
    writer.message(1) { spec in
      spec.text(1, "default")
      spec.message(3, calendar)
    }
    if !mask.isEmpty {
      writer.message(2) { paths in
        for path in mask { paths.text(1, path) }
      }
    }
    let request = try RequestDecoder().updateProfile(writer.bytes.span.bytes)
    #expect(request.name == "default")
    return (request.node.flow, request.problems.map(\.description))
  }

  private func times(_ pre: UInt64, _ regular: UInt64, _ post: UInt64, _ closed: UInt64, _ spec: inout WireWriter) {
    spec.message(3) { times in
      times.unsigned(1, pre)
      times.unsigned(2, regular)
      times.unsigned(3, post)
      times.unsigned(4, closed)
    }
  }

  @Test func aCalendarIsWrittenAsInTheFile() throws {
    let found = try yaml { spec in
      spec.text(1, "none")
      spec.text(2, "Europe/London")
      times(240, 570, 960, 1_200, &spec)
      spec.text(4, "2026-12-25")
      spec.text(4, "2026-12-28")
      spec.text(5, "2026-12-24 12:30")
    }
    #expect(
      found.yaml
        == #"{calendar: {preset: none, time_zone: "Europe/London", sessions: {pre: "04:00", regular: "09:30", post: "16:00", closed: "20:00"}, holidays: ["2026-12-25", "2026-12-28"], early_closes: ["2026-12-24 12:30"]}}"#
    )
    #expect(found.problems.isEmpty)
  }

  @Test func rangesAndWeeksAreWrittenAsInTheFile() throws {
    let found = try yaml { spec in
      spec.text(1, "tokyo")
      spec.message(3) { times in
        times.text(5, "<20:00-<23:00")
        times.text(6, "09:00-11:30")
        times.text(6, "12:30-15:30")
        times.text(7, "16:00-17:00")
      }
      spec.text(6, "sun")
      spec.text(6, "mon")
    }
    #expect(
      found.yaml
        == #"{calendar: {preset: tokyo, sessions: {pre: ["<20:00-<23:00"], regular: ["09:00-11:30", "12:30-15:30"], post: ["16:00-17:00"]}, week: [sun, mon]}}"#
    )
    #expect(found.problems.isEmpty)
  }

  /// In the file, boundaries that are left out are the preset's: ranges say that there is no such session.
  @Test func sessionsThatDoNotExistAreLeftOut() throws {
    #expect(
      try yaml { times(480, 480, 990, 990, &$0) }.yaml == #"{calendar: {sessions: {regular: ["08:00-16:30"]}}}"#)
    #expect(
      try yaml { times(240, 480, 990, 990, &$0) }.yaml
        == #"{calendar: {sessions: {pre: ["04:00-08:00"], regular: ["08:00-16:30"]}}}"#)
    // Not given is midnight; and what is no time of day is left to the reader to refuse.
    #expect(
      try yaml { times(0, 480, 990, 4_294_967_295, &$0) }.yaml
        == #"{calendar: {sessions: {pre: "00:00", regular: "08:00", post: "16:30", closed: "71582788:15"}}}"#)
  }

  @Test func aMaskNamesSessionsOrTheirParts() throws {
    let whole = try yaml(mask: ["calendar.sessions"]) { spec in
      spec.text(2, "UTC")
      times(0, 0, 1_440, 1_440, &spec)
    }
    #expect(whole.yaml == #"{calendar: {sessions: {regular: ["00:00-24:00"]}}}"#)
    #expect(whole.problems.isEmpty)
    let parts = try yaml(mask: ["calendar.sessions.regular", "calendar.sessions.closed"]) { times(0, 480, 0, 990, &$0) }
    #expect(parts.yaml == #"{calendar: {sessions: {regular: ["08:00-16:30"]}}}"#)
    #expect(parts.problems.isEmpty)
    let same = try yaml(mask: ["calendar.sessions.pre", "calendar.sessions.regular"]) { times(480, 480, 0, 0, &$0) }
    #expect(same.yaml == #"{calendar: {sessions: {regular: "08:00"}}}"#)
    #expect(same.problems.isEmpty)
    let unknown = try yaml(mask: ["calendar.sessions.open"]) { times(0, 480, 990, 990, &$0) }
    #expect(unknown.problems == ["update_mask: 'calendar.sessions.open' is no field of the specification"])
    let cleared = try yaml(mask: ["calendar.holidays"]) { _ in }
    #expect(cleared.yaml == "{calendar: {holidays: []}}")
    #expect(cleared.problems.isEmpty)
    let absent = try yaml(mask: ["calendar.sessions"]) { _ in }
    #expect(absent.problems == ["update_mask: 'calendar.sessions' is not given in the specification"])
  }
}
