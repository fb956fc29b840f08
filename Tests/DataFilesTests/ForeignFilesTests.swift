import DataFiles
import Foundation
import MarketData
import TestKit
import Testing

/// Files that are not ours, as `MarketReader` reads them.
@Suite final class ForeignFilesTests {
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("penstock-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func reader(_ text: String, name: String = "file.csv", _ change: (inout ReadOptions) -> Void = { _ in })
    throws -> MarketReader
  {
    let file = directory.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    var options = ReadOptions()
    change(&options)
    return try MarketReader(try LineReader(path: file.path), options)
  }

  private func rows(_ reader: MarketReader) throws -> [MarketRow] {
    var rows: [MarketRow] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }

  /// What opening the file, or reading it, says.
  private func words(_ text: String, _ change: (inout ReadOptions) -> Void = { _ in }) -> String {
    do {
      _ = try rows(try reader(text, change))
      return ""
    } catch let bad as BadRow {
      return "line \(bad.line): \(bad.message)"
    } catch {
      return "\(error)".replacingOccurrences(of: directory.path + "/", with: "")
    }
  }

  private func tick(_ symbol: String, _ nanos: Int64, _ price: Double, _ size: Double, _ conditions: UInt32 = 0)
    -> MarketRow
  {
    .tick(TickRow(symbol: symbol, timestampNanos: nanos, price: price, size: size, conditions: conditions))
  }

  /// 2024-01-02T14:30:00Z, half past nine in New York.
  private let open: Int64 = 1_704_205_800_000_000_000
  private let second: Int64 = 1_000_000_000

  // MARK: Columns

  @Test(arguments: [",", ";", "\t", "|"])
  func separatorsAreToldApart(separator: String) throws {
    let text = "Ticker,Trade Time, Last ,VOLUME\nA,1704205800, 1.5 ,3\n".replacingOccurrences(of: ",", with: separator)
    #expect(try rows(try reader(text)) == [tick("A", open, 1.5, 3)])
  }

  @Test func namesMayBeWrittenAnyWay() throws {
    for header in [
      "SYMBOL,TIMESTAMP,PRICE,SIZE", "symbol,Date Time,last_price,Qty", "Sym,unix,px,amount",
      "\"Ticker\",\"Time\",\"Price\",\"Size\"",
    ] {
      #expect(try rows(try reader("\(header)\nA,1704205800,1.5,3\n")) == [tick("A", open, 1.5, 3)])
    }
  }

  @Test func columnsAreWhatTheCallerSays() throws {
    let text = "who,when,what,much,price\nA,1704205800000,1.5,3,9\n"
    let reader = try reader(text) { options in
      options.map = [(.symbol, "who"), (.timestamp, "When"), (.price, "what"), (.size, "much")]
    }
    #expect(try rows(reader) == [tick("A", open, 1.5, 3)])
  }

  @Test func aFileWithoutHeaderHasItsColumnsFromTheCaller() throws {
    let reader = try reader("1704205800,1.5,3\n1704205801,1.6,4\n") { options in
      options.columns = ["timestamp", "price", "size"]
      options.symbol = "SPY"
    }
    #expect(try rows(reader) == [tick("SPY", open, 1.5, 3), tick("SPY", open + second, 1.6, 4)])
    #expect(reader.line == 2)
  }

  @Test func quotedFieldsMayHoldSeparatorsAndQuotes() throws {
    let text = "symbol,name,timestamp,price,size\n\"A\",\"x, \"\"y\"\"\",1704205800,1.5,3\n"
    #expect(try rows(try reader(text)) == [tick("A", open, 1.5, 3)])
    #expect(
      words("symbol,timestamp,price,size\n\"A,1704205800,1,1\n").contains("line 2: has a quote that is not closed"))
  }

  // MARK: Times

  @Test(arguments: [
    ("1704205800", ".seconds"), ("1704205800000", ".milliseconds"), ("1704205800000000", ".microseconds"),
    ("1704205800000000000", ".nanoseconds"),
    ("1704205800.000", ".seconds"), ("2024-01-02T14:30:00Z", ""), ("2024-01-02 09:30:00-05:00", ""),
    ("2024-01-02T14:30:00.000000000Z", ""),
    ("2024-01-02 14:30", ""), ("20240102 143000", ""), ("2024/01/02 2:30 PM", ""), ("02.01.2024 14:30:00.000", ""),
    ("2024-01-02T14:30:00+0000", ""),
    ("2024-01-02 14:30:00 UTC", ""),
  ])
  func timesAreReadInEveryUsualForm(text: String, unit: String) throws {
    let reader = try reader("symbol,time,price,size\nA,\(text),1,1\n")
    #expect(try rows(reader) == [tick("A", open, 1, 1)])
    let told = reader.layout.notes.joined()
    #expect(unit.isEmpty || told.contains("times are \(unit.dropFirst()), by the size of the first"))
  }

  @Test func fractionsAreExact() throws {
    let text = "symbol,time,price,size\nA,1704205800.123456789,1,1\nA,1704205800.5,1,1\n"
    #expect(try rows(try reader(text)).map(\.timeNanos) == [open + 123_456_789, open + 500_000_000])
    let dated = "symbol,time,price,size\nA,2024-01-02T14:30:00.123456789Z,1,1\nA,2024-01-02T14:30:00.5Z,1,1\n"
    #expect(try rows(try reader(dated)).map(\.timeNanos) == [open + 123_456_789, open + 500_000_000])
  }

  @Test func timesWithoutZoneAreThoseOfTheZoneThatIsNamed() throws {
    let text = "symbol,date,time,price,size\nA,2024-01-02,09:30:00,1,1\nA,2024-07-02,09:30,1,1\n"
    let newYork = try #require(TimeZoneRules(identifier: "America/New_York"))
    // In July New York is four hours behind.
    #expect(try rows(try reader(text) { $0.zone = newYork }).map(\.timeNanos) == [open, 1_719_927_000 * second])
    let reader = try reader(text)
    #expect(try rows(reader).first?.timeNanos == open - 5 * 3_600 * second)
    #expect(reader.layout.notes.contains { $0.hasPrefix("times are taken as UTC") })
  }

  @Test func datesInEitherOrderAreToldApartOrRefused() throws {
    let header = "symbol,date,price,size\n"
    #expect(
      try rows(try reader(header + "A,01/02/2024,1,1\nA,01/15/2024,1,1\n")).first?.timeNanos == 1_704_153_600 * second)
    #expect(
      try rows(try reader(header + "A,02/01/2024,1,1\nA,15/01/2024,1,1\n")).first?.timeNanos == 1_704_153_600 * second)
    #expect(
      words(header + "A,01/02/2024,1,1\n").contains(
        "line 2: date is '01/02/2024': month or day first? pass --date-order mdy or dmy"))
    #expect(
      try rows(try reader(header + "A,01/02/2024,1,1\n") { $0.dateOrder = .monthFirst }).first?.timeNanos
        == 1_704_153_600 * second)
  }

  @Test(arguments: [
    "2024-13-02", "2024-02-30", "2024-01-02T25:00", "2024-01-02T10:60", "2024-01-02T10:00:00Zebra", "yesterday",
    "24-01-02", "2024-01-02T",
  ])
  func whatIsNoTimeIsSaid(text: String) {
    let said = words("symbol,time,price,size\nA,\(text),1,1\n")
    #expect(said == "line 2: time is '\(text)', which is no time such as 2024-01-02T09:30:00Z")
  }

  @Test func theUnitMayNotChangeWithinAFile() {
    let said = words("symbol,timestamp,price,size\nA,1704205800000,1,1\nA,1704205801000000,1,1\n")
    #expect(
      said
        == "line 3: timestamp is '1704205801000000', which is no time from 1971 to 2100 in milliseconds, as this file's are; is it in microseconds?"
    )
    #expect(
      words("symbol,timestamp,price,size\nA,77,1,1\n").contains(
        "no time from 1971 to 2100 in any unit; pass --time-unit s, ms, us or ns"))
  }

  // MARK: Bars

  private func bars(_ rows: [MarketRow]) -> [BarRow] {
    rows.compactMap { if case .bar(let bar) = $0 { bar } else { nil } }
  }

  @Test func howLongBarsAreIsToldByTheirTimesOrTheCaller() throws {
    let minutes = "Date,Time,Open,High,Low,Close,Volume\n2024-01-02,14:30,1,2,1,2,5\n2024-01-02,14:31,1,2,1,2,5\n"
    #expect(bars(try rows(try reader(minutes) { $0.symbol = "A" })).map(\.durationNanos) == [60 * second, 60 * second])
    let days = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,2,1,2,2,5\n"
    #expect(bars(try rows(try reader(days) { $0.symbol = "A" })).map(\.durationNanos) == [86_400 * second])
    let one = "time,open,high,low,close,volume\n1704205800,1,2,1,2,5\n"
    #expect(
      words(one) { $0.symbol = "A" }
        == "line 2: the bars do not tell how long they are; pass --duration 1m (or 5m, 1h, 1d)")
    let told = try reader(one) { options in
      options.symbol = "A"
      options.durationNanos = 300 * second
    }
    #expect(bars(try rows(told)).map(\.durationNanos) == [300 * second])
  }

  // MARK: What cannot be read

  @Test func allThatIsMissingIsSaidAtOnce() {
    let said = words("foo,bar\n1x,2x\n")
    #expect(
      said.contains(
        "no column for symbol, timestamp, price and size; it is 'foo,bar'; pass --symbol SPY or --map symbol=COLUMN, --map timestamp=COLUMN"
      ))
    #expect(words("symbol,timestamp_ns,open,high,low,close\n").contains("no column for volume; it is"))
    #expect(
      words("1704205800,1.5,3\n").contains(
        "the first line is a row, not a header: '1704205800,1.5,3'; pass --no-header --columns"))
    #expect(
      words("ticker,time,price,size\n") { $0.symbol = "SPY" }.contains(
        "--symbol is for files without a symbol column, and this one has 'ticker'"))
    #expect(
      words("ticker,time,price,size\n") { $0.map = [(.price, "px")] }.contains(
        "has no column 'px', which --map names for price"))
  }

  @Test(arguments: ["0x1p3", "nan", "inf", "-inf", "1,5", "1_000", "", "1e999"])
  func whatIsNoNumberIsSaid(text: String) {
    #expect(
      words("symbol;timestamp;price;size\nA;1704205800;\(text);1\n") == "line 2: price is '\(text)', which is no number"
    )
  }

  @Test func numbersAreReadHoweverLarge() throws {
    let text = "symbol,timestamp_ns,price,size\nA,1704205800000000000,1e300,1.7976931348623157e308\n"
    #expect(try rows(try reader(text)) == [tick("A", open, 1e300, .greatestFiniteMagnitude)])
  }

  @Test func anEmptySymbolIsABadRow() throws {
    let reader = try reader("ticker,time,price,size\n,1704205800,1,1\nB,1704205801,1,1\n")
    #expect(throws: BadRow(line: 2, message: "has no symbol: ticker is empty")) { try reader.next() }
    #expect(try reader.next() == tick("B", open + second, 1, 1))
  }

  @Test func whatWouldChangeATerminalIsNotShown() {
    #expect(
      words("symbol,timestamp,price,size\nA,1704205800,\u{1B}[31m,1\n")
        == "line 2: price is '?[31m', which is no number")
  }

  @Test func rowsThatRunBackwardsAreRefusedBeforeAnyIsRead() throws {
    let text = "Date,Open,High,Low,Close,Volume\n2024-01-03,1,2,1,2,5\n2024-01-02,1,2,1,2,6\n"
    let said = words(text) { $0.symbol = "A" }
    #expect(
      said
        == "file.csv: the rows run backwards: line 3 (2024-01-02T00:00:00Z) is older than line 2 (2024-01-03T00:00:00Z) of the same symbol; pass --sort, which holds all rows in memory"
    )
    let sorted = try reader(text) { options in
      options.symbol = "A"
      options.sorts = true
    }
    #expect(bars(try rows(sorted)).map(\.volume) == [6, 5])
    // Ticks a second apart, newest first.
    #expect(words("symbol,time,price,size\nA,1704205802,1,1\nA,1704205801,1,1\n").contains("the rows run backwards"))
  }

  @Test func aFileMayHaveOneSymbolBehindTheOtherAndTradesThatAreLate() throws {
    let text = "symbol,time,price,size\nA,1704205800,1,1\nA,1704205900,1,1\nA,1704205899,1,1\nB,1704205800,1,1\n"
    #expect(try rows(try reader(text)).count == 4)
    #expect(
      words("symbol,time,price,size\nA,1704205800,1,1\nA,1704205900,1,1\nA,1704205801,1,1\n").contains(
        "line 4 (2024-01-02T14:30:01Z) is older than line 3"))
  }

  @Test func sortingKeepsTheOrderOfOneTimeAndTellsBadRowsFirst() throws {
    let text = "symbol,timestamp_ns,price,size\nA,\(open + 1),1,1\nA,x,1,1\nA,\(open),2,1\nA,\(open),3,1\n"
    let reader = try reader(text) { $0.sorts = true }
    #expect(throws: BadRow.self) { try reader.next() }
    let found = try rows(reader)
    #expect(found == [tick("A", open, 2, 1), tick("A", open, 3, 1), tick("A", open + 1, 1, 1)])
    #expect(reader.line == 2)
  }

  @Test(
    arguments: [
      ([0x50, 0x4B, 0x05, 0x06], "is an empty zip archive"), ([0x28, 0xB5, 0x2F, 0xFD], "is compressed by zstd"),
      ([0xFF, 0xFE, 0x61, 0], "is UTF-16 text"), ([0x61, 0, 0x62, 0, 0x63, 0], "is UTF-16 text"),
      ([0x61, 0x62, 0, 0x63], "is binary data"), ([0x44, 0x42, 0x4E, 1], "is in Databento's binary encoding"),
      ([0x50, 0x41, 0x52, 0x31], "is a Parquet file"),
    ] as [([UInt8], String)])
  func binaryFilesAreNamed(bytes: [UInt8], words: String) throws {
    let file = directory.appendingPathComponent("binary")
    try Data(bytes).write(to: file)
    #expect {
      try MarketReader(try LineReader(path: file.path))
    } throws: {
      "\($0)".contains("binary \(words)")
    }
  }

  // MARK: Presets

  @Test func databentosRawAndPrettyFilesAreAlike() throws {
    let header =
      "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol\n"
    let raw = header + "1704205800000165224,1704205800000000000,0,1,5482,T,A,0,4720250000000,3,0,16000,1,ESH4\n"
    let pretty =
      header
      + "2024-01-02T14:30:00.000165224Z,2024-01-02T14:30:00.000000000Z,0,1,5482,T,A,0,4720.250000000,3,0,16000,1,ESH4\n"
    // An order that was cancelled is no trade.
    let cancel = "1704205800100165224,1704205800100000000,160,1,5482,C,A,0,4720250000000,3,0,16000,1,ESH4\n"
    for text in [raw, pretty, raw + cancel] {
      let reader = try reader(text)
      #expect(reader.layout.format == .databento)
      #expect(try rows(reader) == [tick("ESH4", open, 4_720.25, 3)])
    }
    #expect(
      words(header + "1704205800000165224,1704205800000000000,0,1,5482,T,A,0,9223372036854775807,3,0,16000,1,ESH4\n")
        == "line 2: price is undefined")
    let bars =
      "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol\n1704205800000000000,33,1,5482,4720250000000,4721000000000,4720000000000,4720500000000,120,ESH4\n"
    let bar = try #require(self.bars(try rows(try reader(bars))).first)
    #expect(
      (bar.durationNanos, bar.open, bar.high, bar.low, bar.close, bar.volume) == (
        60 * second, 4_720.25, 4_721, 4_720, 4_720.5, 120
      ))
  }

  @Test(
    arguments: [
      ("", 0), ("0", 0), ("12", 0), ("37", 1), ("\"12,37\"", 1), ("\"14,41\"", 0), ("2", 1), ("15", 7), ("16", 3),
      ("38", 6), ("999", 0), ("\"53,38\"", 7),
    ] as [(String, UInt32)])
  func polygonsConditionsAreMapped(codes: String, bits: UInt32) throws {
    let header =
      "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp\n"
    let reader = try reader(header + "A,\(codes),0,11,1,\(open - 5),1.5,1,\(open),3,3,0,0\n")
    #expect(try rows(reader) == [tick("A", open, 1.5, 3, bits)])
    let cancelled = try self.reader(header + "A,\(codes),8,11,1,\(open - 5),1.5,1,\(open),3,3,0,0\n")
    #expect(try rows(cancelled) == [tick("A", open, 1.5, 3, bits | 3)])
  }

  @Test func polygonsAggregatesAreOfAMinuteOrADay() throws {
    let header = "ticker,volume,open,close,high,low,window_start,transactions\n"
    // New York's midnight, and the first minute before the market.
    let midnight = open - 34_200 * second
    for (start, seconds, format) in [
      (midnight, Int64(86_400), FileFormat.polygonDay), (midnight + 14_400 * second, 60, .polygonMinute),
    ] {
      let reader = try reader(header + "A,100,1,2,3,1,\(start),7\n")
      #expect(bars(try rows(reader)).map(\.durationNanos) == [seconds * second])
      #expect(reader.layout.format == format)
    }
  }

  @Test func binancesFilesNeedNoHeader() throws {
    let old = "100,0.5,3.5,200,201,1704205800000,True,True\n"
    let new = "100,0.5,3.5,200,201,1704205800000000,true,true\n"
    for text in [old, new] {
      #expect(try rows(try reader(text, name: "BTCUSDT-aggTrades-2024-01.csv")) == [tick("BTCUSDT", open, 0.5, 3.5)])
    }
    let trades = "1,0.5,3.5,1.75,1704205800000,False,True\n"
    #expect(try rows(try reader(trades) { $0.symbol = "ETHUSDT" }) == [tick("ETHUSDT", open, 0.5, 3.5)])
    for (unit, last) in [("", "1704205859999"), ("000", "1704205859999999")] {
      let klines = "1704205800000\(unit),1,3,1,2,10,\(last),15,7,5,8,0\n"
      let bar = try #require(bars(try rows(try reader(klines, name: "ETHUSDT-1m-2024-01-02.csv"))).first)
      #expect((bar.symbol, bar.startNanos, bar.durationNanos, bar.trades) == ("ETHUSDT", open, 60 * second, 7))
    }
    #expect(words(old).contains("no column for symbol"))
  }

  @Test func stooqsOtherFormHasMinutesInItsRows() throws {
    let text =
      "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nAAPL.US,5,20240102,143000,1,3,1,2,10,0\nAAPL.US,D,20240103,000000,1,3,1,2,10,0\n"
    let found = bars(try rows(try reader(text)))
    #expect(found.map(\.durationNanos) == [300 * second, 86_400 * second])
    #expect(found.map(\.startNanos) == [open, 1_704_240_000 * second])
  }

  @Test func whatTheCallerSaysOfAggregatesCounts() throws {
    let text =
      "ticker,volume,open,close,high,low,window_start,transactions\nA,100,1,2,3,1,\(open - 34_200 * second),7\n"
    #expect(bars(try rows(try reader(text) { $0.format = .polygonMinute })).map(\.durationNanos) == [60 * second])
    #expect(bars(try rows(try reader(text) { $0.durationNanos = 60 * second })).map(\.durationNanos) == [60 * second])
  }

  @Test func aColumnCanBeLeftOut() throws {
    let text = "symbol,timestamp,price,size,conditions\nA,1704205800,1.5,3,@F\n"
    #expect(
      words(text) == "line 2: conditions is '@F', which is no number of bits; --map conditions= leaves the column out")
    #expect(try rows(try reader(text) { $0.map = [(.conditions, "")] }) == [tick("A", open, 1.5, 3)])
  }

  @Test func dateAndTimeColumnsThatTheCallerNamesCount() throws {
    let text = "symbol,day_,clock,ts,price,size\nA,2024-01-02,14:30,5,1.5,3\n"
    let reader = try reader(text) { $0.map = [(.date, "day_"), (.time, "clock")] }
    #expect(try rows(reader) == [tick("A", open, 1.5, 3)])
  }

  @Test func whatIsLargeIsBounded() {
    let members = (0..<2_000).map { "\"m\($0)\":1" }.joined(separator: ",")
    #expect(words("{\(members)}\n").contains("more than 1024 different members"))
    let header = (0..<15_000).map { "c\($0 % 14_999)" }.joined(separator: ",").prefix(65_000)
    #expect(words("\(header)\n").contains("no column for symbol, timestamp, price and size"))
  }

  // MARK: JSON

  @Test func linesOfJSONAreRowsAndABadOneIsNamed() throws {
    let text =
      "{\"symbol\":\"A\",\"timestamp\":\(open),\"price\":1.5,\"size\":3}\nno\n{\"timestamp\":\(open + 1),\"symbol\":\"\\u0042\",\"size\":4,\"price\":2,\"conditions\":1}\n"
    let reader = try reader(text)
    #expect(throws: BadRow(line: 2, message: "is no JSON object")) { try reader.next() }
    #expect(try rows(reader) == [tick("A", open, 1.5, 3), tick("B", open + 1, 2, 4, 1)])
    #expect(reader.line == 3)
  }

  @Test func alpacasBarsAreReadInBothTheirForms() throws {
    let bars =
      "[{\"t\":\"2024-01-02T14:30:00Z\",\"o\":1,\"h\":3,\"l\":1,\"c\":2,\"v\":10,\"n\":7,\"vw\":1.5},{\"t\":\"2024-01-02T14:31:00Z\",\"o\":1,\"h\":3,\"l\":1,\"c\":2,\"v\":10}]"
    for text in ["{\"bars\":{\"A\":\(bars)},\"next_page_token\":null}", "{\"symbol\":\"A\",\n\"bars\":\n\(bars)}\n"] {
      let found = self.bars(try rows(try reader(text)))
      #expect(found.map(\.symbol) == ["A", "A"])
      #expect(found.map(\.startNanos) == [open, open + 60 * second])
      #expect(found.map(\.durationNanos) == [60 * second, 60 * second])
      #expect(found.map(\.vwap) == [1.5, 0])
    }
  }

  @Test func jsonThatIsNoneIsSaid() {
    #expect(words("{\"bars\":\n[{]\n") == "line 2: the file begins like JSON, and here it is none")
    #expect(words("[]\n") == "line 1: the file has no rows")
    #expect(words(String(repeating: "[", count: 5_000)).contains("begins like JSON"))
  }
}
