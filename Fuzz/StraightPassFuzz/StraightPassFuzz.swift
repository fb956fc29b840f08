internal import TestKit

/// libFuzzer's entry: arbitrary bytes as a request, by the straight pass and by protobuf-c.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  StraightPassFuzz.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
