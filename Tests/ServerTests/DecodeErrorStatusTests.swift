import GRPC
import Testing
import WireCodec

@testable import Server

/// A request that cannot be decoded ends its call by a status that names the request, and the limit where one is reached.
@Suite struct DecodeErrorStatusTests {
  @Test(arguments: [
    (DecodeError.malformed("field 2 is cut off"), StatusCode.invalidArgument, "field 2 is cut off"),
    (.tooManyItems(count: 70_000, limit: 65_536), .resourceExhausted, "70000 items; limits.max_items is 65536"),
    (.arenaExhausted(limit: 4_096), .resourceExhausted, "more than 4096 bytes"),
  ])
  func theStatusNamesRequestAndLimit(error: DecodeError, code: StatusCode, words: String) {
    for (status, number) in [(error.status, 1), (error.status(ofRequest: 7), 7)] {
      #expect(status.code == code)
      #expect(status.message.hasPrefix("request \(number) "))
      #expect(status.message.contains(words))
    }
  }
}
