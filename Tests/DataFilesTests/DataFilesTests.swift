import DataFiles
import Foundation
import TestKit
import Testing

@Suite final class DataFilesTests {
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("penstock-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func file(_ bytes: [UInt8]) throws -> String {
    let file = directory.appendingPathComponent(UUID().uuidString)
    try Data(bytes).write(to: file)
    return file.path
  }

  private func gzip(_ text: String) throws -> [UInt8] {
    let plain = try file(Array(text.utf8))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-c", plain]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(bytes)
  }

  private func lines(_ bytes: [UInt8]) throws -> [String] {
    let reader = try LineReader(path: try file(bytes))
    var found: [String] = []
    while let line = try reader.next() { found.append(line) }
    return found
  }

  @Test func plainAndCompressedFilesReadAlike() throws {
    let text = (0..<50_000).map { "line \($0)" }.joined(separator: "\n")
    let expected = text.split(separator: "\n").map(String.init)
    #expect(try lines(Array(text.utf8)) == expected)
    #expect(try lines(try gzip(text)) == expected)
    #expect(try lines(try gzip("a\r\nb\n") + gzip("c\n")) == ["a", "b", "c"])
    #expect(try lines([]) == [])
    #expect(try lines(Array("a\r\nb\r".utf8)) == ["a", "b"])
  }

  @Test func damagedFilesAreTold() throws {
    let whole = try gzip((0..<50_000).map { "line \($0 * 7919)" }.joined(separator: "\n"))
    #expect { try lines(Array(whole.dropLast(100))) } throws: {
      ($0 as? DataFileError).map { "\($0)".contains("ends in the middle") } ?? false
    }
    var damaged = whole
    for place in 1_000..<1_100 { damaged[place] ^= 0xFF }
    #expect(throws: DataFileError.self) { try lines(damaged) }
    #expect(throws: DataFileError.lineTooLong(line: 1)) { try lines([UInt8](repeating: 65, count: 400_000)) }
  }

  @Test func filesThatCannotBeReadAreToldApart() throws {
    func failure(_ path: String) -> String? {
      do throws(DataFileError) {
        _ = try LineReader(path: path)
        _ = try TextFile.read(path)
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(failure("/nowhere") == "cannot open /nowhere: No such file or directory")
    #expect(failure("/tmp") == "cannot open /tmp: Is a directory")
    let latin = try file([0x61, 0xE9, 0x0A])
    #expect(failure(latin) == "cannot read \(latin): it is no UTF-8 text")
    #expect(try TextFile.read(try file(Array("é\n".utf8))) == "é\n")
  }

  @Test func progressCountsWhatWasReturnedAndNotWhatWasReadAhead() throws {
    // Four lines of ten bytes are read in one go.
    let plain = try LineReader(path: try file(Array(String(repeating: "123456789\n", count: 4).utf8)))
    var places: [Int] = []
    while try plain.next() != nil { places.append(plain.bytesPassed) }
    #expect(places == [10, 20, 30, 40])
    let bytes = try gzip((0..<1_000).map { "line \($0)" }.joined(separator: "\n"))
    let packed = try LineReader(path: try file(bytes))
    for _ in 0..<500 { _ = try packed.next() }
    #expect((bytes.count * 4 / 10...bytes.count * 6 / 10).contains(packed.bytesPassed))
    while try packed.next() != nil {}
    #expect(packed.bytesPassed == bytes.count)
  }

  private func ticks(_ text: String) throws -> MarketReader {
    try MarketReader(try LineReader(path: try file(Array(text.utf8))))
  }

  @Test func columnsAreFoundByTheirNames() throws {
    let reader = try ticks("size,price,symbol,timestamp_ns,conditions\n3,1.5,A,77,\n4,2.5,B,78,3\n")
    #expect(try reader.next() == .tick(TickRow(symbol: "A", timestampNanos: 77, price: 1.5, size: 3)))
    #expect(try reader.next() == .tick(TickRow(symbol: "B", timestampNanos: 78, price: 2.5, size: 4, conditions: 3)))
    #expect(try reader.next() == nil)
  }

  @Test func aBarsRowSaysWhetherItIsPartial() throws {
    let head = "symbol,start_ns,duration_ns,open,high,low,close,volume,partial\n"
    let reader = try ticks(head + ["1", "0", "", "yes", "1"].map { "A,1,2,3,3,3,3,4,\($0)\n" }.joined())
    func isPartial() throws -> Bool? {
      if case .bar(let row)? = try reader.next() { row.isPartial } else { nil }
    }
    #expect(try isPartial() == true)
    #expect(try isPartial() == false)
    #expect(try isPartial() == false)
    #expect(throws: BadRow(line: 5, message: "partial is 'yes'; must be 0 or 1")) { try isPartial() }
    #expect(try isPartial() == true)
  }

  @Test func aBadRowIsNamedAndTheNextOneRead() throws {
    let reader = try ticks("symbol,timestamp_ns,price,size\nA,x,1,1\nB,5,1,1\n")
    #expect(throws: BadRow(line: 2, message: "timestamp_ns is 'x', which is no number")) {
      try reader.next()
    }
    #expect(try reader.next() == .tick(TickRow(symbol: "B", timestampNanos: 5, price: 1, size: 1)))
    #expect(throws: BadRow.self) { try ticks("a,b\n1,2\n") }
  }

  @Test(arguments: [
    ("", "the file is empty"), ("symbol,timestamp_ns,price,size,price\n", "names the column 'price' twice"),
    ("\"symbol,timestamp_ns,price,size\n", "has a quote that is not closed"),
  ])
  func headersThatCannotBeReadAreRefused(text: String, words: String) {
    #expect {
      try ticks(text)
    } throws: {
      ($0 as? BadRow)?.message.contains(words) ?? false
    }
  }

  @Test func aByteOrderMarkIsSkippedAndAQuotedFieldRead() throws {
    let reader = try ticks("\u{FEFF}symbol,timestamp_ns,price,size\r\n\"A\",1,1,1\r\nB,5,1,1\r\n")
    #expect(try reader.next() == .tick(TickRow(symbol: "A", timestampNanos: 1, price: 1, size: 1)))
    #expect(try reader.next() == .tick(TickRow(symbol: "B", timestampNanos: 5, price: 1, size: 1)))
  }

  @Test func theMadeUpMarketRepeatsItselfAndIsPlausible() {
    var first = MarketGenerator(seed: 7, symbols: 30, rate: 100, startNanos: 1_000)
    var second = MarketGenerator(seed: 7, symbols: 30, rate: 100, startNanos: 1_000)
    var other = MarketGenerator(seed: 8, symbols: 30, rate: 100, startNanos: 1_000)
    var rows: [TickRow] = []
    var differs = false
    for _ in 0..<20_000 {
      let row = first.next()
      #expect(row == second.next())
      if row != other.next() { differs = true }
      rows.append(row)
    }
    #expect(differs)
    #expect(Set(rows.map(\.symbol)).count == 30)
    #expect(rows.contains { $0.symbol == "AD" })
    #expect(rows.allSatisfy { $0.price > 0 && $0.size >= 100 })
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.timestampNanos <= $1.timestampNanos })
    // 20,000 ticks at 100 a second take 200 s, give or take a few standard errors of 0.7 %.
    let seconds = Double(rows[rows.count - 1].timestampNanos - 1_000) / 1e9
    #expect((190...210).contains(seconds))
  }
}
