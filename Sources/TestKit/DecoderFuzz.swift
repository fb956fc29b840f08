internal import WireCodec

/// One case of the decoders' fuzzer: any bytes into every decoder.
package enum DecoderFuzz {
  package static func run(_ bytes: [UInt8]) {
    let requests = RequestDecoder(arenaBytes: 1 << 16)
    _ = try? requests.subscribe(bytes.span.bytes)
    _ = try? requests.clientFrame(bytes.span.bytes)
    _ = try? requests.symbolState(bytes.span.bytes)
    _ = try? requests.watchMetrics(bytes.span.bytes)
    _ = requests.publishRange(bytes.span.bytes)
    let responses = ResponseDecoder(arenaBytes: 1 << 16)
    _ = responses.acknowledgement(bytes.span.bytes)
    _ = responses.subscribeResponse(bytes.span.bytes, withJSON: true)
    _ = responses.serverMetrics(bytes.span.bytes)
  }
}
