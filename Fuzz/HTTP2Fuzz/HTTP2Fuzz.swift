internal import TestKit

/// libFuzzer's entry: arbitrary bytes into HTTP2 and GRPC.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  ConnectionFuzz.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
