import GRPC
import MarketData
import TestKit
import Testing

/// The same bytes mean the same, however the network cuts them.
@Suite struct ChoppingTests {
  /// A session of three calls with packed, straddling, empty and padded messages, half-close, reset and a bad one.
  let script: [UInt8] = {
    let packed = framed([1]) + framed([]) + framed(Array(repeating: 9, count: 300))
    let frames: [Frame] = [
      .settings([(4, 100_000)]), .settingsAck, .headers(1, ScriptedPeer.request("/a.B/One")),
      .data(1, packed + framed([4, 5, 6]).prefix(6)), .data(1, Array(framed([4, 5, 6]).dropFirst(6))), .ping(7),
      .headers(3, ScriptedPeer.request("/a.B/Two", [("k-bin", "AQI")])), .data(3, framed([3])),
      Frame(Frame.Kind.data, flags: Frame.Flag.padded, stream: 3, [4] + framed([8]) + [0, 0, 0, 0]),
      .data(1, framed([7]), endStream: true), .reset(3, 8), .headers(5, ScriptedPeer.request("/a.B/Three")),
      .data(5, framed([1], flag: 7)), .headers(7, ScriptedPeer.request("/a.B/Four"), endStream: true),
    ]
    return Frame.preface + frames.flatMap(\.bytes)
  }()

  func transcript(_ pieces: [Range<Int>]) -> [String] {
    let recorder = CallRecorder()
    let peer = ScriptedPeer(recorder, greets: false)
    for piece in pieces { peer.send(bytes: Array(script[piece])) }
    return recorder.heads.map(\.path)
      + recorder.handlers.map { "\($0.messages) \($0.halfClosed) \($0.ends)" } + ["\(peer.server.openCalls)"]
  }

  @Test func cuttingAtEveryOffsetChangesNothing() {
    let whole = transcript([0..<script.count])
    #expect(whole.count == 9)
    #expect(whole[4].hasPrefix("[[1], [], [9, 9"))
    for cut in 1..<script.count {
      #expect(transcript([0..<cut, cut..<script.count]) == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: [1, 2, 3, 5, 8, 13]) func piecesOfOneSizeChangeNothing(size: Int) {
    let pieces = stride(from: 0, to: script.count, by: size).map { $0..<min($0 + size, script.count) }
    #expect(transcript(pieces) == transcript([0..<script.count]))
  }

  @Test func aConnectionThatDropsAnywhereTellsEveryOpenCall() {
    for cut in 0...script.count {
      let recorder = CallRecorder()
      let peer = ScriptedPeer(recorder, greets: false)
      peer.send(bytes: Array(script[..<cut]))
      peer.server.connectionLost()
      #expect(peer.server.openCalls == 0)
      #expect(recorder.handlers.allSatisfy { $0.ends.count == 1 }, "cut at \(cut)")
    }
  }

  @Test(arguments: 0..<300) func noByteThatIsChangedBreaksTheServer(seed: UInt64) {
    var random = SplitMix(seed)
    var bytes = script
    for _ in 0..<(1 + random.next() % 6) {
      bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
    }
    let recorder = CallRecorder { handler in
      handler.whenMessage = { $0.call.send($1) }
      handler.whenHalfClosed = { $0.call.finish(.ok) }
    }
    let peer = ScriptedPeer(recorder, greets: false)
    peer.send(bytes: bytes)
    peer.listen()
    peer.server.connectionLost()
    #expect(peer.server.openCalls == 0)
  }

  /// Small and enough for tests; any seed.
  struct SplitMix {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
