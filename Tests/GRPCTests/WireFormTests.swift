import HTTP2
import Testing

@testable import GRPC

@Suite struct WireFormTests {
  @Test(
    arguments: [
      ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000), ("5u", 5_000),
      ("6n", 6),
      ("00000007S", 7_000_000_000), ("99999999H", Int64.max),
    ] as [(String, Int64)]) func everyUnitOfATimeoutIsRead(text: String, nanos: Int64)
  {
    #expect(Timeout.parse(text) == nanos)
  }

  @Test(arguments: [0, 1, 99_999_999, 100_000_000, 5_000_000_001, 86_400_000_000_001, Int64.max])
  func aWrittenTimeoutIsNeverShorterThanMeantAndAtMostAThousandthLonger(nanos: Int64) throws {
    let text = Timeout.format(nanos)
    let read = try #require(Timeout.parse(text))
    #expect(text.count <= 9 && read >= nanos && Double(read) <= Double(nanos) * 1.001)
  }

  @Test func aNegativeTimeoutIsZero() { #expect(Timeout.format(-5) == "0n") }

  @Test(arguments: [
    ("plain text", "plain text"), ("100 %", "100 %25"), ("a\nb", "a%0Ab"), ("ü", "%C3%BC"), ("", ""), ("~", "~"),
    ("\u{7F}", "%7F"), (" both ends ", "%20both ends%20"), (" ", "%20"),
  ]) func messagesArePercentEncoded(message: String, wire: String) {
    #expect(PercentCoding.encode(message) == wire)
    #expect(PercentCoding.decode(wire) == message)
  }

  @Test func aLongMessageIsCutToWholeCharacters() {
    #expect(PercentCoding.encode("short", limit: 5) == "short")
    for message in [String(repeating: "a", count: 500), String(repeating: "ü", count: 500)] {
      let wire = PercentCoding.encode(message, limit: 100)
      #expect(wire.utf8.count <= 100 && wire.utf8.count >= 80)
      let kept = PercentCoding.decode(wire)
      #expect(kept.hasSuffix("…") && message.hasPrefix(kept.dropLast()))
    }
  }

  @Test(arguments: [("%", "%"), ("%2", "%2"), ("%zz", "%zz"), ("a%c3%bcb", "aüb"), ("%41%", "A%")])
  func whatIsNoEscapeStaysAsItIs(wire: String, message: String) {
    #expect(PercentCoding.decode(wire) == message)
  }

  @Test func base64RoundTripsEveryLength() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ count) }
      let text = Base64.encode(bytes)
      #expect(Base64.decode(text) == bytes)
      #expect(Base64.decode(text + String(repeating: "=", count: (4 - text.count % 4) % 4)) == bytes)
    }
  }

  @Test func base64KnowsItsVectorsAndRefusesTheRest() {
    #expect(Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
    #expect(Base64.encode(Array("foob".utf8)) == "Zm9vYg")
    #expect(Base64.decode("+/-_") == [0xFB, 0xFF, 0xBF])
    #expect(Base64.decode("A") == nil && Base64.decode("Zm9v!") == nil && Base64.decode("Zm=9v") == nil)
  }

  @Test func textAndBinaryMetadataRoundTrip() throws {
    var metadata = Metadata()
    let added = [
      metadata.add("Key", "one"), metadata.add("key", "two"), metadata.add("data-bin", binary: [0, 255, 7]),
    ]
    #expect(added == [true, true, true])
    var fields: [HeaderField] = []
    metadata.append(to: &fields)
    #expect(fields.map(\.name) == ["key", "key", "data-bin"])
    let read = try Metadata(received: fields)
    #expect(read == metadata)
    #expect(read["key"] == "one" && read.values("key").count == 2 && read.binary("data-bin") == [0, 255, 7])
    #expect(read["absent"] == nil && read.binary("key") == nil)
  }

  @Test func binaryValuesJoinedByCommasAreTakenApart() throws {
    let read = try Metadata(received: [HeaderField("k-bin", "AA==,/w, AQ")])
    #expect(read.values("k-bin") == [.binary([0]), .binary([255]), .binary([1])])
  }

  @Test(arguments: [
    "grpc-status", "grpc-anything", "content-type", "te", ":path", "", "white space", "ü", "connection",
  ])
  func reservedAndMalformedKeysAreRefused(key: String) throws {
    var metadata = Metadata()
    metadata.add(key, "x")
    #expect(metadata.isEmpty)
    #expect(try Metadata(received: [HeaderField(key.lowercased(), "x")]).isEmpty)
  }

  @Test func valuesThatTheKeyCannotCarryAreRefused() {
    var metadata = Metadata()
    let added = [metadata.add("k", "line\nbreak"), metadata.add("k-bin", "text"), metadata.add("k", binary: [1])]
    #expect(added == [false, false, false] && metadata.isEmpty)
  }
}
