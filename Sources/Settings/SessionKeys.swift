internal import MarketData

/// The keys of a calendar's `sessions`, in either form: when each session begins, or lists of ranges.
struct SessionKeys {
  /// Nil where nothing is given, or what is given has a fault.
  private(set) var schedule: SessionSchedule?
  private(set) var isFaulty = false

  /// What boundaries that are not given are; nil where all must be given.
  private let inherited: SessionTimes?
  private let week: Week
  private var minutes: [String: Int] = [:]
  private var ranges: [String: Entries] = [:]

  private typealias Entries = [(item: Int, value: SessionRange)]

  /// Bounds what a look-up goes through.
  private static let rangesMax = 32
  private static let kinds: [(name: String, session: TradingSession)] = [
    ("pre", .pre), ("regular", .regular), ("post", .post),
  ]
  private static let example = #"["09:00-11:30", "12:30-15:00"]"#

  /// To read.
  init(changing inherited: SessionTimes?, week: Week) {
    self.inherited = inherited
    self.week = week
  }

  /// To write what there is.
  ///
  /// - Parameter boundariesInherit: whether sessions that have no boundary are the preset's, and not absent; they need ranges then.
  init(_ schedule: SessionSchedule, boundariesInherit: Bool) {
    inherited = nil
    week = .mondayToFriday
    let times = schedule.times
    if let times, !boundariesInherit || (times.pre < times.regular && times.post < times.closed) {
      minutes = ["regular": times.regular, "closed": times.closed]
      if times.pre < times.regular { minutes["pre"] = times.pre }
      if times.post < times.closed { minutes["post"] = times.post }
      return
    }
    for (name, session) in Self.kinds {
      let own = schedule.ranges(of: session)
      if !own.isEmpty { ranges[name] = own.map { (0, $0) } }
    }
  }

  mutating func keys(_ section: SettingsSection) {
    for (name, session) in Self.kinds {
      // Whichever form it has is the one that is read.
      if ranges[name] != nil || section.take(name)?.items != nil {
        readRanges(name, session, section)
      } else {
        readTime(name, section)
      }
    }
    readTime("closed", section)
    guard section.isReading, !minutes.isEmpty || !ranges.isEmpty || isFaulty else { return }
    schedule = ranges.isEmpty ? boundaries(section) : schedule(section)
    isFaulty = schedule == nil
  }

  // MARK: - One key

  private mutating func readTime(_ name: String, _ section: SettingsSection) {
    let orList = name == "closed" ? "" : ", or a list of ranges such as \(Self.example)"
    let form = SettingsForm<Int>.written(
      "a local time of day such as \"09:30\", from 00:00 to 24:00\(orList)",
      as: { CalendarText.describe(minutes: $0) }, read: { CalendarText.minutes($0) })
    if !section.value(name, form, into: &minutes[name]) {
      isFaulty = true
      faulty.insert(name)
    }
  }

  /// Keys whose values have a fault; relations with them say nothing.
  private var faulty: Set<String> = []

  private mutating func readRanges(_ name: String, _ session: TradingSession, _ section: SettingsSection) {
    let form = SettingsForm<SessionRange>.written(
      "a range of local times such as \"09:00-11:30\"; `<` before a time is the calendar day before, as in \"<17:00-16:00\"",
      as: { CalendarText.describe($0) }, read: { CalendarText.range($0, of: session) })
    var entries = ranges[name]
    section.entries(name, form, into: &entries)
    guard section.isReading, let items = section.take(name)?.items, let entries else { return }
    ranges[name] = entries
    var isGood = entries.count == items.count
    if items.count > Self.rangesMax {
      isGood = false
      section.problem(name, "has \(items.count) entries; must have at most \(Self.rangesMax)")
    }
    for (item, range) in entries {
      if let fault = Self.fault(of: range) {
        isGood = false
        section.problem(name, item: item, "is '\(CalendarText.describe(range))'; \(fault)")
      }
    }
    if !isGood { isFaulty = true }
  }

  private static func fault(of range: SessionRange) -> String? {
    let length = range.end - range.start
    if length <= 0 { return "must end later than it begins; `<` before a time is the calendar day before" }
    guard length > 24 * 60 else { return nil }
    return "is \(CalendarText.describe(minutes: length)) hours long; must be no longer than a day"
  }

  // MARK: - Relations

  /// The sessions that boundaries say; nil where they have a fault, which is told.
  private func boundaries(_ section: SettingsSection) -> SessionSchedule? {
    var isGood = !isFaulty
    var stands: [(name: String, minute: Int, isGiven: Bool)] = []
    for name in ["pre", "regular", "post", "closed"] {
      if let minute = minutes[name] {
        stands.append((name, minute, true))
      } else if !faulty.contains(name), let minute = inherited?.minute(name) {
        stands.append((name, minute, false))
      }
    }
    // Where the preset's PRE or POST has no time left, there is none.
    for (name, next) in [("pre", "regular"), ("post", "closed")] {
      let end = stands.first { $0.name == next }?.minute
      stands.removeAll { $0.name == name && !$0.isGiven && $0.minute == end }
    }
    for name in ["regular", "closed"] where !faulty.contains(name) && !stands.contains(where: { $0.name == name }) {
      isGood = false
      // Sessions are given as a whole: half of them on top of another market's would be a third market's.
      section.problem(
        name, "is missing; sessions need regular and closed, only pre and post may be left out")
    }
    for (before, after) in zip(stands, stands.dropFirst()) where after.minute <= before.minute {
      isGood = false
      let (one, other, word) = after.isGiven ? (after, before, "later") : (before, after, "earlier")
      section.problem(
        one.name,
        "is '\(CalendarText.describe(minutes: one.minute))'; must be \(word) than \(other.name), '\(CalendarText.describe(minutes: other.minute))'"
          + (other.isGiven ? "" : " unless it is given"))
    }
    func minute(_ name: String) -> Int? { stands.first { $0.name == name }?.minute }
    guard isGood, let regular = minute("regular"), let closed = minute("closed") else { return nil }
    // No message of its own: whatever else the type refuses has been told above.
    return SessionTimes(pre: minute("pre"), regular: regular, post: minute("post"), closed: closed)
      .map { SessionSchedule($0) }
  }

  /// As `boundaries`, of ranges.
  private func schedule(_ section: SettingsSection) -> SessionSchedule? {
    var isGood = !isFaulty
    let list = Self.kinds.first { ranges[$0.name] != nil }?.name ?? ""
    for name in ["pre", "regular", "post", "closed"] {
      guard let minute = minutes[name] else { continue }
      isGood = false
      section.problem(
        name,
        "is the time '\(CalendarText.describe(minutes: minute))', and \(list) a list of ranges; must be \(name == "closed" ? "left out beside lists" : "a list, too"), or all must be times"
      )
    }
    if ranges["regular", default: []].isEmpty, minutes["regular"] == nil, !faulty.contains("regular"),
      section.take("regular")?.items?.isEmpty ?? true
    {
      isGood = false
      section.problem(
        "regular",
        "is missing; sessions need ranges of regular, such as \(Self.example); only pre and post may be left out")
    }
    guard isGood else { return nil }
    let schedule = SessionSchedule(ranges.values.flatMap { $0.map(\.value) })
    let conflicts = schedule.conflicts(hasNextDay: week.hasNeighbours)
    for conflict in conflicts {
      let name = conflict.range.name
      let item = ranges[name]?.last { $0.value == conflict.range }?.item
      section.problem(name, item: item, "is '\(CalendarText.describe(conflict.range))'; \(conflict.words)")
    }
    return conflicts.isEmpty ? schedule : nil
  }
}

extension SessionTimes {
  /// Nil of a session that there is not.
  fileprivate func minute(_ name: String) -> Int? {
    switch name {
    case "pre": pre < regular ? pre : nil
    case "regular": regular
    case "post": post < closed ? post : nil
    default: closed
    }
  }
}

extension SessionRange {
  /// Its key.
  var name: String {
    switch session {
    case .pre: "pre"
    case .post: "post"
    case .regular, .closed, .continuous: "regular"
    }
  }
}

extension SessionConflict {
  /// What is wrong with its range.
  var words: String {
    switch reason {
    case .overlaps(let other):
      let date = daysLater == 0 ? "" : " of the trading date before"
      return "overlaps '\(CalendarText.describe(other))' of \(other.name)\(date)"
    case .liesInBreak(let before, let after):
      let date = daysLater == 0 ? "" : " of the trading date \(daysLater > 0 ? "before" : "after")"
      return
        "lies in the break of \(before.name)\(date) between '\(CalendarText.describe(before))' and '\(CalendarText.describe(after))', which must be closed"
    }
  }
}
