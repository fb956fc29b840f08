import TestKit
import Testing

@testable import HTTP2

/// Frame headers alone say which frames come on streams that their client has left.
@Suite struct FrameWalkTests {
  /// How a client may have left stream 3, on which the next frame comes; 5 is open and the last.
  enum Past: CaseIterable { case open, ended, reset, endedByHeaders, skipped }

  func frames(_ past: Past) -> [Frame] {
    let five = Frame.headers(5, [])
    return switch past {
    case .open: [.headers(3, []), .data(3, [1]), five]
    case .ended: [.headers(3, []), .data(3, [], endStream: true), five]
    case .reset: [.headers(3, []), .reset(3, 8), five]
    case .endedByHeaders: [.headers(3, [], endStream: true), five]
    case .skipped: [.headers(1, []), five]
    }
  }

  func breaches(_ frames: [Frame], piece: Int = .max) -> [FrameWalk.Breach] {
    let bytes = frames.flatMap(\.bytes)
    var walk = FrameWalk()
    var found: [FrameWalk.Breach] = []
    for start in stride(from: 0, to: bytes.count, by: min(piece, bytes.count)) {
      let part = Array(bytes[start..<min(bytes.count, start + min(piece, bytes.count))])
      part.withUnsafeBytes { buffer in
        var offset = 0
        while var breach = walk.next(in: buffer, from: &offset) {
          breach.start += start
          found.append(breach)
        }
      }
    }
    return found
  }

  /// Every (past, frame) pair.
  @Test(arguments: Past.allCases, ["DATA", "HEADERS", "RST_STREAM", "WINDOW_UPDATE", "PRIORITY"])
  func everyFrameAfterEveryPast(past: Past, kind: String) throws {
    let before = frames(past)
    let frame: Frame =
      switch kind {
      case "DATA": .data(3, [1, 2])
      case "HEADERS": .headers(3, [("a", "b")], endStream: true)
      case "RST_STREAM": .reset(3, 8)
      case "WINDOW_UPDATE": .windowUpdate(3, 1)
      default: Frame(Frame.Kind.priority, stream: 3, [0, 0, 0, 0, 7])
      }
    let found = breaches(before + [frame])
    let expected: EndReason? =
      switch (past, kind) {
      case (.open, _), (_, "RST_STREAM"), (_, "WINDOW_UPDATE"), (_, "PRIORITY"): nil
      case (.skipped, _): .protocolError
      case (.ended, _), (.reset, _), (.endedByHeaders, _): .closedStream
      }
    #expect(found.map(\.end.reason) == (expected.map { [$0] } ?? []))
    guard let breach = found.first else { return }
    #expect(breach.start == before.flatMap(\.bytes).count && breach.stream == 3 && !breach.unlessOpen)
    #expect(breach.end.text.contains("\(kind) on stream 3"))
  }

  @Test(arguments: 1...12) func piecesChangeNothing(piece: Int) {
    let frames = frames(.ended) + [.data(3, [1]), .ping(), .headers(3, []), .headers(7, []), .data(7, [9, 9, 9])]
    #expect(breaches(frames, piece: piece) == breaches(frames))
    #expect(breaches(frames).count == 2)
  }

  @Test func manyStreamsLaterTheOpenOnesDecide() {
    let later = (1...300).map { Frame.headers(UInt32($0 * 2 + 1), [], endStream: true) }
    let found = breaches([.headers(1, [])] + later + [.data(1, [1]), .headers(1, [])])
    #expect(found.count == 1 && found[0].unlessOpen && found[0].end.reason == .protocolError)
    #expect(breaches([.headers(1, [])] + later + [.data(601, [])]).map(\.end.reason) == [.closedStream])
  }

  @Test func aLeapForgetsWhatLiesBetween() {
    var memory = StreamMemory()
    memory.open(1)
    memory.end(1)
    memory.open(1_000_001)
    #expect(memory.state(of: 1) == .forgotten && memory.state(of: 999_999) == .skipped)
    #expect(memory.state(of: 1_000_001) == .open && memory.state(of: 1_000_003) == .skipped)
    memory.open(1_000_101)
    #expect(memory.state(of: 1_000_001) == .open && memory.state(of: 1_000_099) == .skipped)
  }
}
