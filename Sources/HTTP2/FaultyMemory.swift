internal import CNghttp2

#if canImport(Glibc)
  internal import Glibc
#endif

/// An allocator for nghttp2 whose nth request fails: fault tests fail every one of a run in turn. Counts requests.
package final class FaultyMemory {
  /// The request, counted from 1, that fails, and all after it while `failsOn`; 0 = none.
  package var failing: Int
  package private(set) var requests = 0

  package init(failing: Int = 0) { self.failing = failing }

  fileprivate func mayAllocate() -> Bool {
    requests += 1
    return requests != failing
  }
}

private func memory(_ user: UnsafeMutableRawPointer?) -> FaultyMemory {
  // Set by withMemory; the test keeps it alive.
  Unmanaged<FaultyMemory>.fromOpaque(user.unsafelyUnwrapped).takeUnretainedValue()
}

/// Hands nghttp2 the test's allocator, or none for malloc. nghttp2 copies the record.
func withMemory(_ test: FaultyMemory?, _ body: (UnsafeMutablePointer<nghttp2_mem>?) -> Int32) -> Int32 {
  guard let test else { return body(nil) }
  var record = nghttp2_mem(
    mem_user_data: Unmanaged.passUnretained(test).toOpaque(),
    malloc: { memory($1).mayAllocate() ? malloc($0) : nil },
    free: { pointer, _ in free(pointer) },
    calloc: { memory($2).mayAllocate() ? calloc($0, $1) : nil },
    realloc: { memory($2).mayAllocate() ? realloc($0, $1) : nil })
  return body(&record)
}
