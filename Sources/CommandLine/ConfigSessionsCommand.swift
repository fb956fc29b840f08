internal import ArgumentParser
internal import Channels
internal import MarketData
internal import Server

/// `penstock config sessions`: what a calendar makes of each trading date, by the look-up that detectors use.
struct ConfigSessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Prints when each trading date's sessions begin and end, by a profile's calendar.",
    discussion: """
      A line for each range: a session with a break has two. Times are UTC. Compare them with your exchange's calendar.

      Examples:
        penstock config sessions --config penstock.yaml --from 2026-12-21 --to 2026-12-31
        penstock config sessions --set 'profiles=[{name: t, calendar: {preset: tokyo}}]' --from 2026-01-01 --to 2026-01-31 --json
      """)

  @Option(help: "The first trading date, such as 2026-12-21.")
  var from: String

  @Option(help: "The last trading date.")
  var to: String

  @Option(help: "The configuration file; else the defaults.")
  var config: String?

  @Option(name: .customLong("set"), help: "KEY=VALUE as for `penstock serve`. Repeatable.")
  var settings: [String] = []

  @Option(help: "The profile whose calendar it is; else the first.")
  var profile: String?

  @Flag(help: "A line of JSON for each range.")
  var json = false

  func run() throws {
    let (first, last) = (try date(from, "--from"), try date(to, "--to"))
    guard first <= last else { throw CommandFailure(.usage, "--to \(to) is before --from \(from)") }
    let profile = try chosen(from: ConfigurationFile.read(config, settings: settings).profiles)
    if !json { Output.line("date        session     start (UTC)           end (UTC)") }
    // Some lines at a time: a write for each of them would take longer than what it writes.
    var lines: [String] = []
    SessionListing.each(of: profile.calendar, from: first, to: last) { range in
      lines.append(json ? range.json : range.text)
      guard lines.count == 500 else { return }
      Output.line(lines.joined(separator: "\n"))
      lines.removeAll(keepingCapacity: true)
    }
    if !lines.isEmpty { Output.line(lines.joined(separator: "\n")) }
  }

  private func date(_ text: String, _ option: String) throws -> CivilDate {
    // Beside the years' ends lie dates whose sessions 64 bits cannot hold.
    guard let date = CalendarText.date(text), (1_679...2_260).contains(date.year) else {
      throw CommandFailure(
        .usage, "\(option) is '\(text)'; must be a date such as 2026-12-21, in the years 1679 to 2260")
    }
    return date
  }

  private func chosen(from profiles: [Profile]) throws -> Profile {
    guard let found = profiles.first(where: { profile == nil || $0.name == profile }) else {
      throw CommandFailure(
        .usage,
        "there is no profile '\(profile ?? "")'; there are: \(profiles.map(\.name).joined(separator: ", "))")
    }
    return found
  }
}
