internal import TestKit

/// libFuzzer's entry: arbitrary bytes into every decoder.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  DecoderFuzz.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
